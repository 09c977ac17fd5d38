package proxy

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
)

// defect is a panic that was caught: an error of groovechaos itself, which ends
// the exchange that it shows in and nothing else.
type defect struct {
	value any
	stack []byte
}

func (d *defect) Error() string { return fmt.Sprintf("defect of groovechaos: %v", d.value) }

// caught makes a defect of what recover returned, nil of nothing. One that was
// caught before, in another goroutine, stays what it is.
func caught(value any) *defect {
	switch v := value.(type) {
	case nil:
		return nil
	case *defect:
		return v
	default:
		return &defect{value: value, stack: debug.Stack()}
	}
}

// try calls f and catches the defect that shows in it.
func try(f func()) (d *defect) {
	defer func() { d = caught(recover()) }()
	f()
	return nil
}

// survive keeps a defect that shows on one connection from ending the others.
func (s *server) survive() {
	if d := caught(recover()); d != nil {
		s.report(d)
	}
}

// report logs a defect, nil for none.
func (s *server) report(d *defect) {
	if d != nil {
		s.proxy.options.Logger.Error("exchange failed by a defect of groovechaos",
			slog.Any("defect", d.value), slog.String("stack", string(d.stack)))
	}
}

// stage is how far an exchange has got: what a defect leaves to be done.
type stage uint8

const (
	// coming is before the core knows the exchange.
	coming stage = iota
	// underWay is from then to its record.
	underWay
	// landed is when it has been recorded or forgotten.
	landed
)

// rescue, deferred, ends the exchange that a defect broke off: it is answered
// and recorded as ours, and gives back all that it has. Each step is taken
// whatever becomes of the one before.
func (s *session) rescue() {
	d := caught(recover())
	if d == nil {
		return
	}
	s.server.report(d)
	for _, step := range [...]func(){s.stopPour, s.stopWatch, s.dropLink, s.own, s.landOnce, s.exchange.release, s.part} {
		s.server.report(try(step))
	}
	s.raw.Close()
}

// own takes the blame for a defect, and says so where the client can be told.
func (s *session) own() {
	if s.stage == coming {
		s.reply = reply{began: s.began, sampled: s.sampled[:0]}
		s.forgetPlace()
		s.server.proxy.core.refuse(&s.exchange, s.whence())
		s.upload.none()
	}
	if s.stage == landed {
		return
	}
	s.persistent = false
	if s.silent { // and the client in a tunnel, where nothing can be said
		s.silent, s.headOut = false, true
	}
	s.fail(failDefect)
}

func (s *session) landOnce() {
	if s.stage != landed {
		s.land()
	}
}

// part ends the connection so that what is not whole does not look whole.
func (s *session) part() {
	if s.headOut && !s.completed {
		s.reset()
		return
	}
	s.linger()
}

// rescue is that of a session. The stream ends in order if the client was told.
func (f *flight) rescue(sound *bool) {
	d := caught(recover())
	if d == nil {
		return
	}
	report := f.side.server.report
	report(d)
	report(try(func() { *sound = f.own() }))
	report(try(f.landOnce))
	f.release()
}

// own takes the blame for a defect. It is false when the stream is to be reset.
func (f *flight) own() bool {
	switch f.stage {
	case landed:
		return f.completed
	case coming:
		f.side.server.proxy.core.refuse(&f.exchange, f.whence())
	case underWay:
	}
	return f.fail(failDefect)
}

func (f *flight) landOnce() {
	if f.stage != landed {
		f.land()
	}
}

// wrecked is a defect that showed in the goroutines of net/http, nil for none.
func (f *flight) wrecked() *defect {
	if d, ok := errors.AsType[*defect](f.intake.failure()); ok {
		return d
	}
	if link := f.link.Load(); link != nil {
		return link.broken.Load()
	}
	return nil
}
