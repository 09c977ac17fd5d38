package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/groovechaos/groovechaos/cmd/internal/demo"
	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/control/report"
)

type demoOptions struct {
	*root
	verbose bool
	html    string
}

func newDemo(r *root) *cobra.Command {
	o := &demoOptions{root: r}
	command := &cobra.Command{
		Use:   "demo",
		Short: "Judge three example callers, in one process and less than a minute",
		Long: `Start the proxy, a stand-in for Groove and three example callers in one
process, send the callers through real faults and print a verdict on each. The
judge sees what the proxy saw and nothing else.

Exits with 0 when the demonstration worked, whatever the verdicts.`,
		Example: "  groovechaos demo --verbose",
		Args:    wants(),
		RunE:    func(command *cobra.Command, _ []string) error { return o.run(command.Context()) },
	}
	command.Flags().BoolVarP(&o.verbose, "verbose", "v", false, "show every finding")
	command.Flags().StringVar(&o.html, "html", "", "write the verdict as a page in HTML to this file")
	return command
}

func (o *demoOptions) run(ctx context.Context) error {
	c, err := config.Parse("demo.toml", demo.Config)
	if err != nil {
		return err
	}
	files, err := (&reportPaths{html: o.html}).open()
	if err != nil {
		return err
	}
	defer files.discard()
	d, err := o.startLocal(ctx, c, freePort)
	if err != nil {
		return err
	}
	fmt.Fprintf(o.Err, "%d callers make %d calls through a proxy at %s\n", demo.Callers, demo.Callers*demo.Calls(), d.Addresses().Proxy)
	p := o.newProgress()
	err = during(ctx, d, func(ctx context.Context) error {
		defer p.end()
		return demo.Play(ctx, "http://"+d.Addresses().Proxy, func(phase demo.Phase) { p.step(phase.Title) })
	})
	if err != nil {
		return err
	}
	p.step("done")
	p.end()
	fmt.Fprintln(o.Err)
	v := d.Judge(true)
	if err := o.printReport(v, o.verbose); err != nil || !files.detailed() {
		return err
	}
	content := report.Collect(v, d.Attempts(), report.CollectOptions{Ended: true})
	content.Title = "Demonstration"
	return files.writeContent(content)
}
