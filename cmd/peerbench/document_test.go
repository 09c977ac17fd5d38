package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// turnsOf are three rounds in which the peer costs cpu microseconds, of which 4
// are spent in the system, and answers in alone.
func turnsOf(name string, cpu, alone float64) []turn {
	var turns []turn
	for round := 1; round <= 3; round++ {
		turns = append(turns, turn{
			Round: round, Peer: name, Requests: 3000, Seconds: 1.5, UserMicros: cpu*float64(round) - 4, SystemMicros: 4,
			AloneMicros: alone, PeakBytes: int64(cpu) << 20,
		})
	}
	return turns
}

func measured() *document {
	c := scenario{name: "relay <x>", goals: []goal{{haproxy, 1}, {reverse, 0.35}}}
	r := report{Name: "relay", Title: "a relay <of> one", Connections: 32, LoadBefore: "1 2 3", LoadAfter: "4 5 6"}
	for _, turns := range [][]turn{turnsOf(direct, 5, 10), turnsOf(ours, 30, 40), turnsOf(haproxy, 10, 20), turnsOf(reverse, 100, 10)} {
		r.Turns = append(r.Turns, turns...)
	}
	r.summarise(&c)
	held := report{Name: "delayed", Title: "held back", Connections: 9, Delays: []delayTurn{
		{Round: 1, Peer: ours, Exchanges: 36, MinMicros: -3, P50Micros: 900, P99Micros: 3000, TimerP50Micros: 100, TimerP99Micros: 1000, BytesEach: 11_000, CPUMicros: 50},
	}}
	held.summarise(&scenario{})
	absent := report{Name: "tls", Title: "secure", Unavailable: "not available: no such key"}
	return &document{
		Machine:  machine{CPU: "A & B", Cores: 2, Kernel: "6.1", Memory: "4 kB"},
		Versions: []version{{haproxy, "2.6"}}, Rounds: 3, Seconds: 1, Seed: 1,
		Scenarios: []report{r, held, absent},
	}
}

func TestSummaryPairsRounds(t *testing.T) {
	t.Parallel()
	got := measured().Scenarios[0].Rows
	if len(got) != 4 || got[0].Peer != direct || got[1].Peer != ours || got[2].Peer != haproxy || got[3].Peer != reverse {
		t.Fatalf("got rows %+v, want direct, ours, haproxy and reverseproxy", got)
	}
	three := func(value float64) spread { return spread{3, value, value, value, value, value} }
	want := row{
		Peer: haproxy, CPU: spread{3, 20, 15, 25, 10, 30}, Throughput: three(2000), Added: three(10), Peak: three(10 << 20),
		CPURatio: three(3), ThroughputRatio: three(1), AddedRatio: three(3), PeakRatio: three(3),
	}
	if diff := cmp.Diff(want, got[2]); diff != "" {
		t.Errorf("row of haproxy (-want +got):\n%s", diff)
	}
	if got[3].AddedRatio.Count != 0 {
		t.Errorf("got the ratio %+v to nothing added, want none", got[3].AddedRatio)
	}
}

func TestGoals(t *testing.T) {
	t.Parallel()
	d := measured()
	want := []outcome{{"CPU a request at most 1 × haproxy", 3, false}, {"CPU a request at most 0.35 × reverseproxy", 0.3, true}}
	if diff := cmp.Diff(want, d.Scenarios[0].Outcomes); diff != "" {
		t.Errorf("goals of a relay (-want +got):\n%s", diff)
	}
	want = []outcome{
		{"never early, the earliest in µs", -3, false},
		{"p50 of the error at most 1000 µs", 900, true},
		{"p99 of the error at most 2 × that of a bare timer", 3, false},
		{"memory of an exchange at most 12000 bytes", 11_000, true},
	}
	if diff := cmp.Diff(want, d.Scenarios[1].Outcomes); diff != "" {
		t.Errorf("goals of a delay (-want +got):\n%s", diff)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	text := measured().text()
	for _, want := range []string{
		"A & B, 2 cores, 4 kB, Linux 6.1", "haproxy       2.6", "load average 1 2 3 before, 4 5 6 after",
		"haproxy       20.0 µs   3.00 (3.00–3.00)  2000   1.00 (1.00–1.00)  10 µs      3.00 (3.00–3.00)",
		"MISSED CPU a request at most 1 × haproxy: 3\n", "met    CPU a request at most 0.35 × reverseproxy: 0.3\n",
		"groovechaos  -3 µs     900 µs", "not available: no such key",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("got a text without %q:\n%s", want, text)
		}
	}
}

func TestPlotIsXML(t *testing.T) {
	t.Parallel()
	plot := measured().plot()
	decoder := xml.NewDecoder(strings.NewReader(plot))
	for {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("got %v in\n%s", err, plot)
		}
	}
	if got := strings.Count(plot, "<circle"); got != 2 {
		t.Errorf("got %d peers in the plot, want 2", got)
	}
	for _, want := range []string{"A &amp; B, 2 cores", "a relay &lt;of&gt; one", "3.00 (3.00–3.00)", `class="more"`, `class="less"`, "not available"} {
		if !strings.Contains(plot, want) {
			t.Errorf("got a plot without %q", want)
		}
	}
}

// TestPlotKeepsToItsWidth: what has no bars is told in lines of its own.
func TestPlotKeepsToItsWidth(t *testing.T) {
	t.Parallel()
	const widest = 130 // letters of 13 px
	goals := 0
	for line := range strings.Lines(measured().plot()) {
		if said, aside := strings.CutPrefix(line, `<text x="32"`); aside && strings.Contains(said, `class="aside"`) {
			goals++
			if len(said) > widest {
				t.Errorf("a line has %d letters, want %d at most: %s", len(said), widest, said)
			}
		}
	}
	if want := len(measured().Scenarios[1].Outcomes) + 1; goals != want {
		t.Errorf("got %d lines beside the bars, want one for each of the %d goals and what is missing", goals, want)
	}
}

func TestFiguresHaveNoExponent(t *testing.T) {
	t.Parallel()
	for figure, want := range map[float64]string{16400: "16400", 1.57894: "1.579", -36.04: "-36.04", 0: "0"} {
		if got := (&outcome{Figure: figure}).figure(); got != want {
			t.Errorf("%g is told as %s, want %s", figure, got, want)
		}
	}
}

func TestPlotPutsMoreToTheRight(t *testing.T) {
	t.Parallel()
	d := measured()
	low, high := d.bounds()
	if low > 0.3/1.1+1e-9 || high < 3.3-1e-9 {
		t.Errorf("got a scale from %g to %g, want 0.27 to 3.3 in it", low, high)
	}
}

func TestDeliver(t *testing.T) {
	t.Parallel()
	d, dir := measured(), filepath.Join(t.TempDir(), "new", "folder")
	var text, printed bytes.Buffer
	if err := errors.Join(d.deliver(&options{out: dir}, &text), d.deliver(&options{json: true}, &printed)); err != nil {
		t.Fatal(err)
	}
	var read document
	if err := json.Unmarshal(printed.Bytes(), &read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d, &read); diff != "" {
		t.Errorf("the document read again (-want +got):\n%s", diff)
	}
	for name, want := range map[string]string{"peers.txt": text.String(), "peers.json": printed.String(), "peers.svg": d.plot()} {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || string(got) != want {
			t.Errorf("got %d bytes in %s, %v, want the %d of the result", len(got), name, err, len(want))
		}
	}
}

func TestFailuresAreTold(t *testing.T) {
	t.Parallel()
	d := measured()
	if err := d.failures(); err != nil {
		t.Errorf("got %v, want no failure", err)
	}
	d.Scenarios[0].Turns[4].Failures = 7
	d.Scenarios[1].Delays[0].Failures = 2
	err := d.failures()
	for _, want := range []string{"relay: 7 requests to groovechaos failed in round 2", "delayed: 2 requests to groovechaos failed in round 1"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	var plain, live bytes.Buffer
	c, good, bad := &scenario{name: "relay"}, &turn{Round: 1, Peer: ours, Requests: 10, Seconds: 1}, &turn{Round: 2, Peer: nginx, Requests: 10, Seconds: 1, Failures: 3}
	for _, p := range []*progress{newProgress(&plain), {out: &live, live: true, colour: true}} {
		p.turn(c, good)
		p.turn(c, bad)
		p.end()
	}
	if got := plain.String(); strings.Contains(got, "\x1b") || strings.Count(got, "\n") != 2 || !strings.Contains(got, "[2/0]  relay round 2, nginx") || !strings.Contains(got, ", 3 failed\n") {
		t.Errorf("got %q, want two plain lines", got)
	}
	if got := live.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "\x1b[31m3 failed\x1b[0m\n") {
		t.Errorf("got %q, want one line that stays, with the failures in red", got)
	}
}
