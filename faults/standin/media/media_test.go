package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// bitrates of MPEG-1 Layer III by index, in kbit/s (ISO 11172-3, 2.4.2.3).
var bitrates = []int{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}

// frames reads a stream of frames to its end, and returns how long it plays.
func frames(t *testing.T, sound []byte) time.Duration {
	t.Helper()
	count := 0
	for len(sound) > 0 {
		head := binary.BigEndian.Uint32(sound)
		// Sync word, version 1, layer III, no checksum; 44.1 kHz; mono.
		if head>>16 != 0xFFFB || head>>10&3 != 0 || head>>6&3 != 3 {
			t.Fatalf("frame %d begins with %x", count, head)
		}
		size := 144*bitrates[head>>12&15]*1000/44_100 + int(head>>9&1)
		if size > len(sound) {
			t.Fatalf("frame %d has %d bytes, and %d are left", count, size, len(sound))
		}
		sound = sound[size:]
		count++
	}
	return time.Duration(count) * 1152 * time.Second / 44_100
}

func TestMP3IsAsLongAsItSays(t *testing.T) {
	t.Parallel()
	for _, length := range []time.Duration{0, time.Second, 30 * time.Second, 10 * time.Minute} {
		const frame = 27 * time.Millisecond
		if got := frames(t, MP3(length)); got > max(length, frame) || got < length-frame {
			t.Errorf("MP3(%v) plays for %v", length, got)
		}
	}
}

func TestSegmentBeginsWithItsTime(t *testing.T) {
	t.Parallel()
	for start, want := range map[time.Duration]uint64{0: 0, 10 * time.Second: 900_000, 30 * time.Hour: 30*3600*90_000 - 1<<33} {
		s := Segment(start, time.Second)
		size := 10 + int(s[8])<<7 + int(s[9])
		if !bytes.HasPrefix(s, []byte("ID3\x04\x00\x00")) || !bytes.Contains(s[:size], []byte("PRIV")) {
			t.Fatalf("the segment begins with %q", s[:20])
		}
		if got := binary.BigEndian.Uint64(s[size-8:]); got != want {
			t.Errorf("the segment at %v says %d, want %d", start, got, want)
		}
		frames(t, s[size:])
	}
}

// TestPlaylistAddsUp holds that the segments of a stream are as long as it is.
func TestPlaylistAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		length := time.Duration(rapid.IntRange(1, 4000).Draw(t, "seconds")) * time.Second
		text := string(Playlist(length, strconv.Itoa))
		sum, next := 0.0, 0
		for line := range strings.Lines(text) {
			line = strings.TrimSpace(line)
			if seconds, ok := strings.CutPrefix(line, "#EXTINF:"); ok {
				n, err := strconv.ParseFloat(strings.TrimSuffix(seconds, ","), 64)
				if err != nil || n <= 0 || n > SegmentLength.Seconds() {
					t.Fatalf("a segment is %s long", seconds)
				}
				sum += n
			} else if !strings.HasPrefix(line, "#") {
				if line != strconv.Itoa(next) {
					t.Fatalf("segment %d is %s", next, line)
				}
				next++
			}
		}
		if sum != length.Seconds() || next != Segments(length) || !strings.HasSuffix(text, "#EXT-X-ENDLIST\n") {
			t.Fatalf("%d segments of %v s for %v:\n%s", next, sum, length, text)
		}
	})
}

func TestPictureModes(t *testing.T) {
	t.Parallel()
	pink := color.RGBA{255, 0, 255, 255}
	draw := func(p Picture) image.Image {
		t.Helper()
		content, err := p.PNG("music.x")
		if err != nil {
			t.Fatal(err)
		}
		drawn, err := png.Decode(bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		return drawn
	}
	same := func(i image.Image, x, y int, want color.Color) bool {
		r, g, b, a := i.At(x, y).RGBA()
		wr, wg, wb, wa := want.RGBA()
		return r == wr && g == wg && b == wb && a == wa
	}
	boxed := draw(Picture{60, 20, Letterbox, pink})
	if !same(boxed, 0, 10, pink) || !same(boxed, 59, 10, pink) || same(boxed, 30, 10, pink) || boxed.Bounds().Dx() != 60 {
		t.Errorf("letterbox has not bars left and right of the picture: %v", boxed.Bounds())
	}
	if scaled := draw(Picture{60, 20, Scale, pink}); scaled.Bounds() != image.Rect(0, 0, 20, 20) {
		t.Errorf("scale gave %v, want the shape kept", scaled.Bounds())
	}
	cropped := draw(Picture{60, 20, Crop, pink})
	for x := range 60 {
		if same(cropped, x, 0, pink) {
			t.Fatalf("crop shows the background at %d", x)
		}
	}
	other, err := Picture{60, 20, Crop, pink}.PNG("music.y")
	if mine, _ := (Picture{60, 20, Crop, pink}).PNG("music.x"); err != nil || bytes.Equal(mine, other) {
		t.Errorf("two ids have the same picture, or %v", err)
	}
}
