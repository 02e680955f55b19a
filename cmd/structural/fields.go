package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"structural.app/structural/canonical"
	"structural.app/structural/platform"
	"structural.app/structural/platform/coverage"
	"structural.app/structural/platform/registry"
)

func fieldsCommand() *cobra.Command {
	platforms := registry.New()
	names := platformNames(platforms)
	cmd := &cobra.Command{
		Use:   "fields",
		Short: "Show which field of each platform is which canonical field",
		Long: `Show which field of each platform is which canonical field, from the tables that translate.

Of several fields of a platform, the first is the one that is written; (+1) counts the further forms that are read.`,
		Example: fmt.Sprintf(`  structural fields --entity contract
  structural fields --entity invoice --platform %s
  structural fields --output json`, names[len(names)-1]),
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	entity := addChoice(cmd, "entity", "one entity type instead of all", false, entityTypeNames()...)
	name := addChoice(cmd, "platform", "one platform instead of all", false, names...)
	output := addChoice(cmd, "output", "form of the output", true, "table", "markdown", "json")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		entityTypes, shown := canonical.EntityTypes(), platforms.Names()
		if *entity != "" {
			entityTypes = []canonical.EntityType{canonical.EntityType(*entity)}
		}
		if *name != "" {
			shown = []platform.Name{platform.Name(*name)}
		}
		c := coverage.Of(platforms, shown, entityTypes)
		switch *output {
		case "json":
			return c.WriteJSON(cmd.OutOrStdout())
		case "markdown":
			return c.WriteMarkdown(cmd.OutOrStdout())
		}
		return c.WriteTable(cmd.OutOrStdout())
	}
	return cmd
}

func platformNames(platforms *platform.Registry) []string {
	var names []string
	for _, name := range platforms.Names() {
		names = append(names, string(name))
	}
	return names
}

func entityTypeNames() []string {
	var names []string
	for _, entityType := range canonical.EntityTypes() {
		names = append(names, string(entityType))
	}
	return names
}
