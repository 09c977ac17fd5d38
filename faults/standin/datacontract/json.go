package datacontract

import (
	"bytes"
	"encoding/json"
)

// AppendJSON appends an answer in JSON, without a line end and without escapes
// for the sake of HTML.
func AppendJSON(out []byte, answer any) ([]byte, error) {
	if c, ok := answer.(*ContentResponse); ok {
		return c.appendJSON(out), nil
	}
	var written bytes.Buffer
	encoder := json.NewEncoder(&written)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(answer)
	return append(out, bytes.TrimSuffix(written.Bytes(), []byte("\n"))...), err
}

// What follows writes a ContentResponse as encoding/json would, which a test
// holds it to, in a fraction of the time: an answer of full pages has 75 items
// and some 70 kB, and reflection over it costs more than finding it.

func (r *ContentResponse) appendJSON(out []byte) []byte {
	o := begin(out)
	if r.Error != nil {
		o.name("Error")
		o.out = r.Error.appendJSON(o.out)
	}
	list(&o, "Albums", r.Albums, (*Album).appendJSON)
	list(&o, "Artists", r.Artists, (*Artist).appendJSON)
	items(&o, "CatalogActivities", r.CatalogActivities, func(a *Activity, out []byte) []byte { return a.appendJSON(out) })
	items(&o, "CatalogGenres", r.CatalogGenres, (*Genre).appendJSON)
	items(&o, "CatalogMoods", r.CatalogMoods, func(m *Mood, out []byte) []byte { return m.appendJSON(out) })
	o.optional("Culture", r.Culture)
	list(&o, "Playlists", r.Playlists, (*Playlist).appendJSON)
	list(&o, "Radios", r.Radios, (*Radio).appendJSON)
	list(&o, "Results", r.Results, (*ContentItem).appendJSON)
	list(&o, "Tracks", r.Tracks, (*Track).appendJSON)
	return o.end()
}

func (e *Error) appendJSON(out []byte) []byte {
	o := begin(out)
	o.text("Description", e.Description)
	o.text("ErrorCode", e.ErrorCode)
	o.optional("Message", e.Message)
	return o.end()
}

func (c *Content) members(o *object) {
	o.plain("CompatibleSources", string(c.CompatibleSources))
	o.plain("Id", c.ID)
	o.plain("ImageUrl", c.ImageURL)
	o.plain("Link", c.Link)
	o.text("Name", c.Name)
	if len(c.OtherIDs) > 0 {
		o.name("OtherIds")
		o.out = c.OtherIDs.appendJSON(o.out)
	}
	o.plain("Source", c.Source)
}

func (o OtherIDs) appendJSON(out []byte) []byte {
	w := begin(out)
	for _, other := range o {
		w.plain(other.Namespace, other.ID)
	}
	return w.end()
}

func (a *Artist) appendJSON(out []byte) []byte {
	o := begin(out)
	a.members(&o)
	list(&o, "Albums", a.Albums, (*Album).appendJSON)
	o.optional("Biography", a.Biography)
	o.texts("Genres", a.Genres)
	o.texts("Subgenres", a.Subgenres)
	list(&o, "TopTracks", a.TopTracks, (*Track).appendJSON)
	return o.end()
}

func (c *TrackContainer) members(o *object) {
	c.Content.members(o)
	o.plain("Duration", string(c.Duration))
	if c.TrackCount != nil {
		o.number("TrackCount", *c.TrackCount)
	}
	list(o, "Tracks", c.Tracks, (*Track).appendJSON)
}

func (a *Album) appendJSON(out []byte) []byte {
	o := begin(out)
	a.TrackContainer.members(&o)
	o.plain("AlbumType", a.AlbumType)
	items(&o, "Artists", a.Artists, (*Contributor).appendJSON)
	o.texts("Genres", a.Genres)
	o.flag("IsExplicit", a.IsExplicit)
	o.optional("LabelName", a.LabelName)
	o.plain("ReleaseDate", a.ReleaseDate)
	o.texts("Subgenres", a.Subgenres)
	o.optional("Subtitle", a.Subtitle)
	return o.end()
}

func (t *Track) appendJSON(out []byte) []byte {
	o := begin(out)
	t.members(&o)
	if t.Album != nil {
		o.name("Album")
		o.out = t.Album.appendJSON(o.out)
	}
	items(&o, "Artists", t.Artists, (*Contributor).appendJSON)
	o.plain("Duration", string(t.Duration))
	o.texts("Genres", t.Genres)
	o.flag("IsExplicit", t.IsExplicit)
	o.plain("ReleaseDate", t.ReleaseDate)
	o.texts("Rights", t.Rights)
	o.texts("Subgenres", t.Subgenres)
	o.optional("Subtitle", t.Subtitle)
	if t.TrackNumber != 0 {
		o.number("TrackNumber", t.TrackNumber)
	}
	return o.end()
}

func (p *Playlist) appendJSON(out []byte) []byte {
	o := begin(out)
	p.TrackContainer.members(&o)
	o.optional("CollectionStateToken", p.CollectionStateToken)
	o.optional("Description", p.Description)
	o.flag("IsPublished", &p.IsPublished)
	o.flag("IsReadOnly", &p.IsReadOnly)
	o.flag("UserIsOwner", &p.UserIsOwner)
	return o.end()
}

func (c *Contributor) appendJSON(out []byte) []byte {
	o := begin(out)
	o.name("Artist")
	o.out = c.Artist.appendJSON(o.out)
	o.plain("Role", c.Role)
	return o.end()
}

func (r *Radio) appendJSON(out []byte) []byte {
	o := begin(out)
	r.members(&o)
	return o.end()
}

func (g *Genre) appendJSON(out []byte) []byte {
	o := begin(out)
	o.text("Name", g.Name)
	o.flag("HasEditorialPlaylists", &g.HasEditorialPlaylists)
	o.optional("ParentName", g.ParentName)
	return o.end()
}

func (c *Category) appendJSON(out []byte) []byte {
	o := begin(out)
	o.optional("Description", c.Description)
	o.text("Id", c.ID)
	o.optional("ImageUrl", c.ImageURL)
	o.text("Name", c.Name)
	return o.end()
}

func (c *ContentItem) appendJSON(out []byte) []byte {
	o := begin(out)
	if c.Album != nil {
		o.name("Album")
		o.out = c.Album.appendJSON(o.out)
	}
	if c.Artist != nil {
		o.name("Artist")
		o.out = c.Artist.appendJSON(o.out)
	}
	o.text("Type", c.Type)
	return o.end()
}
