package store

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
)

// sharedText is a log that is read while it is written.
type sharedText struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *sharedText) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *sharedText) contains(part string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Contains(s.text.String(), part)
}

// Two nodes of one name are told so, and the leave of one does not make the other vanish.
func TestTwoNodesOfOneName(t *testing.T) {
	t.Parallel()
	log := &sharedText{}
	url, fleet := startNATS(t, natsOptions{Name: "one", Dir: t.TempDir()}).url, newFleet()
	began := time.Now()
	open := func(started time.Time) (n *Nodes, tell func()) {
		t.Helper()
		h := openHub(t, HubOptions{URL: url, Fleet: fleet, Logger: slog.New(slog.NewTextHandler(log, nil))})
		n, err := h.Nodes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return n, func() { n.tell(t.Context(), Node{Name: "same", Started: started}, false) }
	}
	first, tellFirst := open(began)
	second, tellSecond := open(began.Add(time.Second))
	tellFirst()
	tellFirst()
	if log.contains("has the name of this one") {
		t.Error("a node takes itself for another")
	}
	tellSecond()
	await(t, "the word of the second", func() bool { return first.known.newest(0)[nodeKey("same")].revision == second.own })
	tellFirst()
	if !log.contains("has the name of this one") {
		t.Error("nothing was said of the other node of that name")
	}
	second.leave(context.WithoutCancel(t.Context()), "same")
	if entry, err := first.keys.Get(t.Context(), nodeKey("same")); err != nil || entry.Revision() != first.own {
		t.Errorf("after the leave of one: %v, %v, want the other to be there", entry, err)
	}
}
