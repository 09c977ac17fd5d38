package cli

import (
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/groovechaos/groovechaos/control/config"
)

func newCAInstallHelp(o *caOptions) *cobra.Command {
	return &cobra.Command{
		Use:   "install-help [CLIENT]",
		Short: "Say how a caller comes to trust the certificate and to use the proxy",
		Long: `Say how a caller comes to trust the certificate and to use the proxy: the
commands for one kind of caller, or without CLIENT the kinds there are. Nothing
is installed. Prefer environment variables, which end with their shell, to the
trust of a whole machine.`,
		Example:           "  groovechaos ca install-help curl",
		Args:              wantsAtMostOne,
		ValidArgsFunction: firstArgument(completeTrusts),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return o.listTrusts()
			}
			return o.printTrust(args[0])
		},
	}
}

func wantsAtMostOne(command *cobra.Command, args []string) error {
	if len(args) > 1 {
		return fmt.Errorf("%s wants CLIENT or nothing, got %d arguments", name(command), len(args))
	}
	return nil
}

func completeTrusts(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var clients []string
	for _, t := range trusts(setting{}) {
		clients = append(clients, cobra.CompletionWithDesc(t.Client, t.About))
	}
	return clients, cobra.ShellCompDirectiveNoFileComp
}

func (o *caOptions) listTrusts() error {
	s, err := o.setting()
	if err != nil {
		return err
	}
	if o.json {
		return o.printJSON(trusts(s))
	}
	rows := [][]string{{"client", "about"}}
	for _, t := range trusts(s) {
		rows = append(rows, []string{t.Client, t.About})
	}
	return o.printTable(rows, "")
}

func (o *caOptions) printTrust(client string) error {
	var known []string
	for _, t := range trusts(setting{}) {
		known = append(known, t.Client)
	}
	i := slices.Index(known, client)
	if i < 0 {
		return usage("there is no advice for %q, want one of %s", client, strings.Join(known, ", "))
	}
	s, err := o.setting()
	if err != nil {
		return err
	}
	t := trusts(s)[i]
	if o.json {
		return o.printJSON(t)
	}
	text := strings.Join(t.Commands, "\n") + "\n"
	if t.Note != "" {
		text += "\n" + t.Note + "\n"
	}
	_, err = fmt.Fprint(o.Out, text)
	return err
}

// setting is that of this machine.
func (o *caOptions) setting() (setting, error) {
	authority, c, err := o.open()
	if err != nil {
		return setting{}, err
	}
	host, port, err := net.SplitHostPort(forwardAddress(c))
	if err != nil {
		return setting{}, err
	}
	// Callers are started in other folders than this one.
	certificate, err := filepath.Abs(authority.CertificateFile())
	if err != nil {
		return setting{}, err
	}
	export := "groovechaos ca export"
	if o.config != "" {
		file, err := filepath.Abs(o.config)
		if err != nil {
			return setting{}, err
		}
		export += " --config " + shellWord(file)
	}
	return setting{certificate: certificate, name: authority.Name(), export: export, host: host, port: port}, nil
}

// forwardAddress is where callers find the proxy: the first listener that is
// one, else where one is by default.
func forwardAddress(c *config.Config) string {
	for _, l := range c.Proxy.AllListeners() {
		if l.Serves(config.ModeForward) {
			return l.Listen
		}
	}
	return config.Default().Proxy.Listen
}
