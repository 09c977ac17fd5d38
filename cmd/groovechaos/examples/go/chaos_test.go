package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// newTrace draws a trace for one request, as W3C Trace Context has it, and the field that carries it: the service passes it
// on to Groove.
func newTrace() (id, field string) {
	var random [24]byte
	_, _ = rand.Read(random[:]) // It never fails.
	id = fmt.Sprintf("%x", random[:16])
	return id, fmt.Sprintf("00-%s-%x-01", id, random[16:])
}

// tell tells groovechaos what a user was told, so that errors that are hidden, leaked or overlooked are found too. Without a
// chaos stage it does nothing.
func tell(trace string, answer got, took time.Duration) error {
	door := os.Getenv("GROOVECHAOS_REST")
	if door == "" {
		return nil
	}
	text, err := json.Marshal(answer.page)
	if err != nil {
		return err
	}
	outcome := map[string]any{
		"trace": trace, "status": answer.status, "kind": kindOf(answer.page), "text": string(text), "took": fmt.Sprintf("%.3fs", took.Seconds()),
	}
	if answer.page.Error != nil {
		outcome["code"] = answer.page.Error.Code
	}
	body, err := json.Marshal(outcome)
	if err != nil {
		return err
	}
	response, err := http.Post(door+"/v1/outcomes", "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if why, _ := io.ReadAll(response.Body); response.StatusCode != http.StatusOK {
		return fmt.Errorf("groovechaos: %s", why)
	}
	return nil
}

func kindOf(page Page) string {
	switch {
	case page.Error != nil:
		return "error"
	case page.Partial:
		return "partial"
	case len(page.Items) == 0:
		return "empty"
	}
	return "success"
}
