package datacontract

import (
	"encoding/xml"
	"errors"
	"io"
)

// TrackActionRequest is a batch of tracks.
type TrackActionRequest struct {
	XMLName  xml.Name `json:"-"`
	TrackIDs TrackIDs `json:"TrackIds" xml:"TrackIds"`
}

// TrackIDs are the ids of a batch. In XML its elements may have any name: the
// reference's sample calls them string, the SDK TrackId.
type TrackIDs []string

// UnmarshalXML implements [xml.Unmarshaler].
func (t *TrackIDs) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) error {
	for {
		token, err := d.Token()
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			var id string
			if err := d.DecodeElement(&id, &token); err != nil {
				return err
			}
			*t = append(*t, id)
		case xml.EndElement:
			return nil
		}
	}
}

// PlaylistAction is a write to a playlist.
type PlaylistAction struct {
	XMLName              xml.Name `json:"-"`
	CollectionStateToken string
	ID                   string `json:"Id" xml:"Id"`
	InsertBeforeTrackID  string `json:"InsertBeforeTrackId" xml:"InsertBeforeTrackId"`
	// IsPublished and Name are nil if they are not given.
	IsPublished  *bool
	Name         *string
	TrackActions []TrackAction `xml:"TrackActions>TrackAction"`
}

// TrackAction is what is to be done with one track of a playlist.
type TrackAction struct {
	Action string
	ID     string `json:"Id" xml:"Id"`
}

// CreateRadioRequest says what a radio is to play.
type CreateRadioRequest struct {
	XMLName xml.Name    `json:"-"`
	Seeds   []RadioSeed `xml:"Seeds>RadioSeed"`
}

// RadioSeed is an artist by id, or a genre by name.
type RadioSeed struct {
	ID   string `json:"Id" xml:"Id"`
	Type string
}

// errDirective refuses document types, and so all entities that they declare.
var errDirective = errors.New("a document type is not taken")

// refuseDirectives reads a document through and refuses declarations.
func refuseDirectives(d *xml.Decoder) error {
	for {
		token, err := d.RawToken()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if _, ok := token.(xml.Directive); ok {
			return errDirective
		}
	}
}
