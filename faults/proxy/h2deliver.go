package proxy

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/inject"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// outflow is the upstream's answer on its way to a client of HTTP/2.
type outflow struct {
	*flight

	response *http.Response
	body     io.Reader
	// length is that of the body, -1 for unknown.
	length int64
	// stopAt is how many bytes of the body pass before a fault breaks the
	// stream, room how many there is place for at all; below 0 for all.
	stopAt, room int64
}

// deliver passes the answer on as it comes.
func (f *flight) deliver(r *http.Response) bool {
	f.answering(observe.OriginUpstream, r.StatusCode, r.Header.Get("Retry-After"))
	f.encoding = r.Header.Get("Content-Encoding")
	d := &outflow{flight: f, response: r, body: f.patient(r), length: bodyLength(f.in.Method, r), stopAt: -1, room: -1}
	pass := d.pass
	if len(f.decision.Spoils) > 0 {
		pass = d.passSpoiled
	}
	switch err := pass(); {
	case errors.Is(err, errStruck):
		return false
	case errors.Is(err, errCutShort), errors.Is(err, errShortened):
		f.attempt.Origin = observe.OriginInjected
		f.settle(true)
		return errors.Is(err, errShortened)
	case err != nil:
		return f.breakOff()
	}
	f.completed = true
	return true
}

// breakOff ends the stream under an answer that is not whole, so that it
// cannot look whole.
func (f *flight) breakOff() bool {
	f.gone = f.gone || f.left() && !f.writes.tooLong()
	if !f.gone && f.attempt.Origin == observe.OriginUpstream {
		f.blame(observe.OriginUpstream, errUpstream.Error())
	}
	f.settle(true)
	return false
}

// pass sends the answer up to where a fault breaks the stream.
func (d *outflow) pass() error {
	d.describe(-1)
	announced := maps.Clone(d.response.Trailer)
	for _, name := range slices.Sorted(maps.Keys(announced)) {
		d.writer.Header().Add("Trailer", name)
	}
	if err := d.begin(d.length); err != nil {
		return err
	}
	if err := d.copyBody(); err != nil {
		return err
	}
	for name, values := range d.response.Trailer {
		if _, ok := announced[name]; !ok {
			name = http.TrailerPrefix + name
		}
		d.writer.Header()[name] = values
	}
	if !d.headOut && !d.sendEnd() {
		return errLeft
	}
	return nil
}

// describe sets the head, with a length where that is not to be the upstream's.
func (d *outflow) describe(length int64) {
	header := d.writer.Header()
	clear(header)
	maps.Copy(header, endToEnd(d.response.Header))
	if _, dated := header["Date"]; !dated {
		header["Date"] = nil // else net/http gives one
	}
	if length >= 0 && d.length != 0 {
		header.Set("Content-Length", strconv.FormatInt(length, 10))
	}
}

// begin sends the head, unless the body is known to be empty, and finds out
// how far the body may pass.
func (d *outflow) begin(length int64) error {
	point := d.point()
	after := point == faults.BreakAfterHead || point == faults.BreakMidBody
	if err := d.sendHead(after || d.length != 0); err != nil {
		return err
	}
	if d.strikeAt(faults.BreakAfterHead) {
		return errStruck
	}
	if point == faults.BreakMidBody {
		if d.stopAt = inject.MidBody(length); d.stopAt == 0 {
			d.stopAt = -1
			if d.strikeAt(faults.BreakMidBody) {
				return errStruck
			}
		}
	}
	return nil
}

// copyBody passes the body as it comes.
func (d *outflow) copyBody() error {
	page := pages.Get().(*[pageSize]byte)
	whole := true
	defer func() {
		if whole { // else net/http may still be at it
			pages.Put(page)
		}
	}()
	for {
		n, err := d.body.Read(page[:])
		if sent := d.put(page[:n]); sent != nil {
			whole = false
			return sent
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return errUpstream
		}
	}
}

// put sends bytes of the body, up to where a fault breaks the stream.
func (d *outflow) put(data []byte) error {
	if d.stopAt >= 0 && int64(len(data)) >= d.stopAt {
		if err := d.send(data[:d.stopAt]); err != nil {
			return err
		}
		data, d.stopAt = data[d.stopAt:], -1
		if d.strikeAt(faults.BreakMidBody) {
			return errStruck
		}
	}
	if d.stopAt >= 0 {
		d.stopAt -= int64(len(data))
	}
	return d.send(data)
}

// send sends as many of the bytes as there is place for.
func (d *outflow) send(data []byte) error {
	if d.room >= 0 {
		data = data[:min(int64(len(data)), d.room)]
		d.room -= int64(len(data))
	}
	if len(data) == 0 {
		return nil
	}
	if room := maxPrefix - len(d.sampled); room > 0 {
		d.sampled = append(d.sampled, data[:min(len(data), room)]...)
	}
	return d.push(data)
}
