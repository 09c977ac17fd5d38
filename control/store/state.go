package store

import (
	"bytes"
	"cmp"
	"compress/flate"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/groovechaos/groovechaos/faults"
)

// snapshot is faults and brake at one moment. It is not changed once it is made.
type snapshot struct {
	// sequence is the revision of the key under which it is kept.
	sequence uint64
	revision uint64
	brake    Brake
	set      []Fault
	loaded   loaded
	// form is the stored form of set and loaded, parts where that lies: see root.
	form  []byte
	parts []string
	// sum tells one form from another.
	sum uint64
	// reviewed says that the faults have their warnings.
	reviewed bool
}

// loaded is by node and by name what configurations said of faults when they were last loaded, as digests.
type loaded map[string]map[string]string

// stateFormat is the format of root, and the only one that is read.
const stateFormat = 1

// root is what is kept under the one key that is compared and set: a change of many faults is one message, and is
// there or is not.
type root struct {
	Format int `json:"format"`
	// Sum is the XXH64 of the whole form.
	Sum uint64 `json:"sum"`

	Revision uint64 `json:"revision"`
	Brake    Brake  `json:"brake"`
	// Form is the faults, or Parts the keys under which its parts are, in order; they are written before the root and
	// never changed.
	Form  []byte   `json:"form,omitempty"`
	Parts []string `json:"parts,omitempty"`
}

// storedSet is what a form holds.
type storedSet struct {
	Faults []storedFault `json:"faults"`
	Loaded loaded        `json:"loaded,omitempty"`
}

type storedFault struct {
	Fault    faults.Fault `json:"fault"`
	Revision uint64       `json:"revision"`
	Since    uint64       `json:"since,omitempty"`
	Created  time.Time    `json:"created"`
	Updated  time.Time    `json:"updated"`
	Ended    bool         `json:"ended,omitempty"`
}

const (
	// packFrom is the size from which a form is deflated, mostInRoot the size up to which it is in the root itself, and
	// partSize the size of its parts else: NATS takes messages of 1 MiB unless told otherwise.
	packFrom, mostInRoot, partSize = 64 << 10, 256 << 10, 512 << 10
	// mostForm bounds what a form unpacks to.
	mostForm = 256 << 20
)

// seal computes the stored form of set and loaded.
func (s *snapshot) seal() error {
	stored := storedSet{Faults: make([]storedFault, len(s.set)), Loaded: s.loaded}
	for i := range s.set {
		f := &s.set[i]
		stored.Faults[i] = storedFault{Fault: f.Fault, Revision: f.Revision, Since: f.Since, Created: f.Created, Updated: f.Updated, Ended: f.Ended}
	}
	form, err := json.Marshal(&stored)
	if err != nil {
		return fmt.Errorf("write the faults down: %w", err)
	}
	if len(form) >= packFrom {
		if form, err = pack(form); err != nil {
			return fmt.Errorf("write the faults down: %w", err)
		}
	}
	s.form, s.parts, s.sum = form, nil, xxhash.Sum64(form)
	return nil
}

// packed begins with a byte that no JSON begins with.
const packed = 0

func pack(form []byte) ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte(packed)
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	if err == nil {
		_, err = w.Write(form)
	}
	if err == nil {
		err = w.Close()
	}
	return b.Bytes(), err
}

func unpack(form []byte) ([]byte, error) {
	if len(form) == 0 || form[0] != packed {
		return form, nil
	}
	r := flate.NewReader(bytes.NewReader(form[1:]))
	defer r.Close()
	whole, err := io.ReadAll(io.LimitReader(r, mostForm+1))
	if err == nil && len(whole) > mostForm {
		err = fmt.Errorf("it has more than %d bytes", mostForm)
	}
	return whole, err
}

// root returns what is kept of s.
func (s *snapshot) root() ([]byte, error) {
	r := root{Format: stateFormat, Revision: s.revision, Brake: s.brake, Parts: s.parts, Sum: s.sum}
	if len(s.parts) == 0 {
		r.Form = s.form
	}
	return json.Marshal(&r)
}

// readRoot reads what root wrote. The parts of the form are got one by one.
func readRoot(ctx context.Context, text []byte, part func(ctx context.Context, key string) ([]byte, error)) (*snapshot, error) {
	var r root
	if err := strictly(text, &r); err != nil {
		return nil, fmt.Errorf("read the faults: %w", err)
	}
	if r.Format != stateFormat {
		return nil, fmt.Errorf("read the faults: they are in format %d, want %d: another version of groovechaos wrote them", r.Format, stateFormat)
	}
	for _, key := range r.Parts {
		piece, err := part(ctx, key)
		if err != nil {
			return nil, err
		}
		r.Form = append(r.Form, piece...)
	}
	s := &snapshot{revision: r.Revision, brake: r.Brake, form: r.Form, parts: r.Parts, sum: r.Sum}
	return s, s.open()
}

// open reads the form.
func (s *snapshot) open() error {
	if sum := xxhash.Sum64(s.form); sum != s.sum {
		return errors.New("read the faults: their sum is wrong")
	}
	form, err := unpack(s.form)
	if err != nil {
		return fmt.Errorf("read the faults: %w", err)
	}
	var stored storedSet
	if err := strictly(form, &stored); err != nil {
		return fmt.Errorf("read the faults: %w", err)
	}
	s.set, s.loaded = make([]Fault, len(stored.Faults)), stored.Loaded
	for i, f := range stored.Faults {
		s.set[i] = Fault{Fault: f.Fault, Revision: f.Revision, Created: f.Created, Updated: f.Updated, Ended: f.Ended}
		s.set[i].Since = f.Since
	}
	return nil
}

// strictly reads JSON that has nothing unknown in it: what another version wrote is not read as less than it is.
func strictly(text []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(to)
	if _, rest := d.Token(); err == nil && !errors.Is(rest, io.EOF) {
		err = cmp.Or(rest, errors.New("something follows"))
	}
	return err
}
