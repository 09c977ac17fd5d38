package tracing

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Variables of the environment (OpenTelemetry, "Environment Variable Specification" and "OTLP Exporter Configuration"). Of
// a pair the second is for traces alone, and goes before the first.
var (
	endpointVariables = [...]string{"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"}
	protocolVariables = [...]string{"OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"}
	timeoutVariables  = [...]string{"OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT"}
	rootVariables     = [...]string{"OTEL_EXPORTER_OTLP_CERTIFICATE", "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE"}
	pairVariables     = [...][2]string{
		{"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_KEY"},
		{"OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY"},
	}
)

const (
	samplerVariable    = "OTEL_TRACES_SAMPLER"
	samplerArgVariable = "OTEL_TRACES_SAMPLER_ARG"
	exporterVariable   = "OTEL_TRACES_EXPORTER"
	disabledVariable   = "OTEL_SDK_DISABLED"
)

// samplers are the values of samplerVariable that are understood.
var samplers = []string{
	"always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio",
}

// setting reports whether any of some variables says something.
func setting(variables ...string) bool {
	return slices.ContainsFunc(variables, func(name string) bool { return os.Getenv(name) != "" })
}

// disabled reports whether the environment wants no traces whatever the configuration says.
func disabled() bool {
	return strings.EqualFold(os.Getenv(disabledVariable), "true") || os.Getenv(exporterVariable) == "none"
}

// checkEnvironment names the first variable that cannot be used. The libraries would go on without it.
func checkEnvironment() error {
	for _, check := range []struct {
		variables []string
		problem   func(value string) string
	}{
		{[]string{exporterVariable}, oneOf("otlp", "none")},
		{protocolVariables[:], oneOf("http/protobuf", "http/json")},
		{endpointVariables[:], endpointProblem},
		{timeoutVariables[:], timeoutProblem},
		{[]string{samplerVariable}, oneOf(samplers...)},
		{[]string{samplerArgVariable}, ratioProblem},
		{rootVariables[:], rootsProblem},
	} {
		for _, name := range check.variables {
			value := strings.TrimSpace(os.Getenv(name))
			if value == "" {
				continue
			}
			if problem := check.problem(value); problem != "" {
				return fmt.Errorf("read %s: %s", name, problem)
			}
		}
	}
	return checkPairs()
}

func checkPairs() error {
	for _, pair := range pairVariables {
		certificate, key := os.Getenv(pair[0]), os.Getenv(pair[1])
		if certificate == "" && key == "" {
			continue
		}
		if _, err := tls.LoadX509KeyPair(certificate, key); err != nil {
			return fmt.Errorf("read %s and %s: %w", pair[0], pair[1], err)
		}
	}
	return nil
}

func oneOf(choices ...string) func(string) string {
	return func(value string) string {
		if slices.Contains(choices, strings.ToLower(value)) {
			return ""
		}
		return fmt.Sprintf("it is %q, want one of %s", value, strings.Join(choices, ", "))
	}
}

// endpointProblem does not repeat what it refuses: it may hold a password.
func endpointProblem(value string) string {
	u, err := url.Parse(value)
	if err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" {
		return ""
	}
	return `it is refused, want a URL such as "http://127.0.0.1:4318"`
}

func timeoutProblem(value string) string {
	if n, err := strconv.ParseInt(value, 10, 32); err == nil && n > 0 {
		return ""
	}
	return fmt.Sprintf("it is %q, want milliseconds such as 10000", value)
}

func ratioProblem(value string) string {
	if share, err := strconv.ParseFloat(value, 64); err == nil && share >= 0 && share <= 1 {
		return ""
	}
	return fmt.Sprintf("it is %q, want 0 to 1", value)
}

func rootsProblem(file string) string {
	text, err := os.ReadFile(file) //nolint:gosec // Whoever sets the variable names the file.
	if err != nil {
		return err.Error()
	}
	if !x509.NewCertPool().AppendCertsFromPEM(text) {
		return file + " holds no certificate in PEM"
	}
	return ""
}
