package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

// nginxMain is what nginx needs to run beside another one and without a trace
// outside of the folder.
const nginxMain = `{{if .Root}}user root;
{{end}}daemon off;
worker_processes auto;
worker_rlimit_nofile 20000;
error_log stderr error;
events { worker_connections 16384; }
http {
	access_log off;
	server_tokens off;
	sendfile on;
	tcp_nopush on;
	tcp_nodelay on;
	keepalive_requests 1000000000;
	keepalive_timeout 600s;
	client_max_body_size 0;
	client_body_temp_path {{.Dir}}/nginx-body;
	proxy_temp_path {{.Dir}}/nginx-proxy;
	fastcgi_temp_path {{.Dir}}/nginx-fastcgi;
	uwsgi_temp_path {{.Dir}}/nginx-uwsgi;
	scgi_temp_path {{.Dir}}/nginx-scgi;
	default_type application/json;
	ssl_certificate {{.Dir}}/server.pem;
	ssl_certificate_key {{.Dir}}/server.key;
	ssl_protocols TLSv1.3;
	ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
`

// nginxConf keeps connections to the origin open, speaks HTTP/1.1 to it and
// streams bodies in both directions without a file between.
var nginxConf = template.Must(template.New(nginx).Parse("pid nginx.pid;\n" + nginxMain + `
	upstream origin {
		server {{.Origin}};
		keepalive 1024;
		keepalive_requests 1000000000;
		keepalive_timeout 600s;
	}
	server {
		listen {{.Listen}} backlog=4096{{if .TLS}} ssl{{end}};
{{- if .Status}}
		return {{.Status}} '{{.Body}}';
{{- else}}
		location / {
			proxy_pass http{{if .TLS}}s{{end}}://origin;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_set_header Host $http_host;
			proxy_request_buffering off;
			client_body_buffer_size 128k;
			proxy_max_temp_file_size 0;
			proxy_buffer_size 16k;
			proxy_buffers 16 32k;
			proxy_busy_buffers_size 128k;
{{- if .TLS}}
			proxy_ssl_protocols TLSv1.3;
			proxy_ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
			proxy_ssl_server_name on;
			proxy_ssl_name {{.Host}};
			proxy_ssl_verify on;
			proxy_ssl_trusted_certificate {{.Dir}}/authority.pem;
{{- end}}
		}
{{- end}}
	}
}
`))

// originConf answers from memory. An upload is read to its end before the
// answer, which nginx does when it relays: here to itself. Server-side includes
// take the length away from a file, which is then sent in chunks.
var originConf = template.Must(template.New("origin").Parse("pid origin.pid;\n" + nginxMain + `
	open_file_cache max=16;
	server {
		listen {{.Listen}} backlog=4096;
		listen {{.Origin}} backlog=4096 ssl;
		root {{.Dir}}/origin;
		location / { return 200 '` + smallBody + `'; }
		location = ` + largeTarget + ` { }
		location = ` + chunkedTarget + ` { ssi on; ssi_types application/json; }
		location = ` + uploadTarget + ` {
			client_body_buffer_size 2m;
			proxy_pass http://{{.Listen}}/read;
			proxy_pass_request_body off;
			proxy_set_header Content-Length "";
			proxy_method GET;
			proxy_http_version 1.0;
		}
	}
}
`))

// smallBody is what the origin answers in most scenarios.
const smallBody = `{"Genres":["Alternative","Blues","Christian","Classical","Comedy","Country","Electronic","Folk",` +
	`"Hip Hop","International","Jazz","Kids","Latin","Metal","New Age","Pop","R&B","Reggae","Rock","Soundtracks","World"],` +
	`"Culture":"en-US"}`

func startNginx(ctx context.Context, s *site, c *scenario) (*running, error) {
	return s.startWith(ctx, nginx, nginxConf, c, s.nginxCommand()...)
}

// nginxCommand ends with the flag that a configuration follows.
func (s *site) nginxCommand() []string {
	return []string{s.programs["nginx"], "-e", "stderr", "-p", s.dir, "-c"}
}

// startOrigin starts the nginx that answers, with two addresses: the second one
// is for TLS.
func (s *site) startOrigin(ctx context.Context) error {
	plain, err := freeAddress(ctx)
	if err != nil {
		return err
	}
	if s.secure, err = freeAddress(ctx); err != nil {
		return err
	}
	text, err := render(originConf, settings{Listen: plain, Origin: s.secure, Dir: s.dir, Root: os.Geteuid() == 0})
	if err != nil {
		return err
	}
	file, err := s.write("origin.conf", text)
	if err != nil {
		return err
	}
	if err := s.writeBodies(); err != nil {
		return err
	}
	s.origin, err = s.start(ctx, "origin", plain, append(s.nginxCommand(), file))
	if err == nil {
		s.origin.name = direct
	}
	return err
}

// writeBodies makes the bodies that the origin sends from files.
func (s *site) writeBodies() error {
	root := filepath.Join(s.dir, "origin")
	if err := os.Mkdir(root, 0o700); err != nil {
		return err
	}
	for target, size := range map[string]int{largeTarget: largeSize, chunkedTarget: chunkedSize} {
		if err := os.WriteFile(root+target, []byte(strings.Repeat("x", size)), 0o600); err != nil {
			return err
		}
	}
	return nil
}
