package config

import "time"

// faultTable is one [[faults]] table. Pointers tell what is given from what is
// not. The tables below it have the fields of the model in the same order, so
// that one converts to the other wherever the types allow.
type faultTable struct {
	Name      string          `toml:"name"`
	Disabled  bool            `toml:"disabled,omitempty"`
	Share     *share          `toml:"share,omitempty"`
	First     *count          `toml:"first,omitempty"`
	Every     *count          `toml:"every,omitempty"`
	Attempts  *count          `toml:"attempts,omitempty"`
	Limit     *count          `toml:"limit,omitempty"`
	MaxActive *count          `toml:"max_active,omitempty"`
	TTL       *time.Duration  `toml:"ttl,omitempty"`
	Match     *matchTable     `toml:"match,omitempty"`
	Quota     *quotaTable     `toml:"quota,omitempty"`
	Answer    *answerTable    `toml:"answer,omitempty"`
	SoftError *softErrorTable `toml:"soft_error,omitempty"`
	Delay     *delayTable     `toml:"delay,omitempty"`
	Break     *breakTable     `toml:"break,omitempty"`
	Throttle  *throttleTable  `toml:"throttle,omitempty"`
	Truncate  *truncateTable  `toml:"truncate,omitempty"`
	Corrupt   *corruptTable   `toml:"corrupt,omitempty"`
}

type matchTable struct {
	Endpoints []string          `toml:"endpoints,omitempty"`
	Methods   []string          `toml:"methods,omitempty"`
	Hosts     []string          `toml:"hosts,omitempty"`
	Path      string            `toml:"path,omitempty"`
	Query     map[string]string `toml:"query,omitempty"`
	Headers   map[string]string `toml:"headers,omitempty"`
	Clients   []string          `toml:"clients,omitempty"`
}

type quotaTable struct {
	Requests count          `toml:"requests"`
	Per      *time.Duration `toml:"per,omitempty"`
	Burst    *count         `toml:"burst,omitempty"`
	All      bool           `toml:"all,omitempty"`
}

type answerTable struct {
	At         string            `toml:"at,omitempty"`
	Status     int               `toml:"status,omitzero"`
	ErrorCode  string            `toml:"error_code,omitempty"`
	Message    string            `toml:"message,omitempty"`
	Body       *string           `toml:"body,omitempty"`
	RetryAfter *retryAfterTable  `toml:"retry_after,omitempty"`
	Headers    map[string]string `toml:"headers,omitempty"`
}

type retryAfterTable struct {
	Seconds *count         `toml:"seconds,omitempty"`
	DateIn  *time.Duration `toml:"date_in,omitempty"`
	Raw     *string        `toml:"raw,omitempty"`
}

type softErrorTable struct {
	ErrorCode string `toml:"error_code,omitempty"`
	Message   string `toml:"message,omitempty"`
	Items     *share `toml:"items,omitempty"`
	ItemCode  string `toml:"item_code,omitempty"`
}

type delayTable struct {
	At          string            `toml:"at,omitempty"`
	Fixed       *time.Duration    `toml:"fixed,omitempty"`
	Max         *time.Duration    `toml:"max,omitempty"`
	Uniform     *uniformTable     `toml:"uniform,omitempty"`
	Normal      *normalTable      `toml:"normal,omitempty"`
	LogNormal   *logNormalTable   `toml:"log_normal,omitempty"`
	Exponential *exponentialTable `toml:"exponential,omitempty"`
	Pareto      *paretoTable      `toml:"pareto,omitempty"`
}

type uniformTable struct {
	Min time.Duration `toml:"min"`
	Max time.Duration `toml:"max"`
}

type normalTable struct {
	Mean   time.Duration `toml:"mean"`
	Stddev time.Duration `toml:"stddev"`
}

type logNormalTable struct {
	P50 time.Duration `toml:"p50"`
	P99 time.Duration `toml:"p99"`
}

type exponentialTable struct {
	Mean time.Duration `toml:"mean"`
}

type paretoTable struct {
	Min   time.Duration `toml:"min"`
	Shape float64       `toml:"shape"`
}

type breakTable struct {
	How string `toml:"how"`
	At  string `toml:"at,omitempty"`
}

type throttleTable struct {
	BytesPerSecond count  `toml:"bytes_per_second"`
	Chunk          *count `toml:"chunk,omitempty"`
}

type truncateTable struct {
	Bytes *count `toml:"bytes,omitempty"`
	Share *share `toml:"share,omitempty"`
}

type corruptTable struct {
	How   string `toml:"how"`
	Share *share `toml:"share,omitempty"`
}
