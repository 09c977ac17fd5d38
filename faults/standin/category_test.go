package standin

import (
	"bytes"
	"strings"
	"testing"
)

func TestGenresHaveParents(t *testing.T) {
	t.Parallel()
	r := newStandin(t, Options{}).play(ApplicationToken, genresPath+"?country=tr", "")
	if !bytes.Contains(r.body, []byte("R&B / Soul")) {
		t.Errorf("R&B / Soul is not, or is not plainly, in %s", r.body)
	}
	got := r.content(t)
	names := make(map[string]bool)
	for _, g := range got.CatalogGenres {
		names[g.Name] = true
	}
	children := 0
	for _, g := range got.CatalogGenres {
		if g.ParentName != "" {
			children++
			if !names[g.ParentName] {
				t.Errorf("%s has the unknown parent %s", g.Name, g.ParentName)
			}
		}
	}
	if got.Culture != "tr-TR" || children == 0 {
		t.Errorf("culture is %s, %d genres have a parent; want tr-TR and some", got.Culture, children)
	}
}

// TestCategories holds that each mood and activity leads to 50 playlists or
// more, in two pages and the rest, and has a picture.
func TestCategories(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	ids := make(map[string][]string)
	pictures := make(map[string]string)
	for _, m := range s.play(ApplicationToken, "/1/content/music/Catalog/Moods", "").content(t).CatalogMoods {
		ids["mood"] = append(ids["mood"], m.ID)
		pictures[m.ID] = m.ImageURL
	}
	for _, a := range s.play(ApplicationToken, "/1/content/music/catalog/activities", "").content(t).CatalogActivities {
		ids["activity"] = append(ids["activity"], a.ID)
		pictures[a.ID] = a.ImageURL
	}
	if len(ids["mood"]) < 5 || len(ids["activity"]) < 5 {
		t.Errorf("moods and activities are %v, want 5 or more of each", ids)
	}
	for by, all := range ids {
		for _, id := range all {
			got := s.play(ApplicationToken, "/1/content/music/Catalog/Playlists/browse?"+by+"="+id, "").content(t)
			if got.Playlists.TotalItemCount < 50 || len(got.Playlists.Items) != maxPage {
				t.Errorf("%s %s has %d playlists, %d on the first page", by, id, got.Playlists.TotalItemCount, len(got.Playlists.Items))
			}
			r := s.play("", strings.TrimPrefix(pictures[id], "http://musicimage.xboxlive.com"), "")
			if r.header.Get("Content-Type") != "image/png" {
				t.Errorf("%s: got %d %.100s, want a picture", pictures[id], r.status, r.body)
			}
		}
	}
}
