package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/groovechaos/groovechaos/control/auth"
	"github.com/groovechaos/groovechaos/control/client"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

func newToken(r *root) *cobra.Command {
	command := &cobra.Command{
		Use:   "token",
		Short: "Give out tokens for a running groovechaos, and revoke them",
		Long: `Give out tokens for a running groovechaos, and revoke them. That takes the role
admin where [control.auth] required is set; the first admin token is in the file
that [control.auth] token_file names. A viewer looks, an operator switches
faults and the brake, an admin gives out tokens.`,
		Example: "  groovechaos token create --name ci --role operator --ttl 720h\n  groovechaos token list",
	}
	r.controlFlag(command)
	command.AddCommand(newTokenCreate(r),
		&cobra.Command{
			Use: "list", Short: "List the tokens, without their secrets", Args: wants(),
			RunE: r.remote(func(ctx context.Context, c *client.Client, _ []string) error { return r.listTokens(ctx, c) }),
		},
		&cobra.Command{
			Use:               "revoke ID",
			Short:             "Revoke a token: nobody can call with it any more",
			Example:           "  groovechaos token revoke k3vq7n2xw5",
			Args:              wants("ID"),
			ValidArgsFunction: firstArgument(r.completer(tokenIDs)),
			RunE: r.remote(func(ctx context.Context, c *client.Client, args []string) error {
				return r.revokeToken(ctx, c, args[0])
			}),
		},
	)
	return command
}

func newTokenCreate(r *root) *cobra.Command {
	var (
		request pb.CreateTokenRequest
		ttl     time.Duration
	)
	command := &cobra.Command{
		Use:   "create",
		Short: "Make a token and print its secret, this once",
		Long: `Make a token and print its secret, this once: only a hash of it is kept. The
secret alone goes to standard output, what else there is to say to standard
error. Commands show the token that is in GROOVECHAOS_TOKEN.`,
		Example: "  groovechaos token create --name ci --role operator --ttl 720h",
		Args:    wants(),
		PreRunE: func(command *cobra.Command, _ []string) error { return checkToken(command, &request, ttl) },
		RunE: r.remote(func(ctx context.Context, c *client.Client, _ []string) error {
			if ttl != 0 {
				request.Ttl = durationpb.New(ttl)
			}
			return r.createToken(ctx, c, &request)
		}),
	}
	flags := command.Flags()
	flags.StringVar(&request.Name, "name", "", "whose it is")
	flags.StringVar(&request.Role, "role", string(auth.Viewer), "viewer, operator or admin")
	flags.DurationVar(&ttl, "ttl", 0, "how long it lives; 0 for ever")
	complete(command, "role", cobra.FixedCompletions(auth.RoleNames(), cobra.ShellCompDirectiveNoFileComp))
	return command
}

// checkToken says what the line lacks before anybody is asked.
func checkToken(command *cobra.Command, request *pb.CreateTokenRequest, ttl time.Duration) error {
	if request.GetName() == "" {
		return usage("%s wants --name: whose token it is", name(command))
	}
	if _, err := auth.ParseRole(request.GetRole()); err != nil {
		return usage("--role %w", err)
	}
	if ttl < 0 {
		return usage("--ttl is %v, want 0 for ever, or more", ttl)
	}
	return nil
}

func (r *root) createToken(ctx context.Context, c *client.Client, request *pb.CreateTokenRequest) error {
	created, err := c.Tokens.CreateToken(ctx, request)
	if err != nil {
		return err
	}
	if r.json {
		return r.printMessage(created)
	}
	t := created.GetToken()
	fmt.Fprintf(r.Err, "token %s of %s, %s, ends %s; its secret is shown this once:\n", t.GetId(), printable(t.GetName()), t.GetRole(), timeWord(t.GetExpireTime(), "never"))
	_, err = fmt.Fprintln(r.Out, created.GetSecret())
	return err
}

func allTokens(ctx context.Context, c *client.Client) ([]*pb.Token, error) {
	var all []*pb.Token
	request := &pb.ListTokensRequest{PageSize: 1000}
	for {
		page, err := c.Tokens.ListTokens(ctx, request)
		if err != nil {
			return nil, err
		}
		all = append(all, page.GetTokens()...)
		if request.PageToken = page.GetNextPageToken(); request.GetPageToken() == "" {
			return all, nil
		}
	}
}

func (r *root) listTokens(ctx context.Context, c *client.Client) error {
	all, err := allTokens(ctx, c)
	if err != nil {
		return err
	}
	if r.json {
		return r.printMessage(&pb.ListTokensResponse{Tokens: all})
	}
	rows := [][]string{{"id", "name", "role", "create_time", "expire_time"}}
	for _, t := range all {
		rows = append(rows, []string{
			t.GetId(), printable(t.GetName()), t.GetRole(), timeWord(t.GetCreateTime(), "-"), timeWord(t.GetExpireTime(), "never"),
		})
	}
	return r.printTable(rows, "no tokens")
}

func (r *root) revokeToken(ctx context.Context, c *client.Client, id string) error {
	gone, err := c.Tokens.DeleteToken(ctx, &pb.DeleteTokenRequest{Id: id})
	if err != nil {
		return err
	}
	if r.json {
		return r.printMessage(gone)
	}
	_, err = fmt.Fprintf(r.Out, "%s is revoked\n", id)
	return err
}

// tokenIDs are the IDs of the tokens there are.
func tokenIDs(ctx context.Context, c *client.Client) ([]string, error) {
	all, err := allTokens(ctx, c)
	var ids []string
	for _, t := range all {
		ids = append(ids, cobra.CompletionWithDesc(t.GetId(), t.GetName()+", "+t.GetRole()))
	}
	return ids, err
}

// timeWord is a time of the API for people, or the word for none.
func timeWord(t *timestamppb.Timestamp, none string) string {
	if t == nil {
		return none
	}
	return t.AsTime().Local().Format(time.DateTime)
}
