package verdict

// tally gathers what one check needs of one client, chapter by chapter. Its memory is bounded, however long
// the journal is.
type tally interface {
	// take takes in a chapter: calls in order of their first attempt, later than those of the chapter before. Those that
	// have no trait that the check is about are not among them.
	take(s *subject)
	// findings proposes at least one finding on what was taken in. It may be called again after more was.
	findings() []proposal
}

// bench is a check at work on one client under one setting of the policy.
type bench struct {
	check   *Check
	setting setting
	// all gathers from every call, named from those alone that the client named; nil until there was one.
	all, named tally
}

func newBench(check *Check, who *client, set setting) *bench {
	return &bench{check: check, setting: set, all: check.begin(who, &set.limits)}
}

func (b *bench) take(s *subject) {
	b.all.take(s.about(b.check.about))
	if b.named == nil && s.naming {
		b.named = b.check.begin(s.who, &b.setting.limits)
	}
	if b.named != nil {
		b.named.take(s.onlyNamed().about(b.check.about))
	}
}

// findings are what the check says, once it is known what can stand.
func (b *bench) findings() []Finding {
	var named []proposal
	if b.named != nil {
		named = b.raised(b.named)
	}
	proposals := b.raised(b.all)
	findings := make([]Finding, 0, len(proposals))
	for _, p := range proposals {
		f := b.check.convict(p, named)
		f.Check, f.Norm = b.check.Name, b.check.Norm
		f.Endpoints = b.setting.endpoints
		f.Result = b.setting.severity.soften(f.Result)
		if f.Result == Fail || f.Result == Warn {
			f.Advice = b.check.Advice
		}
		findings = append(findings, f)
	}
	return findings
}

// raised are the proposals of a tally after the policy has made failures of warnings, which then want the witnesses of one.
func (b *bench) raised(t tally) []proposal {
	proposals := t.findings()
	for i := range proposals {
		if b.setting.severity == SeverityFail && proposals[i].Result == Warn {
			proposals[i].Result = Fail
		}
	}
	return proposals
}
