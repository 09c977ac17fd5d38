package media

import (
	"fmt"
	"strings"
	"time"
)

// SegmentLength is how long the segments of a stream are, but for the last.
const SegmentLength = 10 * time.Second

// Segments is how many segments a stream of a length has, at least one.
func Segments(length time.Duration) int {
	return max(1, int((length+SegmentLength-1)/SegmentLength))
}

// Bounds says where the nth segment of a stream begins and how long it is.
func Bounds(length time.Duration, n int) (start, size time.Duration) {
	start = time.Duration(n) * SegmentLength
	return start, max(0, min(SegmentLength, length-start))
}

// Playlist writes the media playlist of a stream (RFC 8216): the segments are
// at the URLs that name gives them by number.
func Playlist(length time.Duration, name func(int) string) []byte {
	var text strings.Builder
	fmt.Fprintf(&text, "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:%d\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n", int(SegmentLength.Seconds()))
	for n := range Segments(length) {
		_, size := Bounds(length, n)
		fmt.Fprintf(&text, "#EXTINF:%.3f,\n%s\n", size.Seconds(), name(n))
	}
	text.WriteString("#EXT-X-ENDLIST\n")
	return []byte(text.String())
}
