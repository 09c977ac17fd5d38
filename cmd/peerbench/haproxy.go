package main

import (
	"context"
	"text/template"
)

// haproxyConf keeps connections to the origin open and hands them from one
// client to another. It has no health checks, log and statistics. Long bodies
// get larger buffers, which spares it much; splicing spares it nothing over loopback.
var haproxyConf = template.Must(template.New(haproxy).Parse(`global
	nbthread {{.Threads}}
	maxconn {{.Connections}}
{{- if .Bodies}}
	tune.bufsize 65536
{{- end}}
	ca-base {{.Dir}}
	crt-base {{.Dir}}

defaults
	mode http
	timeout connect 5s
	timeout client 600s
	timeout server 600s
	timeout http-request 600s
	timeout http-keep-alive 600s
	http-reuse always

frontend front
	bind {{.Listen}} backlog 4096{{if .TLS}} ssl crt pair.pem ssl-min-ver TLSv1.3 ciphersuites TLS_AES_128_GCM_SHA256 alpn http/1.1{{end}}
{{- if .Status}}
	http-request return status {{.Status}} content-type application/json string '{{.Body}}'
{{- else}}
	default_backend back

backend back
	server origin {{.Origin}} pool-max-conn -1 pool-purge-delay 600s{{if .TLS}} ssl verify required ca-file authority.pem sni str({{.Host}}) verifyhost {{.Host}} ssl-min-ver TLSv1.3 ciphersuites TLS_AES_128_GCM_SHA256{{end}}
{{- end}}
`))

func startHAProxy(ctx context.Context, s *site, c *scenario) (*running, error) {
	return s.startWith(ctx, haproxy, haproxyConf, c, s.programs["haproxy"], "-db", "-f")
}
