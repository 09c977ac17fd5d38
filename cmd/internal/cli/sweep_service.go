package cli

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/control/experiment/document"
	"github.com/groovechaos/groovechaos/control/experiment/sweep"
	"github.com/groovechaos/groovechaos/control/experiment/sweeper"
)

// subject is what is swept: a command that is run for each case, or a service that stays up and is driven by probes.
type subject struct {
	// words are the command, or the service; none for a service that runs elsewhere.
	words []string
	// file is the file with the probes, "" for a command; digest is that of its text, seeded reports that it has a seed.
	file, digest string
	seeded       bool
	// experiment is what the file says.
	experiment experiment.Experiment
}

// service reports that it is driven by probes.
func (s *subject) service() bool { return s.file != "" }

// title is what reports call it.
func (s *subject) title() string {
	switch {
	case !s.service():
		return titleOf(s.words)
	case len(s.words) == 0:
		return "Sweep of a service by the probes of " + filepath.Base(s.file)
	default:
		return titleOf(s.words) + " by the probes of " + filepath.Base(s.file)
	}
}

// readSubject reads the file with the probes, if there is one, and lets the command line have the last word of the command.
func (o *sweepOptions) readSubject(words []string) (*subject, error) {
	if o.file == "" {
		return &subject{words: words}, nil
	}
	text, err := readDocument(o.file)
	if err != nil {
		return nil, err
	}
	d, err := config.ReadDocument(o.file, text)
	if err != nil {
		return nil, err
	}
	e, err := document.SweepOf(d)
	if err != nil {
		return nil, err
	}
	s := &subject{words: words, file: o.file, digest: sweep.Digest(text), seeded: d.Has("seed"), experiment: *e}
	if len(words) == 0 {
		s.words = e.Workload.Command
	}
	return s, nil
}

// driven is how the service is driven; nil for a command.
func (s *subject) driven() *sweeper.Service {
	if !s.service() {
		return nil
	}
	ready := s.experiment.Workload.Ready
	if ready == "" {
		ready = rootOf(s.experiment.Probes[0].URL)
	}
	return &sweeper.Service{Probes: s.experiment.Probes, Ready: ready}
}

// rootOf is the root of the front door that a URL, which was validated, leads to.
func rootOf(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	return u.Scheme + "://" + u.Host + "/"
}

// told says what a workload has to do to be seen.
func (s *subject) told() string {
	what := "the command"
	if s.service() {
		what = "the service"
	}
	return what + strings.TrimPrefix(unseen, "the command")
}

// unseen is the likely reason why nothing of a command was seen.
const unseen = "the command did not call by way of groovechaos: does it use the proxy's address, GROOVE_BASE_URL, " +
	"or does its HTTP library use HTTPS_PROXY and trust SSL_CERT_FILE? groovechaos ca install-help says what others need"

// announce says where a service that runs elsewhere finds the proxy.
func (o *sweepOptions) announce(s *subject, st *stages) {
	if s.service() && len(s.words) == 0 {
		fmt.Fprintf(o.Err, "       the service is to call http://%s\n", st.all[0].daemon.Addresses().Proxy)
	}
}
