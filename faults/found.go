package faults

// found is the candidates for one exchange: lists in creation order, which are
// walked as one in that order, each fault once. It keeps the usual few lists
// without allocating.
type found struct {
	room [8]list
	more []list
	size int
}

// list is one list and how far it is walked.
type list struct {
	ids []int32
	at  int
}

// add adds a list unless it is empty or there already.
func (f *found) add(ids []int32) {
	if len(ids) == 0 {
		return
	}
	for i := range f.size {
		if &f.list(i).ids[0] == &ids[0] {
			return
		}
	}
	if f.size < len(f.room) {
		f.room[f.size] = list{ids: ids}
	} else {
		f.more = append(f.more, list{ids: ids})
	}
	f.size++
}

func (f *found) list(i int) *list {
	if i < len(f.room) {
		return &f.room[i]
	}
	return &f.more[i-len(f.room)]
}

// rewind starts the walk again.
func (f *found) rewind() {
	for i := range f.size {
		f.list(i).at = 0
	}
}

// next returns the next fault of the walk, -1 at the end.
func (f *found) next() int32 {
	if f.size == 1 {
		return f.room[0].next()
	}
	least := int32(-1)
	for i := range f.size {
		if l := f.list(i); l.at < len(l.ids) && (least < 0 || l.ids[l.at] < least) {
			least = l.ids[l.at]
		}
	}
	for i := range f.size {
		if l := f.list(i); l.at < len(l.ids) && l.ids[l.at] == least {
			l.at++
		}
	}
	return least
}

func (l *list) next() int32 {
	if l.at == len(l.ids) {
		return -1
	}
	l.at++
	return l.ids[l.at-1]
}
