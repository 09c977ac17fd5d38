package cli

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/groovechaos/groovechaos/control/client"
	"github.com/groovechaos/groovechaos/control/daemon"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

type envOptions struct {
	*root
	format, dir string
	baseURLOnly bool
	// formatted reports that a format was given.
	formatted bool
}

func newEnv(r *root) *cobra.Command {
	o := &envOptions{root: r}
	command := &cobra.Command{
		Use:   "env",
		Short: "Print the variables that bring a caller to a running groovechaos",
		Long: `Print the environment variables that bring a caller to a running groovechaos:
its addresses, the proxy for callers whose URL cannot be changed, and its
certificate authority by every variable that is known to name one. Those that
replace what a caller trusts name a file with the system's roots and ours, those
that add to it ours alone. Files are written to --dir, by default
groovechaos/env in the user's cache directory, and nothing else is changed.

Formats: sh (bash, zsh and their like), fish, powershell, dotenv, json.`,
		Example: `  groovechaos env
  groovechaos env --format dotenv --base-url-only`,
		Args:   wants(),
		PreRun: func(command *cobra.Command, _ []string) { o.formatted = command.Flags().Changed("format") },
		RunE:   r.remote(func(ctx context.Context, c *client.Client, _ []string) error { return o.run(ctx, c) }),
	}
	r.controlFlag(command)
	flags := command.Flags()
	flags.StringVar(&o.format, "format", "sh", "sh, fish, powershell, dotenv or json")
	flags.StringVar(&o.dir, "dir", "", "directory for the certificates")
	flags.BoolVar(&o.baseURLOnly, "base-url-only", false, "no variables of proxies and certificates")
	complete(command, "format", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return slices.Sorted(maps.Keys(shells)), cobra.ShellCompDirectiveNoFileComp
	})
	_ = command.MarkFlagDirname("dir")
	return command
}

// shells write a variable for those who read it, by the words of --format. JSON is not among them.
var shells = map[string]func(v variable) string{
	"sh":   func(v variable) string { return "export " + v.Name + "=" + shellWord(v.Value) },
	"fish": func(v variable) string { return "set -gx " + v.Name + " " + fishWord(v.Value) },
	"powershell": func(v variable) string {
		return "$env:" + v.Name + " = '" + strings.ReplaceAll(v.Value, "'", "''") + "'"
	},
	"dotenv": func(v variable) string { return v.Name + "=" + dotenvWord(v.Value) },
}

const formatJSON = "json"

// fishWord quotes a text for fish, where a backslash escapes within quotes too.
func fishWord(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}

// dotenvWord quotes a text for what reads .env files: in single quotes they take it as it is.
func dotenvWord(text string) string {
	if strings.ContainsAny(text, " \t\"'#$`\\") {
		return "'" + strings.ReplaceAll(text, "'", `\'`) + "'"
	}
	return text
}

func (o *envOptions) run(ctx context.Context, c *client.Client) error {
	if o.format != formatJSON && shells[o.format] == nil {
		return usage("--format is %q, want sh, fish, powershell, dotenv or json", o.format)
	}
	if o.json && o.formatted && o.format != formatJSON {
		return usage("--json and --format %s name two forms, want one of them", o.format)
	}
	s, err := c.System.GetStatus(ctx, &pb.GetStatusRequest{})
	if err != nil {
		return err
	}
	around := surroundings{addresses: daemon.Addresses{Proxy: s.GetProxyAddress(), GRPC: s.GetGrpcAddress(), REST: s.GetRestAddress()}, webScheme: o.webScheme(), own: os.Getenv}
	if !o.baseURLOnly {
		for _, l := range s.GetListeners() {
			around.addresses.Listeners = append(around.addresses.Listeners, daemon.Listener{Address: l.GetAddress(), Modes: l.GetModes()})
		}
		around.forward = forwardOf(around.addresses.Listeners)
	}
	if around.forward != "" {
		if around.trust, err = o.trust(ctx, c); err != nil {
			return err
		}
	}
	return o.print(around.variables())
}

// trust writes the certificate of the running groovechaos, nil where it intercepts nothing.
func (o *envOptions) trust(ctx context.Context, c *client.Client) (*trustFiles, error) {
	answer, err := c.System.GetCACertificate(ctx, &pb.GetCACertificateRequest{})
	if status.Code(err) == codes.FailedPrecondition {
		return nil, nil //nolint:nilnil // There is nothing to trust.
	}
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode([]byte(answer.GetPem()))
	if block == nil {
		return nil, errors.New("read the certificate: it is not in PEM")
	}
	root, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read the certificate: %w", err)
	}
	dir, err := o.directory()
	if err != nil {
		return nil, err
	}
	files, err := writeTrust(dir, root, notOurs(os.Getenv, dir), true)
	if err == nil && files.doubt != nil {
		fmt.Fprintf(o.Err, "warning: %v; variables that replace what a caller trusts are left out\n", files.doubt)
	}
	return files, err
}

// notOurs looks variables up, but for those that name what an earlier groovechaos env has written.
func notOurs(own func(string) string, dir string) func(string) string {
	return func(name string) string {
		if value := own(name); !strings.HasPrefix(value, dir+string(filepath.Separator)) {
			return value
		}
		return ""
	}
}

func (o *envOptions) directory() (string, error) {
	dir := o.dir
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("find a place for certificates: %w; want --dir", err)
		}
		dir = filepath.Join(cache, "groovechaos", "env")
	}
	dir, err := filepath.Abs(dir)
	if err == nil {
		err = os.MkdirAll(dir, 0o755) //nolint:gosec // What lies in it is public.
	}
	if err != nil {
		return "", fmt.Errorf("make a place for certificates: %w", err)
	}
	return dir, nil
}

func (o *envOptions) print(list []variable) error {
	if o.json || o.format == formatJSON {
		values := make(map[string]string, len(list))
		for _, v := range list {
			values[v.Name] = v.Value
		}
		return o.printJSON(values)
	}
	for _, v := range list {
		if _, err := fmt.Fprintln(o.Out, shells[o.format](v)); err != nil {
			return err
		}
	}
	return nil
}
