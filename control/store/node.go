package store

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Node is one groovechaos of a fleet, as it tells of itself.
type Node struct {
	Name string
	// Role is all, proxy or control.
	Role    string
	Version string
	// Started and Seen are wall clock times of the node itself.
	Started, Seen time.Time
	// Listeners are where callers connect, host:port each.
	Listeners []string
	// Applied is the revision up to which every change is in force there.
	Applied uint64
	// Refused is what is newer than that and cannot be put in force there, nil for nothing.
	Refused *Refused `json:",omitempty"`
	// Braked says that the brake is pulled there.
	Braked bool
	// Attempts is how many attempts its proxy recorded, Lost how many of them the others will never hear of.
	Attempts, Lost uint64
}

const (
	// beatTime is how often a node tells of itself when nothing happens, beatLeast how long it waits between two changes.
	beatTime, beatLeast = 3 * time.Second, 20 * time.Millisecond
)

// Nodes is who is there.
type Nodes struct {
	hub   *Hub
	keys  jetstream.KeyValue
	known *mirror
	// own is the revision of what this node told of itself last, doubled that another one has its name. They belong to
	// Announce.
	own     uint64
	doubled bool
}

// Nodes opens the list of who is there.
func (h *Hub) Nodes(ctx context.Context) (*Nodes, error) {
	keys, err := h.js.KeyValue(ctx, h.nodeBucket())
	if err != nil {
		return nil, h.unavailable("open the list of nodes", err)
	}
	known, err := h.mirror(ctx, keys)
	if err != nil {
		return nil, err
	}
	return &Nodes{hub: h, keys: keys, known: known}, nil
}

// Start numbers the starts of a node over the whole fleet: no two processes get the same number, whatever their names.
func (n *Nodes) Start(ctx context.Context) (number uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	number, err = n.keys.Put(ctx, startKey, nil)
	if err != nil {
		return 0, n.hub.unavailable("number the start of this node", err)
	}
	return number, nil
}

// startKey is the key that numbers starts: every change of a bucket has a number of its own. It begins unlike nodeKey.
const startKey = "start"

func nodeKey(name string) string { return "node." + name }

// List returns the nodes that were heard of not long ago, by name.
func (n *Nodes) List(context.Context) ([]Node, error) {
	var nodes []Node
	for _, text := range n.known.values(presenceTime) {
		var node Node
		if len(text) == 0 {
			continue // a start
		}
		if err := json.Unmarshal(text, &node); err != nil {
			return nil, fmt.Errorf("read the nodes: %w", err)
		}
		nodes = append(nodes, node)
	}
	slices.SortFunc(nodes, func(a, b Node) int { return strings.Compare(a.Name, b.Name) })
	return nodes, nil
}

// Announce tells of this node until ctx ends: regularly, and whenever the faults or the brake have changed here. Then it
// takes its leave.
func (n *Nodes) Announce(ctx context.Context, faults *Shared, tell func() Node) error {
	changed := make(chan struct{}, 1)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for revision := faults.Applied(); faults.Wait(ctx, revision) == nil; revision = faults.Applied() {
			changed <- struct{}{}
		}
	}()
	timer := time.NewTimer(beatTime)
	defer timer.Stop()
	failing := false
	for ctx.Err() == nil {
		failing = n.tell(ctx, tell(), failing)
		timer.Reset(beatTime)
		select {
		case <-ctx.Done():
		case <-timer.C:
			continue
		case <-changed:
		}
		select {
		case <-ctx.Done():
		case <-time.After(beatLeast):
		}
	}
	n.leave(ctx, tell().Name)
	drain(changed, watched)
	return nil
}

// drain waits for the watching of changes to end.
func drain(changed, watched <-chan struct{}) {
	for {
		select {
		case <-changed:
		case <-watched:
			return
		}
	}
}

// tell tells of this node once, and reports whether that failed.
func (n *Nodes) tell(ctx context.Context, node Node, failing bool) bool {
	text, err := json.Marshal(&node)
	if err == nil {
		limit, cancel := context.WithTimeout(ctx, answerTime)
		defer cancel()
		n.compare(ctx, &node)
		n.own, err = n.keys.Put(limit, nodeKey(node.Name), text)
	}
	n.hub.took(ctx, n.keys.Bucket(), err)
	if err != nil && !failing && ctx.Err() == nil {
		n.hub.logger.WarnContext(ctx, "this node cannot tell of itself", slog.Any("error", n.hub.unavailable("tell of this node", err)))
	}
	return err != nil
}

// compare tells of another node that goes by the name of this one: one that has spoken since this one did last.
func (n *Nodes) compare(ctx context.Context, node *Node) {
	heard, there := n.known.newest(presenceTime)[nodeKey(node.Name)]
	if n.own == 0 || !there || heard.revision <= n.own {
		return
	}
	var other Node
	if json.Unmarshal(heard.value, &other) != nil || other.Started.Equal(node.Started) {
		return
	}
	if !n.doubled {
		n.hub.logger.ErrorContext(ctx, "another node of the fleet has the name of this one: give each a [node] name of its own, else "+
			"they take each other's configured faults away", slog.String("name", node.Name), slog.Time("other_started", other.Started))
	}
	n.doubled = true
}

// leaveTime bounds how long a node that ends takes its leave.
const leaveTime = time.Second

func (n *Nodes) leave(ctx context.Context, name string) {
	if !n.hub.Connected() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTime)
	defer cancel()
	// Who is not heard of is not there. Another node of that name stays.
	_ = n.keys.Purge(ctx, nodeKey(name), jetstream.LastRevision(n.own))
}
