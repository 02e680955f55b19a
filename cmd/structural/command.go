package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"structural.app/structural/platform/registry"
)

func rootCommand() *cobra.Command {
	example, _, _ := strings.Cut(transformExamples(registry.New()), "\n")
	root := &cobra.Command{
		Use:   "structural",
		Short: "Bidirectional data translation between construction management platforms",
		Long: `Bidirectional data translation between construction management platforms.

One integration gives normalized access to every connected platform. serve serves the API; transform
translates records right here, without a server.`,
		Example: `  structural serve
` + example + `
  structural fields --entity contract`,
		Version:       currentBuild().Version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(serveCommand(), healthCommand(), keysCommand(), customersCommand(), transformCommand(), importCommand(), reportCommand(), matchesCommand(), decideCommand(),
		fieldsCommand(), versionCommand())
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	root.SetUsageFunc(usage)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageErrorf("%w; see %s --help", err, cmd.CommandPath())
	})
	refuseWrongArguments(root)
	return root
}

// refuseWrongArguments makes an error of usage of every wrong argument, below cmd as well. Cobra's own way with a wrong
// subcommand is to print the help and to succeed.
func refuseWrongArguments(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		refuseWrongArguments(sub)
	}
	switch check := cmd.Args; {
	case cmd.Name() == "help":
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if found, rest, err := cmd.Root().Find(args); err != nil || len(rest) > 0 {
				return noCommand(found, args[len(args)-max(len(rest), 1)])
			}
			return nil
		}
	case cmd.HasSubCommands():
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return noCommand(cmd, args[0])
			}
			return nil
		}
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	case check != nil:
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return usageErrorf("%w; usage: %s", err, cmd.UseLine())
			}
			return nil
		}
	}
}

func noCommand(parent *cobra.Command, name string) error {
	parent.SuggestionsMinimumDistance = 2 // letters that may differ
	hint := parent.CommandPath() + " --help lists those there are"
	if close := parent.SuggestionsFor(name); len(close) > 0 {
		hint = "did you mean " + strings.Join(close, " or ") + "?"
	}
	return usageErrorf("%s has no command %q; %s", parent.CommandPath(), name, hint)
}

// commandList lists every command below cmd that does something, one a line.
func commandList(cmd *cobra.Command) string {
	width := 0
	var names, abouts []string
	var collect func(c *cobra.Command)
	collect = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			switch {
			case sub.HasSubCommands():
				collect(sub)
			case sub.IsAvailableCommand() || sub.Name() == "help":
				name := strings.TrimPrefix(sub.CommandPath(), cmd.CommandPath()+" ")
				width = max(width, len(name))
				names, abouts = append(names, name), append(abouts, sub.Short)
			}
		}
	}
	collect(cmd)
	var b strings.Builder
	for i, name := range names {
		fmt.Fprintf(&b, "  %-*s  %s\n", width, name, abouts[i])
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// usage is Cobra's, but for the list of commands, which has those below the first level, too. It is no template: those make the
// linker keep every method of the program, which is half of its size.
func usage(cmd *cobra.Command) error {
	text := "Usage:\n  " + cmd.UseLine() + "\n"
	if cmd.HasAvailableSubCommands() {
		text = "Usage:\n  " + cmd.CommandPath() + " COMMAND\n"
	}
	if cmd.HasExample() {
		text += "\nExamples:\n" + cmd.Example + "\n"
	}
	if cmd.HasAvailableSubCommands() {
		text += "\nCommands:\n" + commandList(cmd) + "\n"
	}
	if cmd.HasAvailableLocalFlags() {
		text += "\nFlags:\n" + strings.TrimRight(cmd.LocalFlags().FlagUsages(), " \n") + "\n"
	}
	if cmd.HasAvailableSubCommands() {
		text += "\n" + cmd.CommandPath() + " COMMAND --help says more about a command.\n"
	}
	_, err := fmt.Fprint(cmd.OutOrStderr(), text)
	return err
}

// choice is a flag that takes one of some words.
type choice struct {
	word  *string
	words []string
}

// addChoice adds a flag that takes one of the words, and that shells can complete. The first word is the default if it is
// optional; else it has none.
func addChoice(cmd *cobra.Command, name, usage string, optional bool, words ...string) *string {
	word := new(string)
	if optional {
		*word = words[0]
	}
	cmd.Flags().Var(&choice{word, words}, name, usage+": "+strings.Join(words, ", "))
	if err := cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag was added above
	}
	return word
}

// Set takes a word.
func (c *choice) Set(word string) error {
	if !slices.Contains(c.words, word) {
		return fmt.Errorf("must be one of %s", strings.Join(c.words, ", "))
	}
	*c.word = word
	return nil
}

// String returns the word, "" if there is none yet.
func (c *choice) String() string {
	if c.word == nil {
		return ""
	}
	return *c.word
}

// Type names the flag's argument in the help.
func (c *choice) Type() string { return "WORD" }
