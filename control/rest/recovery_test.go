package rest

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
)

func TestPanicIsAnAnswerAndALine(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h := recovered(slog.New(slog.NewTextHandler(&log, nil)), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "3")
		panic("secret of the inside")
	}))
	for range 2 {
		w := play(h, request(http.MethodGet, "/v1/status", ""))
		if got := w.Header().Get("Content-Length"); got != "" {
			t.Errorf("content length: got %q, want none", got)
		}
		if body := wantError(t, w, 500, "INTERNAL"); strings.Contains(body.Error.Message, "secret") {
			t.Errorf("message tells the cause: %q", body.Error.Message)
		}
	}
	if got := strings.Count(log.String(), "secret of the inside"); got != 2 {
		t.Errorf("log: got %d lines with the cause, want 2", got)
	}
}

func TestPanicInAnAnswerCutsIt(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(http.ResponseWriter){
		"after the head": func(w http.ResponseWriter) { w.WriteHeader(http.StatusOK) },
		"in the body":    func(w http.ResponseWriter) { _, _ = w.Write([]byte("{")) },
	} {
		h := recovered(slog.New(slog.DiscardHandler), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			begin(w)
			panic("too late")
		}))
		if got := panicOf(h); !errors.Is(got, http.ErrAbortHandler) {
			t.Errorf("%s: got %v, want http.ErrAbortHandler", name, got)
		}
	}
}

func TestAbortPassesSilently(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h := recovered(slog.New(slog.NewTextHandler(&log, nil)), http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic(http.ErrAbortHandler)
	}))
	if got := panicOf(h); !errors.Is(got, http.ErrAbortHandler) || log.Len() > 0 {
		t.Errorf("got %v and log %q, want http.ErrAbortHandler and none", got, log.String())
	}
}

// panicOf is the error that the handler panics with, nil for none.
func panicOf(h http.Handler) (cause error) {
	defer func() { cause, _ = recover().(error) }()
	play(h, request(http.MethodGet, "/", ""))
	return nil
}

func TestAnswersCanBeFlushed(t *testing.T) {
	t.Parallel()
	h := recovered(slog.New(slog.DiscardHandler), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Errorf("Flush: got %v, want none", err)
		}
	}))
	if w := play(h, request(http.MethodGet, "/", "")); !w.Flushed {
		t.Error("the answer was not flushed")
	}
}
