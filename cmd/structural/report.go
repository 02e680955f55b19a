package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

// mediaTypes are what the server calls the formats of a table of differences.
var mediaTypes = map[string]string{
	"csv":  "text/csv",
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// reporter is one run of `structural report`.
type reporter struct {
	server, format, entity                        *string
	project, customer, from, to, currency, output string
	differences                                   bool
}

func reportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "report [flags]",
		Short: "Report how the platforms agree, or list where they differ",
		Long: `Report how the platforms agree, or list where they differ.

Asks a server for GET /reconciliation and prints two tables. The first counts objects, by entity type:

  MATCHED       several platforms have it; it is AGREEING, DISAGREEING or ACCEPTED
  DISAGREEING   a difference is open
  ACCEPTED      all of its differences were accepted
  ... ALONE     one platform alone has it
  SUGGESTED, AMBIGUOUS   one platform alone has it, and structural matches lists what it could be one with

The second has what the records of each platform add up to, and the difference. --format json prints the answer
itself, which also has projects and business partners.

With --differences it lists the open differences, field by field, from GET /reconciliation/differences. --format
json prints one difference a line. --format csv and xlsx are tables of the differences.

` + serverHelp + `

Exits with 0, whether the platforms agree or not; with 1 if there is no report; with 2 if it was called wrongly.`,
		Example: `  structural report
  structural report --differences --entity contract
  structural report --format csv > differences.csv
  structural report --format xlsx --from 2026-01-01 --to 2026-03-31 --output differences.xlsx`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	r := &reporter{
		format: addChoice(cmd, "format", "form of the output", true, "table", "json", "csv", "xlsx"),
		entity: addChoice(cmd, "entity", "one entity type instead of all", false, storedEntityTypeNames()...),
	}
	flags := cmd.Flags()
	flags.BoolVar(&r.differences, "differences", false, "list the open differences; --format csv and xlsx always do")
	flags.StringVar(&r.project, "project", "", "one project; canonical `ID`")
	flags.StringVar(&r.customer, "customer", "", "one business partner; canonical `ID`")
	flags.StringVar(&r.from, "from", "", "first `DAY` of the period, YYYY-MM-DD")
	flags.StringVar(&r.to, "to", "", "last `DAY` of the period, YYYY-MM-DD")
	flags.StringVar(&r.currency, "currency", "", "`CODE` of the currency of the totals; without it, the one that most amounts are in")
	flags.StringVar(&r.output, "output", "", "`FILE` to write to instead of standard output")
	r.server = addServer(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return r.run(cmd) }
	return cmd
}

func (r *reporter) run(cmd *cobra.Command) error {
	if *r.format == "xlsx" && r.output == "" && isTerminal(cmd.OutOrStdout()) {
		return usageErrorf("a workbook is not for a terminal: name a file with --output")
	}
	client, err := newAPIClient(*r.server)
	if err != nil {
		return err
	}
	if r.output == "" {
		return r.write(cmd, client, cmd.OutOrStdout())
	}
	return writeFile(r.output, func(w io.Writer) error { return r.write(cmd, client, w) })
}

// write writes what is asked for.
func (r *reporter) write(cmd *cobra.Command, client *apiClient, w io.Writer) error {
	query := map[string]string{
		"entity_type": *r.entity, "project_id": r.project, "customer_id": r.customer, "from": r.from, "to": r.to, "currency": r.currency,
	}
	const differences = "reconciliation/differences"
	switch {
	case mediaTypes[*r.format] != "":
		req, err := client.request(cmd.Context(), http.MethodGet, differences, query, nil)
		if err != nil {
			return err
		}
		req.Header.Set("Accept", mediaTypes[*r.format])
		resp, err := client.send(req, http.StatusOK)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		_, err = io.Copy(w, resp.Body)
		return err
	case r.differences && *r.format == "json":
		return client.pages(cmd.Context(), differences, query, func(page []byte) error { return writeLines(w, page) })
	case r.differences:
		table := newDifferenceTable(w)
		if err := client.pages(cmd.Context(), differences, query, table.add); err != nil {
			return err
		}
		return table.end()
	}
	req, err := client.request(cmd.Context(), http.MethodGet, "reconciliation", query, nil)
	if err != nil {
		return err
	}
	body, _, err := client.read(req, http.StatusOK)
	if err != nil {
		return err
	}
	if *r.format == "json" {
		return printBody(w, body)
	}
	return writeReport(w, body)
}

// writeFile writes a file as a whole or not at all. What is no ordinary file, such as a pipe, is written to directly.
func writeFile(path string, write func(io.Writer) error) (err error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		defer file.Close()
		return write(file)
	}
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = file.Close()
			_ = os.Remove(file.Name())
		}
	}()
	if err := write(file); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// writeLines writes what a page lists, one item a line.
func writeLines(w io.Writer, page []byte) error {
	var list struct{ Data []json.RawMessage }
	if err := understand(page, &list); err != nil {
		return err
	}
	for _, item := range list.Data {
		if err := printBody(w, item); err != nil {
			return err
		}
	}
	return nil
}
