//go:build e2e && unix

package main

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// brakeSignal pulls the brake of a process.
const brakeSignal = syscall.SIGUSR1

// nodeConfig is that of a node in a fleet.
func nodeConfig(nats *natsCluster, role, name string) string {
	return fmt.Sprintf("[store]\nurl = %q\nreplicas = %d\n[node]\nrole = %q\nname = %q\nhealth = \"127.0.0.1:0\"\n[proxy]\nlisten = \"127.0.0.1:0\"",
		strings.Join(nats.urls, ","), len(nats.urls), role, name) + freePorts
}

// Three processes on a real cluster are steered as one: a control node, and two proxies without a control API. Then a server
// of the cluster is killed, and then all of them.
func TestAFleetOfProcesses(t *testing.T) {
	t.Parallel()
	nats := startNATS(t, 3)
	control := launch(t, nodeConfig(nats, "control", "tower"))
	one, two := launch(t, nodeConfig(nats, "proxy", "one")), launch(t, nodeConfig(nats, "proxy", "two"))
	if one.GRPC != "" || one.REST != "" || control.Proxy != "" {
		t.Errorf("a proxy has a control API at %s and %s, a control node a proxy at %s, want none", one.GRPC, one.REST, control.Proxy)
	}
	proxies := []*process{one, two}
	wantStatus := func(what string, status int) {
		t.Helper()
		for i, p := range proxies {
			c := p.caller(t, 1)
			until(t, fmt.Sprintf("%s on proxy %d", what, i), func() bool { return c.get(t, genres) == status })
		}
	}
	wantStatus("no fault", 200)
	created, err := control.Faults.CreateFault(t.Context(), &pb.CreateFaultRequest{Fault: &pb.Fault{
		Name: "down", Match: &pb.Match{Endpoints: []string{"genres"}}, Answer: &pb.Answer{Status: 503},
	}})
	if err != nil {
		t.Fatal(err)
	}
	wantStatus("the fault", 503)
	until(t, "both proxies to tell of it", func() bool {
		f, err := control.Faults.GetFault(t.Context(), &pb.GetFaultRequest{Name: "down"})
		return err == nil && f.GetRevision() == created.GetRevision() && slices.Equal(f.GetNodes(), []string{"one", "two"})
	})
	until(t, "the attempts of both", func() bool {
		nodes := make(map[string]bool)
		text, _ := control.served.command(t, "attempts", "--json")
		for line := range strings.Lines(text) {
			for _, name := range []string{"one#", "two#"} {
				nodes[name] = nodes[name] || strings.Contains(line, `"node":"`+name)
			}
		}
		return nodes["one#"] && nodes["two#"]
	})
	if out, _ := control.served.command(t, "nodes"); strings.Count(out, "\n") != 4 || !strings.Contains(out, "tower") {
		t.Errorf("nodes printed\n%s\nwant three of them", out)
	}

	nats.servers[0].kill()
	until(t, "a change without one server", func() bool {
		_, err := control.Brake.PullBrake(t.Context(), &pb.PullBrakeRequest{Reason: "smoke"})
		return err == nil
	})
	wantStatus("the brake", 200)
	until(t, "its release", func() bool {
		_, err := control.Brake.ReleaseBrake(t.Context(), &pb.ReleaseBrakeRequest{})
		return err == nil
	})
	mortal := &pb.Fault{
		Name: "mortal", Match: &pb.Match{Endpoints: []string{"genres"}}, Answer: &pb.Answer{Status: 429}, Ttl: durationpb.New(5 * time.Second),
	}
	until(t, "a fault that ends", func() bool {
		_, err := control.Faults.ApplyFaults(t.Context(), &pb.ApplyFaultsRequest{Faults: []*pb.Fault{{Name: "down", Disabled: true, Answer: &pb.Answer{Status: 503}}, mortal}})
		return err == nil
	})
	wantStatus("the fault that ends", 429)
	for _, server := range nats.servers[1:] {
		server.kill()
	}
	wantStatus("its end without any server", 200)
	for _, p := range append(proxies, control) {
		p.end(t)
	}
}
