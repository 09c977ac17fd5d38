package cli

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/groovechaos/groovechaos/control/client"
	"github.com/groovechaos/groovechaos/control/config"
)

// controlVariable is the environment variable that stands for --control.
const controlVariable = "GROOVECHAOS_CONTROL"

// controlFlag adds the flag of the commands that talk to a running groovechaos.
func (r *root) controlFlag(command *cobra.Command) {
	command.PersistentFlags().StringVar(&r.control, "control", "",
		"gRPC address of the groovechaos to steer (default $"+controlVariable+", else "+config.Default().Control.GRPC+")")
}

// dial connects to the groovechaos that --control names.
func (r *root) dial() (*client.Client, error) {
	source, address := "--control", r.control
	if address == "" {
		source, address = controlVariable, os.Getenv(controlVariable)
	}
	if address == "" {
		address = config.Default().Control.GRPC
	}
	c, err := client.Dial(address, client.Options{UserAgent: "groovechaos-cli/" + readBuild().Version})
	if err != nil {
		return nil, usage("%s: %w", source, err)
	}
	return c, nil
}

// remote runs a command against the groovechaos that --control names.
func (r *root) remote(do func(context.Context, *client.Client, []string) error) func(*cobra.Command, []string) error {
	return func(command *cobra.Command, args []string) error {
		c, err := r.dial()
		if err != nil {
			return err
		}
		return errors.Join(do(command.Context(), c, args), c.Close())
	}
}

// printMessage writes a message of the API in its JSON form.
func (r *root) printMessage(message proto.Message) error {
	text, err := protojson.MarshalOptions{UseProtoNames: true, EmitDefaultValues: true}.Marshal(message)
	if err != nil {
		return err
	}
	return r.printJSON(json.RawMessage(text))
}

// completionTime is how long a shell may have to wait for names.
const completionTime = 2 * time.Second

// completer offers words that the running groovechaos knows, none if there is
// no such groovechaos.
func (r *root) completer(words func(context.Context, *client.Client) ([]string, error)) cobra.CompletionFunc {
	return func(command *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		const directive = cobra.ShellCompDirectiveNoFileComp
		c, err := r.dial()
		if err != nil {
			return nil, directive
		}
		defer c.Close()
		ctx, cancel := context.WithTimeout(command.Context(), completionTime)
		defer cancel()
		found, err := words(ctx, c)
		if err != nil {
			return nil, directive
		}
		return found, directive
	}
}
