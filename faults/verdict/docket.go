package verdict

import "slices"

// docket is every check at work on a part of what a client did.
type docket struct {
	who             *client
	calls, attempts int
	// partial reports that it is not all that the client did.
	partial bool
	// benches has those of each check of the catalogue, one for each setting that the policy has for it.
	benches [][]*bench
}

func newDocket(who *client, partial bool) *docket {
	return &docket{who: who, partial: partial, benches: make([][]*bench, len(catalogue))}
}

func docketOf[K comparable](dockets map[K]*docket, key K, who *client) *docket {
	if dockets[key] == nil {
		dockets[key] = newDocket(who, true)
	}
	return dockets[key]
}

// take gives a chapter to every check.
func (d *docket) take(s *subject) {
	d.calls += len(s.all)
	for _, c := range s.all {
		d.attempts += len(c.Attempts)
	}
	for i := range catalogue {
		if catalogue[i].together || catalogue[i].whole && d.partial {
			continue
		}
		if !d.who.policy.divides(catalogue[i].Name, d.who.name) {
			d.give(i, "", s)
			continue
		}
		for _, part := range s.byEndpoint() {
			d.give(i, part.key, part.subject)
		}
	}
}

// give hands calls to one endpoint, or to any for "", to the check of that index.
func (d *docket) give(check int, endpoint string, s *subject) {
	set := d.who.policy.setting(catalogue[check].Name, d.who.name, endpoint)
	if set.severity == SeverityOff {
		return
	}
	b := d.bench(check, set)
	if at, found := slices.BinarySearch(b.setting.endpoints, endpoint); set.narrow && !found {
		b.setting.endpoints = slices.Insert(b.setting.endpoints, at, endpoint)
	}
	b.take(s)
}

func (d *docket) bench(check int, set setting) *bench {
	list := d.benches[check]
	if at := slices.IndexFunc(list, func(b *bench) bool { return b.setting.key == set.key }); at >= 0 {
		return list[at]
	}
	b := newBench(&catalogue[check], d.who, set)
	d.benches[check] = append(list, b)
	return b
}

// findings are in the order of the catalogue.
func (d *docket) findings() []Finding {
	var findings []Finding
	for _, list := range d.benches {
		for _, b := range list {
			findings = append(findings, b.findings()...)
		}
	}
	return findings
}
