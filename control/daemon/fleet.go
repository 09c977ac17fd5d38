package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
)

// fleet is this node's part in what many share, or in a store of its own.
type fleet struct {
	hub      *store.Hub
	config   *config.Config
	logger   *slog.Logger
	version  string
	started  time.Time
	faults   *store.Shared
	tokens   *store.SharedTokens
	audit    *store.SharedAudit
	nodes    *store.Nodes
	attempts *store.Gathered
	outcomes *store.SharedOutcomes
	answers  *store.SharedAnswers
	// tallies is nil where nobody else has an engine.
	tallies *store.Tallies
	// runs is nil on a node that nobody asks.
	runs *store.SharedRuns
	// process tells this process from all others, earlier ones too.
	process string
	// listeners are known once they are open.
	listeners []string
}

// lastTime bounds how long a node that ends hands over its last attempts.
const lastTime = 3 * time.Second

func (f *fleet) open(ctx context.Context, engine *faults.Engine) (err error) {
	f.faults, err = f.hub.Shared(ctx, store.SharedOptions{Engine: engine, Now: time.Now, TTL: f.config.Lifetime.Default})
	if err != nil {
		return err
	}
	if f.tokens, err = f.hub.Tokens(ctx); err != nil {
		return err
	}
	if f.audit, err = f.hub.Audit(ctx); err != nil {
		return err
	}
	if f.nodes, err = f.hub.Nodes(ctx); err != nil {
		return err
	}
	start, err := f.nodes.Start(ctx)
	if err != nil {
		return err
	}
	f.process = fmt.Sprintf("%s#%d", f.config.Node.NodeName(), start)
	if err := f.openTallies(ctx, f.process, engine); err != nil {
		return err
	}
	o := store.GatheredOptions{
		Node: f.process, Unnamed: !f.config.Store.Shared(), Own: f.config.Observe.Attempts,
	}
	if f.config.Node.Controls() {
		o.All = f.config.Observe.Attempts
	}
	f.attempts = store.NewGathered(o)
	return f.openTold(ctx)
}

// openTold opens what is told over the API.
func (f *fleet) openTold(ctx context.Context) (err error) {
	alone := ""
	if !f.config.Store.Shared() {
		alone = f.process
	}
	f.outcomes = f.hub.Outcomes(alone)
	if !f.config.Node.Controls() {
		return nil
	}
	if f.answers, err = f.hub.Answers(ctx); err != nil {
		return err
	}
	f.runs, err = f.hub.Runs(ctx)
	return err
}

// openTallies opens what the faults do on all nodes, if there can be others.
func (f *fleet) openTallies(ctx context.Context, process string, engine *faults.Engine) (err error) {
	if !f.config.Store.Shared() {
		return nil
	}
	f.tallies, err = f.hub.Tallies(ctx, store.TalliesOptions{Process: process, Engine: engine, Deaf: !f.config.Node.Controls()})
	return err
}

// ship hands over attempts and tells of this node until ctx ends, and then what is left.
func (f *fleet) ship(ctx context.Context) error {
	var group sync.WaitGroup
	var shipped, announced, tallied error
	group.Go(func() { shipped = f.attempts.Ship(ctx, f.hub, lastTime) })
	if f.tallies != nil {
		group.Go(func() { tallied = f.tallies.Tell(ctx) })
	}
	group.Go(func() { announced = f.nodes.Announce(ctx, f.faults, f.tell) })
	group.Wait()
	return errors.Join(shipped, announced, tallied)
}

// errLost says that there is no store any more.
var errLost = errors.New("[store] was lost for good: start groovechaos again once it can be reached")

// serve keeps the store open until ctx ends or the store is lost for good, and hands over what callers told their users,
// which they may do as long as the control API is open.
func (f *fleet) serve(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var group sync.WaitGroup
	var told, lost error
	group.Go(func() {
		select {
		case <-ctx.Done():
		case <-f.hub.Lost():
			lost = errLost
			stop()
		}
	})
	if f.config.Node.Controls() {
		told = f.outcomes.Run(ctx, reserveTime/2)
	}
	<-ctx.Done()
	group.Wait()
	return errors.Join(lost, told, f.close())
}

// tell is what this node says of itself.
func (f *fleet) tell() store.Node {
	attempts, lost := f.attempts.OwnCounts()
	return store.Node{
		Name: f.config.Node.NodeName(), Role: f.config.Node.Role, Version: f.version, Started: f.started, Seen: time.Now(),
		Listeners: f.listeners, Applied: f.faults.Applied(), Braked: f.faults.Braked(), Attempts: attempts, Lost: lost,
		Refused: f.faults.Refused(),
	}
}

func (f *fleet) close() error {
	if f.faults != nil {
		f.faults.Close()
	}
	return f.hub.Close()
}
