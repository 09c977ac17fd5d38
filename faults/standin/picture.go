package standin

import (
	"encoding/hex"
	"image/color"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gorilla/mux"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/catalog"
	"github.com/groovechaos/groovechaos/faults/standin/library"
	"github.com/groovechaos/groovechaos/faults/standin/media"
)

const (
	// usualSide is how wide and high a picture is that is asked for without a
	// size, in pixels.
	usualSide = 480
	// longestSide bounds both; the reference names no bound.
	longestSide = 2048
)

// serveImage answers the image endpoint: to everybody, like the host that it
// was on.
func (s *Standin) serveImage(w http.ResponseWriter, r *http.Request) {
	id, picture, p := s.readPicture(r)
	if p != nil {
		sendProblem(w, wantedBy(r), "", p)
		return
	}
	content, err := picture.PNG(strings.ToLower(id))
	if err != nil {
		// A picture in memory can be written; this is unreachable.
		panic(err)
	}
	w.Header().Set("Cache-Control", "public, max-age=3600")
	send(w, http.StatusOK, groove.Document{ContentType: "image/png", Body: content})
}

// readPicture reads what picture is asked for.
func (s *Standin) readPicture(r *http.Request) (id string, picture media.Picture, p *problem) {
	query, p := readParameters(r.URL.RawQuery)
	if p != nil {
		return "", media.Picture{}, p
	}
	if locale, given := query["locale"]; given && !localeForm.MatchString(locale) {
		return "", media.Picture{}, refuse(groove.CodeInvalidInputParameter, "locale is %q, want a language, a dash and a country", locale)
	}
	id = mux.Vars(r)["id"]
	if !s.pictured(r, id) {
		return "", media.Picture{}, refuse(groove.CodeCatalogNoResult, "there is no picture of %q", id)
	}
	picture, p = query.picture()
	return id, picture, p
}

var localeForm = regexp.MustCompile(`^[A-Za-z]{2}-[A-Za-z]{2}$`)

// pictured reports whether there is something with an id: a category under
// /catalog/, else an item or any user's playlist.
func (s *Standin) pictured(r *http.Request, id string) bool {
	if strings.HasPrefix(strings.ToLower(r.URL.Path), "/catalog/") {
		return hasCategory(s.catalog.Moods, moodPrefix, id) || hasCategory(s.catalog.Activities, activityPrefix, id)
	}
	if _, ok := s.catalog.Find(id); ok {
		return true
	}
	var ok bool
	s.library.ReadAll(func(u *library.User) {
		_, found := u.Playlist(id)
		ok = ok || found
	})
	return ok
}

func hasCategory(all []catalog.Category, namespace, id string) bool {
	return slices.ContainsFunc(all, func(c catalog.Category) bool { return strings.EqualFold(namespace+c.ID, id) })
}

// picture reads w, h, mode and background.
func (p parameters) picture() (media.Picture, *problem) {
	picture := media.Picture{Width: usualSide, Height: usualSide, Mode: media.Crop}
	_, wide := p["w"]
	_, high := p["h"]
	if wide != high {
		return picture, refuse(groove.CodeIncompatibleInputParameters, "w and h go together")
	}
	var bad *problem
	if wide {
		if picture.Width, bad = p.side("w"); bad != nil {
			return picture, bad
		}
		if picture.Height, bad = p.side("h"); bad != nil {
			return picture, bad
		}
	}
	if mode, given := p["mode"]; given {
		picture.Mode = media.Mode(strings.ToLower(mode))
	}
	switch picture.Mode {
	case media.Crop, media.Letterbox, media.Scale:
	default:
		return picture, refuse(groove.CodeInvalidInputParameter, "mode is %q, want scale, letterbox or crop", p["mode"])
	}
	picture.Background, bad = p.background(picture.Mode)
	return picture, bad
}

func (p parameters) side(name string) (int, *problem) {
	n, err := strconv.ParseUint(p[name], 10, 16)
	if err != nil || n < 1 || n > longestSide {
		return 0, refuse(groove.CodeInvalidInputParameter, "%s is %q, want 1 to %d", name, p[name], longestSide)
	}
	return int(n), nil
}

// background reads a colour of HTML: # and three or six hexadecimal digits.
func (p parameters) background(mode media.Mode) (color.RGBA, *problem) {
	text, given := p["background"]
	if !given {
		return color.RGBA{A: 255}, nil
	}
	if mode != media.Letterbox {
		return color.RGBA{}, refuse(groove.CodeIncompatibleInputParameters, "background goes with mode=letterbox alone")
	}
	digits := strings.TrimPrefix(text, "#")
	if len(digits) == 3 {
		digits = strings.Join([]string{digits[:1], digits[:1], digits[1:2], digits[1:2], digits[2:], digits[2:]}, "")
	}
	rgb, err := hex.DecodeString(digits)
	if err != nil || len(rgb) != 3 {
		return color.RGBA{}, refuse(groove.CodeInvalidInputParameter, "background is %q, want a colour such as #ff00ff", text)
	}
	return color.RGBA{rgb[0], rgb[1], rgb[2], 255}, nil
}
