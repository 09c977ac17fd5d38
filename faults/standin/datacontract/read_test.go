package datacontract

import (
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/groove"
)

const nils = `<PlaylistAction xmlns="` + groove.XMLNamespace + `" xmlns:i="` + groove.XMLInstanceNamespace + `">` +
	`<CollectionStateToken i:nil="true"/><Id>a</Id><IsPublished i:nil="1"></IsPublished><Name i:nil="true"><x/></Name>` +
	`<TrackActions><TrackAction i:nil="true"/><TrackAction><Action>Add</Action><Id i:nil="false">b</Id></TrackAction></TrackActions></PlaylistAction>`

// TestNilElementsAreNotThere reads what a .NET serializer writes for members
// without a value: they are not given, rather than empty.
func TestNilElementsAreNotThere(t *testing.T) {
	t.Parallel()
	var a PlaylistAction
	if p := ReadXML([]byte(nils), "PlaylistAction", &a); p != nil {
		t.Fatal(p.Message)
	}
	if a.ID != "a" || a.IsPublished != nil || a.Name != nil || a.CollectionStateToken != "" {
		t.Errorf("got %+v, want an Id alone", a)
	}
	if len(a.TrackActions) != 1 || a.TrackActions[0] != (TrackAction{"Add", "b"}) {
		t.Errorf("got actions %+v, want one", a.TrackActions)
	}
}

// TestByteOrderMark reads bodies that begin as .NET writers begin them.
func TestByteOrderMark(t *testing.T) {
	t.Parallel()
	var a, b TrackActionRequest
	if p := ReadJSON([]byte("\uFEFF"+`{"TrackIds":["x"]}`), &a); p != nil || len(a.TrackIDs) != 1 {
		t.Errorf("JSON: %v, %v", a, p)
	}
	text := "\uFEFF" + `<?xml version="1.0"?><TrackActionRequest><TrackIds><string>x</string></TrackIds></TrackActionRequest>`
	if p := ReadXML([]byte(text), "TrackActionRequest", &b); p != nil || len(b.TrackIDs) != 1 {
		t.Errorf("XML: %v, %v", b, p)
	}
}

// TestWrongTypesAreNamedByTheContract holds that a message speaks of members,
// not of what stands for them here.
func TestWrongTypesAreNamedByTheContract(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"TrackIds":[7]}`: "the body: number does not fit TrackIds",
		`[]`:               "the body: array does not fit here",
	} {
		var a TrackActionRequest
		if p := ReadJSON([]byte(body), &a); p == nil || !strings.HasPrefix(p.Message, want) {
			t.Errorf("%s: got %+v, want %q", body, p, want)
		}
	}
}
