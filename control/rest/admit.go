package rest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"google.golang.org/grpc/codes"
)

// maxBody bounds the body of a request, in bytes.
const maxBody = 1 << 20

// admit reads the request whole and returns it as the gateway is to see it.
func (b *binding) admit(w http.ResponseWriter, r *http.Request, path map[string]string) (*http.Request, *failure) {
	if f := checkMediaType(r); f != nil {
		return nil, f
	}
	if fields := checkPath(path); len(fields) > 0 {
		return nil, fieldsFailure("path", fields)
	}
	text, f := readBody(w, r)
	if f != nil {
		return nil, f
	}
	content, f := b.checkBody(text, path)
	if f != nil {
		return nil, f
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, badRequest("query: " + err.Error())
	}
	if fields := b.checkQuery(query); len(fields) > 0 {
		return nil, fieldsFailure("query", fields)
	}
	b.completeMask(query, content)

	r = r.WithContext(r.Context())
	address := *r.URL
	address.RawQuery = query.Encode()
	r.URL = &address
	r.Body = io.NopCloser(bytes.NewReader(text))
	r.ContentLength = int64(len(text))
	return r, nil
}

// checkMediaType wants application/json of every request that has a body or says
// what it would be: no web form can send that.
func checkMediaType(r *http.Request) *failure {
	given := r.Header.Values("Content-Type")
	if len(given) == 0 && r.ContentLength == 0 {
		return nil
	}
	name := strings.Join(given, ", ")
	if media, _, err := mime.ParseMediaType(name); err == nil && media == "application/json" {
		return nil
	}
	return &failure{
		code: http.StatusUnsupportedMediaType, status: codes.InvalidArgument,
		message: fmt.Sprintf("content type is %q, want application/json", name),
	}
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, *failure) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, &failure{
			code: http.StatusRequestEntityTooLarge, status: codes.InvalidArgument,
			message: fmt.Sprintf("body is too large, want at most %d bytes", maxBody),
		}
	case err != nil:
		return nil, badRequest("read body: " + err.Error())
	default:
		return text, nil
	}
}
