package sweep

import (
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// State says what became of a case.
type State string

// The states. They are a closed set.
const (
	// StateRan is for a case that was run.
	StateRan State = "ran"
	// StateSame is for one that was not run, since it could not differ from the one that struck once.
	StateSame State = "same"
	// StateLeft is for one that there was no time for.
	StateLeft State = "left_out"
)

// Words of Cell.Check that are no checks of package verdict.
const (
	// CheckExit is the exit status of the command, CheckTime the time that it took.
	CheckExit = "exit-status"
	CheckTime = "time-limit"
	// CheckProbe is an answer to a probe that is not what was wanted.
	CheckProbe = "probe"
)

// Cell is what came of a case.
type Cell struct {
	Case

	State  State          `json:"state"`
	Result verdict.Result `json:"result"`
	// Check names what failed or warned, "" for nothing; Summary says what was seen, in a sentence.
	Check   string `json:"check,omitempty"`
	Summary string `json:"summary"`
	// Reached reports that the fault fired.
	Reached bool `json:"reached"`
	// Hung reports that the command did not end within the time of a case.
	Hung bool `json:"hung,omitempty"`
	// Exit is how the command ended, or which probe was wrong and how, "" for well.
	Exit string `json:"exit,omitempty"`
	// Runs counts how often the workload ran, Attempts what came to the endpoint, Struck what of it the fault struck.
	Runs     int `json:"runs,omitempty"`
	Attempts int `json:"attempts,omitempty"`
	Struck   int `json:"struck,omitempty"`
	// Tail is the end of what the command printed, where the cell fails or warns.
	Tail string `json:"tail,omitempty"`
	// Took is how long the case took.
	Took time.Duration `json:"took_ns,omitempty"`
}

// alike reports that the same fault in another mode would strike the same exchanges: every one of them, or none.
func (c *Cell) alike() bool {
	return c.State == StateRan && (!c.Reached || c.Hung || c.Struck == c.Attempts)
}

// agreed is how many runs must end badly alike before that is held against a command.
const agreed = 2

// Settled reports that running the case again would say no more: it fails by a check, or passed, or was not reached.
func (c *Cell) Settled() bool {
	switch {
	case !c.Reached || c.Hung:
		return true
	case c.Check == checkRecovers:
		return true
	case c.Check == CheckExit || c.Check == CheckProbe:
		return c.Runs >= agreed && c.Result != verdict.Inconclusive
	default:
		return c.Result != verdict.Inconclusive
	}
}

// demand is what a fault asks of a caller.
type demand int

const (
	// demandBack wants the request again, and the catalogue fails who does not; demandMaybe where it warns or is silent, as for every
	// POST (RFC 9110, 9.2.2).
	demandBack demand = iota
	demandMaybe
	// demandAlone wants the request not to come again.
	demandAlone
	// demandMend wants something else first: a new token, or a look at the collection.
	demandMend
	// demandWait wants patience.
	demandWait
	// demandNothing is for what the wire says nothing of.
	demandNothing
)

// transient reports a fault that passes by itself.
func (c *Case) transient() bool {
	switch c.Fault.Kind {
	case KindAnswer:
		status, _ := groove.StatusByCode(c.Fault.Status)
		return status.Transient
	case KindReset, KindLost, KindHang, KindTruncate, KindCorrupt:
		return true
	case KindSoftError, KindSoftItems, KindLatency, KindThrottle:
	}
	return false
}

// demand is what the case asks of a caller.
func (c *Case) demand() demand {
	switch {
	case c.Fault.Kind == KindLatency || c.Fault.Kind == KindThrottle || c.Fault.Told == ToldLong:
		return demandWait
	case c.Fault.Kind == KindSoftError || c.Fault.Kind == KindSoftItems:
		return demandNothing
	case className(c.info()) == nameExpired || className(c.info()) == nameConflict:
		return demandMend
	case !c.transient() || c.write():
		return demandAlone
	case (c.Fault.Status == 502 || c.Fault.Status == 503) && c.endpoint().Repeat == groove.RepeatSafe:
		return demandBack
	default:
		return demandMaybe
	}
}

// write reports an endpoint whose repeat is done twice.
func (c *Case) write() bool { return c.endpoint().Repeat == groove.RepeatUnsafe }

// info is what the contract says of the fault's code.
func (c *Case) info() *groove.ErrorCodeInfo {
	info, _ := groove.ErrorCodeByName(string(c.Fault.Code)) // The zero value is for none.
	return &info
}
