package store

import (
	"strings"
	"testing"
	"time"
)

// A store that refuses the password for a while is found again once it takes it.
func TestARefusedPasswordIsNoReasonToGiveUp(t *testing.T) {
	t.Parallel()
	o := natsOptions{Name: "one", Dir: t.TempDir(), Password: "first"}
	server := startNATS(t, o)
	o.Port = server.port(t)
	h := openHub(t, HubOptions{URL: strings.Replace(server.url, "nats://", "nats://groovechaos:first@", 1), Fleet: newFleet()})
	server.kill()
	o.Password = "second"
	server = startNATS(t, o)
	await(t, "the refusal", func() bool {
		err := h.conn.LastError()
		return err != nil && strings.Contains(strings.ToLower(err.Error()), "authorization")
	})
	time.Sleep(3 * time.Second) // It tries again more than once.
	server.kill()
	o.Password = "first"
	startNATS(t, o)
	await(t, "the store", h.Connected)
}

// Whoever closes the hub does not lose it.
func TestAHubThatIsGivenUpIsLost(t *testing.T) {
	t.Parallel()
	given, closed := openHub(t, HubOptions{}), openHub(t, HubOptions{})
	given.conn.Close()
	select {
	case <-given.Lost():
	case <-time.After(time.Minute):
		t.Error("after a minute a connection that was given up is not lost")
	}
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-closed.Lost():
		t.Error("a hub that was closed is lost")
	case <-time.After(50 * time.Millisecond):
	}
}
