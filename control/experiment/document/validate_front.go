package document

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults/verdict"

	"github.com/groovechaos/groovechaos/control/experiment"
)

// address wants the URL of a front door.
func (p *problems) address(field, text string) {
	u, err := url.Parse(text)
	switch {
	case text == "":
		p.add(field, "is missing, want the caller's own front door, such as %q", "http://127.0.0.1:8080/search?q=x")
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil:
		p.add(field, "is no URL that begins with http:// or https:// and holds no password")
	}
}

func (p *problems) request(prefix string, r *experiment.Request) {
	p.address(prefix+"url", r.URL)
	if !methodForm.MatchString(r.Method) {
		p.add(prefix+"method", "is %.40q, want an HTTP method such as GET", r.Method)
	}
	for _, name := range sorted(r.Headers) {
		if !fieldForm.MatchString(name) || strings.ContainsAny(r.Headers[name], "\r\n\x00") {
			p.add(prefix+"headers", "has %.40q, which is no header field", name)
		}
	}
	p.span(prefix+"timeout", r.Timeout, time.Millisecond)
}

var (
	methodForm = regexp.MustCompile(`^[A-Z]{1,20}$`)
	fieldForm  = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,80}$")
)

func (p *problems) probes(e *experiment.Experiment) {
	if len(e.Probes) > experiment.MaxProbes {
		p.add("probes", "are %d, want at most %d", len(e.Probes), experiment.MaxProbes)
	}
	seen := map[string]bool{}
	for i := range e.Probes {
		at, probe := fmt.Sprintf("probes[%d].", i), &e.Probes[i]
		if seen[probe.Name] {
			p.add(at+"name", "is %q, which another probe has already", probe.Name)
		}
		seen[probe.Name] = true
		p.probe(at, probe, phaseNames(e))
	}
}

func (p *problems) probe(at string, probe *experiment.Probe, phases []string) {
	p.name(at+"name", probe.Name)
	p.request(at, &probe.Request)
	p.span(at+"every", probe.Every, experiment.ShortestProbe)
	for j, name := range probe.Phases {
		p.among(fmt.Sprintf("%sphases[%d]", at, j), name, phases)
	}
	method, target, ok := strings.Cut(probe.Upstream, " ")
	if probe.Upstream != "" && (!ok || !methodForm.MatchString(method) || !strings.HasPrefix(target, "/")) {
		p.add(at+"upstream", `is %.80q, want a method and a target, such as "GET /1/content/music/search?q=x"`, probe.Upstream)
	}
	p.want(at+"want.", &probe.Want)
	p.told(at+"told.", &probe.Told)
}

func (p *problems) want(at string, w *experiment.Want) {
	for i, status := range w.Status {
		if status < 100 || status > 599 {
			p.add(fmt.Sprintf("%sstatus[%d]", at, i), "is %d, want 100 to 599", status)
		}
	}
	for _, path := range sorted(w.JSON) {
		p.path(at+"json", path)
	}
	for _, name := range sorted(w.Headers) {
		if !fieldForm.MatchString(name) {
			p.add(at+"headers", "has %.40q, which is no header field", name)
		}
	}
	p.span(at+"within", w.Within, 0)
}

func (p *problems) told(at string, t *experiment.Told) {
	p.path(at+"error", t.Error)
	p.path(at+"code", t.Code)
	p.path(at+"category", t.Category)
	p.path(at+"items", t.Items)
	p.path(at+"partial", t.Partial)
}

func (p *problems) expect(e *experiment.Experiment) {
	known := checkNames()
	for i, name := range e.Expect.Checks {
		p.among(fmt.Sprintf("expect.checks[%d]", i), name, known)
	}
	results := []string{string(verdict.Pass), string(verdict.Fail), string(verdict.Warn), string(verdict.Info), string(verdict.Inconclusive)}
	for i, f := range e.Expect.Findings {
		at := fmt.Sprintf("expect.findings[%d].", i)
		p.among(at+"check", f.Check, known)
		for j, result := range f.Results {
			p.among(fmt.Sprintf("%sresults[%d]", at, j), string(result), results)
		}
	}
	for i, x := range e.Expect.Probes {
		at := fmt.Sprintf("expect.probes[%d].", i)
		p.among(at+"probe", x.Probe, probeNames(e))
		if x.Phase != "" {
			p.among(at+"phase", x.Phase, phaseNames(e))
		}
		if !(x.Share >= 0 && x.Share <= 1) {
			p.add(at+"share", "is %v, want 0 to 1", x.Share)
		}
		p.span(at+"p99", x.P99, 0)
	}
}

func (p *problems) guard(g *experiment.Guard) {
	if g.ProbeFailures < 0 {
		p.add("stop_when.probe_failures", "is %d, want 1 or more", g.ProbeFailures)
	}
	if !(g.ErrorShare >= 0 && g.ErrorShare <= 1) {
		p.add("stop_when.error_share", "is %v, want 0 to 1", g.ErrorShare)
	}
	if !(g.Amplification == 0 || g.Amplification >= 1 && g.Amplification <= 1e6) {
		p.add("stop_when.amplification", "is %v, want 1 or more attempts per call", g.Amplification)
	}
	p.span("stop_when.latency", g.Latency, 0)
	p.span("stop_when.window", g.Window, 100*time.Millisecond)
	if g.Least < 1 {
		p.add("stop_when.least", "is %d, want 1 or more", g.Least)
	}
}
