//go:build e2e && unix

package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/groovechaos/groovechaos/control/client"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// pair is two faults that are written as one change.
func pair(i int) []*pb.Fault {
	zero := float64(0)
	one := &pb.Fault{Name: fmt.Sprintf("f%d-one", i), Share: &zero, Answer: &pb.Answer{Status: 503, Message: fmt.Sprint("message ", i)}}
	two := &pb.Fault{Name: fmt.Sprintf("f%d-two", i), Share: &zero, Answer: &pb.Answer{Status: 429, Message: fmt.Sprint("message ", i)}}
	return []*pb.Fault{one, two}
}

// listed are all faults by name.
func listed(t *testing.T, c *client.Client) map[string]*pb.Fault {
	t.Helper()
	all := make(map[string]*pb.Fault)
	for token := ""; ; {
		page, err := c.Faults.ListFaults(t.Context(), &pb.ListFaultsRequest{PageSize: 1000, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range page.GetFaults() {
			all[f.GetName()] = f
		}
		if token = page.GetNextPageToken(); token == "" {
			return all
		}
	}
}

// Killed in the middle of a thousand writes, it has everything afterwards that it had acknowledged, and nothing half.
func TestKilledWhileItWrites(t *testing.T) {
	t.Parallel()
	const writes, workers, after = 1000, 8, 400
	dir := t.TempDir()
	config := "[proxy]\nlisten = \"127.0.0.1:0\"" + freePorts
	p := launch(t, config, "--data-dir", dir)
	var mu sync.Mutex
	acknowledged, failed := map[int]bool{}, 0
	sideBySide(writes, workers, func(i int) {
		_, err := p.Faults.ApplyFaults(t.Context(), &pb.ApplyFaultsRequest{Faults: pair(i)})
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			failed++
			return
		}
		if acknowledged[i] = true; len(acknowledged) == after {
			go p.kill()
		}
	})
	if failed == 0 || len(acknowledged) < after {
		t.Fatalf("%d acknowledged, %d refused: it was not killed in the middle", len(acknowledged), failed)
	}
	again := launch(t, config, "--data-dir", dir)
	set := listed(t, again.Client)
	t.Logf("%d of %d changes were acknowledged before it was killed, %d faults are there", len(acknowledged), writes, len(set))
	for i := range writes {
		want := pair(i)
		one, two := set[want[0].GetName()], set[want[1].GetName()]
		switch {
		case (one == nil) != (two == nil):
			t.Errorf("change %d is there by half", i)
		case one == nil && acknowledged[i]:
			t.Errorf("change %d was acknowledged and is gone", i)
		case one != nil && one.GetAnswer().GetMessage() != want[0].GetAnswer().GetMessage():
			t.Errorf("change %d is there as %v", i, one)
		}
	}
	again.end(t)
}

// A disk that is full refuses a change, leaves what is in force and loses nothing; with room again, a restart finds all of it.
func TestAFullDisk(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("mounting a small disk needs root")
	}
	dir := filepath.Join(t.TempDir(), "small")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, log, status := execute(t, nil, "mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", dir); status != 0 {
		t.Skipf("no small disk can be mounted here: %s", log)
	}
	unmounted := sync.OnceFunc(func() {
		if out, log, status := execute(t, nil, "umount", dir); status != 0 {
			t.Errorf("unmount: %s%s", out, log)
		}
	})
	config := "[proxy]\nlisten = \"127.0.0.1:0\"" + freePorts + down
	defer unmounted()
	p := launch(t, config, "--data-dir", filepath.Join(dir, "store"))
	defer p.kill()
	if _, err := p.Faults.ApplyFaults(t.Context(), &pb.ApplyFaultsRequest{Faults: pair(0)}); err != nil {
		t.Fatal(err)
	}
	ballast := filepath.Join(dir, "ballast")
	fill(t, ballast)
	refused := 0
	kept := map[string]bool{"down": true, "f0-one": true, "f0-two": true}
	for i := 1; i < 200 && refused == 0; i++ {
		one, err := p.Faults.CreateFault(t.Context(), &pb.CreateFaultRequest{Fault: pair(i)[0]})
		if err == nil {
			kept[one.GetName()] = true
			continue
		}
		refused++
		t.Logf("after %d changes: %v", i-1, err)
	}
	if refused == 0 {
		t.Error("no change was refused for want of room")
	}
	_, err := p.Faults.CreateFault(t.Context(), &pb.CreateFaultRequest{Fault: pair(998)[0]})
	if err == nil || !strings.Contains(err.Error(), "want of room") {
		t.Errorf("the next change got %v, want it to say that there is no room", err)
	}
	if status := readiness(t, &p.served); status != http.StatusServiceUnavailable {
		t.Errorf("readiness on the full disk is %d, want 503", status)
	}
	if s, err := p.System.GetStatus(t.Context(), &pb.GetStatusRequest{}); err != nil || !strings.Contains(s.GetNotReady(), "takes no changes") {
		t.Errorf("the status on the full disk is %v, %v, want that no changes are taken", s, err)
	}
	if list, err := p.System.ListNodes(t.Context(), &pb.ListNodesRequest{}); err != nil || len(list.GetNodes()) != 1 {
		t.Errorf("nodes on the full disk: %v, %v, want this one", list, err)
	}
	caller := p.caller(t, 1)
	if status := caller.get(t, genres); status != 503 {
		t.Errorf("on the full disk: status is %d, want the fault's 503", status)
	}
	p.kill()
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	again := launch(t, config, "--data-dir", filepath.Join(dir, "store"))
	defer again.kill()
	set := listed(t, again.Client)
	for name := range kept {
		if set[name] == nil {
			t.Errorf("%s was acknowledged and is gone", name)
		}
	}
	if _, err := again.Faults.CreateFault(t.Context(), &pb.CreateFaultRequest{Fault: pair(999)[0]}); err != nil {
		t.Errorf("with room again: %v", err)
	}
	again.end(t)
}

// readiness is the status of /readyz.
func readiness(t *testing.T, s *served) int {
	t.Helper()
	answer, err := http.Get("http://" + s.REST + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

// fill writes until there is no room.
func fill(t *testing.T, path string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for chunk := 64 << 10; chunk > 0; {
		if _, err := file.Write(make([]byte, chunk)); err != nil {
			chunk /= 2
		}
	}
}

// Without a control plane, a signal pulls the brake.
func TestASignalPullsTheBrake(t *testing.T) {
	t.Parallel()
	nats := startNATS(t, 1)
	config := fmt.Sprintf("[store]\nurl = %q\n[node]\nname = \"here\"\n[proxy]\nlisten = \"127.0.0.1:0\"", nats.urls[0]) + freePorts + down
	p := launch(t, config)
	caller := p.caller(t, 1)
	if status := caller.get(t, genres); status != 503 {
		t.Fatalf("status is %d, want the fault's 503", status)
	}
	nats.servers[0].kill()
	p.signal(t, brakeSignal)
	until(t, "the brake", func() bool { return caller.get(t, genres) == 200 })
	nats.restart(t, 0)
	until(t, "the store to hear of it", func() bool {
		brake, err := p.Brake.GetBrake(context.WithoutCancel(t.Context()), &pb.GetBrakeRequest{})
		return err == nil && brake.GetPulled() && strings.Contains(brake.GetActor(), "here") && brake.GetReason() == "SIGUSR1"
	})
	p.end(t)
}
