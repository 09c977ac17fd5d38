package sweep

import (
	"slices"
	"strconv"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
)

// Kind says what a fault of a sweep does.
type Kind string

// The kinds. They are a closed set.
const (
	KindAnswer    Kind = "answer"
	KindSoftError Kind = "soft_error"
	KindSoftItems Kind = "soft_items"
	KindLost      Kind = "lost_answer"
	KindReset     Kind = "reset"
	KindHang      Kind = "hang"
	KindTruncate  Kind = "truncate"
	KindLatency   Kind = "latency"
	KindCorrupt   Kind = "corrupt"
	KindThrottle  Kind = "throttle"
)

// Told is the Retry-After that an answer carries, which otherwise has none.
type Told string

// The forms. They are a closed set.
const (
	// ToldSeconds is toldSeconds, ToldDate a date that is toldAhead away, ToldLong longer than a caller can be expected to wait.
	ToldSeconds Told = "seconds"
	ToldDate    Told = "date"
	ToldLong    Told = "long"
)

// What callers are told to wait: more than most wait of their own, and of a date what package verdict wants, as it has whole seconds.
const (
	toldSeconds, toldLong = 2, 3600
	toldAhead             = 4 * time.Second
)

// Fault is one thing that is tried on an endpoint, and what is alike.
type Fault struct {
	// Name is the word for it in reports and filters: "503", "401-expired-token", "lost-answer", or with Options.EveryCode an
	// error code.
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
	// Status is that of an answer, 0 for others.
	Status int `json:"status,omitempty"`
	// Code is the error code that is sent, "" for none.
	Code groove.ErrorCode `json:"code,omitempty"`
	// Told is the Retry-After of an answer, "" for none; How is how a body is spoilt, "" for not.
	Told Told               `json:"told,omitempty"`
	How  faults.CorruptKind `json:"how,omitempty"`
	// Merged names what else it stands for: error codes, or another way to break a connection.
	Merged []string `json:"merged,omitempty"`
}

// Names of the faults that carry more than a status.
const (
	nameExpired   = "401-expired-token"
	nameConflict  = "409-conflict"
	nameStreaming = "409-streaming"
	nameSoft      = "soft-error"
	nameItems     = "soft-items"
)

// className is the fault that an error code belongs to: see the package comment.
func className(info *groove.ErrorCodeInfo) string {
	switch info.Code {
	case groove.CodeAccessTokenExpired, groove.CodeAuthorizationTokenExpired, groove.CodeInvalidAuthorizationHeader:
		return nameExpired
	case groove.CodeCollectionConcurrentUpdate:
		return nameConflict
	case groove.CodeDeliveryConcurrentStreaming:
		return nameStreaming
	case groove.CodeCollectionSomeOperationsFailed:
		return nameItems
	default:
		if info.Status == 200 {
			return nameSoft
		}
		return strconv.Itoa(info.Status)
	}
}

// kindOf is what a fault of that class does.
func kindOf(class string) Kind {
	switch class {
	case nameSoft:
		return KindSoftError
	case nameItems:
		return KindSoftItems
	default:
		return KindAnswer
	}
}

// FaultsOf lists what can be tried on an endpoint: what the contract lets it answer, and trouble on the way. The caller owns the
// slice.
func FaultsOf(e groove.Endpoint, everyCode bool) []Fault {
	list := coded(e, everyCode)
	for _, told := range []Told{ToldSeconds, ToldDate, ToldLong} {
		list = append(list,
			Fault{Name: "429-" + string(told), Kind: KindAnswer, Status: 429, Code: groove.CodeTooManyRequests, Told: told},
			Fault{Name: "503-" + string(told), Kind: KindAnswer, Status: 503, Told: told},
		)
	}
	list = append(list,
		Fault{Name: "503", Kind: KindAnswer, Status: 503},
		Fault{Name: "lost-answer", Kind: KindLost},
		Fault{Name: "reset", Kind: KindReset, Merged: []string{string(faults.BreakClose)}},
		Fault{Name: "hang", Kind: KindHang},
		Fault{Name: "truncate", Kind: KindTruncate},
		Fault{Name: "latency", Kind: KindLatency},
		Fault{Name: "throttle", Kind: KindThrottle},
		Fault{Name: "corrupt-json", Kind: KindCorrupt, How: faults.CorruptJSON},
		Fault{Name: "corrupt-bits", Kind: KindCorrupt, How: faults.CorruptBits},
		Fault{Name: "corrupt-length", Kind: KindCorrupt, How: faults.CorruptLength},
	)
	return list
}

// coded are the faults that carry an error code.
func coded(e groove.Endpoint, everyCode bool) []Fault {
	var list []Fault
	for _, info := range groove.ErrorCodes() {
		class := className(&info)
		if !e.Fits(info.Code) || !carries(&e, class) {
			continue
		}
		at := slices.IndexFunc(list, func(f Fault) bool { return f.Name == class })
		if at >= 0 && !everyCode {
			list[at].merge(&e, info.Code)
			continue
		}
		f := Fault{Name: class, Kind: kindOf(class), Status: info.Status, Code: info.Code}
		if everyCode {
			f.Name = string(info.Code)
		}
		list = append(list, f)
	}
	return list
}

// carries reports that the answers of an endpoint can hold such an error: a 200 is Groove's own data, and only the writes have
// items.
func carries(e *groove.Endpoint, class string) bool {
	switch class {
	case nameSoft:
		return e.Host == groove.HostAPI
	case nameItems:
		return e.Name == groove.CollectionAdd || e.Name == groove.CollectionDelete
	default:
		return true
	}
}

// merge takes in another code. The one that the endpoint most plausibly sends stands for all.
func (f *Fault) merge(e *groove.Endpoint, code groove.ErrorCode) {
	if groove.DefaultErrorCode(*e, f.Status) == code {
		f.Code, code = code, f.Code
	}
	f.Merged = append(f.Merged, string(code))
}

// Mode says how often a fault strikes.
type Mode string

// The modes. They are a closed set.
const (
	// Once strikes the first attempt of each call to the endpoint, Twice the first two. Where authorization fails, which may give
	// the caller another identity, and where a whole answer is spoilt, after which a call looks over, they strike the first exchanges of all.
	Once  Mode = "once"
	Twice Mode = "twice"
	// Always strikes every exchange.
	Always Mode = "always"
)

// Modes returns the modes in the order of reports. The caller owns the slice.
func Modes() []Mode { return []Mode{Once, Twice, Always} }

// Modes are those in which a fault is tried: one that says when to come back strikes once, as whoever comes back then has done what
// was asked. The caller owns the slice.
func (f *Fault) Modes() []Mode {
	if f.Told != "" {
		return []Mode{Once}
	}
	return Modes()
}

// trigger is that of a mode.
func (f *Fault) trigger(m Mode) faults.Trigger {
	var most uint64
	switch m {
	case Once:
		most = 1
	case Twice:
		most = 2
	case Always:
		return faults.Trigger{}
	}
	if f.Status == 401 || f.Kind == KindCorrupt || f.Kind == KindThrottle {
		return faults.Trigger{First: most}
	}
	return faults.Trigger{Attempts: most}
}

// FaultName is the name by which the fault of a case is put in force.
const FaultName = "fault"

const (
	// truncated is the part of a body that arrives of a truncated answer.
	truncated = 0.5
	// slowly is the rate of a throttled body in bytes a second: the longest of the stand-in's takes 7 s.
	slowly = 8 << 10
	// morsel is how much of it comes at once: little, as a body that fits in would come as ever.
	morsel = 32
)

// retryAfter is the field of the answer, nil for none.
func (f *Fault) retryAfter() *faults.RetryAfter {
	seconds, long, ahead := uint64(toldSeconds), uint64(toldLong), toldAhead
	switch f.Told {
	case ToldSeconds:
		return &faults.RetryAfter{Seconds: &seconds}
	case ToldDate:
		return &faults.RetryAfter{DateIn: &ahead}
	case ToldLong:
		return &faults.RetryAfter{Seconds: &long}
	}
	return nil
}

// Build makes the fault of a case as it is put in force. An answer that is late is so by latency.
func (c *Case) Build(latency time.Duration) faults.Fault {
	built := faults.Fault{Name: FaultName, Match: faults.Match{Endpoints: []string{c.Endpoint}}, Trigger: c.Fault.trigger(c.Mode)}
	half, all := truncated, 1.0
	switch c.Fault.Kind {
	case KindAnswer:
		built.Answer = &faults.Answer{Status: c.Fault.Status, ErrorCode: c.Fault.Code, RetryAfter: c.Fault.retryAfter()}
	case KindSoftError:
		built.SoftError = &faults.SoftError{ErrorCode: c.Fault.Code}
	case KindSoftItems:
		built.SoftError = &faults.SoftError{ErrorCode: c.Fault.Code, Items: &all}
	case KindLost:
		built.Break = &faults.Break{How: faults.BreakReset, At: faults.BreakAfter}
	case KindReset:
		built.Break = &faults.Break{How: faults.BreakReset, At: faults.BreakBefore}
	case KindHang:
		built.Break = &faults.Break{How: faults.BreakHang, At: faults.BreakBefore}
	case KindTruncate:
		built.Truncate = &faults.Truncate{Share: &half}
	case KindLatency:
		built.Delay = &faults.Delay{Fixed: &latency}
	case KindCorrupt:
		built.Corrupt = &faults.Corrupt{How: c.Fault.How}
	case KindThrottle:
		built.Throttle = &faults.Throttle{BytesPerSecond: slowly, Chunk: morsel}
	}
	return built
}
