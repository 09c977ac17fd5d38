package proxy

import "github.com/groovechaos/groovechaos/faults/observe"

// land records the exchange.
func (f *flight) land() {
	f.intake.leave(func() { _ = f.stream.SetReadDeadline(past) })
	if d := f.wrecked(); d != nil {
		f.side.server.report(d)
		f.blame(observe.OriginOurs, failDefect.text)
	}
	e := ending{end: observe.EndComplete, answered: f.answered, body: plain(f.sampled, f.encoding), class: f.class, code: f.code}
	switch {
	case f.completed:
	case f.side.server.base.Err() != nil:
		e.end = observe.EndBroken
		f.blame(observe.OriginOurs, errCut.Error())
	case f.gone:
		e.end = observe.EndClientLeft
	default:
		e.end = observe.EndBroken
	}
	if f.headOut {
		e.status = f.status
	}
	if f.answered == 0 {
		e.answered = f.core.clock()
	}
	e.requestLength, e.requestDigest, e.requestComplete = f.intake.summary()
	f.attempt.Forwarded = f.forwarded()
	if f.upstream.Foreign {
		f.forget()
	} else {
		f.finish(e)
	}
}
