package coverage

import (
	"slices"
	"strconv"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// Exposures returns what the caller of a had to cope with, nothing for a success that came in peace.
func Exposures(a *observe.Attempt) []Error {
	if a.Origin != observe.OriginInjected && a.Origin != observe.OriginUpstream {
		return nil
	}
	return append(answered(a), troubled(a)...)
}

// answered are the errors that the answer told of, as far as the caller got it whole.
func answered(a *observe.Attempt) []Error {
	if a.End != observe.EndComplete || a.Status == 0 || a.Spoiled() {
		return nil
	}
	var met []Error
	if a.Status >= 400 {
		met = append(met, Error{KindStatus, strconv.Itoa(a.Status)})
	}
	switch {
	case a.ErrorCode == "" || a.Class == groove.ClassSuccess:
	case a.Class == groove.ClassSoftError:
		met = append(met, Error{KindSoftError, string(a.ErrorCode)})
	default:
		met = append(met, Error{KindErrorCode, string(a.ErrorCode)})
	}
	return met
}

// troubled is what a fault did on the way. A hang is among those that held the answer back, and no delay.
func troubled(a *observe.Attempt) []Error {
	var met []Error
	if lost(a) {
		met = append(met, Error{KindTransport, LostAnswer})
	}
	if a.Break != "" {
		met = append(met, Error{KindTransport, string(a.Break)})
	}
	if slices.ContainsFunc(a.DelayedBy, func(name string) bool { return a.Break != faults.BreakHang || name != a.Fault }) {
		met = append(met, Error{KindTransport, Delay})
	}
	if a.Spoiled() {
		met = append(met, Error{KindTransport, Spoiled})
	}
	return met
}

// lost reports that the upstream did the work and a fault told the caller otherwise.
func lost(a *observe.Attempt) bool {
	done := a.UpstreamStatus >= 200 && a.UpstreamStatus < 300
	return done && a.Failed() && a.Origin == observe.OriginInjected
}
