package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/control/api"
	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
)

// Reload reads the configuration anew and puts it in force as a whole, or changes nothing. The actor is who asked for
// it, for the audit. Errors are those of the store, or *api.ReloadError.
func (d *Daemon) Reload(ctx context.Context, actor string) error {
	done, err := d.reload(ctx)
	entry := store.AuditEntry{Actor: actor, Method: "Reload", Resource: "config", Result: api.ResultOf(err)}
	if err == nil {
		entry.After = api.AuditForm(api.ReloadMessage(&done))
	}
	d.note(ctx, entry)
	return err
}

// note writes down what the process did by itself.
func (d *Daemon) note(ctx context.Context, entry store.AuditEntry) {
	entry.Time = time.Now()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stateTime)
	defer cancel()
	if err := d.audit.Append(ctx, entry); err != nil {
		d.logger.ErrorContext(ctx, "audit entry lost", slog.String("method", entry.Method), slog.Any("error", err))
	}
}

// reload is Reload for those that are written down already.
func (d *Daemon) reload(ctx context.Context) (done api.Reloaded, err error) {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	if d.load == nil {
		return done, &api.ReloadError{Reason: api.ReasonConfigMissing, Err: errors.New("this groovechaos was started without a file")}
	}
	c, err := d.load()
	if err != nil {
		return done, &api.ReloadError{Reason: api.ReasonConfigInvalid, Err: err}
	}
	sections, err := reloadable(d.config, c)
	if err != nil {
		return done, err
	}
	fresh, err := d.readKeys()
	if err != nil {
		return done, err
	}
	if done, err = d.replaceFaults(ctx, c.Faults); err != nil {
		return done, err
	}
	if fresh != nil && d.keyring.put(fresh) {
		sections = append(sections, "control.tls")
	}
	done.Sections = sections
	d.judging.Store(&c.Verdict)
	d.config.Faults, d.config.Verdict = c.Faults, c.Verdict
	d.logger.InfoContext(ctx, "configuration reloaded", slog.Any("written", done.Written), slog.Any("removed", done.Removed), slog.Any("sections", sections))
	return done, nil
}

// readKeys reads the certificates of the control API anew, nil where it has none.
func (d *Daemon) readKeys() (*keys, error) {
	if d.keyring == nil {
		return nil, nil //nolint:nilnil // There are none.
	}
	fresh, err := d.keyring.read()
	if err != nil {
		return nil, &api.ReloadError{Reason: api.ReasonConfigInvalid, Err: fmt.Errorf("%w: nothing was put in force", err)}
	}
	return fresh, nil
}

// reloadable returns the sections that differ, or an error that names what takes a restart.
func reloadable(old, c *config.Config) (sections []string, err error) {
	var fixed []string
	for _, key := range config.Differences(old, c) {
		section, _, _ := strings.Cut(key, ".")
		switch {
		case section != "verdict":
			fixed = append(fixed, key)
		case !slices.Contains(sections, section):
			sections = append(sections, section)
		}
	}
	if len(fixed) > 0 {
		return nil, &api.ReloadError{
			Reason: api.ReasonRestartNeeded, Keys: fixed,
			Err: fmt.Errorf("%s changed, which takes a restart: nothing was put in force", strings.Join(fixed, ", ")),
		}
	}
	return sections, nil
}

// replaceFaults brings the faults from what the file said to what it says, in one change. Those of which it says the same
// stay as they are, with their counters and with what was changed by the API.
func (d *Daemon) replaceFaults(ctx context.Context, wanted []faults.Fault) (done api.Reloaded, err error) {
	if !d.config.Node.Controls() {
		return done, nil
	}
	loaded, err := d.bring(ctx, wanted, false)
	if wrong, ok := errors.AsType[*store.InvalidError](err); ok {
		err = &api.ReloadError{Reason: api.ReasonConfigInvalid, Err: wrong}
	}
	return api.Reloaded{Written: loaded.Written, Removed: loaded.Removed, Unchanged: loaded.Unchanged}, err
}
