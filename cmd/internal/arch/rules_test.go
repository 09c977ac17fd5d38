package arch

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	const ours = module + "/"
	for name, tt := range map[string]struct {
		file, text string
		want       []string
	}{
		"an arrow of the table": {
			file: "faults/proxy/relay.go", text: `package proxy; import _ "` + ours + `faults/observe"`,
		},
		"an arrow of a whole layer": {
			file: "control/daemon/daemon.go", text: `package daemon; import (_ "` + ours + `faults"; _ "` + ours + `faults/proxy"; _ "` + ours + `control/api")`,
		},
		"an arrow that is not in the table": {
			file: "faults/inject/delay.go", text: `package inject; import _ "` + ours + `faults/proxy"`,
			want: []string{"faults/inject/delay.go: imports faults/proxy, not in its row of the table"},
		},
		"the engine imports the control plane": {
			file: "faults/proxy/relay.go", text: `package proxy; import _ "` + ours + `control/store"`,
			want: []string{"faults/proxy/relay.go: imports control/store, an arrow that points up"},
		},
		"the engine imports the API": {
			file: "faults/observe/attempt.go", text: `package observe; import _ "` + ours + `proto/groovechaos/v1"`,
			want: []string{"faults/observe/attempt.go: imports proto/groovechaos/v1, an arrow that points up"},
		},
		"a test reaches up": {
			file: "faults/proxy/relay_test.go", text: `package proxy; import _ "` + ours + `control/config"`,
			want: []string{"faults/proxy/relay_test.go: imports control/config, an arrow that points up"},
		},
		"a test reaches sideways and sleeps": {
			file: "faults/fault_test.go", text: `package faults; import ("time"; _ "` + ours + `faults/standin"; _ "os"); func f() { time.Sleep(1) }`,
		},
		"a package that nobody placed": {
			file: "faults/novel/novel.go", text: `package novel`,
			want: []string{"faults/novel/novel.go: package is not in the import table"},
		},
		"a package at the top": {
			file: "main.go", text: `package main`,
			want: []string{"main.go: package is not in the import table"},
		},
		"a folder name that says nothing": {
			file: "control/util/x.go", text: `package util`,
			want: []string{
				`control/util/x.go: folder name "util" says nothing of what is inside`,
				"control/util/x.go: package is not in the import table",
			},
		},
		"NATS outside the store": {
			file: "control/api/faults.go", text: `package api; import _ "github.com/nats-io/nats.go"`,
			want: []string{"control/api/faults.go: imports github.com/nats-io/nats.go, and may not know nats"},
		},
		"NATS in the store": {
			file: "control/store/store.go", text: `package store; import _ "github.com/nats-io/nats.go/jetstream"`,
		},
		"gRPC in the engine": {
			file: "faults/proxy/relay.go", text: `package proxy; import _ "google.golang.org/grpc/codes"`,
			want: []string{"faults/proxy/relay.go: imports google.golang.org/grpc/codes, and may not know grpc"},
		},
		"a library whose name begins alike": {
			file: "faults/proxy/relay.go", text: `package proxy; import _ "google.golang.org/grpcurl"`,
		},
		"a clock in a pure package": {
			file: "faults/fault.go", text: `package faults; import "time"; var _ = time.Now()`,
			want: []string{"faults/fault.go: pure package uses a clock: time.Now"},
		},
		"a clock as a value, under another name": {
			file: "faults/verdict/judge.go", text: `package verdict; import clock "time"; var since = clock.Since`,
			want: []string{"faults/verdict/judge.go: pure package uses a clock: time.Since"},
		},
		"a clock behind a dot import": {
			file: "faults/observe/call.go", text: `package observe; import . "time"; var _ = Now()`,
			want: []string{"faults/observe/call.go: pure package uses a clock: a dot import of time"},
		},
		"a deadline in a pure package": {
			file: "faults/engine.go", text: `package faults; import "context"; var _ = context.WithTimeout`,
			want: []string{"faults/engine.go: pure package uses a clock: context.WithTimeout"},
		},
		"time without a clock": {
			file: "faults/fault.go", text: `package faults; import "time"; var _ = time.Unix(0, 0).Add(time.Second)`,
		},
		"a clock where it belongs": {
			file: "faults/proxy/relay.go", text: `package proxy; import "time"; var _ = time.Now()`,
		},
		"a file in a pure package, for one system": {
			file: "faults/groove/endpoint_windows.go", text: "//go:build windows\n\npackage groove; import _ \"os\"",
			want: []string{"faults/groove/endpoint_windows.go: pure package imports os"},
		},
		"a socket in a pure package": {
			file: "faults/match.go", text: `package faults; import (_ "net/http"; _ "net/url"; _ "net/netip")`,
			want: []string{"faults/match.go: pure package imports net/http"},
		},
		"a library in a pure package": {
			file: "faults/draw.go", text: `package faults; import (_ "github.com/cespare/xxhash/v2"; _ "golang.org/x/sync/errgroup")`,
			want: []string{"faults/draw.go: pure package imports golang.org/x/sync/errgroup"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sources, err := load(fstest.MapFS{tt.file: {Data: []byte(tt.text)}})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, check(sources)); diff != "" {
				t.Errorf("check of %s (-want +got):\n%s", tt.text, diff)
			}
		})
	}
}

func TestLoadLeavesOutWhatTheGoCommandDoes(t *testing.T) {
	t.Parallel()
	tree := fstest.MapFS{
		"go.mod":                  {Data: []byte("module " + module)},
		"faults/fault.go":         {Data: []byte("package faults")},
		"faults/fault.txt":        {Data: []byte("no source")},
		"faults/testdata/bad.go":  {Data: []byte("no source")},
		"faults/_old/bad.go":      {Data: []byte("no source")},
		".tools/tools.go":         {Data: []byte("no source")},
		"cmd/another/go.mod":      {Data: []byte("module another")},
		"cmd/another/bad.go":      {Data: []byte("no source")},
		"faults/fault_windows.go": {Data: []byte("//go:build windows\n\npackage faults")},
	}
	sources, err := load(tree)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range sources {
		got = append(got, s.file)
	}
	want := []string{"faults/fault.go", "faults/fault_windows.go"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("load (-want +got):\n%s", diff)
	}
}

func TestLoadNamesTheFileThatDoesNotParse(t *testing.T) {
	t.Parallel()
	_, err := load(fstest.MapFS{"faults/bad.go": {Data: []byte("no source")}})
	if err == nil || !strings.Contains(err.Error(), "faults/bad.go") {
		t.Errorf("load got error %v, want one that names faults/bad.go", err)
	}
}

func TestCheckTop(t *testing.T) {
	t.Parallel()
	got := checkTop([]string{".ci", "LICENSE", "cmd", "docs", "go.work"})
	want := []string{"docs: not part of the fixed top level", "go.work: not part of the fixed top level"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("checkTop (-want +got):\n%s", diff)
	}
}
