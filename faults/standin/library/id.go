package library

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/faults/standin/catalog"
)

// class says what an id of a user's own stands for.
type class byte

const (
	classTrack class = iota + 1
	classListed
	classAlbum
	classArtist
)

const (
	numberSize = 6
	checkSize  = 8
)

// coding of ids: the service's look much like it. Case must not matter.
var coding = base32.StdEncoding.WithPadding(base32.NoPadding)

// id writes a class and a number as an id that only this user knows.
func (u *User) id(c class, number uint64) string {
	var text [1 + numberSize + checkSize]byte
	text[0] = byte(c)
	var eight [8]byte
	binary.BigEndian.PutUint64(eight[:], number)
	copy(text[1:], eight[8-numberSize:])
	sum := u.sum(text[:1+numberSize])
	copy(text[1+numberSize:], sum[:])
	return "music." + coding.EncodeToString(text[:])
}

// read is the reverse of id.
func (u *User) read(id string) (c class, number uint64, ok bool) {
	const namespace = "music."
	if len(id) < len(namespace) || !strings.EqualFold(id[:len(namespace)], namespace) {
		return 0, 0, false
	}
	text, err := coding.DecodeString(strings.ToUpper(id[len(namespace):]))
	if err != nil || len(text) != 1+numberSize+checkSize {
		return 0, 0, false
	}
	sum := u.sum(text[:1+numberSize])
	if string(sum[:checkSize]) != string(text[1+numberSize:]) {
		return 0, 0, false
	}
	var eight [8]byte
	copy(eight[8-numberSize:], text[1:])
	return class(text[0]), binary.BigEndian.Uint64(eight[:]), true
}

// sum depends on the seed, the user and what is summed.
func (u *User) sum(text []byte) [sha256.Size]byte {
	seed := binary.BigEndian.AppendUint64(nil, u.library.options.Seed)
	return sha256.Sum256(append(append(seed, text...), u.Name...))
}

// playlistID makes the id of the next playlist.
func (u *User) playlistID() string {
	u.serial++
	s := u.sum(binary.BigEndian.AppendUint64(nil, u.serial))
	return fmt.Sprintf("music.playlist.%x-%x-%x-%x-%x", s[:4], s[4:6], s[6:8], s[8:10], s[10:16])
}

// EntryID is the id of a track in the collection.
func (u *User) EntryID(e Entry) string { return u.id(classTrack, e.serial) }

// ListedID is the id of a track in a playlist.
func (u *User) ListedID(e Entry) string { return u.id(classListed, e.serial) }

// ItemID is the id that an album or an artist has in the collection.
func (u *User) ItemID(r catalog.Ref) string {
	if r.Kind == catalog.KindAlbum {
		return u.id(classAlbum, uint64(r.At)) //nolint:gosec // A place.
	}
	return u.id(classArtist, uint64(r.At)) //nolint:gosec // A place.
}

// Item finds what the user has under an id of the user's own: an artist, an
// album or a track. For a track it returns the entry too.
func (u *User) Item(id string) (catalog.Ref, Entry, bool) {
	c, number, ok := u.read(id)
	if !ok {
		return catalog.Ref{}, Entry{}, false
	}
	switch c {
	case classTrack, classListed:
		e, ok := u.entry(c, number)
		return catalog.Ref{Kind: catalog.KindTrack, At: e.Track}, e, ok
	case classAlbum, classArtist:
		r := catalog.Ref{Kind: catalog.KindAlbum, At: int(number)} //nolint:gosec // It was a place when it was written.
		if c == classArtist {
			r.Kind = catalog.KindArtist
		}
		return r, Entry{}, u.Times(r) > 0
	}
	return catalog.Ref{}, Entry{}, false
}

// entry finds a track by its number, in the collection or in any playlist.
func (u *User) entry(c class, number uint64) (Entry, bool) {
	if c == classTrack {
		if i, ok := u.position(number); ok {
			return u.tracks[i], true
		}
		return Entry{}, false
	}
	for _, p := range u.playlists {
		if i := p.position(number); i >= 0 {
			return p.Tracks[i], true
		}
	}
	return Entry{}, false
}

// position finds an entry of the collection by its number.
func (u *User) position(number uint64) (int, bool) {
	return slices.BinarySearchFunc(u.tracks, number, func(e Entry, n uint64) int { return cmp.Compare(e.serial, n) })
}

func (p *Playlist) position(number uint64) int {
	return slices.IndexFunc(p.Tracks, func(e Entry) bool { return e.serial == number })
}
