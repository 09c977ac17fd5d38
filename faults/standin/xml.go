package standin

import (
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// What differs between the JSON and the XML of the contract is written here.

// elementName is the name of the elements that a list of v is made of.
func elementName(v any) string {
	switch v.(type) {
	case artistItem:
		return "Artist"
	case albumItem:
		return "Album"
	case trackItem:
		return "Track"
	case playlistItem:
		return "Playlist"
	case genreItem:
		return "Genre"
	case contributor:
		return "Contributor"
	default:
		return "TrackActionResult"
	}
}

// items is a list that is an array in JSON and wraps named elements in XML.
type items[T any] []T

// MarshalXML implements [xml.Marshaler].
func (l items[T]) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	var zero T
	return wrapped(e, start, elementName(zero), l)
}

// genreNames are genres by name.
type genreNames []string

// MarshalXML implements [xml.Marshaler].
func (n genreNames) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	return wrapped(e, start, "Genre", n)
}

// rightNames are what may be done with a track.
type rightNames []string

// MarshalXML implements [xml.Marshaler].
func (n rightNames) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	return wrapped(e, start, "Right", n)
}

func wrapped[T any](e *xml.Encoder, start xml.StartElement, name string, elements []T) error {
	if err := e.EncodeToken(start); err != nil {
		return err
	}
	for _, element := range elements {
		if err := e.EncodeElement(element, xml.StartElement{Name: xml.Name{Local: name}}); err != nil {
			return err
		}
	}
	return e.EncodeToken(start.End())
}

// otherIDs are further ids of an item, by namespace.
type otherIDs map[string]string

// MarshalXML implements [xml.Marshaler].
func (o otherIDs) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	type entry struct {
		Namespace string
		ID        string `xml:"Id"`
	}
	var entries []entry
	for _, namespace := range slices.Sorted(maps.Keys(o)) {
		entries = append(entries, entry{namespace, o[namespace]})
	}
	return wrapped(e, start, "OtherId", entries)
}

// sources are flags: separated by a comma in JSON, by a space in XML.
type sources string

// MarshalXML implements [xml.Marshaler].
func (s sources) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	return e.EncodeElement(strings.ReplaceAll(string(s), ", ", " "), start)
}

// duration is hh:mm:ss in JSON and an xs:duration in XML.
type duration string

func newDuration(seconds int) duration {
	return duration(fmt.Sprintf("%02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60))
}

// MarshalXML implements [xml.Marshaler].
func (d duration) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	var hours, minutes, seconds int
	if _, err := fmt.Sscanf(string(d), "%d:%d:%d", &hours, &minutes, &seconds); err != nil {
		return fmt.Errorf("read duration %q: %w", string(d), err)
	}
	text := "PT"
	if hours > 0 {
		text += strconv.Itoa(hours) + "H"
	}
	if minutes > 0 {
		text += strconv.Itoa(minutes) + "M"
	}
	if seconds > 0 || text == "PT" {
		text += strconv.Itoa(seconds) + "S"
	}
	return e.EncodeElement(text, start)
}
