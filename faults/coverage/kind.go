package coverage

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
)

// Kind says what sort of error something is.
type Kind string

// The kinds.
const (
	// KindStatus is a documented status code, 200 left out.
	KindStatus Kind = "status"
	// KindErrorCode is an ErrorCode of an answer that failed.
	KindErrorCode Kind = "error_code"
	// KindSoftError is an ErrorCode inside a success.
	KindSoftError Kind = "soft_error"
	// KindTransport is trouble on the way, which no reference lists.
	KindTransport Kind = "transport"
)

// Kinds returns every kind in the order of reports. The caller owns the slice.
func Kinds() []Kind { return []Kind{KindStatus, KindErrorCode, KindSoftError, KindTransport} }

// Names of the errors of KindTransport. Those of a broken connection are the words for the break.
const (
	// LostAnswer is a success of the upstream that the caller got a failure for: the work was done, and the caller does not know.
	LostAnswer = "lost_answer"
	// Reset, Close and Hang are connections that a fault broke.
	Reset = string(faults.BreakReset)
	Close = string(faults.BreakClose)
	Hang  = string(faults.BreakHang)
	// Delay is an answer that a fault held back.
	Delay = "delay"
	// Spoiled is an answer that a fault slowed down, cut short or corrupted on its way.
	Spoiled = "spoiled"
)

// Error is one thing that can go wrong.
type Error struct {
	Kind Kind `json:"kind"`
	// Name is the status code, the ErrorCode or the word for the trouble.
	Name string `json:"name"`
}

// compare orders errors as reports do: by kind, then by name.
func compare(a, b Error) int {
	return cmp.Or(cmp.Compare(slices.Index(Kinds(), a.Kind), slices.Index(Kinds(), b.Kind)), cmp.Compare(a.Name, b.Name))
}

// transport lists the troubles that can befall a request to any endpoint.
var transport = []string{LostAnswer, Reset, Close, Hang, Delay, Spoiled}

// Applicable returns what the contract lets e answer, and what can happen on the way: see the package comment. It is in the order of the
// kinds, statuses rise, codes are in the order of the reference. The caller owns the slice.
func Applicable(e groove.Endpoint) []Error {
	var codes, soft []Error
	statuses := []int{503} // which comes without a code
	for _, info := range groove.ErrorCodes() {
		switch {
		case !e.Fits(info.Code):
		case info.Status == 200:
			soft = append(soft, Error{KindSoftError, string(info.Code)})
		default:
			codes = append(codes, Error{KindErrorCode, string(info.Code)})
			statuses = append(statuses, info.Status)
		}
	}
	slices.Sort(statuses)
	var all []Error
	for _, status := range slices.Compact(statuses) {
		all = append(all, Error{KindStatus, strconv.Itoa(status)})
	}
	all = append(append(all, codes...), soft...)
	for _, name := range transport {
		all = append(all, Error{KindTransport, name})
	}
	return all
}
