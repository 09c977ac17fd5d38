package daemon

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/groovechaos/groovechaos/control/store"
)

// keptIn is a configuration whose store is in a directory.
func keptIn(dir, more string) string { return fmt.Sprintf("[store]\ndir = %q\n%s", dir, more) }

const down = `
[[faults]]
name = "down"
match.endpoints = ["genres"]
answer.status = 503
`

func TestFaultsAndBrakeOutliveTheProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, end := run(t, free(t, keptIn(dir, down)))
	if status, _ := get(t, first.Addresses().Proxy, genres); status != http.StatusServiceUnavailable {
		t.Errorf("at first: status is %d, want the fault's 503", status)
	}
	if err := first.faults.Delete(t.Context(), "down", 0); err != nil {
		t.Fatal(err)
	}
	late := store.Write{Fault: first.config.Faults[0]}
	late.Fault.Name = "late"
	if _, err := first.faults.Write(t.Context(), []store.Write{late}); err != nil {
		t.Fatal(err)
	}
	if err := first.PullBrake(t.Context(), "smoke"); err != nil {
		t.Fatal(err)
	}
	if err := end(); err != nil {
		t.Fatal(err)
	}

	again, _ := run(t, free(t, keptIn(dir, down)))
	set, err := again.faults.Faults(t.Context())
	if err != nil || len(set) != 1 || set[0].Name != "late" {
		t.Errorf("after a restart there are %v, %v, want the late fault alone: the other was deleted", set, err)
	}
	brake, err := again.faults.Brake(t.Context())
	if err != nil || !brake.Pulled || brake.Reason != "smoke" || brake.Actor == "" {
		t.Errorf("after a restart the brake is %+v, %v, want it pulled, by whom and why", brake, err)
	}
	if status, _ := get(t, again.Addresses().Proxy, genres); status != http.StatusOK {
		t.Errorf("braked: status is %d, want 200", status)
	}
	if _, err := again.faults.SetBrake(t.Context(), false, ""); err != nil {
		t.Fatal(err)
	}
	if status, _ := get(t, again.Addresses().Proxy, genres); status != http.StatusServiceUnavailable {
		t.Errorf("released: status is %d, want the fault's 503", status)
	}
}

func TestAttemptsOutliveTheProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, end := run(t, free(t, keptIn(dir, "")))
	for range 3 {
		get(t, first.Addresses().Proxy, genres)
	}
	await(t, func() bool { return len(first.attempts.All()) == 3 }) // The caller may have its answer before.
	if err := end(); err != nil {
		t.Fatal(err)
	}
	again, _ := run(t, free(t, keptIn(dir, "")))
	get(t, again.Addresses().Proxy, genres)
	await(t, func() bool { return len(again.attempts.All()) == 4 })
	nodes := make(map[string]int)
	for _, a := range again.attempts.All() {
		nodes[a.Node]++
	}
	if len(nodes) != 2 || nodes[""] != 1 {
		t.Errorf("attempts are of %v, want one of this process and those of the other told apart", nodes)
	}
	if total, dropped := again.attempts.Counts(); total != 4 || dropped != 0 {
		t.Errorf("got %d attempts and %d dropped, want 4 and none", total, dropped)
	}
}

func TestADirectoryBelongsToOneProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	run(t, free(t, keptIn(dir, "")))
	_, err := New(t.Context(), Options{Config: free(t, keptIn(dir, ""))})
	var taken *store.InUseError
	if !errors.As(err, &taken) || taken.Dir != dir {
		t.Errorf("a second process got %v, want a *store.InUseError about %s", err, dir)
	}
}
