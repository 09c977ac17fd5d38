package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/groovechaos/groovechaos/faults/ca"
)

// Formats of the certificate.
const (
	formatPEM    = "pem"
	formatP12    = "p12"
	formatBundle = "bundle"
)

// caFormats are the formats with what each is for.
var caFormats = [][2]string{
	{formatPEM, "the certificate alone"},
	{formatBundle, "with the system's roots, for callers whose setting replaces them"},
	{formatP12, "a truststore for Java"},
}

// usualPassword is the one that Java's tools take a truststore to have.
const usualPassword = "changeit"

type caExportOptions struct {
	*caOptions
	format, password, roots, out string
}

func newCAExport(shared *caOptions) *cobra.Command {
	o := &caExportOptions{caOptions: shared}
	command := &cobra.Command{
		Use:   "export",
		Short: "Write the certificate for a caller to trust, never the key",
		Long: `Write the certificate for a caller to trust, never the key: to standard output,
or to a file. Formats:

  pem     the certificate alone, for callers that trust it beside others
  bundle  with the system's roots in front, for callers whose setting replaces
          the ones they would use
  p12     a PKCS #12 truststore for Java; its password keeps no secret, for the
          certificate is public`,
		Example: `  groovechaos ca export --out groovechaos-ca.pem
  groovechaos ca export --format bundle --out bundle.pem
  groovechaos ca export --format p12 --out groovechaos.p12`,
		Args: wants(),
		RunE: func(command *cobra.Command, _ []string) error { return o.run(command) },
	}
	flags := command.Flags()
	flags.StringVar(&o.format, "format", formatPEM, "pem, bundle or p12")
	flags.StringVar(&o.password, "password", usualPassword, "password of a p12 truststore")
	flags.StringVar(&o.roots, "roots", "", "file with the roots that a bundle begins with; none means the system's")
	flags.StringVar(&o.out, "out", "", "file to write; none means standard output")
	complete(command, "format", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var formats []string
		for _, f := range caFormats {
			formats = append(formats, cobra.CompletionWithDesc(f[0], f[1]))
		}
		return formats, cobra.ShellCompDirectiveNoFileComp
	})
	complete(command, "password", cobra.NoFileCompletions)
	return command
}

func (o *caExportOptions) run(command *cobra.Command) error {
	if err := o.check(command); err != nil {
		return err
	}
	authority, _, err := o.open()
	if err != nil {
		return err
	}
	content, err := o.encode(authority)
	if err != nil {
		return err
	}
	if o.out != "" {
		if err := writeCertificate(o.out, content); err != nil {
			return err
		}
	}
	if o.json {
		return o.printJSON(o.exported(authority, content))
	}
	if o.out != "" {
		_, err := fmt.Fprintf(o.Out, "%s is written\n", o.out)
		return err
	}
	_, err = o.Out.Write(content)
	return err
}

// check holds the flags against each other.
func (o *caExportOptions) check(command *cobra.Command) error {
	known := slices.ContainsFunc(caFormats, func(f [2]string) bool { return f[0] == o.format })
	switch {
	case !known:
		return usage("--format is %q, want pem, bundle or p12", o.format)
	case o.format != formatP12 && command.Flags().Changed("password"):
		return usage("--password goes with --format p12 alone")
	case utf8.RuneCountInString(o.password) < ca.ShortestPassword:
		return usage("--password has less than %d characters, which Java's keytool refuses", ca.ShortestPassword)
	case o.format != formatBundle && o.roots != "":
		return usage("--roots goes with --format bundle alone")
	case o.format == formatP12 && o.out == "" && o.Terminal && !o.json:
		return usage("a p12 truststore is binary and standard output is a terminal: want --out FILE")
	}
	return nil
}

func (o *caExportOptions) encode(authority *ca.Authority) ([]byte, error) {
	switch o.format {
	case formatP12:
		return authority.PKCS12Truststore(o.password)
	case formatBundle:
		return authority.Bundle(o.roots)
	default:
		return authority.PEM(), nil
	}
}

// exportedCA is what was exported, in JSON: where it lies or what it is.
type exportedCA struct {
	Format      string `json:"format"`
	Fingerprint string `json:"fingerprint"`
	File        string `json:"file,omitempty"`
	PEM         string `json:"pem,omitempty"`
	// P12 is in base64.
	P12 []byte `json:"p12,omitempty"`
}

func (o *caExportOptions) exported(authority *ca.Authority, content []byte) exportedCA {
	document := exportedCA{Format: o.format, Fingerprint: authority.Fingerprint(), File: o.out}
	switch {
	case o.out != "":
	case o.format == formatP12:
		document.P12 = content
	default:
		document.PEM = string(content)
	}
	return document
}

// writeCertificate writes a file that everybody may read.
func writeCertificate(path string, content []byte) error {
	if strings.HasSuffix(path, string(os.PathSeparator)) {
		return fmt.Errorf("write certificate: %s is a directory", path)
	}
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write certificate: %w", err)
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("write certificate: %w", err)
	}
	return nil
}
