package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/groovechaos/groovechaos/faults"
)

const (
	defaultPageSize = 100
	maxPageSize     = 1000
)

// pager is a request for a page of a list.
type pager interface {
	proto.Message
	GetPageSize() int32
	GetPageToken() string
}

// pageSize reads page_size.
func pageSize(asked int32) (int, error) {
	switch {
	case asked < 0 || asked > maxPageSize:
		return 0, invalid(faults.Problem{Field: "page_size", Text: fmt.Sprintf("is %d, want 0 to %d", asked, maxPageSize)})
	case asked == 0:
		return defaultPageSize, nil
	default:
		return int(asked), nil
	}
}

// scopeLength is how many bytes of a page token say which list it belongs to.
const scopeLength = 8

// scopeOf stands for the list that a request asks for: its kind and its filters, but no place in it.
func scopeOf(r pager) []byte {
	filters := fieldsCleared(r, "page_size", "page_token", "from", "after")
	text, _ := proto.MarshalOptions{Deterministic: true}.Marshal(filters) // What was unmarshalled can be marshalled.
	sum := sha256.Sum256(append([]byte(r.ProtoReflect().Descriptor().FullName()+"\x00"), text...))
	return sum[:scopeLength]
}

// pageToken writes a position in the list that a request asks for, so that nobody is tempted to compute with it.
func pageToken(r pager, position uint64) string {
	return base64.RawURLEncoding.EncodeToString(binary.AppendUvarint(scopeOf(r), position))
}

// pagePosition reads page_token; "" is the beginning.
func pagePosition(r pager) (uint64, error) {
	if r.GetPageToken() == "" {
		return 0, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(r.GetPageToken())
	if err != nil || len(raw) <= scopeLength {
		return 0, invalid(faults.Problem{Field: "page_token", Text: "is not one that this API gave out"})
	}
	position, length := binary.Uvarint(raw[scopeLength:])
	switch {
	case length != len(raw)-scopeLength:
		return 0, invalid(faults.Problem{Field: "page_token", Text: "is not one that this API gave out"})
	case !bytes.Equal(raw[:scopeLength], scopeOf(r)):
		return 0, invalid(faults.Problem{Field: "page_token", Text: "belongs to another list, want the filters of the page before"})
	}
	return position, nil
}

// paged cuts the page out of a whole list. Positions count in the list as it is
// now: what comes or goes in front of one between two pages shifts it.
func paged[T any](all []T, r pager) (page []T, next string, err error) {
	limit, err := pageSize(r.GetPageSize())
	if err != nil {
		return nil, "", err
	}
	position, err := pagePosition(r)
	if err != nil {
		return nil, "", err
	}
	from := len(all)
	if position < uint64(from) {
		from = int(position) //nolint:gosec // Below a length.
	}
	to := min(from+limit, len(all))
	if to < len(all) {
		next = pageToken(r, uint64(to)) //nolint:gosec // A length.
	}
	return all[from:to], next, nil
}
