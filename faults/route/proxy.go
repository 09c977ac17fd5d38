package route

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// upstreamProxy is the proxy behind us.
type upstreamProxy struct {
	destination

	secure bool
	// authorization is the value of Proxy-Authorization, "" for none.
	authorization string
}

func newUpstreamProxy(u *url.URL) (*upstreamProxy, error) {
	if u == nil {
		return nil, nil //nolint:nilnil // no proxy is no error
	}
	d, secure, err := parseURL(u)
	if err != nil {
		return nil, fmt.Errorf("proxy is %.100q, %w", u.Redacted(), err)
	}
	p := &upstreamProxy{destination: d, secure: secure}
	if user := u.User; user != nil {
		password, _ := user.Password()
		if strings.Contains(user.Username(), ":") {
			return nil, errors.New("proxy: a colon in the user, which Basic credentials cannot have (RFC 7617 §2)")
		}
		p.authorization = "Basic " + base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password))
	}
	return p, nil
}

// throughProxy opens a tunnel through the upstream proxy.
func (r *Router) throughProxy(ctx context.Context, d destination) (net.Conn, error) {
	c, err := r.connect(ctx, r.proxy.destination, true)
	if err == nil && r.proxy.secure {
		c, err = r.secure(ctx, c, r.proxy.host())
	}
	if err != nil {
		return nil, fmt.Errorf("upstream proxy: %w", err)
	}
	tunnel, err := r.proxy.open(ctx, c, d)
	if err != nil {
		c.Close()
		return nil, err
	}
	return tunnel, nil
}

// open asks for a tunnel (RFC 9110 §9.3.6). The end of ctx ends it.
func (p *upstreamProxy) open(ctx context.Context, c net.Conn, d destination) (net.Conn, error) {
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) }) // fails only on a dead connection
	tunnel, err := p.ask(c, d)
	if !stop() {
		return nil, fmt.Errorf("upstream proxy %s: %w", p, ctx.Err())
	}
	return tunnel, err
}

func (p *upstreamProxy) ask(c net.Conn, d destination) (net.Conn, error) {
	request := "CONNECT " + d.String() + " HTTP/1.1\r\nHost: " + d.String() + "\r\n"
	if p.authorization != "" {
		request += "Proxy-Authorization: " + p.authorization + "\r\n"
	}
	if _, err := io.WriteString(c, request+"\r\n"); err != nil {
		return nil, &ProxyError{Proxy: p.String(), Err: err}
	}
	const largestHead = 16 << 10
	limited := &io.LimitedReader{R: c, N: largestHead}
	buffered := bufio.NewReader(limited)
	answer, err := http.ReadResponse(buffered, &http.Request{Method: http.MethodConnect}) //nolint:bodyclose // it is the tunnel
	if err != nil {
		return nil, &ProxyError{Proxy: p.String(), Err: answerError(err)}
	}
	if answer.StatusCode/100 != 2 {
		return nil, &ProxyError{Proxy: p.String(), Status: answer.StatusCode}
	}
	early, err := buffered.Peek(buffered.Buffered())
	if err != nil {
		return nil, &ProxyError{Proxy: p.String(), Err: err}
	}
	return replay(c, early), nil
}

// answerError leaves out what net/http quotes of an answer.
func answerError(err error) error {
	var network net.Error
	if errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return errProxyAnswer
}
