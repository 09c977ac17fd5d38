package datacontract

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// namespaces are those that a request may be in: of the SDK's data contract,
// of older samples, and none.
var namespaces = []string{groove.XMLNamespace, "http://schemas.microsoft.com/xboxmusic/2013/10/platform", ""}

// ReadJSON decodes a request: one value and nothing more. Members that the
// contract does not have are passed over, as a data-contract reader does.
func ReadJSON(body []byte, into any) *Problem {
	err := json.Unmarshal(bytes.TrimPrefix(body, byteOrderMark), into)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong):
		return Refuse(groove.CodeInvalidInputParameter, "the body: %s does not fit %s", wrong.Value, cmp.Or(wrong.Field, "here"))
	case err != nil:
		return Refuse(groove.CodeInvalidInputParameter, "the body: %v", err)
	}
	return nil
}

// byteOrderMark may begin a text in UTF-8, as .NET writes it.
var byteOrderMark = []byte("\uFEFF")

// ReadXML decodes a request in XML whose root element is root. Document types
// are refused before anything is decoded, elements that the contract does not
// have and those that are nil are passed over.
func ReadXML(body []byte, root string, into any) *Problem {
	body = bytes.TrimPrefix(body, byteOrderMark)
	if err := refuseDirectives(xml.NewDecoder(bytes.NewReader(body))); err != nil {
		return Refuse(groove.CodeInvalidInputParameter, "the body: %v", err)
	}
	d := xml.NewTokenDecoder(withoutNil{xml.NewDecoder(bytes.NewReader(body))})
	start, err := rootElement(d)
	if err != nil {
		return Refuse(groove.CodeInvalidInputParameter, "the body: %v", err)
	}
	if start.Name.Local != root || !slices.Contains(namespaces, start.Name.Space) {
		return Refuse(groove.CodeInvalidInputParameter, "the body is %q in %q, want %s in %s", start.Name.Local, start.Name.Space, root, namespaces[0])
	}
	if err := d.DecodeElement(into, &start); err != nil {
		return Refuse(groove.CodeInvalidInputParameter, "the body: %v", err)
	}
	if err := nothingMore(d); err != nil {
		return Refuse(groove.CodeInvalidInputParameter, "the body: %v", err)
	}
	return nil
}

// withoutNil leaves out the elements that say that they are nil (XML Schema 1,
// 2.6.2): that is how a serializer of .NET writes a member without a value.
type withoutNil struct{ *xml.Decoder }

// Token implements [xml.TokenReader].
func (w withoutNil) Token() (xml.Token, error) {
	for {
		token, err := w.Decoder.Token()
		start, ok := token.(xml.StartElement)
		if err != nil || !ok || !slices.ContainsFunc(start.Attr, saysNil) {
			return token, err
		}
		if err := w.Skip(); err != nil {
			return nil, err
		}
	}
}

func saysNil(a xml.Attr) bool {
	return a.Name.Space == groove.XMLInstanceNamespace && a.Name.Local == "nil" && (a.Value == "true" || a.Value == "1")
}

// rootElement skips what may stand before the root of a document.
func rootElement(d *xml.Decoder) (xml.StartElement, error) {
	for {
		token, err := d.Token()
		if err != nil {
			return xml.StartElement{}, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			return token, nil
		case xml.CharData:
			if len(bytes.TrimSpace(token)) > 0 {
				return xml.StartElement{}, fmt.Errorf("%q stands before the root element", token)
			}
		}
	}
}

// nothingMore refuses a second root element, and text after the first.
func nothingMore(d *xml.Decoder) error {
	if start, err := rootElement(d); err != io.EOF {
		if err == nil {
			err = fmt.Errorf("%q stands after the root element", start.Name.Local)
		}
		return err
	}
	return nil
}
