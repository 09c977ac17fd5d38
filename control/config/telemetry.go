package config

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// Telemetry is the section [telemetry]: who else is told of attempts. Variables of the environment (OTEL_*) go before it.
type Telemetry struct {
	// Traces says that each attempt becomes a span, handed over by OTLP.
	Traces bool `toml:"traces"`
	// Endpoint is the URL of the collector: http or https, without "/v1/traces".
	Endpoint string `toml:"endpoint"`
	// Sample is the share of the traces that are told where no caller has decided that, 0 to 1.
	Sample float64 `toml:"sample"`
	// Timeout bounds one hand-over with its repeats, 10 ms to a minute.
	Timeout time.Duration `toml:"timeout"`
	// Service is the name by which the spans are found.
	Service string `toml:"service"`
}

const minHandOver, maxHandOver = 10 * time.Millisecond, time.Minute

func defaultTelemetry() Telemetry {
	return Telemetry{Endpoint: "http://127.0.0.1:4318", Sample: 1, Timeout: 10 * time.Second, Service: "groovechaos"}
}

// EndpointURL is Endpoint, nil for one that does not pass Validate.
func (t *Telemetry) EndpointURL() *url.URL {
	u, err := url.Parse(t.Endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil
	}
	return u
}

func (t *Telemetry) validate() faults.Problems {
	var problems faults.Problems
	check := func(field string, right bool, format string, args ...any) {
		if !right {
			problems = append(problems, faults.Problem{Field: field, Text: fmt.Sprintf(format, args...)})
		}
	}
	u := t.EndpointURL()
	switch {
	case u == nil:
		check("endpoint", false, `is refused, want a URL such as "http://127.0.0.1:4318"`)
	case u.User != nil:
		check("endpoint", false, "holds credentials, want them in the variable OTEL_EXPORTER_OTLP_HEADERS")
	default:
		check("endpoint", !strings.HasSuffix(u.Path, "/"), "is %s, want it without a slash at its end", quote(t.Endpoint))
	}
	check("sample", t.Sample >= 0 && t.Sample <= 1, "is %v, want 0 to 1", t.Sample)
	check("timeout", t.Timeout >= minHandOver && t.Timeout <= maxHandOver, "is %v, want %v to %v", t.Timeout, minHandOver, maxHandOver)
	check("service", strings.TrimSpace(t.Service) != "", "is empty, want a name")
	return problems
}
