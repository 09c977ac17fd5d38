package catalog

import (
	"fmt"
	"strings"
)

// Where pictures and pages of items are.
const (
	imageHost = "http://musicimage.xboxlive.com/content/"
	pageHost  = "https://music.microsoft.com/"
)

var pageWords = [KindCount]string{"Artist", "Album", "Track", "Playlist"}

// Image returns the URL of the picture of an id, without the culture at its
// end.
func Image(id string) string { return imageHost + id + "/image?locale=" }

// Link returns the page of an id.
func Link(k Kind, id string) string {
	return pageHost + pageWords[k] + "/" + id[strings.LastIndexByte(id, '.')+1:] + "?partnerID=Standin"
}

func headOf(k Kind, id, name string) Head {
	return Head{ID: id, Name: name, Image: Image(id), Link: Link(k, id)}
}

// head makes what every item has, under a known id if there is one.
func (g *generator) head(k Kind, known, name string) Head {
	id := "music." + known
	if known == "" {
		id = g.id(k)
	}
	h := headOf(k, id, name)
	h.plays = g.rand.Uint32N(1_000_000_000)
	if k != KindPlaylist {
		number := padded(g.rand.IntN(100_000_000), ' ', 8)
		h.AMG = [KindCount]string{"P ", "R ", "T ", ""}[k] + number
	}
	return h
}

// id draws an id that is not taken. Artists are told from albums and tracks by
// 0200 and 0100 in the ids of the service.
func (g *generator) id(k Kind) string {
	if k == KindPlaylist {
		a, b := g.rand.Uint64(), g.rand.Uint64()
		return fmt.Sprintf("music.playlist.%08x-%04x-00fe-%04x-%012x", uint32(a), uint16(a>>32), uint16(a>>48), b>>16) //nolint:gosec // The low bits are meant.
	}
	for {
		drawn := upperHex(g.rand.Uint32())
		if g.taken[drawn] {
			continue
		}
		g.taken[drawn] = true
		if k == KindArtist {
			return "music." + drawn + "-0200-11DB-89CA-0019B92A3933"
		}
		return "music." + drawn + "-0100-11DB-89CA-0019B92A3933"
	}
}

func upperHex(n uint32) string {
	var text [8]byte
	for i := range text {
		text[i] = "0123456789ABCDEF"[n>>(28-4*i)&15]
	}
	return string(text[:])
}

// padded writes a number with so many places.
func padded(n int, fill byte, places int) string {
	text := make([]byte, places)
	for i := places - 1; i >= 0; i-- {
		text[i] = fill
		if n > 0 || i == places-1 {
			text[i] = byte('0' + n%10)
		}
		n /= 10
	}
	return string(text)
}

// isrc makes the recording code (ISO 3901) of a track: of no country, by a
// registrant that does not exist.
func isrc(at int) string { return "ZZSTD17" + padded(at, '0', 5) }

// icpn makes the product code of an album: a UPC of twelve digits, the last
// of which checks the others. Those that begin with 2 are free for local use.
func icpn(at int) string {
	digits := "2" + padded(at, '0', 10)
	sum := 0
	for i := range len(digits) {
		weight := 1
		if i%2 == 0 {
			weight = 3
		}
		sum += weight * int(digits[i]-'0')
	}
	return digits + string(rune('0'+(10-sum%10)%10))
}

func (g *generator) invent() string { return g.word() + " " + g.word() }

func (g *generator) word() string {
	text := g.pick(g.known.Syllables) + g.pick(g.known.Syllables)
	if g.rand.IntN(2) > 0 {
		text += g.pick(g.known.Syllables)
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// title makes the name of an album, a track or a playlist.
func (g *generator) title() string {
	quality, thing := g.pick(g.known.Qualities), g.pick(g.known.Things)
	switch g.rand.IntN(4) {
	case 0:
		return quality + " " + thing + " of " + g.word()
	case 1:
		return g.word() + " " + thing
	default:
		return quality + " " + thing
	}
}

// subtitle is "" most of the time.
func (g *generator) subtitle() string {
	if g.rand.IntN(10) > 0 {
		return ""
	}
	return g.pick(g.known.Subtitles)
}

func (g *generator) date() string {
	return padded(1985+g.rand.IntN(32), '0', 4) + "-" + padded(1+g.rand.IntN(12), '0', 2) + "-" + padded(1+g.rand.IntN(28), '0', 2)
}

func (g *generator) pick(words []string) string { return words[g.rand.IntN(len(words))] }
