package store

import (
	"errors"
	"strings"
	"sync"
	"time"
)

func testBrake(b *bench) {
	b.write(Write{Fault: fault("one", 1)})
	if got, err := b.Brake(b.Context()); err != nil || got != (Brake{}) {
		b.Errorf("at first got %+v, %v, want the zero brake", got, err)
	}
	b.pass(time.Minute)
	pulled := Brake{Pulled: true, Reason: "smoke", Updated: epoch.Add(time.Minute)}
	for _, reason := range []string{"smoke", "again"} {
		if got, err := b.SetBrake(b.Context(), true, reason); err != nil || got != pulled {
			b.Errorf("pulled for %q: got %+v, %v, want %+v", reason, got, err, pulled)
		}
		b.pass(time.Minute)
	}
	if b.strikes() {
		b.Error("a fault strikes though the brake is pulled")
	}
	want := Brake{Reason: "clear ?", Updated: epoch.Add(3 * time.Minute)}
	got, err := b.SetBrake(b.Context(), false, "clear \xff")
	got.Reason = strings.ReplaceAll(got.Reason, "\uFFFD", "?")
	if err != nil || got != want {
		b.Errorf("released: got %+v, %v, want %+v", got, err, want)
	}
	if !b.strikes() {
		b.Error("no fault strikes though the brake is released")
	}
}

func testBrakeRefuses(b *bench) {
	off := fault("off", 0.1)
	off.Disabled = true
	b.write(Write{Fault: fault("on", 0.1)}, Write{Fault: off})
	brake, err := b.SetBrake(b.Context(), true, "smoke")
	if err != nil {
		b.Fatal(err)
	}
	for name, writes := range map[string][]Write{
		"a new fault":           {{Fault: fault("new", 0.1), Create: true}},
		"a change of one":       {{Fault: fault("on", 0.2)}},
		"switching on":          {{Fault: fault("off", 0.1), Restart: true}},
		"one of several faults": {{Fault: off}, {Fault: fault("new", 0.1)}},
	} {
		_, err := b.Write(b.Context(), writes)
		var braked *BrakedError
		if !errors.As(err, &braked) || braked.Brake != brake || !strings.Contains(err.Error(), "smoke") {
			b.Errorf("%s: got %v, want a *BrakedError that says why", name, err)
		}
	}
	b.wantSet("on", "off")

	on, late := fault("on", 0.1), fault("late", 0.2)
	on.Disabled, late.Disabled = true, true
	b.write(Write{Fault: on}, Write{Fault: late, Create: true}, Write{Fault: off})
	if err := b.Delete(b.Context(), "off", 0); err != nil {
		b.Errorf("delete while braked: %v", err)
	}
	b.wantSet("on", "late")
	if _, err := b.SetBrake(b.Context(), false, ""); err != nil {
		b.Fatal(err)
	}
	b.write(Write{Fault: fault("on", 0.1)})
	b.wantSet("on", "late")
	if got := (&BrakedError{}).Error(); got != "the brake is pulled: release it first" {
		b.Errorf("without a reason got %q", got)
	}
}

// testBrakeRaces holds that no fault is put in force once the brake is pulled.
func testBrakeRaces(b *bench) {
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() {
			_, err := b.Write(b.Context(), []Write{{Fault: fault("one", 1)}})
			var braked *BrakedError
			if err != nil && !errors.As(err, &braked) {
				b.Errorf("got %v, want success or a *BrakedError", err)
			}
		})
		group.Go(func() {
			if _, err := b.SetBrake(b.Context(), true, ""); err != nil {
				b.Errorf("pull: %v", err)
			}
			before := b.engine.applied()
			if b.strikes() {
				b.Error("a fault strikes though the brake is pulled")
			}
			if after := b.engine.applied(); after != before {
				b.Errorf("the engine was applied %d times while braked", after-before)
			}
		})
	}
	group.Wait()
}

func testLifetime(b *bench) {
	mortal := fault("one", 1)
	mortal.TTL = time.Minute
	// Whoever asks cannot set the end.
	mortal.ExpiresAt = epoch.Add(time.Hour)
	got := b.write(Write{Fault: mortal})[0]
	if want := epoch.Add(time.Minute); !got.ExpiresAt.Equal(want) {
		b.Errorf("expires at %v, want %v", got.ExpiresAt, want)
	}
	eternal := fault("two", 0)
	eternal.ExpiresAt = epoch.Add(time.Hour)
	if got := b.write(Write{Fault: eternal})[0]; !got.ExpiresAt.IsZero() {
		b.Errorf("without a ttl it expires at %v, want never", got.ExpiresAt)
	}
	b.pass(time.Minute - time.Nanosecond)
	if got := b.set()[0]; got.Expired(*b.now.Load()) || !b.strikes() {
		b.Error("the fault has expired before its time")
	}
	b.pass(time.Nanosecond)
	if got := b.set()[0]; !got.Expired(*b.now.Load()) || b.strikes() {
		b.Error("the fault has not expired, or strikes all the same")
	}
	b.write(Write{Fault: fault("three", 0)})
	b.wantSet("one", "two", "three")
	if b.strikes() {
		b.Error("a change of another fault revived an expired one")
	}
}

func testRestarts(b *bench) {
	for name, tt := range map[string]struct {
		edit func(*Write)
		// want is the end from the second write on; before is the one there was.
		want   time.Duration
		before bool
	}{
		"another share":               {edit: func(w *Write) { w.Fault.Trigger.Share = new(0.01) }, before: true},
		"the same again":              {edit: func(*Write) {}, before: true},
		"switched off":                {edit: func(w *Write) { w.Fault.Disabled = true }, before: true},
		"another ttl":                 {edit: func(w *Write) { w.Fault.TTL = time.Hour }, want: time.Hour},
		"no ttl":                      {edit: func(w *Write) { w.Fault.TTL = 0 }},
		"asked for":                   {edit: func(w *Write) { w.Restart = true }, want: time.Minute},
		"asked for while switched on": {edit: func(w *Write) { w.Restart, w.Fault.Disabled = true, true }, want: time.Minute},
	} {
		w := Write{Fault: fault("one", 0)}
		w.Fault.TTL = time.Minute
		first := b.write(w)[0].ExpiresAt
		b.pass(10 * time.Second)
		tt.edit(&w)
		want := first
		if !tt.before {
			want = b.now.Load().Add(tt.want)
		}
		if tt.want == 0 && !tt.before {
			want = time.Time{}
		}
		if got := b.write(w)[0].ExpiresAt; !got.Equal(want) {
			b.Errorf("%s: expires at %v, want %v", name, got, want)
		}
		if err := b.Delete(b.Context(), "one", 0); err != nil {
			b.Fatal(err)
		}
	}

	w := Write{Fault: fault("one", 0)}
	w.Fault.TTL, w.Fault.Disabled = time.Minute, true
	b.write(w)
	b.pass(time.Hour)
	w.Fault.Disabled = false
	if got, want := b.write(w)[0].ExpiresAt, b.now.Load().Add(time.Minute); !got.Equal(want) {
		b.Errorf("switched on after its end: expires at %v, want %v", got, want)
	}
}

func testExpiredShares(b *bench) {
	old := fault("old", 0.6)
	old.TTL = time.Minute
	b.write(Write{Fault: old})
	if _, err := b.Write(b.Context(), []Write{{Fault: fault("young", 0.6)}}); err == nil {
		b.Error("120 % together: got no error")
	}
	b.pass(time.Minute)
	b.write(Write{Fault: fault("young", 0.6)})
	b.wantSet("old", "young")
	_, err := b.Write(b.Context(), []Write{{Fault: old, Restart: true}})
	var wrong *InvalidError
	if !errors.As(err, &wrong) || wrong.Problems[0].Field != "faults[0].share" {
		b.Errorf("revived beside another: got %v, want faults[0].share refused", err)
	}
	if expired := b.set()[0]; !expired.Expired(*b.now.Load()) {
		b.Error("the refusal revived the fault")
	}
	b.wantWarnings(nil)
}

// testRevived holds that a fault which is enabled after its end counts anew,
// whether or not the engine has been told of the end in between.
func testRevived(b *bench) {
	once := fault("once", 0)
	once.Trigger.Share, once.Trigger.First, once.TTL = nil, 1, time.Minute
	b.write(Write{Fault: once})
	for round, between := range []func(){
		func() {},
		func() {},
		func() { b.write(Write{Fault: fault("other", 0)}) },
	} {
		if !b.strikes() || b.strikes() {
			b.Errorf("round %d: want exactly one firing", round)
		}
		b.pass(2 * time.Minute)
		between()
		b.write(Write{Fault: once, Restart: true})
	}
	if !b.strikes() || b.strikes() {
		b.Error("at the end: want exactly one firing")
	}
}
