package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/groovechaos/groovechaos/control/auth"
	"github.com/groovechaos/groovechaos/control/client"
	"github.com/groovechaos/groovechaos/control/config"
)

// controlVariable is the environment variable that stands for --control.
const controlVariable = "GROOVECHAOS_CONTROL"

// tokenVariable is the environment variable that holds the token, if no file does.
const tokenVariable = "GROOVECHAOS_TOKEN"

// access is what the flags say of how to reach a running groovechaos.
type access struct {
	control   string
	tokenFile string
	ca        string
	cert, key string
}

// controlFlag adds the flags of the commands that talk to a running groovechaos.
func (r *root) controlFlag(command *cobra.Command) {
	flags := command.PersistentFlags()
	flags.StringVar(&r.control, "control", "",
		"gRPC address of the groovechaos to steer (default $"+controlVariable+", else "+config.Default().Control.GRPC+")")
	flags.StringVar(&r.tokenFile, "token-file", "", "file with the token to show (default $"+tokenVariable+" is the token)")
	flags.StringVar(&r.ca, "ca", "", "certificates in PEM that vouch for the groovechaos: speak TLS")
	flags.StringVar(&r.cert, "client-cert", "", "certificate in PEM to show, with --client-key")
	flags.StringVar(&r.key, "client-key", "", "key in PEM to --client-cert")
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
	token, err := r.token()
	if err != nil {
		return nil, err
	}
	secured, err := r.tls()
	if err != nil {
		return nil, err
	}
	c, err := client.Dial(address, client.Options{UserAgent: "groovechaos-cli/" + readBuild().Version, Token: token, TLS: secured})
	if err != nil {
		return nil, usage("%s: %w", source, err)
	}
	return c, nil
}

// token is the one to show, "" for none.
func (a *access) token() (string, error) {
	if a.tokenFile != "" {
		return auth.ReadSecret(a.tokenFile)
	}
	token := os.Getenv(tokenVariable)
	if token != "" && !auth.WellFormed(token) {
		return "", usage("%s holds no token", tokenVariable)
	}
	return token, nil
}

// webScheme begins URLs of the control API: both its doors speak TLS, or none does.
func (a *access) webScheme() string {
	if a.ca != "" || a.cert != "" {
		return "https://"
	}
	return "http://"
}

// tls is nil for a connection in the clear, which leads to this machine only.
func (a *access) tls() (*tls.Config, error) {
	if (a.cert == "") != (a.key == "") {
		return nil, usage("--client-cert and --client-key go together, want both or none of them")
	}
	if a.ca == "" && a.cert == "" {
		return nil, nil //nolint:nilnil // There is none.
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if a.ca != "" {
		text, err := os.ReadFile(a.ca)
		if err != nil {
			return nil, fmt.Errorf("read --ca: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("read --ca: %s holds no certificate in PEM", a.ca)
		}
	}
	if a.cert != "" {
		pair, err := tls.LoadX509KeyPair(a.cert, a.key)
		if err != nil {
			return nil, fmt.Errorf("read --client-cert and --client-key: %w", err)
		}
		c.Certificates = []tls.Certificate{pair}
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

// unlessInterrupted is the error of what goes on until it is interrupted: to be so is none.
func unlessInterrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		err = nil
	}
	return err
}
