package datacontract

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// XML writes an answer as a data-contract serializer does, as the response
// type root: no declaration, the namespaces on the root. Characters that XML
// forbids become U+FFFD.
func XML(root string, answer any) ([]byte, error) {
	var out bytes.Buffer
	err := xml.NewEncoder(&out).EncodeElement(answer, xml.StartElement{
		Name: xml.Name{Local: root},
		Attr: []xml.Attr{
			{Name: xml.Name{Local: "xmlns"}, Value: groove.XMLNamespace},
			{Name: xml.Name{Local: "xmlns:i"}, Value: groove.XMLInstanceNamespace},
		},
	})
	return out.Bytes(), err
}

// elementName is the name of the elements that a list of v is made of.
func elementName(v any) string {
	switch v.(type) {
	case Activity:
		return "Activity"
	case Album:
		return "Album"
	case Artist:
		return "Artist"
	case ContentItem:
		return "ContentItem"
	case Contributor:
		return "Contributor"
	case Genre:
		return "Genre"
	case Mood:
		return "Mood"
	case Playlist:
		return "Playlist"
	case Radio:
		return "Radio"
	case Track:
		return "Track"
	default:
		return "TrackActionResult"
	}
}

// Items is a list that is an array in JSON and wraps named elements in XML.
type Items[T any] []T

// MarshalXML implements [xml.Marshaler].
func (l Items[T]) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	var zero T
	return wrapped(e, start, elementName(zero), l)
}

// GenreNames are genres by name.
type GenreNames []string

// MarshalXML implements [xml.Marshaler].
func (n GenreNames) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	return wrapped(e, start, "Genre", n)
}

// RightNames are what may be done with a track.
type RightNames []string

// MarshalXML implements [xml.Marshaler].
func (n RightNames) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	return wrapped(e, start, "Right", n)
}

func wrapped[T any](e *xml.Encoder, start xml.StartElement, name string, elements []T) error {
	if err := e.EncodeToken(start); err != nil {
		return err
	}
	for i := range elements {
		if err := e.EncodeElement(elements[i], xml.StartElement{Name: xml.Name{Local: name}}); err != nil {
			return err
		}
	}
	return e.EncodeToken(start.End())
}

// OtherIDs are further ids of an item.
type OtherIDs []OtherID

// OtherID is an id of an item in another namespace.
type OtherID struct {
	Namespace string
	ID        string `xml:"Id"`
}

// MarshalJSON implements [json.Marshaler]: an object by namespace.
func (o OtherIDs) MarshalJSON() ([]byte, error) { return o.appendJSON(nil), nil }

// UnmarshalJSON implements [json.Unmarshaler].
func (o *OtherIDs) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return fmt.Errorf("read OtherIds: %v is no object: %w", t, err)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var id string
		if err := d.Decode(&id); err != nil {
			return err
		}
		*o = append(*o, OtherID{name.(string), id})
	}
	return nil
}

// MarshalXML implements [xml.Marshaler].
func (o OtherIDs) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	return wrapped(e, start, "OtherId", o)
}
