package inject

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
)

// coding is a content coding that a body can be rewritten under.
type coding int

const (
	codingUnknown coding = iota
	codingNone
	codingGzip
)

func codingOf(contentEncoding string) coding {
	switch strings.ToLower(strings.TrimSpace(contentEncoding)) {
	case "", "identity":
		return codingNone
	case "gzip", "x-gzip":
		return codingGzip
	default:
		return codingUnknown
	}
}

var errTooLong = fmt.Errorf("the body has over %d bytes", faults.MaxSpoiled)

// rewrite changes the text under a content coding.
func rewrite(contentEncoding string, body []byte, change func(text []byte) ([]byte, error)) ([]byte, error) {
	if len(body) > faults.MaxSpoiled {
		return nil, errTooLong
	}
	switch codingOf(contentEncoding) {
	case codingNone:
		return change(body)
	case codingGzip:
		text, err := unpack(body)
		if err != nil {
			return nil, err
		}
		if text, err = change(text); err != nil {
			return nil, err
		}
		return groove.Wanted{Gzip: true}.Pack(text).Body, nil
	default:
		return nil, errCoding(contentEncoding)
	}
}

func errCoding(contentEncoding string) error {
	return fmt.Errorf("the content coding is %q, want none or gzip", contentEncoding)
}

// unpack undoes gzip, up to faults.MaxSpoiled bytes.
func unpack(body []byte) ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the body is not gzip, as its head says")
	}
	text, err := io.ReadAll(io.LimitReader(reader, faults.MaxSpoiled+1))
	switch {
	case err != nil:
		return nil, errors.New("the body is damaged gzip")
	case len(text) > faults.MaxSpoiled:
		return nil, errTooLong
	default:
		return text, nil
	}
}
