package listening

import (
	"fmt"
	"testing"
	"time"
)

func TestStreamsAreBounded(t *testing.T) {
	t.Parallel()
	var s Streams
	now := time.Unix(0, 0)
	for i := range 2 * maxListeners {
		if !s.Hold(fmt.Sprint(i), "one", now, now.Add(time.Hour+time.Duration(i))) {
			t.Fatalf("user %d cannot hear anything", i)
		}
	}
	if len(s.held) != maxListeners {
		t.Errorf("%d streams are kept, want %d", len(s.held), maxListeners)
	}
	if s.Hold(fmt.Sprint(2*maxListeners-1), "two", now, now.Add(time.Hour)) {
		t.Error("the stream that ends last was forgotten")
	}
	if !s.Hold("0", "two", now, now.Add(time.Hour)) {
		t.Error("the stream that ends first was kept")
	}
	s.Reset("")
	if len(s.held) != 0 {
		t.Errorf("after a reset there are %d streams", len(s.held))
	}
}

func TestRadiosAreBounded(t *testing.T) {
	t.Parallel()
	var r Radios
	for i := range 2 * maxListeners {
		r.Play(fmt.Sprint(i), Radio{ID: "music.radio.a", Played: time.Unix(int64(i), 0)})
	}
	if _, ok := r.Find("0", "music.radio.a"); ok || len(r.played) != maxListeners {
		t.Errorf("%d users are remembered, want %d and not the first", len(r.played), maxListeners)
	}
	last := fmt.Sprint(2*maxListeners - 1)
	for i := range 2 * maxRadios {
		r.Play(last, Radio{ID: fmt.Sprintf("music.radio.%d", i), Played: time.Unix(9999, 0)})
	}
	got := r.Of(last)
	if len(got) != maxRadios || got[0].ID != fmt.Sprintf("music.radio.%d", 2*maxRadios-1) {
		t.Errorf("%d radios are remembered, the latest is %s; want %d", len(got), got[0].ID, maxRadios)
	}
	r.Play(last, got[5])
	if again := r.Of(last); again[0].ID != got[5].ID || len(again) != maxRadios {
		t.Errorf("a radio that is played again is not the first, or there twice: %s", again[0].ID)
	}
	r.Reset(last)
	if len(r.Of(last)) != 0 {
		t.Error("after a reset there are radios")
	}
}
