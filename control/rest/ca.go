package rest

import (
	"net/http"

	"google.golang.org/grpc"

	groovechaosv1 "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// certificate serves the certificate of the authority as a file, which is what
// browsers, phones and curl --cacert take. The gateway has it inside JSON.
func certificate(conn grpc.ClientConnInterface) http.Handler {
	system := groovechaosv1.NewSystemServiceClient(conn)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery != "" {
			badRequest("query: want none").write(w)
			return
		}
		answer, err := system.GetCACertificate(callContext(r), &groovechaosv1.GetCACertificateRequest{})
		if err != nil {
			failureOf(err).write(w)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "application/x-x509-ca-cert")
		h.Set("Content-Disposition", `attachment; filename="groovechaos-ca.pem"`)
		_, _ = w.Write([]byte(answer.GetPem())) // The client is gone: nobody is left to be told.
	})
}
