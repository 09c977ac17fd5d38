package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// HubOptions says where the state is kept. The zero value keeps it in the memory of this process.
type HubOptions struct {
	// URL names the servers of a NATS cluster, with commas between; "" for a server in this process.
	URL string
	// Dir is where the server in this process keeps its files; "" for memory. It does not go with URL.
	Dir string
	// Sync is how long anything that was acknowledged may be on its way to the disk, and be lost to a power cut; 0 for not
	// at all, which is slower. The end of the process loses nothing either way.
	Sync time.Duration
	// Fleet names the buckets and streams, so that several fleets can share a cluster: letters, digits, "-" and "_";
	// "" for "groovechaos".
	Fleet string
	// Credentials, CA, Certificate and Key are files with the credentials of NATS, the certificates that vouch
	// for a cluster, and a client's certificate and key; "" for none.
	Credentials, CA, Certificate, Key string
	// Replicas is on how many servers of a cluster everything is kept, 1 to 5; 0 for 1.
	Replicas int
	// Attempts and Audit bound the two streams. The outcomes are kept as long as the attempts, MaxOutcomes at most.
	Attempts, Audit Bounds
	// Runs bounds the runs with their reports: its Count is MaxRuns at most, 0 for that.
	Runs Bounds
	// Logger gets what happens; nil drops it.
	Logger *slog.Logger
}

// Bounds bound a stream: the oldest go first.
type Bounds struct {
	// Bytes is its size, 0 for no bound.
	Bytes int64
	// Count is how many messages it has, 0 for no bound.
	Count int64
	// Age is how long anything stays, 0 for ever.
	Age time.Duration
}

// Hub is the way to NATS JetStream, in this process or elsewhere, on which everything is kept. Close it at the end, after
// what was made of it.
type Hub struct {
	options  HubOptions
	logger   *slog.Logger
	embedded *embedded
	mark     *watermark
	conn     *nats.Conn
	js       jetstream.JetStream
	opened   bool

	// life ends with Close, which waits for the followers.
	life      context.Context //nolint:containedctx // It is the hub's own.
	end       context.CancelFunc
	followers sync.WaitGroup

	// lost is closed when the connection has given up.
	lost    chan struct{}
	closing sync.Once
	closed  error

	mu sync.Mutex
	// stalled are those of our own streams that did not take what was last written to them.
	stalled map[string]bool
	// back is closed when the store is found again, nil while nobody waits for that.
	back chan struct{}
}

const (
	// answerTime bounds a question to NATS where the caller sets no bound.
	answerTime = 5 * time.Second
	// connectTime bounds the connecting to a cluster, reconnectWait is between two attempts to do so again.
	connectTime, reconnectWait = 5 * time.Second, 250 * time.Millisecond
)

// OpenHub starts the server in this process, or connects to a cluster. Errors: *InUseError, *DamagedError,
// *UnavailableError.
func OpenHub(ctx context.Context, o HubOptions) (*Hub, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Fleet == "" {
		o.Fleet = "groovechaos"
	}
	h := &Hub{options: o, logger: o.Logger, lost: make(chan struct{})}
	h.life, h.end = context.WithCancel(context.WithoutCancel(ctx))
	if err := h.open(ctx); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

func (h *Hub) open(ctx context.Context) (err error) {
	if h.options.URL == "" {
		if err := h.openEmbedded(); err != nil {
			return err
		}
	}
	if h.conn, err = h.connect(); err != nil {
		return &UnavailableError{Doing: "connect to the store" + h.where(), Err: withoutURL(err)}
	}
	if h.js, err = jetstream.New(h.conn, jetstream.WithDefaultTimeout(answerTime)); err != nil {
		return err
	}
	if err := h.makeStreams(ctx); err != nil {
		return err
	}
	h.opened = true
	return nil
}

// where says which servers are meant, and what they must be, without the credentials that [store] url may hold; "" for the embedded one.
func (h *Hub) where() string {
	if h.options.URL == "" {
		return ""
	}
	var servers []string
	secret := strings.Contains(h.options.URL, "@") // which may be cut in pieces by a comma or a slash
	for text := range strings.SplitSeq(h.options.URL, ",") {
		if u, err := url.Parse(strings.TrimSpace(text)); err == nil && u.Host != "" && secret == (u.User != nil) {
			servers = append(servers, u.Host)
		}
	}
	if len(servers) == 0 {
		return ", which [store] url names"
	}
	return fmt.Sprintf(" at %s (store.url: want a NATS server with JetStream that runs there)", strings.Join(servers, ", "))
}

// withoutURL takes the place of an error about a URL, which repeats it: it may hold a password.
func withoutURL(err error) error {
	if _, wrong := errors.AsType[*url.Error](err); wrong {
		return errors.New("a URL cannot be read")
	}
	return err
}

func (h *Hub) openEmbedded() (err error) {
	h.embedded = &embedded{dir: h.options.Dir, sync: h.options.Sync, logger: h.logger}
	if err := h.embedded.take(); err != nil {
		return err
	}
	if h.options.Dir != "" {
		if h.mark, err = openWatermark(h.options.Dir, 2*h.options.Sync+time.Second); err != nil {
			return err
		}
		if back := h.mark.clockSetBack(); back > time.Second {
			h.logger.Warn("the clock was set back since the store was last open: what had ended stays so, and lifetimes go on from where they were",
				slog.Duration("by", back))
		}
	}
	return h.embedded.start()
}

func (h *Hub) connect() (*nats.Conn, error) {
	o := []nats.Option{
		nats.Name("groovechaos"), nats.Timeout(connectTime),
		nats.MaxReconnects(-1), nats.ReconnectWait(reconnectWait), nats.ReconnectJitter(reconnectWait, reconnectWait),
		// What cannot be sent now is an error now: no change takes effect long after its caller was told of a failure.
		nats.ReconnectBufSize(-1),
		nats.PingInterval(5 * time.Second), nats.MaxPingsOutstanding(2),
		// Whoever may not connect now may later: a password is changed on one side first.
		nats.IgnoreAuthErrorAbort(),
		nats.DisconnectErrHandler(h.disconnected), nats.ReconnectHandler(h.reconnected), nats.ErrorHandler(h.failed), nats.ClosedHandler(h.ended),
	}
	if h.embedded != nil {
		return nats.Connect(nats.DefaultURL, append(o, nats.InProcessServer(h.embedded.server))...)
	}
	if h.options.Credentials != "" {
		o = append(o, nats.UserCredentials(h.options.Credentials))
	}
	if h.options.CA != "" {
		o = append(o, nats.RootCAs(h.options.CA))
	}
	if h.options.Certificate != "" {
		o = append(o, nats.ClientCert(h.options.Certificate, h.options.Key))
	}
	return nats.Connect(h.options.URL, o...)
}

func (h *Hub) disconnected(c *nats.Conn, err error) {
	if !c.IsClosed() {
		h.logger.Warn("store lost", slog.Any("error", err))
	}
}

// ended is told that the connection is closed: by Close, or because it has given up.
func (h *Hub) ended(c *nats.Conn) {
	if h.life.Err() == nil {
		h.logger.Error("store given up", slog.Any("error", c.LastError()))
		close(h.lost)
	}
}

// Lost is closed when the store was lost for good, so that only another start can help.
func (h *Hub) Lost() <-chan struct{} { return h.lost }

func (h *Hub) reconnected(c *nats.Conn) {
	h.logger.Info("store found again", slog.String("server", c.ConnectedServerName()))
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.back != nil {
		close(h.back)
		h.back = nil
	}
}

func (h *Hub) failed(_ *nats.Conn, _ *nats.Subscription, err error) {
	h.logger.Warn("store complains", slog.Any("error", err))
}

// whenBack is closed when the store is found again after it was lost.
func (h *Hub) whenBack() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.back == nil {
		h.back = make(chan struct{})
	}
	return h.back
}

// Close ends the connection, and the server if it is ours. It may be called again, and does nothing then.
func (h *Hub) Close() error {
	h.closing.Do(func() { h.closed = h.close() })
	return h.closed
}

func (h *Hub) close() error {
	h.end()
	h.followers.Wait()
	if h.conn != nil {
		h.conn.Close()
	}
	if h.embedded == nil {
		return nil
	}
	return h.embedded.stop(func() error {
		if !h.opened {
			return nil
		}
		return h.mark.settle(true)
	})
}

// Connected reports whether the store can be reached at the moment.
func (h *Hub) Connected() bool { return h.conn.IsConnected() }

// sole reports whether nobody but this process can change what is kept.
func (h *Hub) sole() bool { return h.embedded != nil }

// unavailable says what could not be done, and why in words for people.
func (h *Hub) unavailable(doing string, err error) error {
	switch {
	case errors.Is(err, context.Canceled):
	case h.embedded != nil && !h.embedded.server.JetStreamEnabled():
		err = fmt.Errorf("the store in %s has stopped, most likely for want of room: make room on its disk and start groovechaos again", h.embedded.dir)
	case h.embedded != nil && errors.Is(err, context.DeadlineExceeded):
		err = fmt.Errorf("the store in %s did not answer in time, most likely for want of room: look at its disk, and start groovechaos again once there is room", h.embedded.dir)
	case !h.Connected():
		err = errNobody
	}
	return &UnavailableError{Doing: doing, Err: err}
}

// took notes what came of writing to a stream or a bucket. Our own server takes nothing any more into one whose files could not
// be written once, even if there is room again. That whoever asked had no more time, by ctx, says nothing of it.
func (h *Hub) took(ctx context.Context, name string, err error) {
	if h.embedded == nil || err != nil && (ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded)) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil {
		delete(h.stalled, name)
		return
	}
	if h.stalled == nil {
		h.stalled = make(map[string]bool)
	}
	h.stalled[name] = true
}

// takesAll reports whether everything took what was last written to it.
func (h *Hub) takesAll() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.stalled) == 0
}

// errNobody says that there is no connection.
var errNobody = errors.New("the store cannot be reached")

// UnavailableError says that the store could not be reached, or did not do what it was asked for.
type UnavailableError struct {
	// Doing is what was asked for.
	Doing string
	Err   error
}

func (e *UnavailableError) Error() string { return fmt.Sprintf("%s: %v", e.Doing, e.Err) }

// Unwrap returns Err.
func (e *UnavailableError) Unwrap() error { return e.Err }
