package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/groovechaos/groovechaos/control/client"
	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/control/experiment/document"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

func newExperiment(r *root) *cobra.Command {
	command := &cobra.Command{
		Use:   "experiment",
		Short: "Write, check and run experiments",
		Long: `Write, check and run experiments: files that say which faults are in force when,
what must hold, and when to stop. groovechaos run plays one against a command,
experiment run against the callers of a running groovechaos.`,
	}
	command.AddCommand(newExperimentNew(r), newExperimentCheck(r), newExperimentRun(r))
	return command
}

func newExperimentNew(r *root) *cobra.Command {
	template, out := document.StandardName, ""
	command := &cobra.Command{
		Use:   "new",
		Short: "Print an experiment to begin with, with comments",
		Example: `  groovechaos experiment new > experiment.toml
  groovechaos experiment new --template service --out service.toml`,
		Args: wants(),
		RunE: func(*cobra.Command, []string) error { return r.printTemplate(template, out) },
	}
	command.Flags().StringVar(&template, "template", template, strings.Join(document.Templates(), ", "))
	command.Flags().StringVar(&out, "out", "", "file to write, which must not be there; none means standard output")
	complete(command, "template", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return document.Templates(), cobra.ShellCompDirectiveNoFileComp
	})
	return command
}

func (r *root) printTemplate(name, out string) error {
	text, ok := document.Template(name)
	if !ok {
		return usage("--template is %q, want one of %s", name, strings.Join(document.Templates(), ", "))
	}
	if out != "" {
		return r.writeTemplate(text, name, out)
	}
	if r.json {
		return r.printJSON(map[string]string{"template": name, "toml": string(text)})
	}
	_, err := r.Out.Write(text)
	return err
}

func (r *root) writeTemplate(text []byte, name, out string) error {
	file, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // Others may read it.
	if err != nil {
		return fmt.Errorf("write experiment: %w", err)
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("write experiment: %w", err)
	}
	if r.json {
		return r.printJSON(map[string]string{"template": name, "file": out})
	}
	_, err = fmt.Fprintf(r.Out, "%s is written\n", out)
	return err
}

func newExperimentCheck(r *root) *cobra.Command {
	return &cobra.Command{
		Use:               "check FILE...",
		Short:             "Say whether experiments can be run, and what is wrong with them",
		Example:           "  groovechaos experiment check experiment.toml",
		Args:              wantsFiles,
		ValidArgsFunction: completeTOML,
		RunE:              func(_ *cobra.Command, args []string) error { return r.checkExperiments(args) },
	}
}

// checkedExperiment is the result of a check in JSON.
type checkedExperiment struct {
	File   string   `json:"file"`
	Name   string   `json:"name,omitempty"`
	Phases []string `json:"phases"`
	Error  string   `json:"error,omitempty"`
}

func (r *root) checkExperiments(files []string) error {
	checked := make([]checkedExperiment, 0, len(files))
	var failed error
	for _, file := range files {
		result := checkedExperiment{File: file, Phases: []string{}}
		e, err := loadExperiment(file)
		if err != nil {
			result.Error = err.Error()
			failed = &statusError{StatusFailed, errSilent}
		} else {
			result.Name = e.Name
			for i := range e.Phases {
				result.Phases = append(result.Phases, e.Phases[i].Name)
			}
		}
		checked = append(checked, result)
	}
	if r.json {
		return errors.Join(r.printJSON(checked), failed)
	}
	for _, result := range checked {
		if result.Error != "" {
			fmt.Fprintf(r.Err, "groovechaos: %s\n", result.Error)
			continue
		}
		fmt.Fprintf(r.Out, "%s: sound, %s\n", result.File, plural(len(result.Phases), "phase"))
	}
	return failed
}

func loadExperiment(file string) (*experiment.Experiment, error) {
	text, err := readDocument(file)
	if err != nil {
		return nil, err
	}
	return parseExperiment(file, text)
}

type experimentRunOptions struct {
	*root
	detach, verbose bool
}

func newExperimentRun(r *root) *cobra.Command {
	o := &experimentRunOptions{root: r}
	command := &cobra.Command{
		Use:   "run FILE",
		Short: "Run an experiment against the callers of a running groovechaos",
		Long: `Run an experiment against the callers of a running groovechaos, show how far it
is, and print the verdict at its end. "-" is standard input. An interrupt stops
the run; its faults end with it. With --detach it goes on by itself: see
groovechaos runs. A command in the experiment is for groovechaos run alone.

Exits with 0 for pass, 3 for fail and 4 if too little was seen.`,
		Example:           "  groovechaos experiment run gameday.toml",
		Args:              wants("FILE"),
		ValidArgsFunction: firstArgument(completeTOML),
		RunE:              r.remote(func(ctx context.Context, c *client.Client, args []string) error { return o.run(ctx, c, args[0]) }),
	}
	r.controlFlag(command)
	command.Flags().BoolVar(&o.detach, "detach", false, "do not wait for the end")
	command.Flags().BoolVarP(&o.verbose, "verbose", "v", false, "show every finding")
	return command
}

func (o *experimentRunOptions) run(ctx context.Context, c *client.Client, file string) error {
	text, err := o.text(file)
	if err != nil {
		return err
	}
	// Read here too: so that problems name the file.
	if _, err := parseExperiment(file, text); err != nil {
		return err
	}
	run, err := c.Experiments.StartRun(ctx, &pb.StartRunRequest{Toml: string(text)})
	if err != nil {
		return err
	}
	if o.detach {
		return o.printRuns(run)
	}
	fmt.Fprintf(o.Err, "run %s\n", run.GetId())
	if err := o.follow(ctx, c, run.GetId(), false); err != nil {
		return o.giveUp(ctx, c, run.GetId(), err)
	}
	return o.concludeRun(ctx, c, run.GetId(), o.verbose)
}

func (o *experimentRunOptions) text(file string) ([]byte, error) {
	if file != "-" {
		return readDocument(file)
	}
	var text bytes.Buffer
	if _, err := text.ReadFrom(o.In); err != nil {
		return nil, fmt.Errorf("read standard input: %w", err)
	}
	return text.Bytes(), nil
}

// giveUp stops a run that was interrupted.
func (o *experimentRunOptions) giveUp(ctx context.Context, c *client.Client, id string, why error) error {
	if ctx.Err() == nil {
		return why
	}
	clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), completionTime)
	defer cancel()
	_, err := c.Experiments.StopRun(clean, &pb.StopRunRequest{Id: id, Reason: "interrupted"})
	return errors.Join(errInterrupted, err)
}
