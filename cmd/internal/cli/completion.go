package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/groovechaos/groovechaos/control/client"
	"github.com/groovechaos/groovechaos/faults/verdict"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// faultNames are the names of the faults there are.
func faultNames(ctx context.Context, c *client.Client) ([]string, error) {
	all, err := allFaults(ctx, c)
	var names []string
	for _, f := range all {
		names = append(names, cobra.CompletionWithDesc(f.GetName(), stateWord(f.GetState())+", "+effectWord(f)))
	}
	return names, err
}

// clientNames are the names of the clients that were seen.
func clientNames(ctx context.Context, c *client.Client) ([]string, error) {
	page, err := c.Observation.ListClients(ctx, &pb.ListClientsRequest{PageSize: 1000})
	var names []string
	for _, client := range page.GetClients() {
		names = append(names, client.GetName())
	}
	return names, err
}

// clientFlag adds the flag that narrows a command to one client.
func (r *root) clientFlag(command *cobra.Command, value *string, use string) {
	command.Flags().StringVar(value, "client", "", use)
	complete(command, "client", r.completer(clientNames))
}

// checkFlag adds the flag that names checks.
func checkFlag(command *cobra.Command, value *[]string, use string) {
	command.Flags().StringSliceVar(value, "check", nil, use)
	complete(command, "check", completeChecks)
}

// complete gives a flag its completion. The flag is there: there is no other
// error.
func complete(command *cobra.Command, flag string, f cobra.CompletionFunc) {
	if err := command.RegisterFlagCompletionFunc(flag, f); err != nil {
		panic(err)
	}
}

// completeChecks offers the checks, also after a comma.
func completeChecks(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	before := word[:strings.LastIndex(word, ",")+1]
	var names []string
	for _, check := range verdict.Checks() {
		names = append(names, cobra.CompletionWithDesc(before+check.Name, check.Rule))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeTOML offers the files that may be configurations.
func completeTOML(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return []string{"toml"}, cobra.ShellCompDirectiveFilterFileExt
}

// firstArgument completes the first argument alone.
func firstArgument(f cobra.CompletionFunc) cobra.CompletionFunc {
	return func(command *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return f(command, args, word)
	}
}
