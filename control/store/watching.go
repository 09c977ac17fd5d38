package store

import (
	"context"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// watching begins to watch a bucket. The watcher ends with the context.
type watching func(context.Context) (jetstream.KeyWatcher, error)

// watchAnew begins to watch again once the store is found again, and ends the old watcher. A server that has been started
// anew knows no watchers any more, which they see by its silence alone, after 10 s: so long nobody would hear of changes that
// are acknowledged. If no other watcher can be had, the old one goes on.
func (h *Hub) watchAnew(life context.Context, watch watching, old jetstream.KeyWatcher) jetstream.KeyWatcher {
	ctx, cancel := context.WithCancel(life)
	late := time.AfterFunc(answerTime, cancel)
	fresh, err := watch(ctx)
	if err == nil && late.Stop() {
		h.followers.Go(func() { _ = old.Stop() }) // It asks the server, which takes its time to say that it knows nothing of it.
		return fresh
	}
	cancel()
	if life.Err() == nil {
		h.logger.WarnContext(ctx, "store is watched as before it was lost, and heard late", slog.Any("error", err))
	}
	return old
}
