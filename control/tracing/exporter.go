package tracing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"reflect"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// Journal is where attempts are read, once they are recorded.
type Journal interface {
	// Page returns at most limit attempts from a position on, and the position after them.
	Page(position uint64, limit int) (page []observe.Attempt, next uint64)
	// Wait returns nil once there is something at a position, and the error of ctx if that ends first.
	Wait(ctx context.Context, position uint64) error
}

// Options says where spans go and what they are made of. What the environment sets (OTEL_*) goes before it.
type Options struct {
	// Endpoint is the URL of the collector, without "/v1/traces".
	Endpoint string
	// Sample is the share of the traces without a sampled caller that are told, 0 to 1. A caller's own choice holds for its trace.
	Sample float64
	// Timeout bounds one hand-over with its repeats.
	Timeout time.Duration
	// Service, Version and Node are service.name, service.version and service.instance.id.
	Service, Version, Node string
	// Journal has the attempts of this process. Never nil.
	Journal Journal
	// Effects are the effects of the faults of the set, by name. Never nil.
	Effects func() map[string]string
	// Last is how long what is left may take once Run is to end.
	Last func() time.Duration
	// Logger is told when the collector cannot be reached. Never nil.
	Logger *slog.Logger
}

// Counts say what became of attempts.
type Counts struct {
	// Exported counts the spans that the collector took, Unsampled the attempts of which nobody was to be told, and Dropped
	// those of which nobody was told though: the journal forgot them before, or the collector refused them.
	Exported, Unsampled, Dropped uint64
}

// Exporter makes spans of attempts and hands them over. Make it with New, then call Run once.
type Exporter struct {
	options  Options
	spans    sdk.SpanExporter
	provider *sdk.TracerProvider
	tracer   trace.Tracer
	batch    batch
	// position is how far the journal is read.
	position                     uint64
	exported, unsampled, dropped atomic.Uint64
}

const (
	// mostInBatch bounds a hand-over, gatherTime is how long it is waited for more.
	mostInBatch, gatherTime = 512, 200 * time.Millisecond
	// awayTime is between two attempts to reach a collector that cannot be reached.
	awayTime = time.Second
)

// New makes an exporter, or nil where the environment wants no traces. It reaches for nothing yet. The error names the
// variable or the option that cannot be used.
func New(ctx context.Context, o Options) (*Exporter, error) {
	if disabled() {
		return nil, nil //nolint:nilnil // There is none.
	}
	if err := checkEnvironment(); err != nil {
		return nil, err
	}
	about, err := resource.New(ctx,
		resource.WithTelemetrySDK(),
		resource.WithAttributes(semconv.ServiceName(o.Service), semconv.ServiceVersion(o.Version), semconv.ServiceInstanceID(o.Node)),
		resource.WithFromEnv(),
	)
	if err != nil {
		return nil, fmt.Errorf("read OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	spans, err := otlptracehttp.New(ctx, o.http()...)
	if err != nil {
		return nil, fmt.Errorf("open traces: %w", err)
	}
	e := &Exporter{options: o, spans: spans}
	provider := []sdk.TracerProviderOption{sdk.WithResource(about), sdk.WithSpanProcessor(&e.batch)}
	if !setting(samplerVariable) {
		provider = append(provider, sdk.WithSampler(sdk.ParentBased(sdk.TraceIDRatioBased(o.Sample))))
	}
	e.provider = sdk.NewTracerProvider(provider...)
	e.tracer = e.provider.Tracer("groovechaos", trace.WithInstrumentationVersion(o.Version), trace.WithSchemaURL(semconv.SchemaURL))
	return e, nil
}

// http is how the collector is reached, as far as the environment does not say that.
func (o *Options) http() []otlptracehttp.Option {
	list := []otlptracehttp.Option{otlptracehttp.WithRetry(otlptracehttp.RetryConfig{
		Enabled: true, InitialInterval: 100 * time.Millisecond, MaxInterval: time.Second, MaxElapsedTime: o.Timeout,
	})}
	if !setting(endpointVariables[:]...) {
		list = append(list, otlptracehttp.WithEndpointURL(o.Endpoint+"/v1/traces"))
	}
	if !setting(timeoutVariables[:]...) {
		list = append(list, otlptracehttp.WithTimeout(o.Timeout))
	}
	return list
}

// Counts says what became of attempts so far.
func (e *Exporter) Counts() Counts {
	return Counts{Exported: e.exported.Load(), Unsampled: e.unsampled.Load(), Dropped: e.dropped.Load()}
}

// Run hands over attempts until ctx ends, then what is left, for as long as Last allows. What cannot be handed over by then is
// counted as dropped.
func (e *Exporter) Run(ctx context.Context) error {
	bound, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(e.options.Last(), cut) })()
	away := false
	for ctx.Err() == nil && e.options.Journal.Wait(ctx, e.position) == nil {
		pause(ctx, gatherTime)
		err := e.drain(bound)
		switch {
		case err != nil && !away:
			e.options.Logger.WarnContext(ctx, "traces cannot be handed over: attempts wait in the journal", slog.Any("error", err))
		case err == nil && away:
			e.options.Logger.InfoContext(ctx, "traces are handed over again", slog.Uint64("dropped", e.dropped.Load()))
		}
		if away = err != nil; away {
			pause(ctx, awayTime)
		}
	}
	err := e.drain(bound)
	if err != nil {
		e.abandon()
		e.options.Logger.WarnContext(ctx, "traces are lost", slog.Any("error", err), slog.Uint64("dropped", e.dropped.Load()))
	}
	return errors.Join(e.provider.Shutdown(context.WithoutCancel(ctx)), e.spans.Shutdown(context.WithoutCancel(ctx)))
}

// pause waits, but not beyond the end of ctx.
func pause(ctx context.Context, moment time.Duration) {
	timer := time.NewTimer(moment)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// drain hands over what there is. The error is that the collector cannot be reached: nothing is lost by that alone.
func (e *Exporter) drain(ctx context.Context) error {
	for {
		page, next := e.options.Journal.Page(e.position, mostInBatch)
		e.dropped.Add(next - uint64(len(page)) - e.position)
		e.position = next - uint64(len(page))
		if len(page) == 0 {
			return nil
		}
		sampled := e.record(page)
		err := e.handOver(ctx)
		if unreachable(err) {
			return err
		}
		e.position = next
		e.unsampled.Add(uint64(len(page) - sampled)) //nolint:gosec // Never negative.
		refused := refusedOf(err, sampled)
		e.exported.Add(uint64(sampled - refused)) //nolint:gosec // Never negative.
		e.dropped.Add(uint64(refused))            //nolint:gosec // A count.
		if err != nil {
			e.options.Logger.WarnContext(ctx, "traces were refused", slog.Any("error", err), slog.Int("spans", refused))
		}
	}
}

// refusedOf is how many spans of a batch the collector did not take. One that took a part of it, or has a warning for us, says how
// many; the type that tells of that is the exporter's own, so that its field is all there is to know it by.
func refusedOf(err error, sampled int) int {
	if err == nil {
		return 0
	}
	if rejected := rejectedOf(err); rejected.CanInt() {
		return int(min(max(rejected.Int(), 0), int64(sampled)))
	}
	return sampled
}

// rejectedOf finds that field, the zero value for none.
func rejectedOf(err error) reflect.Value {
	partial, ok := errors.AsType[interface {
		error
		Is(err error) bool
	}](err)
	if value := reflect.ValueOf(partial); ok && value.Kind() == reflect.Struct {
		return value.FieldByName("RejectedItems")
	}
	return reflect.Value{}
}

// handOver hands over the batch, if there is anything in it.
func (e *Exporter) handOver(ctx context.Context) error {
	if len(e.batch.spans) == 0 {
		return ctx.Err()
	}
	return e.spans.ExportSpans(ctx, e.batch.spans)
}

// unreachable reports that the collector has not answered, and may do so later. One that has answered was asked often enough.
func unreachable(err error) bool {
	var network *url.Error
	return errors.As(err, &network) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// abandon counts what is left in the journal.
func (e *Exporter) abandon() {
	for {
		page, next := e.options.Journal.Page(e.position, mostInBatch)
		e.dropped.Add(next - e.position)
		if e.position = next; len(page) == 0 {
			return
		}
	}
}

// record puts the spans of attempts into the batch, and returns how many there are.
func (e *Exporter) record(page []observe.Attempt) (sampled int) {
	e.batch.spans = e.batch.spans[:0]
	for i := range page {
		a := &page[i]
		ctx := trace.ContextWithRemoteSpanContext(context.Background(), parentOf(a))
		_, span := e.tracer.Start(ctx, nameOf(a), trace.WithSpanKind(trace.SpanKindServer), trace.WithTimestamp(a.Time))
		if span.IsRecording() {
			span.SetAttributes(attributesOf(a, e.options.Effects)...)
			span.SetStatus(statusOf(a))
		}
		span.End(trace.WithTimestamp(a.Time.Add(a.Answered - a.Received)))
	}
	return len(e.batch.spans)
}

// batch takes the spans that have ended, in place of a processor that hands them over by itself.
type batch struct{ spans []sdk.ReadOnlySpan }

// OnStart does nothing.
func (*batch) OnStart(context.Context, sdk.ReadWriteSpan) {}

// OnEnd takes a span. Only record makes any, one after the other.
func (b *batch) OnEnd(span sdk.ReadOnlySpan) { b.spans = append(b.spans, span) }

// Shutdown does nothing.
func (*batch) Shutdown(context.Context) error { return nil }

// ForceFlush does nothing.
func (*batch) ForceFlush(context.Context) error { return nil }
