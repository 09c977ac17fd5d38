package arch

// module is the path of the module that the table is about.
const module = "github.com/groovechaos/groovechaos"

// row is what one package may do.
type row struct {
	// imports are the packages of this module it may import, by folder; a
	// name that ends in "/..." stands for the folder and all below it.
	imports []string
	// pure says that it reads no clock, no file and no socket.
	pure bool
	// knows are the guarded libraries it may import.
	knows []string
}

// table has a row for every package, by folder. A row may be there before its
// package is, so that the arrows of the design are fixed before the first import.
var table = map[string]row{
	"faults/groove":   {pure: true},
	"faults":          {pure: true, imports: []string{"faults/groove"}},
	"faults/backoff":  {pure: true},
	"faults/observe":  {pure: true, imports: []string{"faults", "faults/backoff", "faults/groove"}},
	"faults/verdict":  {pure: true, imports: []string{"faults", "faults/backoff", "faults/groove", "faults/observe"}},
	"faults/coverage": {pure: true, imports: []string{"faults", "faults/groove", "faults/observe"}},

	"faults/backoff/simulate": {pure: true, imports: []string{"faults/backoff"}},

	"faults/ca":      {},
	"faults/route":   {},
	"faults/wire":    {},
	"faults/inject":  {imports: []string{"faults", "faults/groove"}},
	"faults/standin": {imports: []string{"faults/groove", "faults/standin/..."}, knows: []string{"mux"}},
	"faults/proxy": {imports: []string{
		"faults", "faults/ca", "faults/groove", "faults/inject", "faults/observe", "faults/route", "faults/wire",
	}},

	// The parts of the stand-in: what there is, how it is written, who has it.
	"faults/standin/catalog":      {},
	"faults/standin/datacontract": {pure: true, imports: []string{"faults/groove"}},
	"faults/standin/library":      {imports: []string{"faults/groove", "faults/standin/catalog", "faults/standin/datacontract"}},
	"faults/standin/listening":    {},
	"faults/standin/media":        {pure: true},

	"proto/groovechaos/v1": {knows: []string{"grpc"}},

	"control/auth":       {imports: []string{"control/store"}, knows: []string{"grpc"}},
	"control/config":     {imports: []string{"faults", "faults/groove", "faults/observe", "faults/verdict"}, knows: []string{"toml"}},
	"control/tracing":    {imports: []string{"faults/groove", "faults/observe"}, knows: []string{"otel"}},
	"control/experiment": {pure: true, imports: []string{"faults", "faults/groove", "faults/observe", "faults/verdict"}},
	"control/journal":    {imports: []string{"faults", "faults/groove", "faults/observe", "faults/verdict"}},
	"control/metrics":    {imports: []string{"faults", "faults/observe"}, knows: []string{"prometheus"}},
	"control/report":     {imports: []string{"faults/backoff", "faults/coverage", "faults/groove", "faults/observe", "faults/verdict"}},
	"control/store":      {imports: []string{"faults", "faults/observe"}, knows: []string{"nats"}},
	"control/api": {
		imports: []string{"control/auth", "control/config", "control/experiment", "control/experiment/...", "control/store", "faults", "faults/coverage", "faults/groove", "faults/observe", "faults/verdict", "proto/groovechaos/v1"},
		knows:   []string{"grpc"},
	},
	"control/dashboard": {},
	"control/rest":      {imports: []string{"control/auth", "control/dashboard", "proto/groovechaos/v1"}, knows: []string{"grpc", "mux"}},
	"control/client":    {imports: []string{"proto/groovechaos/v1"}, knows: []string{"grpc"}},
	"control/client/faulttest": {imports: []string{
		"control/client", "control/config", "control/daemon", "control/report", "faults/observe", "faults/standin", "faults/verdict", "proto/groovechaos/v1",
	}},
	"control/daemon": {imports: []string{"control/...", "faults/...", "proto/groovechaos/v1"}, knows: []string{"grpc", "nats"}},

	// Experiments as text, and what plays them.
	"control/experiment/document": {imports: []string{"control/config", "control/experiment", "faults", "faults/verdict"}},
	"control/experiment/sweep":    {pure: true, imports: []string{"faults", "faults/groove", "faults/observe", "faults/verdict"}},
	"control/experiment/sweeper": {imports: []string{
		"control/experiment", "control/experiment/runner", "control/experiment/sweep", "faults", "faults/observe", "faults/verdict",
	}},
	"control/experiment/runner": {imports: []string{"control/experiment", "control/store", "faults", "faults/observe", "faults/verdict"}},

	"cmd/internal/arch": {},
	"cmd/internal/demo": {},
	"cmd/internal/cli":  {imports: []string{"cmd/internal/demo", "control/...", "faults/...", "proto/groovechaos/v1"}, knows: []string{"cobra", "grpc"}},
	"cmd/groovechaos":   {imports: []string{"cmd/internal/cli"}},
	"cmd/peerbench":     {imports: []string{"faults/groove"}},
}

// guarded are the libraries that only some packages may know, by the name a
// row uses: import paths with all below them.
var guarded = map[string][]string{
	"cobra":      {"github.com/spf13/cobra", "github.com/spf13/pflag"},
	"grpc":       {"google.golang.org/grpc", "google.golang.org/protobuf", "google.golang.org/genproto", "github.com/grpc-ecosystem"},
	"mux":        {"github.com/gorilla/mux"},
	"nats":       {"github.com/nats-io"},
	"otel":       {"go.opentelemetry.io"},
	"prometheus": {"github.com/prometheus"},
	"toml":       {"github.com/BurntSushi/toml"},
}

// reach says, for each folder of the top level, which of them its packages may
// import from. Tests are held to this alone.
var reach = map[string][]string{
	"cmd":     {"cmd", "control", "faults", "proto"},
	"control": {"control", "faults", "proto"},
	"faults":  {"faults"},
	"proto":   {"proto"},
}

// pureLibraries are the packages from outside the standard library that a
// pure package may import.
var pureLibraries = []string{"github.com/cespare/xxhash/v2"}

// impure are the packages of the standard library that touch a file, a
// socket or a process, or draw what nobody can draw again, with all below them.
var impure = []string{
	"crypto/rand", "io/fs", "io/ioutil", "log", "math/rand", "net", "os", "path/filepath", "plugin", "syscall",
}

// pureThoughBelow are the exceptions from impure: they only parse text.
var pureThoughBelow = []string{"net/netip", "net/url"}

// clocks are the functions that read a clock or wait for one, by package.
var clocks = map[string][]string{
	"time":    {"After", "AfterFunc", "NewTicker", "NewTimer", "Now", "Since", "Sleep", "Tick", "Until"},
	"context": {"WithDeadline", "WithDeadlineCause", "WithTimeout", "WithTimeoutCause"},
}

// topLevel is what the top folder of the module may hold beside dot files.
var topLevel = []string{"LICENSE", "README.md", "cmd", "config.toml", "control", "faults", "go.mod", "go.sum", "proto"}

// nameless are folder names that say nothing of what is inside.
var nameless = []string{"common", "helper", "helpers", "misc", "models", "pkg", "types", "util", "utils"}
