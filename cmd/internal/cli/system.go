package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/groovechaos/groovechaos/control/client"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

func newStatus(r *root) *cobra.Command {
	command := &cobra.Command{
		Use:   "status",
		Short: "Show where a running groovechaos listens and what it counted",
		Args:  wants(),
		RunE:  r.remote(func(ctx context.Context, c *client.Client, _ []string) error { return r.printStatus(ctx, c) }),
	}
	r.controlFlag(command)
	return command
}

func (r *root) printStatus(ctx context.Context, c *client.Client) error {
	s, err := c.System.GetStatus(ctx, &pb.GetStatusRequest{})
	if err != nil {
		return err
	}
	if r.json {
		return r.printMessage(s)
	}
	brake := "released"
	if s.GetBraked() {
		brake = "pulled"
	}
	fields := [][2]string{
		{"version", s.GetVersion()},
		{"started", s.GetStartTime().AsTime().Local().Format(time.DateTime)},
	}
	for _, l := range listenersOf(s) {
		fields = append(fields, [2]string{"proxy", l})
	}
	fields = append(fields, [2]string{"upstream", s.GetUpstream()})
	if s.GetStandinAddress() != "" {
		fields = append(fields, [2]string{"standin", "http://" + s.GetStandinAddress()})
	}
	faults := fmt.Sprint(s.GetFaults())
	if s.GetSingleFlight() {
		faults += ", one call of a kind at a time"
	}
	fields = append(fields,
		[2]string{"control", fmt.Sprintf("%s%s  (gRPC %s)", r.webScheme(), s.GetRestAddress(), s.GetGrpcAddress())},
		[2]string{"brake", brake},
		[2]string{"faults", faults},
		[2]string{"attempts", fmt.Sprintf("%d, of which %d are forgotten", s.GetAttempts(), s.GetDroppedAttempts())},
	)
	if s.GetCaFingerprint() != "" {
		fields = append(fields, [2]string{"ca", s.GetCaFingerprint()})
	}
	if s.GetNotReady() != "" {
		fields = append(fields, [2]string{"not ready", s.GetNotReady()})
	}
	return r.printFields(fields)
}

// listenersOf are the places where callers connect, with what is served there.
func listenersOf(s *pb.Status) []string {
	if len(s.GetListeners()) == 0 {
		return []string{"http://" + s.GetProxyAddress()}
	}
	var lines []string
	for _, l := range s.GetListeners() {
		lines = append(lines, fmt.Sprintf("http://%s  (%s)", l.GetAddress(), strings.Join(l.GetModes(), ", ")))
	}
	return lines
}
