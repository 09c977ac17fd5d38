package rest

import (
	"net/http"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestCertificateIsAFile(t *testing.T) {
	t.Parallel()
	h := handler(t, new(fake))
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodGet} {
		w := play(h, request(method, "/v1/ca.pem", ""))
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/x-x509-ca-cert" || w.Body.String() != "-----BEGIN" {
			t.Errorf("%s: got %d, %q, %q, want the certificate alone", method, w.Code, w.Header().Get("Content-Type"), w.Body)
		}
	}
}

func TestCertificateIsRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		method, target string
		err            error
		code           int
		status         string
	}{
		"no authority": {
			http.MethodGet, "/v1/ca.pem", status.Error(codes.FailedPrecondition, "no certificate authority"), http.StatusConflict, "FAILED_PRECONDITION",
		},
		"a parameter":     {http.MethodGet, "/v1/ca.pem?key=1", nil, http.StatusBadRequest, "INVALID_ARGUMENT"},
		"a write":         {http.MethodPut, "/v1/ca.pem", nil, http.StatusMethodNotAllowed, "UNIMPLEMENTED"},
		"a key":           {http.MethodGet, "/v1/ca.key", nil, http.StatusNotFound, "NOT_FOUND"},
		"the other write": {http.MethodPost, "/v1/ca", nil, http.StatusMethodNotAllowed, "UNIMPLEMENTED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := handler(t, &fake{err: tt.err})
			for range 2 {
				w := play(h, request(tt.method, tt.target, ""))
				wantError(t, w, tt.code, tt.status)
			}
		})
	}
}
