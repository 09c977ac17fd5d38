package daemon

import (
	"context"
	"encoding/json"
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
	"github.com/groovechaos/groovechaos/faults/observe"
)

// kept is the faults and the brake, wherever they are kept.
type kept interface {
	api.Faults
	api.Brake
	// Load brings the faults in line with what a configuration says of them.
	Load(ctx context.Context, l store.Loading) (store.Loaded, error)
}

// recorder is the attempts, wherever they are kept.
type recorder interface {
	api.Attempts
	// Record keeps a copy of an attempt.
	Record(attempt *observe.Attempt)
}

// outcomes is what callers told their users, wherever that is kept.
type outcomes interface {
	api.Outcomes
	// Add keeps an outcome without waiting.
	Add(o observe.Outcome)
}

// openStore opens what is kept: in the memory of this process, in its files or in a cluster.
func (d *Daemon) openStore(ctx context.Context, version string) error {
	if c := &d.config.Store; !c.Shared() && c.Storage == config.StorageMemory {
		memory := store.NewMortal(d.engine, time.Now, d.config.Lifetime.Default)
		d.faults, d.brake = memory, memory
		d.attempts, d.tokens, d.audit = store.NewAttempts(d.config.Observe.Attempts), new(store.Tokens), new(store.Audit)
		d.outcomes = new(store.Outcomes)
		return nil
	}
	hub, err := d.openHub(ctx)
	if err != nil {
		return fmt.Errorf("open [store]: %w", err)
	}
	f := &fleet{hub: hub, config: d.config, version: version, started: time.Now(), logger: d.logger}
	if err := f.open(ctx, d.engine); err != nil {
		return fmt.Errorf("open [store]: %w", errors.Join(err, f.close()))
	}
	d.fleet, d.faults, d.brake = f, f.faults, f.faults
	d.attempts, d.tokens, d.audit = f.attempts, f.tokens, f.audit
	d.outcomes, d.answers = f.outcomes, f.answers
	d.parts = append(d.parts, part{name: "store", run: f.serve, close: f.close})
	return nil
}

func (d *Daemon) openHub(ctx context.Context) (*store.Hub, error) {
	c := &d.config.Store
	o := store.HubOptions{
		URL: string(c.URL), Credentials: c.Credentials, CA: c.CA, Certificate: c.Cert, Key: c.Key,
		Fleet: c.Fleet, Replicas: c.Replicas, Sync: c.Sync, Logger: d.logger,
		Attempts: store.Bounds{Age: c.AttemptsAge, Bytes: int64(c.AttemptsBytes)},
		Audit:    store.Bounds{Age: c.AuditAge, Bytes: int64(c.AuditBytes)},
		Runs:     store.Bounds{Age: c.RunsAge, Bytes: int64(c.RunsBytes)},
	}
	if !c.Shared() {
		dir, err := c.StoreDir()
		if err != nil {
			return nil, err
		}
		o.Dir = dir
	}
	return store.OpenHub(ctx, o)
}

// loadFaults puts the configured faults in force; what is kept of other origin and does not go with them is switched off. A
// brake that is pulled from an earlier start stays so, and what the configuration says otherwise than then waits for its
// release.
func (d *Daemon) loadFaults(ctx context.Context) error {
	if !d.config.Node.Controls() {
		return nil
	}
	done, err := d.bring(ctx, d.config.Faults, true)
	if _, braked := errors.AsType[*store.BrakedError](err); braked {
		d.logger.WarnContext(ctx, "changed faults of the configuration wait for the release of the brake", slog.Any("error", err))
		d.parts = append(d.parts, part{name: "waiting faults", run: d.awaitRelease, close: func() error { return nil }})
		return nil
	}
	if err != nil {
		return fmt.Errorf("load faults: %w", err)
	}
	d.tellDisabled(ctx, done.Disabled)
	return nil
}

// bring brings the faults in line with what the configuration says of them; over says that it has the last word.
func (d *Daemon) bring(ctx context.Context, wanted []faults.Fault, over bool) (store.Loaded, error) {
	l := store.Loading{Owner: d.config.Node.NodeName(), Faults: wanted, Over: over, Sole: !d.config.Store.Shared()}
	if !l.Sole {
		nodes, err := d.fleet.nodes.List(ctx)
		if err != nil {
			return store.Loaded{}, err
		}
		for i := range nodes {
			l.Present = append(l.Present, nodes[i].Name)
		}
	}
	return d.faults.Load(ctx, l)
}

// tellDisabled tells of faults that did not go with the configuration.
func (d *Daemon) tellDisabled(ctx context.Context, names []string) {
	for _, name := range names {
		d.logger.WarnContext(ctx, "fault switched off: it does not go with those of the configuration", slog.String("fault", name))
		d.note(ctx, store.AuditEntry{
			Actor: "configuration of " + d.config.Node.NodeName(), Method: "DisableFault", Resource: "faults/" + name, Result: api.ResultOf(nil),
		})
	}
}

// awaitRelease loads the configured faults once the brake is released, and waits for ctx to end.
func (d *Daemon) awaitRelease(ctx context.Context) error {
	var last error
	for ctx.Err() == nil {
		revision, err := d.faults.Revision(ctx)
		if err != nil {
			return nil //nolint:nilerr // Neither store returns one.
		}
		brake, err := d.brake.Brake(ctx)
		if err == nil && !brake.Pulled {
			if err = d.loadWaiting(ctx); err == nil {
				break
			}
			if last == nil || err.Error() != last.Error() {
				d.logger.WarnContext(ctx, "changed faults of the configuration still wait", slog.Any("error", err))
			}
		}
		last = err
		d.awaitChange(ctx, revision, err)
	}
	<-ctx.Done()
	return nil
}

// awayTime is between two attempts to load faults while the store is away.
const awayTime = time.Second

// awaitChange waits for the store to move on from a revision; after an error that says that it was away, not for long: that it is
// back is no change.
func (d *Daemon) awaitChange(ctx context.Context, revision uint64, err error) {
	if _, away := errors.AsType[*store.UnavailableError](err); away {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, awayTime)
		defer cancel()
	}
	_ = d.faults.Wait(ctx, revision) // Its error is that of ctx.
}

// loadWaiting loads the configured faults, as they were last read.
func (d *Daemon) loadWaiting(ctx context.Context) error {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	done, err := d.bring(ctx, d.config.Faults, true)
	if err != nil {
		return err
	}
	d.logger.InfoContext(ctx, "faults of the configuration that waited for the brake are loaded", slog.Any("written", done.Written), slog.Any("removed", done.Removed))
	d.tellDisabled(ctx, done.Disabled)
	return nil
}

// Standing returns how many faults are kept, of the configuration or from earlier, and the brake.
func (d *Daemon) Standing(ctx context.Context) (kept int, brake store.Brake, err error) {
	set, err := d.faults.Faults(ctx)
	if err != nil {
		return 0, brake, err
	}
	brake, err = d.faults.Brake(ctx)
	return len(set), brake, err
}

// PullBrake pulls the brake, as far as this process reaches: on itself at once, and on all nodes as soon as the store can be
// reached. The error says that the others have yet to hear of it.
func (d *Daemon) PullBrake(ctx context.Context, reason string) error {
	actor := "process on " + d.config.Node.NodeName()
	brake, err := d.faults.SetBrake(store.WithActor(ctx, actor), true, reason)
	entry := store.AuditEntry{Actor: actor, Method: "PullBrake", Resource: "brake", Result: api.ResultOf(err)}
	entry.After, _ = json.Marshal(map[string]any{"pulled": brake.Pulled, "reason": brake.Reason})
	d.note(ctx, entry)
	return err
}

// nodes are all that are there, this one alone where there is no fleet.
func (d *Daemon) nodes(ctx context.Context) ([]store.Node, error) {
	if d.fleet != nil {
		nodes, err := d.fleet.nodes.List(ctx)
		return withOwn(nodes, d.fleet.tell()), err
	}
	revision, err := d.faults.Revision(ctx)
	if err != nil {
		return nil, err
	}
	brake, err := d.faults.Brake(ctx)
	if err != nil {
		return nil, err
	}
	total, _ := d.attempts.Counts()
	return []store.Node{{
		Name: d.config.Node.NodeName(), Role: d.config.Node.Role, Version: d.version, Started: d.started, Seen: time.Now(),
		Listeners: d.listenerAddresses(), Applied: revision, Braked: brake.Pulled, Attempts: total,
	}}, nil
}

func (d *Daemon) listenerAddresses() []string {
	var addresses []string
	for _, l := range d.addresses.Listeners {
		addresses = append(addresses, l.Address)
	}
	return addresses
}

// withOwn adds this node to those that were heard of, sorted by name, if it could not tell of itself: the store is away, or
// takes nothing any more.
func withOwn(nodes []store.Node, own store.Node) []store.Node {
	at, found := slices.BinarySearchFunc(nodes, own.Name, func(n store.Node, name string) int { return strings.Compare(n.Name, name) })
	if found {
		return nodes
	}
	return slices.Insert(nodes, at, own)
}
