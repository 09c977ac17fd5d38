package experiment

import (
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Experiment is a whole script. Package document reads one that can be played.
type Experiment struct {
	// Name says which it is: lower-case letters, digits, dots, hyphens and underscores.
	Name string
	// Seed keys the random draws, where the run has an engine of its own. Seeded reports that it was asked for; else any other
	// will do.
	Seed   uint64
	Seeded bool
	// SingleFlight fails at most one call of a kind at a time, where the run has an engine of its own: see
	// faults.EngineOptions.
	SingleFlight bool
	// TimeLimit bounds the run, its workload included.
	TimeLimit time.Duration
	Workload  Workload
	// Phases follow one another; at least one.
	Phases []Phase
	Probes []Probe
	Expect Expect
	Guard  Guard
}

// Workload is what makes the calls: a command, a load on the caller's front door, or a command that is the caller with a
// load on it. Without either it is somebody else: traffic that comes from outside.
type Workload struct {
	// Command is a program with its arguments; nil for none.
	Command []string
	// Repeat starts the command again whenever it ends before the last phase is over.
	Repeat bool
	// Service reports that the command serves until the run ends it, as it does beside a load.
	Service bool
	// Ready is a URL that must answer before the first phase begins, "" for not to wait.
	Ready string
	// Exit says with which exit status the command must end.
	Exit Exit
	// Load is a built-in load on the caller's own front door; nil for none.
	Load *Load
}

// Exit says what is expected of a command's exit status.
type Exit string

// The expectations of an exit status. They are a closed set.
const (
	// ExitZero wants 0.
	ExitZero Exit = "zero"
	// ExitUnfaulted wants 0 of a command that no fault struck: it may fail by a fault, not without. Where a fault struck a write of
	// an earlier start of it, a failure says too little: what that write left behind upstream, or did not, may be why.
	ExitUnfaulted Exit = "unfaulted"
	// ExitAny wants nothing.
	ExitAny Exit = "any"
)

// Request is an HTTP request to the caller's own front door.
type Request struct {
	URL     string
	Method  string
	Headers map[string]string
	Body    string
	// Timeout bounds the wait for the whole answer.
	Timeout time.Duration
}

// Load is a built-in HTTP load.
type Load struct {
	Request
	// Rate is how many requests are sent in a second, 0 for as many as Concurrency allows.
	Rate float64
	// Concurrency is how many are under way at most.
	Concurrency int
}

// Phase is a timed stage.
type Phase struct {
	Name string
	// Duration is how long it lasts at most.
	Duration time.Duration
	// Calls ends it once so many calls have begun in it and are over, 0 for never. With faults only calls that met one
	// of them count.
	Calls int
	// Idle ends it once nothing that counts has come for so long, 0 for never.
	Idle time.Duration
	// Rounds sends every probe of the phase so often and ends it then, 0 for probes that are sent on their schedules: one round after the other, the
	// probes of a round in their order, each when the one before has its answer. Every one has a connection of its own, so that
	// none is sent twice where one breaks. Package sweeper makes such phases; a document has none.
	Rounds int
	// Optional says that nothing is missing if it is not reached or its faults never fire.
	Optional bool
	// Faults are in force during the phase. Their names are unique in the phase.
	Faults []faults.Fault
	// Ramp lets their share rise or fall; nil for as they are.
	Ramp *Ramp
}

// Ramp moves the share of a phase's faults from From to To in steps, evenly over the phase's duration.
type Ramp struct {
	// From and To are shares, 0 to 1.
	From, To float64
	// Every is the time between two steps.
	Every time.Duration
}

// Probe is a request to the caller's own front door, sent again and again, with what its answer must be.
type Probe struct {
	Request
	Name string
	// Every is the time between the beginnings of two requests. A request that is late delays the next.
	Every time.Duration
	// Phases are those in which it is sent; none stand for all.
	Phases []string
	// Upstream is method and target of the call that it makes the caller make, such as "GET /1/content/music/search?q=x";
	// "" for not known. It ties the probe to the call where the caller does not pass traceparent on.
	Upstream string
	Want     Want
	Told     Told
}

// Want is what an answer must be. Nothing that is not given is asked for.
type Want struct {
	// Status lists the statuses that are right; none stand for any below 400.
	Status []int
	// Contains and Lacks are texts that the body has or has not.
	Contains, Lacks []string
	// JSON maps paths (RFC 9535) to patterns of which one selected value must fit one; "*" stands for any run of characters.
	JSON map[string]string
	// Headers maps names of fields to patterns.
	Headers map[string]string
	// Within is how long the whole answer may take, 0 for the timeout.
	Within time.Duration
}

// Told says how to read what the front door tells its user. Without it the status alone is read: 400 and above is an error.
type Told struct {
	// Error is a path (RFC 9535) that selects something in an answer that is an error, ErrorText a text in one.
	Error, ErrorText string
	// Code and Category are paths that select the error's code and its kind.
	Code, Category string
	// Items is a path that selects the items of a result: none of them is an empty result. EmptyText is a text in one.
	Items, EmptyText string
	// Partial is a path that selects something where a result says that it is not whole, PartialText a text that says so.
	Partial, PartialText string
}

// Expect is what must hold.
type Expect struct {
	// Verdict reports that the verdict must be a pass.
	Verdict bool
	// Checks are those that must be judged: see verdict.Options.
	Checks []string
	// Policy says how severe the checks are, and their limits.
	Policy verdict.Policy
	// Findings are results that single checks must have.
	Findings []FindingExpectation
	// Probes are what probes must come to.
	Probes []ProbeExpectation
}

// FindingExpectation wants results of one check.
type FindingExpectation struct {
	Check string
	// Client is a pattern of the clients that it is about, "" for all that were seen.
	Client string
	// Results are those that are right.
	Results []verdict.Result
}

// ProbeExpectation wants a share of a probe's answers to be right, and in time.
type ProbeExpectation struct {
	Probe string
	// Phase is the phase that it is about, "" for the whole run.
	Phase string
	// Share is the least share of right answers, 0 to 1.
	Share float64
	// P99 is what 99 of 100 answers may take at most, 0 for anything.
	P99 time.Duration
}

// Guard says when a run is stopped before its end. What is 0 stops nothing.
type Guard struct {
	// ProbeFailures is how many answers to one probe may be wrong one after another.
	ProbeFailures int
	// ErrorShare is the share of attempts that the upstream itself, or the proxy, failed: not those that a fault did.
	ErrorShare float64
	// Latency is the median time of the attempts, without what faults held them back.
	Latency time.Duration
	// Amplification is attempts per call, of the requests of which a repeat can be told from the next user's call: those that carry a call id, and
	// those that come neither again after a success nor twice at a time.
	Amplification float64
	// NoBrake keeps a pulled brake from stopping the run.
	NoBrake bool
	// Window is the time over which shares and medians are taken, Least how many attempts it must hold.
	Window time.Duration
	Least  int
}

// Bounds of an experiment.
const (
	// MaxPhases bounds the phases, MaxProbes the probes.
	MaxPhases = 200
	MaxProbes = 50
	// MaxDuration bounds every duration of an experiment.
	MaxDuration = 7 * 24 * time.Hour
	// MaxConcurrency and MaxRate bound a load.
	MaxConcurrency = 1000
	MaxRate        = 10_000
	// ShortestStep bounds Ramp.Every, ShortestProbe Probe.Every.
	ShortestStep  = 100 * time.Millisecond
	ShortestProbe = 10 * time.Millisecond
)

// Placed returns the faults of the phase as they are put in force: by their full names, and with a lifetime that ends
// shortly after the phase must have.
func (p *Phase) Placed() []faults.Fault {
	placed := make([]faults.Fault, len(p.Faults))
	for i, f := range p.Faults {
		f.Name = p.FaultName(f.Name)
		if life := p.Duration + margin; f.TTL == 0 || f.TTL > life {
			f.TTL = life
		}
		placed[i] = f
	}
	return placed
}

// margin is how much longer than its phase a fault may live: enough for a busy machine to end it in order.
const margin = 10 * time.Second

// FaultName is the full name of one of the phase's faults.
func (p *Phase) FaultName(name string) string { return p.Name + "." + name }

// Plain is the experiment of a command under faults that are in force anyway: one phase without an end of its own.
func Plain(command []string, limit time.Duration) *Experiment {
	return &Experiment{
		Name: "run", TimeLimit: limit, Workload: Workload{Command: command, Exit: ExitZero},
		Phases: []Phase{{Name: "run", Duration: limit}}, Expect: Expect{Verdict: true},
		Guard: Guard{NoBrake: true, Window: time.Second, Least: 1},
	}
}
