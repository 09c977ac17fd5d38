package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/groovechaos/groovechaos/control/client"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

func newConfig(r *root) *cobra.Command {
	command := &cobra.Command{
		Use:   "config",
		Short: "Work with configuration files",
	}
	command.AddCommand(&cobra.Command{
		Use:               "check FILE...",
		Short:             "Say whether configuration files can be used, and what is doubtful in them",
		Example:           "  groovechaos config check config.toml",
		Args:              wantsFiles,
		ValidArgsFunction: completeTOML,
		RunE:              func(_ *cobra.Command, args []string) error { return r.checkConfigs(args) },
	})
	reload := &cobra.Command{
		Use:   "reload",
		Short: "Make a running groovechaos read its configuration file anew",
		Long: `Make a running groovechaos read its configuration file anew, as SIGHUP does: all
of it is put in force or, if something is wrong with it, nothing. Faults that
the file leaves as they were go on as they are, their counters and draws
included. What cannot change while it runs is named, and then nothing does.`,
		Example: "  groovechaos config reload",
		Args:    wants(),
		RunE:    r.remote(func(ctx context.Context, c *client.Client, _ []string) error { return r.reload(ctx, c) }),
	}
	r.controlFlag(reload)
	command.AddCommand(reload)
	return command
}

func (r *root) reload(ctx context.Context, c *client.Client) error {
	done, err := c.System.Reload(ctx, &pb.ReloadRequest{})
	if err != nil {
		return err
	}
	if r.json {
		return r.printMessage(done)
	}
	_, err = fmt.Fprintf(r.Out, "reloaded: %s written, %d removed, %d unchanged\n",
		plural(len(done.GetWrittenFaults()), "fault"), len(done.GetRemovedFaults()), done.GetUnchangedFaults())
	return err
}

func wantsFiles(command *cobra.Command, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("%s wants FILE, got no argument", name(command))
	}
	return nil
}

// plural writes a number with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// checkedConfig is the result of a check in JSON.
type checkedConfig struct {
	File     string   `json:"file"`
	Faults   int      `json:"faults"`
	Warnings []string `json:"warnings"`
	Error    string   `json:"error,omitempty"`
}

func (r *root) checkConfigs(files []string) error {
	checked := make([]checkedConfig, 0, len(files))
	var failed error
	for _, file := range files {
		result := checkedConfig{File: file, Warnings: []string{}}
		c, err := loadConfig(file)
		if err != nil {
			result.Error = err.Error()
			failed = &statusError{StatusFailed, errSilent}
		} else {
			result.Faults = len(c.Faults)
			for _, warning := range c.Warnings {
				result.Warnings = append(result.Warnings, warning.String())
			}
		}
		checked = append(checked, result)
	}
	if r.json {
		if err := r.printJSON(checked); err != nil {
			return err
		}
		return failed
	}
	for _, result := range checked {
		r.printChecked(result)
	}
	return failed
}

func (r *root) printChecked(result checkedConfig) {
	if result.Error != "" {
		fmt.Fprintf(r.Err, "groovechaos: %s\n", result.Error)
		return
	}
	for _, warning := range result.Warnings {
		fmt.Fprintf(r.Err, "%s: warning: %s\n", result.File, warning)
	}
	fmt.Fprintf(r.Out, "%s: sound, %s\n", result.File, plural(result.Faults, "fault"))
}
