package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// mostBody bounds what is read of an answer, in bytes.
const mostBody = 1 << 20

// reply is what came of one request.
type reply struct {
	status int
	header http.Header
	body   []byte
	took   time.Duration
	// err says why there is no whole answer; nil for there is.
	err error
}

// send sends a probe once. It reports false when the run ended before the answer came.
func (f *front) send(ctx context.Context, p *experiment.Probe, phase *experiment.Phase) (experiment.Answer, observe.Outcome, bool) {
	trace, field := f.newTrace()
	f.await(trace)
	got := f.fetch(ctx, p, field, phase.Rounds > 0)
	if ctx.Err() != nil {
		f.forget(trace)
		return experiment.Answer{}, observe.Outcome{}, false
	}
	v := newView(&got)
	wrong := v.wrong(&p.Want)
	answer := experiment.Answer{
		Probe: p.Name, Phase: phase.Name, Right: len(wrong) == 0, Wrong: wrong, Status: got.status, Took: got.took, Trace: trace, Time: time.Now(),
	}
	outcome := v.outcome(&p.Told)
	outcome.Trace, outcome.Time, outcome.Took = trace, answer.Time, min(got.took, observe.MaxTook)
	return answer, outcome, true
}

// fetch asks for the answer, alone on a connection that is neither old nor kept: net/http sends a request again that met the end of an old one.
func (f *front) fetch(ctx context.Context, p *experiment.Probe, trace string, alone bool) (got reply) {
	ctx, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	start := time.Now()
	defer func() { got.took = time.Since(start) }()
	request, err := requestOf(ctx, &p.Request)
	if err != nil {
		return reply{err: err}
	}
	request.Header.Set("Traceparent", trace)
	request.Close = alone
	response, err := f.client.Do(request)
	if err != nil {
		return reply{err: shortly(err, p.Timeout)}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, mostBody))
	return reply{status: response.StatusCode, header: response.Header, body: body, err: shortly(err, p.Timeout)}
}

// shortly says why nothing came, without the URL.
func shortly(err error, timeout time.Duration) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("no whole answer within %v", timeout)
	}
	for unwrapped := errors.Unwrap(err); unwrapped != nil; unwrapped = errors.Unwrap(unwrapped) {
		err = unwrapped
	}
	return errors.New(strings.TrimSpace(err.Error()))
}
