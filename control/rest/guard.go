package rest

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"google.golang.org/grpc/codes"
)

// apiPolicy is the content security policy of everything that is no page.
const apiPolicy = "default-src 'none'; frame-ancestors 'none'"

// hostSet reviews the names and puts them into the form they are compared in.
func hostSet(names []string) (map[string]bool, error) {
	hosts := make(map[string]bool, len(names))
	for _, name := range names {
		if name == "" || strings.ContainsAny(name, "/:@[]*? ") {
			return nil, fmt.Errorf("rest: host is %q, want a name without scheme, port or wildcard", name)
		}
		hosts[strings.ToLower(name)] = true
	}
	return hosts, nil
}

// guarded refuses what a page of another site may have sent, before anything
// else sees it, and sets the headers that every answer carries.
func guarded(hosts map[string]bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", apiPolicy)
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		if text := suspicion(hosts, r); text != "" {
			failure{code: http.StatusForbidden, status: codes.PermissionDenied, message: text}.write(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// suspicion says why a request is not to be trusted, "" for no reason.
func suspicion(hosts map[string]bool, r *http.Request) string {
	if name, ok := hostname(r.Host); !ok || !loopback(name) && !hosts[name] && name != ownAddress(r) {
		return fmt.Sprintf("host is %q, want a loopback address, localhost, or a name from [control] hosts", r.Host)
	}
	for _, origin := range r.Header.Values("Origin") {
		if !strings.EqualFold(origin, scheme(r)+"://"+r.Host) {
			return fmt.Sprintf("origin is %q, want no other than this host", origin)
		}
	}
	for _, site := range r.Header.Values("Sec-Fetch-Site") {
		if strings.EqualFold(site, "cross-site") {
			return "the request comes from a page of another site: open the address in a tab of its own"
		}
	}
	return ""
}

// ownAddress is the address that a request came in at: whoever knows that needs no name that others decide about.
func ownAddress(r *http.Request) string {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if local == nil {
		return ""
	}
	return local.AddrPort().Addr().Unmap().WithZone("").String()
}

func scheme(r *http.Request) string {
	if r.TLS != nil {
		return "https"
	}
	return "http"
}

// hostname takes the port and the brackets off a Host field.
func hostname(host string) (string, bool) {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port, err = net.SplitHostPort(host + ":80")
	}
	if err != nil || name == "" || port == "" || strings.Trim(port, "0123456789") != "" {
		return "", false
	}
	return strings.ToLower(name), true
}

func loopback(name string) bool {
	if name == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(name)
	return err == nil && address.Zone() == "" && address.IsLoopback()
}
