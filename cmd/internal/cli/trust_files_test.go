package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/groovechaos/groovechaos/faults/ca"
)

// A truststore takes its time, and is made where somebody could read it.
func TestTruststoreIsForJavaAlone(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	authority, err := ca.Open(ca.Options{Dir: t.TempDir(), Domains: []string{"example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		own  map[string]string
		want bool
	}{
		"no Java":           {nil, false},
		"Java by JAVA_HOME": {map[string]string{"JAVA_HOME": "/usr/lib/jvm/java-17"}, true},
		"Java by JDK_HOME":  {map[string]string{"JDK_HOME": "/usr/lib/jvm/java-17"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			own := func(name string) string { return test.own[name] }
			dir := t.TempDir()
			files, err := writeTrust(dir, authority.Root(), own, hasJava(own))
			if err != nil {
				t.Fatal(err)
			}
			if files.bundle == "" {
				t.Skip("the system has its roots in no file")
			}
			_, err = os.Stat(filepath.Join(dir, "groovechaos.p12"))
			if made := err == nil; made != test.want || made != (files.store != "") {
				t.Errorf("a truststore was made: %v (%q), want %v", made, files.store, test.want)
			}
		})
	}
}
