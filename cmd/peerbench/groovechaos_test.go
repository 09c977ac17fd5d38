package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOnlyWhatMayBeAbsentIsAbsent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	refusing := filepath.Join(dir, "refusing")
	if err := os.WriteFile(refusing, []byte("#!/bin/sh\necho x.toml:5: not a known key\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		peer, program string
		kind          kind
		absent        bool
	}{
		"TLS, refused":                  {ours, refusing, viaTLS, true},
		"TLS, no such program":          {ours, filepath.Join(dir, "none"), viaTLS, false},
		"a relay, refused":              {ours, refusing, viaWrk, false},
		"a relay of the baseline":       {baseline, refusing, viaWrk, true},
		"the baseline, not there":       {baseline, filepath.Join(dir, "none"), viaWrk, false},
		"what holds exchanges, refused": {ours, refusing, viaDelay, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &site{programs: map[string]string{test.peer: test.program}}
			err := s.accepts(t.Context(), test.peer, &scenario{kind: test.kind}, "x.toml")
			if err == nil || errors.Is(err, errAbsent) != test.absent {
				t.Errorf("got %v, want an error, and one that says so if it is merely absent: %v", err, test.absent)
			}
			if test.program == refusing && !strings.Contains(err.Error(), "x.toml:5: not a known key") {
				t.Errorf("got %v, want the reason in it", err)
			}
		})
	}
}
