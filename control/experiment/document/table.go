package document

import (
	"time"

	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/control/experiment"
)

// file is an experiment as TOML has it. Pointers tell what is given from what is not.
type file struct {
	Name         string        `toml:"name"`
	Seed         *uint64       `toml:"seed"`
	SingleFlight bool          `toml:"single_flight"`
	TimeLimit    time.Duration `toml:"time_limit"`
	Workload     workloadTable `toml:"workload"`
	Phases       []phaseTable  `toml:"phases"`
	Probes       []probeTable  `toml:"probes"`
	Expect       expectTable   `toml:"expect"`
	StopWhen     stopWhenTable `toml:"stop_when"`
}

type workloadTable struct {
	Command []string   `toml:"command"`
	Repeat  bool       `toml:"repeat"`
	Service bool       `toml:"service"`
	Ready   string     `toml:"ready"`
	Exit    string     `toml:"exit"`
	Load    *loadTable `toml:"load"`
}

// requestTable is embedded where a request is made.
type requestTable struct {
	URL     string            `toml:"url"`
	Method  string            `toml:"method"`
	Headers map[string]string `toml:"headers"`
	Body    string            `toml:"body"`
	Timeout *time.Duration    `toml:"timeout"`
}

type loadTable struct {
	requestTable
	Rate        float64 `toml:"rate"`
	Concurrency *int    `toml:"concurrency"`
}

type phaseTable struct {
	Name     string              `toml:"name"`
	Duration *time.Duration      `toml:"duration"`
	Calls    *int                `toml:"calls"`
	Idle     *time.Duration      `toml:"idle"`
	Optional bool                `toml:"optional"`
	Faults   []config.FaultTable `toml:"faults"`
	Ramp     *rampTable          `toml:"ramp"`
}

type rampTable struct {
	From  config.Share   `toml:"from"`
	To    config.Share   `toml:"to"`
	Every *time.Duration `toml:"every"`
}

type probeTable struct {
	requestTable
	Name     string         `toml:"name"`
	Every    *time.Duration `toml:"every"`
	Phases   []string       `toml:"phases"`
	Upstream string         `toml:"upstream"`
	Want     wantTable      `toml:"want"`
	Told     toldTable      `toml:"told"`
}

type wantTable struct {
	Status   []int             `toml:"status"`
	Contains []string          `toml:"contains"`
	Lacks    []string          `toml:"lacks"`
	JSON     map[string]string `toml:"json"`
	Headers  map[string]string `toml:"headers"`
	Within   *time.Duration    `toml:"within"`
}

type toldTable struct {
	Error       string `toml:"error"`
	ErrorText   string `toml:"error_text"`
	Code        string `toml:"code"`
	Category    string `toml:"category"`
	Items       string `toml:"items"`
	EmptyText   string `toml:"empty_text"`
	Partial     string `toml:"partial"`
	PartialText string `toml:"partial_text"`
}

type expectTable struct {
	Verdict  string              `toml:"verdict"`
	Checks   []string            `toml:"checks"`
	Policies []config.PolicyRule `toml:"policies"`
	Findings []findingTable      `toml:"findings"`
	Probes   []probeExpectTable  `toml:"probes"`
}

type findingTable struct {
	Check   string   `toml:"check"`
	Client  string   `toml:"client"`
	Results []string `toml:"results"`
}

type probeExpectTable struct {
	Probe string         `toml:"probe"`
	Phase string         `toml:"phase"`
	Share *config.Share  `toml:"share"`
	P99   *time.Duration `toml:"p99"`
}

type stopWhenTable struct {
	ProbeFailures *int           `toml:"probe_failures"`
	ErrorShare    *config.Share  `toml:"error_share"`
	Latency       *time.Duration `toml:"latency"`
	Amplification *float64       `toml:"amplification"`
	Brake         bool           `toml:"brake"`
	Window        time.Duration  `toml:"window"`
	Least         int            `toml:"least"`
}

// Defaults of what a file does not give.
const (
	defaultLimit    = time.Hour
	defaultTimeout  = 30 * time.Second
	defaultEvery    = time.Second
	defaultDuration = time.Minute
	defaultWindow   = 10 * time.Second
	defaultLeast    = 20
	defaultSeed     = 1
)

// blank is the file in which nothing is given.
func blank() file {
	return file{
		Name: "experiment", TimeLimit: defaultLimit,
		Workload: workloadTable{Exit: string(experiment.ExitZero)},
		Expect:   expectTable{Verdict: verdictPass},
		StopWhen: stopWhenTable{Brake: true, Window: defaultWindow, Least: defaultLeast},
	}
}
