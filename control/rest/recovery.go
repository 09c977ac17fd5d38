package rest

import (
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"

	"google.golang.org/grpc/codes"
)

// recovered turns a panic into a 500. Once an answer has begun, the connection
// is cut instead, so that half an answer is not taken for a whole one.
func recovered(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &answerWriter{ResponseWriter: w}
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(cause)
			}
			log.ErrorContext(r.Context(), "rest handler panicked",
				slog.String("method", r.Method), slog.String("path", r.URL.Path),
				slog.Any("cause", cause), slog.String("stack", string(debug.Stack())))
			if answer.begun {
				panic(http.ErrAbortHandler)
			}
			failure{code: http.StatusInternalServerError, status: codes.Internal, message: "internal error, see the log"}.write(w)
		}()
		next.ServeHTTP(answer, r)
	})
}

// answerWriter knows whether the answer has begun.
type answerWriter struct {
	http.ResponseWriter
	begun bool
}

func (w *answerWriter) WriteHeader(code int) {
	w.begun = true
	w.ResponseWriter.WriteHeader(code)
}

func (w *answerWriter) Write(p []byte) (int, error) {
	w.begun = true
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the writer below.
func (w *answerWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
