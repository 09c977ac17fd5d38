package standin

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// loggedWriter counts what is answered to one request.
type loggedWriter struct {
	http.ResponseWriter
	standin *Standin
	request *http.Request
	began   time.Time
	status  int
	size    int64
}

func (s *Standin) logRequest(w http.ResponseWriter, r *http.Request) *loggedWriter {
	return &loggedWriter{ResponseWriter: w, standin: s, request: r, began: s.options.Now()}
}

// WriteHeader implements [http.ResponseWriter].
func (w *loggedWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (w *loggedWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.size += int64(n)
	return n, err
}

// end writes the line. Status 0 is that of a client that left before it was
// answered.
func (w *loggedWriter) end() {
	w.standin.options.Requests.Info("request",
		slog.String("method", w.request.Method), slog.String("target", withoutToken(w.request.URL)),
		slog.Int("status", w.status), slog.Int64("bytes", w.size),
		slog.Duration("took", w.standin.options.Now().Sub(w.began)))
}

// withoutToken writes the target of a request with its access token blotted
// out.
func withoutToken(u *url.URL) string {
	target := u.EscapedPath()
	if u.RawQuery == "" {
		return target
	}
	pairs := strings.Split(u.RawQuery, "&")
	for i, pair := range pairs {
		name, _, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); err != nil || strings.EqualFold(plain, "accessToken") {
			pairs[i] = name + "=…"
		}
	}
	return target + "?" + strings.Join(pairs, "&")
}
