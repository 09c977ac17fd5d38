package faults

import "time"

// minPer is the shortest period of a quota.
const minPer = time.Millisecond

func reviewTrigger(r *Review, f *Fault) {
	t := &f.Trigger
	if t.Share != nil && !validShare(*t.Share) {
		r.problem("share", "is %v, want 0 to 1", *t.Share)
	}
	given := givenOf([]named{{"share", t.Share != nil}, {"first", t.First > 0}, {"every", t.Every > 0}, {"quota", t.Quota != nil}})
	if len(given) > 1 {
		r.problem(given[1], "does not go with %s: want at most one of share, first, every and quota", given[0])
	}
	if t.Attempts > 0 && len(given) > 0 && given[len(given)-1] != "share" {
		r.problem("attempts", "does not go with %s: want it alone or with share", given[len(given)-1])
	}
	if t.First > 0 && t.Limit > 0 {
		r.problem("limit", "does not go with first, which is a limit itself")
	}
	if t.Quota != nil {
		reviewQuota(r, t.Quota)
	}
}

func reviewQuota(r *Review, q *Quota) {
	before := len(r.Problems)
	if q.Requests < 1 || q.Requests > MaxQuota {
		r.problem("quota.requests", "is %d, want 1 to %d", q.Requests, MaxQuota)
	}
	if q.Per != 0 && (q.Per < minPer || q.Per > MaxTTL) {
		r.problem("quota.per", "is %v, want %v to %v", q.Per, minPer, MaxTTL)
	}
	switch {
	case q.Burst > MaxQuota:
		r.problem("quota.burst", "is %d, want at most %d", q.Burst, MaxQuota)
	case len(r.Problems) == before && q.fills() > MaxTTL:
		r.problem("quota.burst", "is %d, which takes longer than %v to fill", q.Burst, MaxTTL)
	}
}

// named is a field and whether it is given.
type named struct {
	name string
	is   bool
}

// givenOf returns the names of those that are given.
func givenOf(all []named) []string {
	given := make([]string, 0, len(all))
	for _, one := range all {
		if one.is {
			given = append(given, one.name)
		}
	}
	return given
}
