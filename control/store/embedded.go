package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	"github.com/nats-io/nats-server/v2/server"
)

// embedded is a NATS server in this process. It has no socket: who is not in this process cannot reach it.
type embedded struct {
	server *server.Server
	// dir is its directory, which belongs to nobody else while lock is held; temporary says that it goes with the server.
	dir       string
	sync      time.Duration
	lock      *flock.Flock
	temporary bool
	logger    *slog.Logger
}

// noBound leaves it to the bounds of the streams and to the disk how much is kept: a small disk is no reason not to begin.
const noBound = 1 << 50

const (
	lockName   = "lock"
	streamsDir = "jetstream"
)

// take makes the directory ours, and makes one if dir is "".
func (e *embedded) take() (err error) {
	if e.dir == "" {
		e.temporary = true
		e.dir, err = os.MkdirTemp("", "groovechaos-store")
		return err
	}
	if err = os.MkdirAll(e.dir, 0o700); err != nil {
		return fmt.Errorf("make the store's directory: %w", err)
	}
	lock := flock.New(filepath.Join(e.dir, lockName), flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err != nil {
		return fmt.Errorf("lock %s: %w", e.dir, err)
	}
	if !held {
		return errors.Join(&InUseError{Dir: e.dir}, lock.Close())
	}
	e.lock = lock
	return nil
}

// start reads what is in the directory.
func (e *embedded) start() error {
	s, err := server.NewServer(&server.Options{
		ServerName: "groovechaos", DontListen: true, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: e.dir, JetStreamMaxStore: noBound, JetStreamMaxMemory: noBound,
		SyncAlways: e.sync == 0, SyncInterval: cmp.Or(e.sync, time.Minute),
	})
	if err != nil {
		return fmt.Errorf("start the embedded store: %w", err)
	}
	e.server = s
	s.SetLoggerV2(&natsLog{logger: e.logger}, false, false, false)
	s.Start()
	// Without a socket there is nothing else to wait for.
	if !s.JetStreamEnabled() {
		return errors.New("start the embedded store: it did not start: see the log")
	}
	return nil
}

// stop ends the server, has last done while the directory is still ours, and lets go of that.
func (e *embedded) stop(last func() error) error {
	if e.server != nil {
		e.server.Shutdown()
		e.server.WaitForShutdown()
	}
	errs := []error{last()}
	if e.lock != nil {
		errs = append(errs, e.lock.Close())
	}
	if e.temporary {
		errs = append(errs, os.RemoveAll(e.dir))
	}
	return errors.Join(errs...)
}

// InUseError says that another process has the directory of a store.
type InUseError struct{ Dir string }

func (e *InUseError) Error() string {
	return fmt.Sprintf("%s is in use by another groovechaos: end that one, or give this one a directory of its own", e.Dir)
}

// natsLog hands what an embedded server says on.
type natsLog struct{ logger *slog.Logger }

func (l *natsLog) say(level slog.Level, format string, args []any) {
	l.logger.Log(context.Background(), level, "embedded store", slog.String("text", fmt.Sprintf(format, args...)))
}

func (l *natsLog) Noticef(format string, args ...any) { l.say(slog.LevelDebug, format, args) }
func (l *natsLog) Warnf(format string, args ...any)   { l.say(slog.LevelWarn, format, args) }
func (l *natsLog) Errorf(format string, args ...any)  { l.say(slog.LevelError, format, args) }
func (l *natsLog) Fatalf(format string, args ...any)  { l.say(slog.LevelError, format, args) }
func (l *natsLog) Debugf(format string, args ...any)  { l.say(slog.LevelDebug, format, args) }
func (l *natsLog) Tracef(format string, args ...any)  { l.say(slog.LevelDebug, format, args) }
