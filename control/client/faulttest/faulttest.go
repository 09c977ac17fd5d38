// Package faulttest runs a groovechaos inside a Go test: start it, point what is tested at its URL, switch faults, and let
// the judge say whether the caller took them well.
//
//	chaos := faulttest.Start(t, faulttest.Options{})
//	chaos.Apply(&groovechaosv1.Fault{Name: "busy", Attempts: 1, Answer: &groovechaosv1.Answer{Status: 503}})
//	// … make some calls to chaos.URL() …
//	chaos.WantPass("transient-retried")
//
// The judge accuses nobody on a guess. What a caller with few calls and no identifiers did is often not certain, and then
// the verdict is inconclusive, which WantPass does not take for a pass. It helps to give each call an identifier in the field
// [CallHeader], which stays the same when the call is repeated.
//
// Each test has a proxy, a stand-in for Groove and a control API of its own, on free ports of this machine, so that tests
// can run in parallel. All of it ends with the test.
package faulttest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/groovechaos/groovechaos/control/client"
	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/control/daemon"
	"github.com/groovechaos/groovechaos/control/report"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/standin"
	"github.com/groovechaos/groovechaos/faults/verdict"
	groovechaosv1 "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// Token is a bearer token that the stand-in for Groove takes for that of an application.
const Token = standin.ApplicationToken

// CallHeader is the field by which a caller can say which attempts belong to one call.
const CallHeader = observe.CallHeader

// Options say what to start. The zero value is fine.
type Options struct {
	// Config is a configuration in TOML, "" for the defaults. Where it listens is not used, and nobody is asked who calls.
	Config string
}

// Chaos is a groovechaos that runs for one test.
type Chaos struct {
	// Client steers it, for what has no method here. It is closed when the judging begins, or the test ends.
	Client *client.Client

	t      testing.TB
	daemon *daemon.Daemon
	end    func()
}

// freePort is the address of a listener that others are told of.
const freePort = "127.0.0.1:0"

// Start starts a groovechaos, which ends with the test. What goes wrong ends the test.
func Start(t testing.TB, o Options) *Chaos {
	t.Helper()
	c, err := config.Parse("faulttest.Options", []byte(o.Config))
	if err != nil {
		t.Fatalf("start groovechaos: %v", err)
	}
	c.Proxy.Listen, c.Standin.Listen = freePort, freePort
	c.Control = config.Control{GRPC: freePort, REST: freePort}
	c.Store = config.Store{Storage: config.StorageMemory} // Whatever else it says: a test shares nothing with others.
	d, err := daemon.New(t.Context(), daemon.Options{Config: c, Version: "faulttest"})
	if err != nil {
		t.Fatalf("start groovechaos: %v", err)
	}
	chaos := &Chaos{t: t, daemon: d}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ran := make(chan error, 1)
	go func() { ran <- d.Run(ctx) }()
	chaos.end = sync.OnceFunc(func() {
		if chaos.Client != nil {
			_ = chaos.Client.Close()
		}
		cancel()
		if err := <-ran; err != nil {
			t.Errorf("run groovechaos: %v", err)
		}
	})
	t.Cleanup(chaos.end)
	if chaos.Client, err = client.Dial(d.Addresses().GRPC, client.Options{UserAgent: "faulttest"}); err != nil {
		t.Fatalf("start groovechaos: %v", err)
	}
	return chaos
}

// URL is the base URL for the caller that is tested: that of the proxy, without a slash at its end.
func (c *Chaos) URL() string { return "http://" + c.daemon.Addresses().Proxy }

// Apply creates or replaces faults, all of them or, if one is refused, none, which ends the test. They are in force when
// it returns.
func (c *Chaos) Apply(faults ...*groovechaosv1.Fault) {
	c.t.Helper()
	if _, err := c.Client.Faults.ApplyFaults(c.t.Context(), &groovechaosv1.ApplyFaultsRequest{Faults: faults}); err != nil {
		c.t.Fatalf("apply faults: %v", err)
	}
}

// Clear removes a fault and releases what it holds back. One that is not there ends the test.
func (c *Chaos) Clear(name string) {
	c.t.Helper()
	if _, err := c.Client.Faults.DeleteFault(c.t.Context(), &groovechaosv1.DeleteFaultRequest{Name: name}); err != nil {
		c.t.Fatalf("clear fault: %v", err)
	}
}

// Judge ends the groovechaos, so that every attempt is seen, and returns the verdict on what its callers did. The checks
// are those that must be judged: one of which too little was seen makes the verdict inconclusive. None asks for those of the
// configuration. It can be called again, with other checks.
func (c *Chaos) Judge(checks ...string) verdict.Report {
	c.t.Helper()
	if err := verdict.ValidateChecks(checks); err != nil {
		c.t.Fatalf("judge: %v", err)
	}
	c.end()
	return c.daemon.JudgeFor(checks)
}

// WantPass judges and fails the test, with the whole verdict in words, unless it is a pass. Checks are as for Judge.
func (c *Chaos) WantPass(checks ...string) {
	c.t.Helper()
	c.want(verdict.Pass, checks)
}

// WantFail judges and fails the test unless the verdict is a fail to which each of the checks has come, at least one: for
// callers that are known to do something wrong.
func (c *Chaos) WantFail(checks ...string) {
	c.t.Helper()
	if r := c.want(verdict.Fail, checks); r.Result == verdict.Fail {
		for _, check := range checks {
			if !failed(&r, check) {
				c.t.Errorf("check %s did not fail:\n%s", check, text(r))
			}
		}
	}
}

func (c *Chaos) want(result verdict.Result, checks []string) verdict.Report {
	c.t.Helper()
	r := c.Judge(checks...)
	if r.Result != result {
		c.t.Errorf("verdict is %s, want %s:\n%s", r.Result, result, text(r))
	}
	return r
}

// failed reports whether a check failed for any client.
func failed(r *verdict.Report, check string) bool {
	return slices.ContainsFunc(r.Clients, func(v verdict.Verdict) bool {
		return slices.ContainsFunc(v.Findings, func(f verdict.Finding) bool { return f.Check == check && f.Result == verdict.Fail })
	})
}

// text is a verdict in words.
func text(r verdict.Report) string {
	var words strings.Builder
	if err := report.Text(&words, r, report.TextOptions{}); err != nil {
		return err.Error()
	}
	return words.String()
}
