package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// polish makes the whole tree of commands refuse a wrong line in the same way:
// with exit status 2, and a word that is near to the one that is not known.
func polish(command *cobra.Command) {
	command.InitDefaultCompletionCmd()
	command.SetHelpCommand(newHelp(command))
	command.InitDefaultHelpCmd()
	command.SetFlagErrorFunc(flagError)
	command.Version = readBuild().String()
	command.SetVersionTemplate("groovechaos {{.Version}}\n")
	// A command that only holds others is run to refuse the line, not for use.
	command.SetUsageTemplate(strings.Replace(command.UsageTemplate(),
		"{{if .Runnable}}", "{{if and .Runnable (not .HasAvailableSubCommands)}}", 1))
	refuseGroups(command)
}

// refuseGroups makes every command that only holds others want one of them.
func refuseGroups(command *cobra.Command) {
	if command.HasSubCommands() && !command.Runnable() {
		command.Args = cobra.ArbitraryArgs
		command.RunE = refuseGroup
	}
	for _, sub := range command.Commands() {
		refuseGroups(sub)
	}
}

func refuseGroup(command *cobra.Command, args []string) error {
	switch {
	case len(args) > 0:
		return usage("%w", unknownCommand(command, args[0]))
	case command.HasParent():
		return usage("%s wants a command: %s", name(command), strings.Join(commandNames(command), ", "))
	default:
		return command.Help()
	}
}

func unknownCommand(command *cobra.Command, word string) error {
	return fmt.Errorf("%s has no command %q%s", name(command), word, near(command, word))
}

func commandNames(command *cobra.Command) []string {
	var names []string
	for _, sub := range command.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return names
}

// name is how messages call a command: its path without the program's name.
func name(command *cobra.Command) string {
	if !command.HasParent() {
		return command.Name()
	}
	return strings.TrimPrefix(command.CommandPath(), command.Root().Name()+" ")
}

// near is a question after a word like the given one, or nothing.
func near(command *cobra.Command, word string) string {
	command.SuggestionsMinimumDistance = 2
	words := command.SuggestionsFor(word)
	if len(words) == 0 {
		return ""
	}
	return fmt.Sprintf(" (did you mean %s?)", strings.Join(words, " or "))
}

// flagError words a flag that is not known.
func flagError(command *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) || unknown.GetSpecifiedShortnames() != "" {
		return fmt.Errorf("%s: %w", name(command), err)
	}
	// Cobra suggests commands, so the flags stand for some.
	flags := &cobra.Command{}
	command.Flags().VisitAll(func(f *pflag.Flag) {
		flags.AddCommand(&cobra.Command{Use: "--" + f.Name, Run: func(*cobra.Command, []string) {}})
	})
	flag := "--" + unknown.GetSpecifiedName()
	return fmt.Errorf("%s has no flag %s%s", name(command), flag, near(flags, flag))
}

// wants checks that a command gets the arguments that its usage names.
func wants(names ...string) cobra.PositionalArgs {
	return func(command *cobra.Command, args []string) error {
		switch {
		case len(args) == len(names):
			return nil
		case len(names) == 0:
			return fmt.Errorf("%s takes no argument, got %q", name(command), args[0])
		default:
			return fmt.Errorf("%s wants %s, got %d arguments", name(command), strings.Join(names, " "), len(args))
		}
	}
}

// newHelp replaces Cobra's help command, which takes any word for a topic.
func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND...]",
		Short: "Show what a command does and takes",
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			about, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return commandNames(about), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			about, rest, err := root.Find(args)
			if err != nil {
				return usage("%w", err)
			}
			if len(rest) > 0 {
				return usage("%w", unknownCommand(about, rest[0]))
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}
