package proxy_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"
)

// noise is a body that costs no memory, however long it is: block after block,
// whose length no buffer has.
type noise struct{ at int64 }

var block = func() []byte {
	b := make([]byte, 1<<20-3)
	_, _ = rand.NewChaCha8([32]byte{}).Read(b) // never fails
	return b
}()

func (n *noise) Read(p []byte) (int, error) {
	left := largeBody - n.at
	if left == 0 {
		return 0, io.EOF
	}
	took := copy(p[:min(int64(len(p)), left)], block[n.at%int64(len(block)):])
	n.at += int64(took)
	return took, nil
}

// sumOf reads a body, whose length and digest it returns as a text.
func sumOf(r io.Reader) (string, error) {
	digest := xxhash.New()
	n, err := io.Copy(digest, r)
	return fmt.Sprintf("%d bytes, %x", n, digest.Sum64()), err
}

// TestLargeBodiesPassUnchangedAndTakeNoMemory passes them each way, in each
// framing and by each protocol, and looks at the memory. It stands alone, for
// that is everybody's.
func TestLargeBodiesPassUnchangedAndTakeNoMemory(t *testing.T) { //nolint:paralleltest // See above.
	const most = 16 << 20
	origin := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		sum, err := sumOf(r.Body)
		if err != nil {
			t.Errorf("the upstream read %s: %v", sum, err)
		}
		w.Header().Set("X-Got", sum)
		if r.Method == http.MethodGet {
			if r.URL.Query().Get("framing") == "length" {
				w.Header().Set("Content-Length", strconv.Itoa(largeBody))
			}
			_, _ = io.Copy(w, new(noise))
		}
	})
	want, err := sumOf(new(noise))
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{"HTTP/1.1", "HTTP/2"} {
		for _, framing := range []string{"length", "chunked"} {
			t.Run(version+" "+framing, func(t *testing.T) {
				rig := newRig(t, origin)
				if version == "HTTP/2" {
					speakHTTP2(rig)
				}
				before := inUse()
				peak := whilePeaking(func() {
					if got := upload(t, rig, framing); got != want {
						t.Errorf("the upstream got %s, want %s", got, want)
					}
					if got := download(t, rig, framing); got != want {
						t.Errorf("the client got %s, want %s", got, want)
					}
				})
				t.Logf("%d MB each way: from %.1f MB of memory to at most %.1f", largeBody>>20, float64(before)/1e6, float64(peak)/1e6)
				if peak > before+most {
					t.Errorf("memory grew from %d to %d MB, want at most %d more", before>>20, peak>>20, most>>20)
				}
				if a := rig.wait(2)[0]; a.BodyLength != largeBody || !a.BodyComplete {
					t.Errorf("recorded %d bytes, complete %t; want %d", a.BodyLength, a.BodyComplete, largeBody)
				}
			})
		}
	}
}

// upload sends the body, and returns what the upstream says that it got.
func upload(t *testing.T, rig *rig, framing string) string {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, rig.url+addPath, new(noise))
	if err != nil {
		t.Fatal(err)
	}
	if framing == "length" {
		request.ContentLength = largeBody
	}
	response, err := rig.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.Header.Get("X-Got")
}

// download gets the body, and returns what came of it.
func download(t *testing.T, rig *rig, framing string) string {
	t.Helper()
	response, err := rig.client.Get(rig.url + searchPath + "&framing=" + framing)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	sum, err := sumOf(response.Body)
	if err != nil {
		t.Error(err)
	}
	return sum
}

// whilePeaking returns the most memory that was in use while f ran.
func whilePeaking(f func()) (peak int64) {
	through, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-through:
				return
			case <-time.After(50 * time.Millisecond):
				peak = max(peak, inUse())
			}
		}
	}()
	f()
	close(through)
	<-ended
	return peak
}
