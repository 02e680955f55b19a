package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"structural.app/structural/gen"
)

func matchesCommand() *cobra.Command {
	var project string
	cmd := &cobra.Command{
		Use:   "matches [flags]",
		Short: "List which records could be one, or are",
		Long: `List which records could be one, or are.

Asks a server for GET /matches and prints a table: each object with its records, as PLATFORM:ID, and each record
elsewhere that it could be one with, with the score, 0 to 1, and what speaks for it, the likeliest first.

` + serverHelp,
		Example: `  structural matches
  structural matches --state ambiguous --entity invoice`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	state := addChoice(cmd, "state", "state of the objects", true,
		string(gen.MatchStateSuggested), string(gen.MatchStateAmbiguous), string(gen.MatchStateOneSided), string(gen.MatchStateMatched))
	entity := addChoice(cmd, "entity", "one entity type instead of all", false, storedEntityTypeNames()...)
	cmd.Flags().StringVar(&project, "project", "", "one project; canonical `ID`")
	server := addServer(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		client, err := newAPIClient(*server)
		if err != nil {
			return err
		}
		table, current := matchTable{tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0), map[[2]string]bool{}}, true
		fmt.Fprintln(table, "ENTITY\tLABEL\tRECORD\tCOULD BE\tLABEL\tSCORE\tWHY")
		query := map[string]string{"state": *state, "entity_type": *entity, "project_id": project}
		err = client.pages(cmd.Context(), "matches", query, func(page []byte) error {
			var list gen.MatchesResponse
			if err := understand(page, &list); err != nil {
				return err
			}
			current = list.Suggestions.Current
			for i := range list.Data {
				table.add(&list.Data[i])
			}
			return table.Flush()
		})
		if err == nil && !current {
			cmd.PrintErrln("structural: the suggestions are being computed; ask again in a while")
		}
		return err
	}
	return cmd
}

// matchTable writes matches. Two objects that could be one are a row once.
type matchTable struct {
	*tabwriter.Writer
	pairs map[[2]string]bool // ids of objects
}

// add writes a row for each record that an object could be one with. An object without any has one row.
func (t *matchTable) add(m *gen.Match) {
	var records []string
	for _, r := range m.Records {
		records = append(records, recordArgument(r.Platform, r.PlatformID))
	}
	row := fmt.Sprintf("%s\t%s\t%s\t", m.EntityType, cell(m.Label), strings.Join(records, " "))
	if len(m.Candidates) == 0 {
		why := m.Reason.Kind
		if m.Reason.Field != nil && m.Reason.Value != nil {
			why += " " + *m.Reason.Field + " " + cell(*m.Reason.Value)
		}
		fmt.Fprintf(t, "%s-\t-\t-\t%s\n", row, why)
	}
	for _, c := range m.Candidates {
		if t.pairs[[2]string{c.CanonicalID, m.ID}] {
			continue
		}
		t.pairs[[2]string{m.ID, c.CanonicalID}] = true
		why := []string{c.Reason}
		for _, f := range c.Features {
			why = append(why, fmt.Sprintf("%s %.2g", f.Name, f.Value))
		}
		fmt.Fprintf(t, "%s%s\t%s\t%.2f\t%s\n", row, recordArgument(c.Platform, c.PlatformID), cell(c.Label), c.Score, strings.Join(why, ", "))
	}
}

// recordArgument names a record as `structural decide` takes it.
func recordArgument(platform gen.PlatformName, id string) string {
	return string(platform) + ":" + printable(id)
}

func decideCommand() *cobra.Command {
	var note string
	cmd := &cobra.Command{
		Use:   "decide same|different --entity TYPE [--note TEXT] PLATFORM:ID PLATFORM:ID...",
		Short: "Decide that records are one, or that they are not",
		Long: `Decide that records are one, or that they are not.

Asks a server for POST /matches/decisions, and prints what it answers. The records are of one entity type, each of
another platform. The decision takes effect at once and outlives reloads; DELETE /matches/decisions/{id} takes it back.

` + serverHelp,
		Example: `  structural decide same --entity customer --note "Renamed in March" PLATFORM:ID PLATFORM:ID`,
		Args:    cobra.MinimumNArgs(3),
	}
	entity := addChoice(cmd, "entity", "entity type of the records", false, storedEntityTypeNames()...)
	cmd.Flags().StringVar(&note, "note", "", "`TEXT` that says why; the history shows it")
	server := addServer(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if word := args[0]; *entity == "" || word != string(gen.DecisionWordSame) && word != string(gen.DecisionWordDifferent) {
			return usageErrorf("same or different, and --entity, are needed; see %s --help", cmd.CommandPath())
		}
		decision := gen.MatchDecisionRequest{Decision: gen.DecisionWord(args[0]), EntityType: gen.StoredEntityType(*entity)}
		if note != "" {
			decision.Note = &note
		}
		for _, arg := range args[1:] {
			platform, id, _ := strings.Cut(arg, ":")
			if platform == "" || id == "" {
				return usageErrorf("%q is no record: PLATFORM:ID is, as structural matches shows it", arg)
			}
			decision.Records = append(decision.Records, gen.RecordName{Platform: gen.Platform(platform), PlatformID: id})
		}
		client, err := newAPIClient(*server)
		if err != nil {
			return err
		}
		text, err := json.Marshal(decision)
		if err != nil {
			return err
		}
		req, err := client.request(cmd.Context(), http.MethodPost, "matches/decisions", nil, bytes.NewReader(text))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/json")
		body, _, err := client.read(req, http.StatusCreated)
		if err != nil {
			return err
		}
		return printBody(cmd.OutOrStdout(), body)
	}
	return cmd
}
