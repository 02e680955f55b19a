package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"structural.app/structural/gen"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform/registry"
)

// importer is one run of `structural import`.
type importer struct {
	platform, entity, variant, ledger, server *string
}

func importCommand() *cobra.Command {
	platforms := registry.New()
	names := platformNames(platforms)
	cmd := &cobra.Command{
		Use:   "import --platform PLATFORM --entity TYPE [flags] [FILE]",
		Short: "Import a platform's records into a server",
		Long: `Import a platform's records into a server.

Reads records from FILE, or from standard input if FILE is - or missing: one JSON object a line (NDJSON), in
the platform's own shape. Sends them to POST /connections/{platform}/records as they are read, tells on standard
error how many were sent, and prints what the server answers. The same records again change nothing.

` + serverHelp + `

Exits with 0; with 1 if the import failed, or any record was rejected: the first of them stand on lines of their
own on standard error; with 2 if it was called wrongly.`,
		Example: fmt.Sprintf(`  structural import --platform %s --entity payment < payments.ndjson
  structural import --platform %s --entity customer --server https://api.example.com customers.ndjson`, names[0], names[min(1, len(names)-1)]),
		Args: cobra.MaximumNArgs(1),
	}
	flags := importer{
		platform: addChoice(cmd, "platform", "platform that the records are of", false, names...),
		entity:   addChoice(cmd, "entity", "entity type of the records", false, storedEntityTypeNames()...),
		variant: addChoice(cmd, "commitment-type", "kind of records that do not say it of themselves ("+needVariants(platforms)+")", false,
			platforms.Variants()...),
		ledger: addChoice(cmd, "ledger", "side of the books of the records; without it, that of the records that are there", false,
			string(books.Receivable), string(books.Payable)),
		server: addServer(cmd),
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *flags.platform == "" || *flags.entity == "" {
			return usageErrorf("--platform and --entity are needed; see %s --help", cmd.CommandPath())
		}
		if len(args) == 0 || args[0] == "-" {
			return flags.run(cmd, cmd.InOrStdin())
		}
		file, err := os.Open(args[0])
		if err != nil {
			return err
		}
		defer file.Close()
		return flags.run(cmd, file)
	}
	return cmd
}

// storedEntityTypeNames are the types that are loaded from connected platforms.
func storedEntityTypeNames() []string {
	return []string{
		string(gen.StoredEntityTypeProject), string(gen.StoredEntityTypeCustomer), string(gen.StoredEntityTypeContract),
		string(gen.StoredEntityTypeInvoice), string(gen.StoredEntityTypePayment),
	}
}

// run sends the records, and prints the answer.
func (f importer) run(cmd *cobra.Command, records io.Reader) error {
	client, err := newAPIClient(*f.server)
	if err != nil {
		return err
	}
	counted := &countingReader{Reader: records}
	req, err := client.request(cmd.Context(), http.MethodPost, "connections/"+*f.platform+"/records", map[string]string{
		"entity_type": *f.entity, "commitment_type": *f.variant, "ledger": *f.ledger,
	}, counted)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-ndjson")
	req.Header.Set("Expect", "100-continue") // who is refused has sent nothing
	stop := counted.report(cmd.Context(), cmd.ErrOrStderr())
	defer stop()
	body, _, err := client.read(req, http.StatusAccepted)
	stop()
	if err != nil {
		return err
	}
	return f.tell(cmd, body)
}

// tell prints what the server has answered.
func (f importer) tell(cmd *cobra.Command, body []byte) error {
	var answer gen.ImportResponse
	if err := understand(body, &answer); err != nil {
		return err
	}
	if err := printBody(cmd.OutOrStdout(), body); err != nil {
		return err
	}
	if answer.Data.Rejected == 0 {
		return nil
	}
	for _, rejected := range answer.Data.Errors {
		cmd.PrintErrf("structural: line %d: %s\n", rejected.Line, rejected.Message)
	}
	if more := answer.Data.Rejected - len(answer.Data.Errors); more > 0 {
		cmd.PrintErrf("structural: and %d more lines were rejected\n", more)
	}
	return errReported
}

// countingReader counts what is read through it.
type countingReader struct {
	io.Reader
	lines, bytes atomic.Int64
}

func (r *countingReader) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	r.bytes.Add(int64(n))
	r.lines.Add(int64(strings.Count(string(b[:n]), "\n")))
	return n, err
}

// report tells every second how much was read, on one line of a terminal or else on lines of their own, until the returned function is
// called.
func (r *countingReader) report(ctx context.Context, w io.Writer) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	end := "\n"
	if isTerminal(w) {
		end = "\r"
	}
	tell := func(end string) {
		fmt.Fprintf(w, "%d lines, %.1f MB sent%s", r.lines.Load(), float64(r.bytes.Load())/(1<<20), end)
	}
	go func() {
		defer close(ended)
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				tell("\n")
				return
			case <-ticker.C:
				tell(end)
			}
		}
	}()
	return func() { cancel(); <-ended }
}
