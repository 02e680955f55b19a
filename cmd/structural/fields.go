package main

import (
	"github.com/spf13/cobra"

	"structural.app/structural/platform/coverage"
	"structural.app/structural/platform/registry"
)

func fieldsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "fields",
		Short: "Print which field of each platform is which canonical field, in Markdown",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return coverage.Write(cmd.OutOrStdout(), registry.New(""))
		},
	}
}
