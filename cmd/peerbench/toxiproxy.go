package main

import (
	"context"
	"encoding/json"
	"net"
)

// startToxiproxy starts Toxiproxy's own server with one proxy and no toxic.
func startToxiproxy(ctx context.Context, s *site, c *scenario) (*running, error) {
	set, err := s.settings(ctx, c)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal([]map[string]any{{"name": "origin", "listen": set.Listen, "upstream": set.Origin, "enabled": true}})
	if err != nil {
		return nil, err
	}
	file, err := s.write("toxiproxy.json", string(text))
	if err != nil {
		return nil, err
	}
	control, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(control)
	if err != nil {
		return nil, err
	}
	return s.start(ctx, toxiproxy, set.Listen, []string{s.programs[toxiproxy], "-host", host, "-port", port, "-config", file}, "LOG_LEVEL=error")
}

// startFasthttp starts the program in the folder foreign.
func startFasthttp(ctx context.Context, s *site, c *scenario) (*running, error) {
	set, err := s.settings(ctx, c)
	if err != nil {
		return nil, err
	}
	return s.start(ctx, fasthttp, set.Listen, []string{s.programs[fasthttp], set.Listen, set.Origin})
}
