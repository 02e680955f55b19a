package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// build says what this program was built from.
type build struct {
	Version  string `json:"version"`            // of the module; (devel) if it was built without version control
	Revision string `json:"revision,omitempty"` // of the repository
	Time     string `json:"time,omitempty"`     // of the revision, RFC 3339
	Modified bool   `json:"modified"`           // the files were not those of the revision
	Go       string `json:"go"`
	Platform string `json:"platform"` // operating system/architecture
}

// currentBuild reads what the Go command has left in the program.
func currentBuild() build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return buildOf(info)
}

func buildOf(info *debug.BuildInfo) build {
	b := build{Version: info.Main.Version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if b.Version == "" {
		b.Version = "(devel)"
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

func versionCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:               "version",
		Short:             "Show which version this is, and what it was built from",
		Example:           "  structural version --output json",
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	output := addChoice(cmd, "output", "form of the output", true, "text", "json")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		b := currentBuild()
		if *output == "json" {
			return json.NewEncoder(cmd.OutOrStdout()).Encode(b)
		}
		fmt.Fprintln(cmd.OutOrStdout(), "structural", b.Version)
		if b.Revision != "" {
			changed := ""
			if b.Modified {
				changed = ", with changes"
			}
			fmt.Fprintf(cmd.OutOrStdout(), "revision   %s of %s%s\n", b.Revision, b.Time, changed)
		}
		fmt.Fprintf(cmd.OutOrStdout(), "built with %s for %s\n", b.Go, b.Platform)
		return nil
	}
	return cmd
}
