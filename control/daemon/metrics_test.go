package daemon

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/control/metrics"
)

// TestAPanicOfTheMetricsEndsNothing holds that the metrics survive what reads the state: they are gathered on goroutines that
// nobody else watches.
func TestAPanicOfTheMetricsEndsNothing(t *testing.T) {
	t.Parallel()
	var log lockedLog
	d := newPlayed()
	d.streams, d.logger = t.Context(), slog.New(slog.NewTextHandler(&log, nil)) // It has no faults to read.
	w := httptest.NewRecorder()
	metrics.New("v1", d.read).Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "\ngroovechaos_up 0\n") {
		t.Errorf("got %d %s, want groovechaos_up 0", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "metrics panicked") || strings.Contains(w.Body.String(), "panic:") {
		t.Errorf("the log is %q, want the panic there and nowhere else", log.String())
	}
}
