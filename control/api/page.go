package api

import (
	"encoding/base64"
	"fmt"
	"strconv"

	"github.com/groovechaos/groovechaos/faults"
)

const (
	defaultPageSize = 100
	maxPageSize     = 1000
)

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

// pageToken writes a position so that nobody is tempted to compute with it.
func pageToken(position uint64) string {
	return base64.RawURLEncoding.EncodeToString([]byte("p" + strconv.FormatUint(position, 10)))
}

// pagePosition reads page_token; "" is the beginning.
func pagePosition(token string) (uint64, error) {
	if token == "" {
		return 0, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil && len(raw) > 1 && raw[0] == 'p' {
		if position, err := strconv.ParseUint(string(raw[1:]), 10, 64); err == nil {
			return position, nil
		}
	}
	return 0, invalid(faults.Problem{Field: "page_token", Text: "is not one that this API gave out"})
}

// paged cuts the page out of a whole list. Positions count in the list as it is
// now: what comes or goes in front of one between two pages shifts it.
func paged[T any](all []T, size int32, token string) (page []T, next string, err error) {
	limit, err := pageSize(size)
	if err != nil {
		return nil, "", err
	}
	position, err := pagePosition(token)
	if err != nil {
		return nil, "", err
	}
	from := len(all)
	if position < uint64(from) {
		from = int(position) //nolint:gosec // Below a length.
	}
	to := min(from+limit, len(all))
	if to < len(all) {
		next = pageToken(uint64(to)) //nolint:gosec // A length.
	}
	return all[from:to], next, nil
}
