package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/faults/ca"
)

// caOptions are what the commands about the certificate authority share.
type caOptions struct {
	*root
	config string
}

func newCA(r *root) *cobra.Command {
	o := &caOptions{root: r}
	command := &cobra.Command{
		Use:   "ca",
		Short: "Show and hand out the certificate authority of intercepted connections",
		Long: `Show and hand out the certificate authority by which groovechaos answers in the
name of the hosts of [intercept]: callers have to trust it. It is made on first
use, by these commands too. Its key is shown to nobody and can sign for those
hosts alone. Trust it where you test and nowhere else.`,
		Example: "  groovechaos ca export --out groovechaos-ca.pem\n  groovechaos ca install-help curl",
	}
	command.PersistentFlags().StringVar(&o.config, "config", "", "configuration file; none means the defaults")
	complete(command, "config", completeTOML)
	command.AddCommand(
		&cobra.Command{
			Use: "show", Short: "Show whom the certificate names, how long it lasts and where it lies", Args: wants(),
			Example: "  groovechaos ca show",
			RunE:    func(*cobra.Command, []string) error { return o.show() },
		},
		newCAExport(o), newCAInstallHelp(o),
	)
	return command
}

// open opens the authority of the configuration, or makes it.
func (o *caOptions) open() (*ca.Authority, *config.Config, error) {
	c, err := o.load(o.config)
	if err != nil {
		return nil, nil, err
	}
	dir, err := c.Intercept.AuthorityDir()
	if err != nil {
		return nil, nil, err
	}
	authority, err := ca.Open(ca.Options{Dir: dir, Domains: c.Intercept.Domains()})
	return authority, c, err
}

// shownCA is an authority in JSON.
type shownCA struct {
	Subject     string    `json:"subject"`
	Fingerprint string    `json:"fingerprint"`
	StartTime   time.Time `json:"start_time"`
	ExpireTime  time.Time `json:"expire_time"`
	Domains     []string  `json:"domains"`
	Certificate string    `json:"certificate"`
	Key         string    `json:"key"`
}

func (o *caOptions) show() error {
	authority, _, err := o.open()
	if err != nil {
		return err
	}
	shown := shownCA{
		Subject:     authority.Root().Subject.String(),
		Fingerprint: authority.Fingerprint(),
		StartTime:   authority.Root().NotBefore.UTC(),
		ExpireTime:  authority.NotAfter().UTC(),
		Domains:     authority.Domains(),
		Certificate: authority.CertificateFile(),
		Key:         authority.KeyFile(),
	}
	if o.json {
		return o.printJSON(shown)
	}
	return o.printFields([][2]string{
		{"subject", shown.Subject},
		{"fingerprint", shown.Fingerprint},
		{"valid", fmt.Sprintf("%s to %s", shown.StartTime.Format(time.DateOnly), shown.ExpireTime.Format(time.DateOnly))},
		{"signs for", strings.Join(shown.Domains, ", ")},
		{"certificate", shown.Certificate},
		{"key", shown.Key},
	})
}
