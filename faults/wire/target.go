package wire

import "bytes"

// Form is the form of a request target (RFC 9112 §3.2).
type Form uint8

// The forms. They are a closed set.
const (
	// OriginForm is a path and perhaps a query.
	OriginForm Form = iota
	// AbsoluteForm is a whole http or https URI, as proxies are sent.
	AbsoluteForm
	// AuthorityForm is a host and a port, in CONNECT alone.
	AuthorityForm
	// AsteriskForm is a lone asterisk, in OPTIONS alone.
	AsteriskForm
)

// parseTarget finds the form and the parts of the target.
func (r *Request) parseTarget() Error {
	target := r.Target()
	if !only(inTarget, target) {
		return ErrTarget
	}
	r.authority, r.path = r.target, r.target
	switch {
	case string(r.Method()) == "CONNECT":
		r.form = AuthorityForm
		if _, port, ok := SplitAuthority(target); !ok || port == nil {
			return ErrTarget
		}
	case target[0] == '/':
		r.form = OriginForm
	case string(target) == "*" && string(r.Method()) == "OPTIONS":
		r.form = AsteriskForm
	default:
		return r.parseAbsolute(target)
	}
	return 0
}

// parseAbsolute reads a target in absolute form. User names in it are refused,
// as RFC 9110 §4.2.4 advises.
func (r *Request) parseAbsolute(target []byte) Error {
	r.form = AbsoluteForm
	scheme := 0
	for _, prefix := range [...]string{"http://", "https://"} {
		if len(target) > len(prefix) && equalFold(target[:len(prefix)], prefix) {
			scheme, r.secure = len(prefix), len(prefix) == len("https://")
		}
	}
	if scheme == 0 {
		return ErrTarget
	}
	r.authority += scheme
	r.path = r.targetEnd
	if i := bytes.IndexAny(target[scheme:], "/?"); i >= 0 {
		r.path = r.authority + i
	}
	if !isAuthority(r.buf[r.authority:r.path]) {
		return ErrTarget
	}
	return 0
}

// Target is the target as sent.
func (r *Request) Target() []byte { return r.buf[r.target:r.targetEnd] }

// Form is the form of the target.
func (r *Request) Form() Form { return r.form }

// Path is the path as sent, without the query. It is "/" where an absolute URI
// has none, "*" in asterisk form and empty in authority form.
func (r *Request) Path() []byte {
	path, _, _ := r.cut()
	if len(path) == 0 && r.form == AbsoluteForm {
		return r.buf[r.authority-1 : r.authority] // the last slash of "http://"
	}
	return path
}

// Query is the query as sent, without its question mark. It is not ok when there
// is no question mark.
func (r *Request) Query() (query []byte, ok bool) {
	_, query, ok = r.cut()
	return query, ok
}

func (r *Request) cut() (path, query []byte, ok bool) {
	if r.form == AuthorityForm {
		return nil, nil, false
	}
	return bytes.Cut(r.buf[r.path:r.targetEnd], []byte("?"))
}

// Authority is the host, with its port if one was given, that the request is
// for: that of the target if it has one, else Host (RFC 9112 §3.3). It is nil
// for an HTTP/1.0 request that has neither.
func (r *Request) Authority() []byte {
	switch {
	case r.form == AbsoluteForm:
		return r.buf[r.authority:r.path]
	case r.form == AuthorityForm:
		return r.Target()
	case r.has(hostField):
		_, value := r.Field(r.host)
		return value
	}
	return nil
}

// Secure reports whether the target is an https URI.
func (r *Request) Secure() bool { return r.secure }

// CheckHost returns ErrHostMismatch when Host and the authority of the target
// differ in more than case or a default port. A client must send them alike; a
// proxy that forwards such a request has to replace Host (RFC 9112 §3.2.2). In
// CONNECT a Host without a port is taken to mean the tunnel's.
func (r *Request) CheckHost() error {
	if !r.has(hostField) {
		return nil
	}
	host, port, _ := SplitAuthority(r.Authority())
	_, value := r.Field(r.host)
	otherHost, otherPort, _ := SplitAuthority(value)
	alike := string(r.effectivePort(port)) == string(r.effectivePort(otherPort)) ||
		r.form == AuthorityForm && otherPort == nil
	if alike && equalFold(host, otherHost) {
		return nil
	}
	return ErrHostMismatch
}

// effectivePort leaves out the port that the scheme has anyway.
func (r *Request) effectivePort(port []byte) []byte {
	standard := "80"
	if r.secure {
		standard = "443"
	}
	if r.form == AbsoluteForm && string(port) == standard {
		return nil
	}
	return port
}
