package api

import (
	"context"
	"errors"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/groovechaos/groovechaos/control/store"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// errEnding ends streams before the process does.
var errEnding = status.Error(codes.Unavailable, "groovechaos is stopping: come back with what was told last")

// watching is the context of a stream, which ends with the caller and before the process does. The caller of it calls
// end.
func (o *Options) watching(stream grpc.ServerStream) (ctx context.Context, end func()) {
	ctx, cancel := context.WithCancelCause(stream.Context())
	stop := context.AfterFunc(o.Ending, func() { cancel(errEnding) })
	return ctx, func() {
		stop()
		cancel(nil)
	}
}

// WatchFaults tells of the set and of what changes in it.
func (s *faultService) WatchFaults(r *pb.WatchFaultsRequest, stream grpc.ServerStreamingServer[pb.WatchFaultsResponse]) error {
	ctx, end := s.options.watching(stream)
	defer end()
	w := faultWatch{service: s, seen: r.GetRevision()}
	for {
		news, err := w.look(ctx)
		if err != nil {
			return causeOf(ctx, err)
		}
		if news != nil {
			if err := stream.Send(news); err != nil {
				return err
			}
		}
		if err := w.wait(ctx); err != nil {
			return causeOf(ctx, err)
		}
	}
}

// causeOf is why a stream ends: the process, if it is that, has the word.
func causeOf(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); errors.Is(cause, errEnding) {
		return cause
	}
	return err
}

// faultWatch is what one watcher knows of the set.
type faultWatch struct {
	service *faultService
	// seen is the revision that the watcher has, 0 for none.
	seen uint64
	// known is the set as the watcher has it, nil at first.
	known map[string]*pb.Fault
	// expiry is when the next fault expires, zero for never.
	expiry time.Time
}

// look returns what the watcher does not know yet, nil for nothing.
func (w *faultWatch) look(ctx context.Context) (*pb.WatchFaultsResponse, error) {
	// Read before the set: what comes in between is told twice rather than never.
	revision, err := w.service.options.Faults.Revision(ctx)
	if err != nil {
		return nil, err
	}
	set, err := w.service.options.Faults.Faults(ctx)
	if err != nil {
		return nil, err
	}
	v, err := w.service.look(ctx)
	if err != nil {
		return nil, err
	}
	w.expiry = store.NextExpiry(set, v.now)
	shown := v.faults(set)
	news := w.news(shown, revision)
	w.seen = revision
	w.known = make(map[string]*pb.Fault, len(shown))
	for _, f := range shown {
		w.known[f.GetName()] = f
	}
	return news, nil
}

// news is what differs between a set and what the watcher knows.
func (w *faultWatch) news(shown []*pb.Fault, revision uint64) *pb.WatchFaultsResponse {
	switch {
	case w.known == nil && w.seen == revision && revision != 0:
		return &pb.WatchFaultsResponse{Revision: revision}
	case w.known == nil:
		return &pb.WatchFaultsResponse{Complete: true, Faults: shown, Revision: revision}
	}
	news := &pb.WatchFaultsResponse{Revision: revision}
	for _, f := range shown {
		old := w.known[f.GetName()]
		delete(w.known, f.GetName())
		if old.GetRevision() != f.GetRevision() || old.GetState() != f.GetState() || !slices.Equal(old.GetWarnings(), f.GetWarnings()) {
			news.Faults = append(news.Faults, f)
		}
	}
	for name := range w.known {
		news.Removed = append(news.Removed, name)
	}
	slices.Sort(news.GetRemoved())
	if len(news.GetFaults())+len(news.GetRemoved()) == 0 && revision == w.seen {
		return nil
	}
	return news
}

// wait returns once the set may have changed.
func (w *faultWatch) wait(ctx context.Context) error {
	if w.expiry.IsZero() {
		return w.service.options.Faults.Wait(ctx, w.seen)
	}
	until, cancel := context.WithTimeout(ctx, max(w.expiry.Sub(w.service.options.Now()), time.Millisecond))
	defer cancel()
	err := w.service.options.Faults.Wait(until, w.seen)
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

const (
	// watchPause is the least time between two looks for attempts: what comes after a while is told at once, and what comes
	// in crowds is told together, so that watching them costs the proxy a wake-up each time and not one for each.
	watchPause = 20 * time.Millisecond
	// watchPage bounds the attempts of one response.
	watchPage = 256
)

// WatchAttempts tells of attempts as they end.
func (s *observationService) WatchAttempts(r *pb.WatchAttemptsRequest, stream grpc.ServerStreamingServer[pb.WatchAttemptsResponse]) error {
	filter, err := filterOf(r)
	if err != nil {
		return err
	}
	ctx, end := s.options.watching(stream)
	defer end()
	w := attemptWatch{journal: s.options.Attempts, filter: filter, position: r.GetFrom()}
	if r.GetFrom() == 0 {
		_, w.position = s.options.Attempts.Counts()
	}
	if err := stream.Send(&pb.WatchAttemptsResponse{Next: w.position}); err != nil {
		return err
	}
	for {
		for news := w.next(); news != nil; news = w.next() {
			if err := stream.Send(news); err != nil {
				return err
			}
		}
		if err := w.wait(ctx); err != nil {
			return causeOf(ctx, err)
		}
	}
}

// attemptWatch is how far one watcher has come.
type attemptWatch struct {
	journal          Attempts
	filter           attemptFilter
	position, missed uint64
	// looked is when the watcher last began to look.
	looked time.Time
}

// wait returns once there is something to tell.
func (w *attemptWatch) wait(ctx context.Context) error {
	if err := w.journal.Wait(ctx, w.position); err != nil {
		return err
	}
	pause := time.NewTimer(time.Until(w.looked.Add(watchPause)))
	defer pause.Stop()
	select {
	case <-pause.C:
		w.looked = time.Now()
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// next returns what comes next, nil for nothing yet.
func (w *attemptWatch) next() *pb.WatchAttemptsResponse {
	page, next := w.journal.Page(w.position, watchPage)
	if len(page) == 0 {
		return nil
	}
	w.missed += next - uint64(len(page)) - w.position
	w.position = next
	news := &pb.WatchAttemptsResponse{Next: next, Missed: w.missed}
	for i := range page {
		if w.filter.takes(&page[i]) {
			news.Attempts = append(news.Attempts, attemptMessage(&page[i]))
		}
	}
	return news
}
