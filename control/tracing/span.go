package tracing

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// parentOf is the caller's span, invalid where it named none.
func parentOf(a *observe.Attempt) trace.SpanContext {
	span, flags, _ := strings.Cut(a.TraceParent, "-")
	id, err := trace.TraceIDFromHex(a.Trace)
	if err != nil {
		return trace.SpanContext{}
	}
	parent, err := trace.SpanIDFromHex(span)
	if err != nil {
		return trace.SpanContext{}
	}
	octet, err := hex.DecodeString(flags)
	if err != nil || len(octet) != 1 {
		return trace.SpanContext{}
	}
	return trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, SpanID: parent, TraceFlags: trace.TraceFlags(octet[0]), Remote: true})
}

// methods are those that the conventions know by name; others are many, and of the callers' making.
var methods = []string{"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY"}

// methodOf is the word of the conventions for a method.
func methodOf(a *observe.Attempt) string {
	if slices.Contains(methods, a.Method) {
		return a.Method
	}
	return "_OTHER"
}

// nameOf is what a span is called: few names for many attempts.
func nameOf(a *observe.Attempt) string {
	method := methodOf(a)
	if method == "_OTHER" {
		method = "HTTP"
	}
	if e, ok := groove.EndpointByName(a.Endpoint); ok {
		return method + " " + e.Template
	}
	return method
}

// attributesOf says of an attempt what the journal does. Effects has the effects of faults by name.
func attributesOf(a *observe.Attempt, effects func() map[string]string) []attribute.KeyValue {
	list := append(make([]attribute.KeyValue, 0, 24), semconv.HTTPRequestMethodKey.String(methodOf(a)))
	list = appendRequest(list, a)
	list = appendAnswer(list, a)
	return appendChaos(list, a, effects)
}

func appendRequest(list []attribute.KeyValue, a *observe.Attempt) []attribute.KeyValue {
	if methodOf(a) != a.Method {
		list = appendText(list, semconv.HTTPRequestMethodOriginalKey, a.Method)
	}
	path, query, _ := strings.Cut(a.Target, "?")
	list = appendText(list, semconv.URLPathKey, path)
	list = appendText(list, semconv.URLQueryKey, query)
	if e, ok := groove.EndpointByName(a.Endpoint); ok {
		list = append(list, semconv.HTTPRoute(e.Template))
	}
	list = appendText(list, semconv.ServerAddressKey, a.Host)
	list = appendText(list, semconv.ClientAddressKey, a.Address)
	list = appendText(list, semconv.UserAgentOriginalKey, a.UserAgent)
	if a.BodyLength > 0 {
		list = append(list, semconv.HTTPRequestBodySizeKey.Int64(a.BodyLength))
	}
	return list
}

func appendAnswer(list []attribute.KeyValue, a *observe.Attempt) []attribute.KeyValue {
	if a.Status != 0 {
		list = append(list, semconv.HTTPResponseStatusCode(a.Status))
	}
	return appendText(list, semconv.ErrorTypeKey, errorOf(a))
}

// errorOf is the kind of failure in the eyes of a server, "" for none: what the caller did wrong is none.
func errorOf(a *observe.Attempt) string {
	switch {
	case a.Break != "":
		return "break_" + string(a.Break)
	case a.Status >= 500:
		return strconv.Itoa(a.Status)
	case a.End == observe.EndBroken:
		return string(a.End)
	}
	return ""
}

// statusOf is the status of the span.
func statusOf(a *observe.Attempt) (code codes.Code, description string) {
	if errorOf(a) == "" {
		return codes.Unset, ""
	}
	return codes.Error, a.Reason
}

// Keys of our own.
const (
	keySequence  = attribute.Key("groovechaos.sequence")
	keyOrigin    = attribute.Key("groovechaos.origin")
	keyEndpoint  = attribute.Key("groovechaos.endpoint")
	keyClient    = attribute.Key("groovechaos.client")
	keyEnd       = attribute.Key("groovechaos.end")
	keyErrorCode = attribute.Key("groovechaos.error_code")
	keyFault     = attribute.Key("groovechaos.fault")
	keyEffect    = attribute.Key("groovechaos.effect")
	keyDelay     = attribute.Key("groovechaos.delay_ms")
	keyForwarded = attribute.Key("groovechaos.forwarded")
)

func appendChaos(list []attribute.KeyValue, a *observe.Attempt, effects func() map[string]string) []attribute.KeyValue {
	list = append(list, keySequence.Int64(int64(a.Sequence)), keyForwarded.Bool(a.Forwarded)) //nolint:gosec // No proxy sees 2^63.
	list = appendText(list, keyOrigin, string(a.Origin))
	list = appendText(list, keyEndpoint, a.Endpoint)
	list = appendText(list, keyClient, a.Client)
	list = appendText(list, keyEnd, string(a.End))
	list = appendText(list, keyErrorCode, string(a.ErrorCode))
	if a.Delay > 0 {
		list = append(list, keyDelay.Float64(float64(a.Delay.Microseconds())/1000))
	}
	if names := faultsOf(a); len(names) > 0 {
		list = append(list, keyFault.StringSlice(names), keyEffect.StringSlice(effectsOf(a, effects)))
	}
	return list
}

// faultsOf are the faults that struck an attempt, in the order in which they did.
func faultsOf(a *observe.Attempt) []string {
	names := delayersOf(a)
	if a.Fault != "" {
		names = append(names, a.Fault)
	}
	return append(names, a.SpoiledBy...)
}

// delayersOf are the faults that held an attempt back, and did nothing else: a hang holds it too, and is told as the break that
// it is.
func delayersOf(a *observe.Attempt) []string {
	return slices.DeleteFunc(slices.Clone(a.DelayedBy), func(name string) bool { return a.Break != "" && name == a.Fault })
}

// effectsOf is what each of them did. An attempt says that for most of them; what a fault that spoils an answer does is
// looked up in the set, and is "" if it has gone since.
func effectsOf(a *observe.Attempt, effects func() map[string]string) []string {
	words := make([]string, 0, len(a.DelayedBy)+1+len(a.SpoiledBy))
	for range delayersOf(a) {
		words = append(words, "delay")
	}
	switch {
	case a.Fault == "":
	case a.Break != "":
		words = append(words, "break")
	default:
		words = append(words, "answer")
	}
	if len(a.SpoiledBy) == 0 {
		return words
	}
	known := effects()
	for _, name := range a.SpoiledBy {
		words = append(words, known[name])
	}
	return words
}

func appendText(list []attribute.KeyValue, key attribute.Key, text string) []attribute.KeyValue {
	if text == "" {
		return list
	}
	return append(list, key.String(text))
}
