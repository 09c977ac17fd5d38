package proxy

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
)

// maxPrefix is how much of a body is looked at: of a request's before the
// decision, of an answer's to classify it.
const maxPrefix = 64 << 10

// maxPlain bounds what a compressed prefix is unpacked to.
const maxPlain = 4 * maxPrefix

// plain removes gzip from the beginning of a body, as far as it goes.
func plain(prefix []byte, encoding string) []byte {
	if !strings.EqualFold(encoding, "gzip") {
		return prefix
	}
	z, err := gzip.NewReader(bytes.NewReader(prefix))
	if err != nil {
		return nil
	}
	text, _ := io.ReadAll(io.LimitReader(z, maxPlain)) // a beginning ends early
	return text
}
