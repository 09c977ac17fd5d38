package tracing

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestVariablesThatCannotBeUsedAreNamed(t *testing.T) {
	rubbish := filepath.Join(t.TempDir(), "rubbish.pem")
	if err := os.WriteFile(rubbish, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for variable, values := range map[string][]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT":           {"127.0.0.1:4318", "ftp://there", "http://", "::"},
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT":    {"nowhere"},
		"OTEL_EXPORTER_OTLP_PROTOCOL":           {"grpc"},
		"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL":    {"smoke"},
		"OTEL_EXPORTER_OTLP_TIMEOUT":            {"10s", "0", "-1"},
		"OTEL_EXPORTER_OTLP_CERTIFICATE":        {rubbish, filepath.Join(t.TempDir(), "none.pem")},
		"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": {rubbish},
		"OTEL_TRACES_SAMPLER":                   {"sometimes"},
		"OTEL_TRACES_SAMPLER_ARG":               {"1.5", "NaN", "half"},
		"OTEL_TRACES_EXPORTER":                  {"zipkin"},
		"OTEL_RESOURCE_ATTRIBUTES":              {"without a value"},
	} {
		for _, value := range values {
			t.Run(variable, func(t *testing.T) {
				t.Setenv(variable, value)
				e, err := New(t.Context(), Options{Endpoint: "http://127.0.0.1:1", Sample: 1, Timeout: time.Second})
				if err == nil || e != nil || !strings.Contains(err.Error(), variable) {
					t.Errorf("%q: got %v and %v, want an error that names the variable", value, e, err)
				}
			})
		}
	}
}

func TestAPasswordInAVariableIsNotRepeated(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://user:hunter2@there")
	if _, err := New(t.Context(), Options{Sample: 1}); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v, want an error without the password", err)
	}
}

func TestTheEnvironmentMayWantNoTraces(t *testing.T) {
	for variable, value := range map[string]string{"OTEL_SDK_DISABLED": "TRUE", "OTEL_TRACES_EXPORTER": "none"} {
		t.Run(variable, func(t *testing.T) {
			t.Setenv(variable, value)
			if e, err := New(t.Context(), Options{Sample: 1}); e != nil || err != nil {
				t.Errorf("got %v and %v, want nothing", e, err)
			}
		})
	}
}

func TestTheEnvironmentGoesBeforeTheOptions(t *testing.T) {
	r := receive(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", r.URL+"/base")
	t.Setenv("OTEL_TRACES_SAMPLER", "always_on")
	t.Setenv("OTEL_SERVICE_NAME", "chaos-of-team-a")
	x := start(t, "http://127.0.0.1:1", func(o *Options) { o.Sample = 0 })
	x.journal.Record(seen(1))
	x.stop(t)
	if len(r.took()) != 1 || r.paths[0] != "/base/v1/traces" || r.resource["service.name"] != "chaos-of-team-a" {
		t.Errorf("got %d spans at %q of %v, want one by the environment", len(r.took()), r.paths, r.resource)
	}
}

func TestNothingIsReachedForWithoutAttempts(t *testing.T) {
	t.Parallel()
	e, err := New(t.Context(), Options{
		Endpoint: "http://127.0.0.1:1", Sample: 1, Timeout: time.Second, Journal: silent{},
		Last: func() time.Duration { return time.Second }, Logger: slog.New(slog.NewTextHandler(failing{t}, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := e.Run(ctx); err != nil {
		t.Error(err)
	}
}

// failing fails the test with whatever is written.
type failing struct{ t *testing.T }

func (f failing) Write(p []byte) (int, error) {
	f.t.Errorf("logged: %s", p)
	return len(p), nil
}
