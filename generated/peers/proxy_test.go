package peers_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/ringfence-go/ringfence/golden"
)

// proxy is a reverse proxy that ends TLS, by its program's name.
type proxy struct {
	program string
	// configure writes configuration files into dir and returns the program's arguments.
	configure func(t *testing.T, dir string, c certificate, listen, backend string) (arguments []string)
}

var proxies = []proxy{{"nginx", configureNginx}, {"haproxy", configureHAProxy}}

func configureNginx(t *testing.T, dir string, c certificate, listen, backend string) []string {
	return []string{"-p", dir, "-c", writeFile(t, dir, "nginx.conf", fmt.Sprintf(`
daemon off;
worker_processes 1;
pid %[1]s/nginx.pid;
error_log stderr;
events {}
http {
	access_log off;
	client_body_temp_path %[1]s/body;
	proxy_temp_path %[1]s/proxy;
	fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi;
	scgi_temp_path %[1]s/scgi;
	server {
		listen %[2]s ssl;
		ssl_certificate %[3]s;
		ssl_certificate_key %[4]s;
		location / {
			proxy_pass http://%[5]s;
			proxy_http_version 1.1;
			proxy_set_header Host $host;
			proxy_set_header X-Forwarded-Proto $scheme;
			proxy_set_header X-Forwarded-Host $host;
		}
	}
}
`, dir, listen, c.certFile, c.keyFile, backend)), "-e", "stderr"}
}

func configureHAProxy(t *testing.T, dir string, c certificate, _, backend string) []string {
	return []string{"-db", "-f", writeFile(t, dir, "haproxy.cfg", fmt.Sprintf(`
defaults
	mode http
	timeout connect 5s
	timeout client 10s
	timeout server 10s
frontend tls
	bind fd@%s ssl crt %s
	http-request set-header X-Forwarded-Proto https
	http-request set-header X-Forwarded-Host %%[req.hdr(host)]
	default_backend application
backend application
	server application %s
`, inherited, c.bothFile, backend))}
}

func writeFile(t *testing.T, dir, name, text string) (path string) {
	t.Helper()
	path = filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// start starts the proxy before backend and returns its address. It skips the test where the program is not installed. The proxy
// inherits its listening socket, so that connections wait for it and not the test.
func (p proxy) start(t *testing.T, c certificate, backend string) (addr string) {
	t.Helper()
	program, err := exec.LookPath(p.program)
	if err != nil {
		t.Skip(p.program + " is not installed")
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	socket, err := ln.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	addr = ln.Addr().String()
	cmd := exec.Command(program, p.configure(t, t.TempDir(), c, addr, backend)...)
	cmd.ExtraFiles = []*os.File{socket}
	cmd.Env = append(os.Environ(), "NGINX="+inherited+";")
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // nginx has a worker process to end
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s: %s", p.program, &log)
		}
	})
	return addr
}

// inherited is the number that the first of exec.Cmd's ExtraFiles has in the process.
const inherited = "3"

// Behind a proxy that ends TLS the server sees plain HTTP on another port. It accepts what Twilio signed only if it is told its
// origin, or whom to believe (U1, U3).
func TestBehindAProxy(t *testing.T) {
	c := newCertificate(t)
	for _, p := range proxies {
		t.Run(p.program, func(t *testing.T) {
			for _, test := range []struct {
				name   string
				config golden.Config
				status int
			}{
				{"the origin that Twilio requests", golden.Config{PublicURL: origin}, 200},
				{"the origin that the server sees", golden.Config{PublicURL: "http://example.com"}, 403},
				{"another host", golden.Config{PublicURL: "https://example.org"}, 403},
				{"with a prefix that nobody strips", golden.Config{PublicURL: origin + "/twilio"}, 403},
				{"derived, from a proxy that is trusted", golden.Config{
					AllowedHosts: []string{"example.com"}, TrustedProxies: []string{"127.0.0.1"}}, 200},
				{"derived, from a proxy that is not", golden.Config{AllowedHosts: []string{"example.com"}}, 403},
				{"derived, another host", golden.Config{AllowedHosts: []string{"example.org"}, TrustedProxies: []string{"127.0.0.1"}}, 403},
			} {
				t.Run(test.name, func(t *testing.T) {
					test.config.Tokens = []string{secret}
					addr := p.start(t, c, startPlayground(t, "../twiliohttp", test.config))
					if status := postThrough(t, c, addr); status != test.status {
						t.Errorf("answered with %d, want %d", status, test.status)
					}
				})
			}
		})
	}
}

// postThrough sends a signed SMS for origin to a proxy at addr.
func postThrough(t *testing.T, c certificate, addr string) (status int) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: c.pool, ServerName: "example.com"}}}
	defer client.CloseIdleConnections()
	r := newPost(t, addr)
	r.URL.Scheme, r.Host = "https", "example.com"
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

// What a proxy does to requests opens no hole, in no framework, and closes none to what is signed.
func TestProbeThroughAProxy(t *testing.T) {
	c := newCertificate(t)
	for _, p := range proxies {
		t.Run(p.program, func(t *testing.T) {
			eachPlayground(t, config(), func(t *testing.T, backend string) {
				addr := p.start(t, c, backend)
				code, output := runProbe(t, []string{"SSL_CERT_FILE=" + c.certFile}, "-public-url", origin, "https://"+addr+"/sms?a=%2F'")
				if code != 0 {
					t.Errorf("exit %d\n%s", code, output)
				}
			})
		})
	}
}
