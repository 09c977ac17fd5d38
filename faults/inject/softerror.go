package inject

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
)

// Message is the answer of an upstream, its body as sent.
type Message struct {
	// Endpoint is what the request addressed, the zero value for a target outside the contract.
	Endpoint groove.Endpoint
	// ContentEncoding is the field of this name, "" for absent.
	ContentEncoding string
	// Marker is a text to put into each Error, by which it is known again; "" for none.
	Marker string
	Body   []byte
}

// SoftError puts an Error into the document m, which came with a 200, and
// returns the new body, coded like the old one. All else stays byte for byte as
// it was. The error says why the body cannot take an Error; then nothing is changed.
//
// The Error becomes the first member of the top-level object, where a data
// contract has it, and takes the place of one that is there; in XML it is in the
// namespace of the root, in JSONP it is inside the call. With Items so many results of a
// batch write get one as well, and lose their Id: which ones is drawn from key.
func SoftError(e *faults.SoftError, key uint64, m Message) ([]byte, error) {
	if m.Endpoint.Name == groove.Token || m.Endpoint.Name == groove.Image {
		return nil, fmt.Errorf("the answers of %s carry no Error object", m.Endpoint.Name)
	}
	return rewrite(m.ContentEncoding, m.Body, func(text []byte) ([]byte, error) {
		return errorInto(text, m.Endpoint, plant{
			top:   groove.NewError(topCode(e, m.Endpoint), e.Message).Marked(m.Marker),
			item:  groove.NewError(cmp.Or(e.ItemCode, groove.CodeCollectionInvalidID), "").Marked(m.Marker),
			share: e.Items,
			key:   key,
		})
	})
}

// topCode is the code of the Error at the top.
func topCode(e *faults.SoftError, endpoint groove.Endpoint) groove.ErrorCode {
	if e.ErrorCode != "" {
		return e.ErrorCode
	}
	if e.Items != nil {
		return groove.CodeCollectionSomeOperationsFailed
	}
	return groove.DefaultErrorCode(endpoint, 200)
}

// plant is what is to be put into a document.
type plant struct {
	top, item groove.Error
	// share is the part of the results that get item, nil for no look at them.
	share *float64
	key   uint64
}

var (
	errNoDocument = errors.New("the body is no Groove document")
	errNoResults  = errors.New("the body has no results of a batch write")
)

// errorInto finds out what kind of document text is, by how it begins as
// groove.Classify does, and changes it.
func errorInto(text []byte, endpoint groove.Endpoint, p plant) ([]byte, error) {
	start := leading(text)
	if start == len(text) {
		return nil, errNoDocument
	}
	if text[start] == '<' {
		return errorIntoXML(text, endpoint.Answer, p)
	}
	from, to, ok := jsonIn(text)
	if !ok || from == to || text[from] != '{' {
		return nil, errNoDocument
	}
	return errorIntoJSON(text, from, p)
}

// leading is the length of what may stand before a document: a byte order mark
// and blanks.
func leading(text []byte) int {
	rest := bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	return len(text) - len(bytes.TrimLeft(rest, blanks))
}

const blanks = " \t\r\n"

// chosen says which of so many results fail: each for itself with the share,
// and at least one.
func (p plant) chosen(results int) []bool {
	fails := make([]bool, results)
	some := false
	for i := range fails {
		fails[i] = unit(noise(p.key, uint64(i))) < *p.share
		some = some || fails[i]
	}
	if !some && results > 0 {
		fails[noise(p.key, math.MaxUint64)%uint64(results)] = true
	}
	return fails
}
