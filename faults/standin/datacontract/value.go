package datacontract

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

// Sources are flags: separated by a comma in JSON, by a space in XML.
type Sources string

// What an item can be used with.
const (
	SourcesBoth       Sources = "Catalog, Collection"
	SourcesCatalog    Sources = "Catalog"
	SourcesCollection Sources = "Collection"
)

// MarshalXML implements [xml.Marshaler].
func (s Sources) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	return e.EncodeElement(strings.ReplaceAll(string(s), ", ", " "), start)
}

// Duration is hh:mm:ss in JSON and an xs:duration in XML.
type Duration string

// NewDuration writes seconds, below 100 hours.
func NewDuration(seconds int) Duration {
	return Duration(pair(seconds/3600) + ":" + pair(seconds/60%60) + ":" + pair(seconds%60))
}

func pair(n int) string { return string([]byte{byte('0' + n/10%10), byte('0' + n%10)}) }

// MarshalXML implements [xml.Marshaler].
func (d Duration) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
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
