package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/groovechaos/groovechaos/control/api"
	"github.com/groovechaos/groovechaos/control/client"
	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/faults"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

func newFault(r *root) *cobra.Command {
	command := &cobra.Command{
		Use:   "fault",
		Short: "Switch the faults of a running groovechaos",
		Long: `Switch the faults of a running groovechaos. A change holds for the next exchange
once the command has returned.`,
		Example: "  groovechaos fault apply config.toml\n  groovechaos fault disable overloaded",
	}
	r.controlFlag(command)
	command.AddCommand(
		&cobra.Command{
			Use: "list", Short: "List the faults, their state and what they did", Args: wants(),
			RunE: r.remote(func(ctx context.Context, c *client.Client, _ []string) error { return r.listFaults(ctx, c) }),
		},
		r.onFault("get", "Show one fault as it would stand in a configuration file", r.getFault),
		newFaultWatch(r),
		newFaultApply(r),
		r.onFault("enable", "Switch a fault on, for its whole lifetime", r.enableFault),
		r.onFault("disable", "Switch a fault off and release what it holds back", r.disableFault),
		r.onFault("delete", "Remove a fault", r.deleteFault),
	)
	return command
}

// onFault is a command about the fault that its argument names.
func (r *root) onFault(verb, short string, do func(context.Context, *client.Client, string) error) *cobra.Command {
	return &cobra.Command{
		Use:               verb + " NAME",
		Short:             short,
		Example:           "  groovechaos fault " + verb + " overloaded",
		Args:              wants("NAME"),
		ValidArgsFunction: firstArgument(r.completer(faultNames)),
		RunE: r.remote(func(ctx context.Context, c *client.Client, args []string) error {
			return do(ctx, c, args[0])
		}),
	}
}

func (r *root) getFault(ctx context.Context, c *client.Client, name string) error {
	f, err := c.Faults.GetFault(ctx, &pb.GetFaultRequest{Name: name})
	if err != nil {
		return err
	}
	if r.json {
		return r.printMessage(f)
	}
	if err := config.Encode(r.Out, []faults.Fault{api.FaultOf(f)}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(r.Out, "# %s, revision %d, %s\n", stateWord(f.GetState()), f.GetRevision(), useWord(f.GetUse()))
	return err
}

// useWord says what a fault did.
func useWord(u *pb.FaultUse) string {
	word := fmt.Sprintf("matched %d, fired %d", u.GetMatched(), u.GetFired())
	if u.GetOverflow() > 0 {
		word += fmt.Sprintf(", over max_active %d", u.GetOverflow())
	}
	return word
}

func (r *root) enableFault(ctx context.Context, c *client.Client, name string) error {
	f, err := c.Faults.EnableFault(ctx, &pb.EnableFaultRequest{Name: name})
	return r.printSwitched(f, err)
}

func (r *root) disableFault(ctx context.Context, c *client.Client, name string) error {
	f, err := c.Faults.DisableFault(ctx, &pb.DisableFaultRequest{Name: name})
	return r.printSwitched(f, err)
}

func (r *root) deleteFault(ctx context.Context, c *client.Client, name string) error {
	gone, err := c.Faults.DeleteFault(ctx, &pb.DeleteFaultRequest{Name: name})
	if err != nil {
		return err
	}
	if r.json {
		return r.printMessage(gone)
	}
	_, err = fmt.Fprintf(r.Out, "%s is deleted\n", name)
	return err
}

// printSwitched says what a fault is now.
func (r *root) printSwitched(f *pb.Fault, err error) error {
	if err != nil {
		return err
	}
	doubts(r.Err, f)
	if r.json {
		return r.printMessage(f)
	}
	_, err = fmt.Fprintf(r.Out, "%s is %s\n", f.GetName(), stateWord(f.GetState()))
	return err
}

// doubts prints what is doubtful about a fault.
func doubts(w io.Writer, f *pb.Fault) {
	for _, warning := range f.GetWarnings() {
		fmt.Fprintf(w, "warning: fault %s: %s\n", f.GetName(), warning)
	}
}

func stateWord(state pb.Fault_State) string {
	return strings.ToLower(strings.TrimPrefix(state.String(), "STATE_"))
}
