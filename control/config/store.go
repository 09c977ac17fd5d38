package config

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// Where a store of our own keeps what it has.
const (
	StorageFile   = "file"
	StorageMemory = "memory"
)

// Store is the section [store]: where faults, the brake, tokens, attempts and audit entries are kept.
type Store struct {
	// Storage is StorageFile or StorageMemory, for a store of this process alone.
	Storage string `toml:"storage"`
	// Dir is the directory of StorageFile; "" stands for groovechaos/store in the user's configuration directory.
	Dir string `toml:"dir"`
	// Sync is how long what was acknowledged may be on its way to the disk, 0 to a minute: a power cut may lose it. The
	// end of the process loses nothing.
	Sync time.Duration `toml:"sync"`
	// URL names the servers of a NATS cluster with JetStream instead, with commas between; "" for none. It may hold
	// a password.
	URL Secret `toml:"url"`
	// Credentials is a file with credentials of NATS, CA one with certificates that vouch for the cluster, Cert and Key are the
	// client's own certificate; "" for none.
	Credentials string `toml:"credentials"`
	CA          string `toml:"ca"`
	Cert        string `toml:"cert"`
	Key         string `toml:"key"`
	// Fleet names what is kept, so that several fleets can share a cluster.
	Fleet string `toml:"fleet"`
	// Replicas is on how many servers of a cluster all is kept, 1, 3 or 5.
	Replicas int `toml:"replicas"`
	// AttemptsAge and AttemptsBytes bound the attempts that are kept there, AuditAge and AuditBytes the audit entries, RunsAge and
	// RunsBytes the runs with their reports. An age is a minute to 10 years, a size 1 MiB to 1 TiB; the oldest go first.
	AttemptsAge   time.Duration `toml:"attempts_age"`
	AttemptsBytes int           `toml:"attempts_bytes"`
	AuditAge      time.Duration `toml:"audit_age"`
	AuditBytes    int           `toml:"audit_bytes"`
	RunsAge       time.Duration `toml:"runs_age"`
	RunsBytes     int           `toml:"runs_bytes"`
}

func defaultStore() Store {
	return Store{
		Storage: StorageFile, Sync: time.Second, Fleet: "groovechaos", Replicas: 1,
		AttemptsAge: 24 * time.Hour, AttemptsBytes: 256 << 20, AuditAge: 365 * 24 * time.Hour, AuditBytes: 64 << 20,
		RunsAge: 90 * 24 * time.Hour, RunsBytes: 256 << 20,
	}
}

// StoreDir returns the directory of a store of our own. It need not be there. The error says that the system names no
// place for it.
func (s *Store) StoreDir() (string, error) {
	if s.Dir != "" {
		return s.Dir, nil
	}
	home, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find [store] dir: %w", errors.Join(err, errors.New(`want it given, or storage = "memory"`)))
	}
	return filepath.Join(home, "groovechaos", "store"), nil
}

// Shared reports whether it is a cluster that others use as well.
func (s *Store) Shared() bool { return s.URL != "" }

const (
	maxSync               = time.Minute
	minAge, maxAge        = time.Minute, 10 * 365 * 24 * time.Hour
	minStored, maxStored  = 1 << 20, 1 << 40
	fleetName             = `^[A-Za-z0-9_-]{1,32}$`
	nodeName              = `^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`
	wantFleet             = `1 to 32 letters, digits, "-" and "_"`
	wantNode              = `1 to 63 letters, digits, ".", "-" and "_", beginning with a letter or digit`
	wantURL               = `URLs of NATS servers such as "nats://127.0.0.1:4222" or "tls://a.example.net,tls://b.example.net"`
	wantStoreAge          = "is %v, want %v to %v"
	wantStoreBytes        = "is %d, want %d to %d"
	onlyWithURL, notBoth  = "is given without url, want it for a NATS cluster alone", "is given beside url, want one of them"
	wantBothCertificates  = "is given alone, want cert and key together"
	wantReplicas          = "is %d, want 1, 3 or 5"
	replicasWithoutShared = "is %d without url, want 1: a store of this process is kept once"
)

func (s *Store) validate() faults.Problems {
	r := storeReview{store: s}
	r.problems = oneOf("storage", s.Storage, []string{StorageFile, StorageMemory})
	r.check("sync", s.Sync < 0 || s.Sync > maxSync, wantStoreAge, s.Sync, time.Duration(0), maxSync)
	r.check("fleet", !regexp.MustCompile(fleetName).MatchString(s.Fleet), "is %s, want %s", quote(s.Fleet), wantFleet)
	r.place()
	r.bound("attempts_age", "attempts_bytes", s.AttemptsAge, s.AttemptsBytes)
	r.bound("audit_age", "audit_bytes", s.AuditAge, s.AuditBytes)
	r.bound("runs_age", "runs_bytes", s.RunsAge, s.RunsBytes)
	return r.problems
}

// storeReview collects what is wrong.
type storeReview struct {
	store    *Store
	problems faults.Problems
}

func (r *storeReview) check(field string, wrong bool, format string, args ...any) {
	if wrong {
		r.problems = append(r.problems, faults.Problem{Field: field, Text: fmt.Sprintf(format, args...)})
	}
}

// place reviews where the store is.
func (r *storeReview) place() {
	s := r.store
	r.check("url", s.Shared() && !natsURLs(string(s.URL)), "is refused, want %s", wantURL)
	r.check("dir", s.Shared() && s.Dir != "", notBoth)
	r.check("dir", !s.Shared() && s.Dir != "" && s.Storage == StorageMemory, `is given with storage = "memory", want one of them`)
	for _, file := range []struct{ field, name string }{{"credentials", s.Credentials}, {"ca", s.CA}, {"cert", s.Cert}, {"key", s.Key}} {
		r.check(file.field, !s.Shared() && file.name != "", onlyWithURL)
	}
	r.check("cert", s.Cert != "" && s.Key == "", wantBothCertificates)
	r.check("key", s.Key != "" && s.Cert == "", wantBothCertificates)
	r.check("replicas", !slices.Contains([]int{1, 3, 5}, s.Replicas), wantReplicas, s.Replicas)
	r.check("replicas", !s.Shared() && slices.Contains([]int{3, 5}, s.Replicas), replicasWithoutShared, s.Replicas)
}

func (r *storeReview) bound(ageField, sizeField string, age time.Duration, size int) {
	r.check(ageField, age < minAge || age > maxAge, wantStoreAge, age, minAge, maxAge)
	r.check(sizeField, size < minStored || size > maxStored, wantStoreBytes, size, minStored, maxStored)
}

// natsURLs reports whether a text is URLs of NATS servers with commas between.
func natsURLs(text string) bool {
	for part := range strings.SplitSeq(text, ",") {
		u, err := url.Parse(strings.TrimSpace(part))
		if err != nil || u.Scheme != "nats" && u.Scheme != "tls" || u.Hostname() == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
			return false
		}
	}
	return true
}
