package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"structural.app/structural/app"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform"
	"structural.app/structural/platform/registry"
	"structural.app/structural/server/answer"
)

// outputRequests is what --request prints.
const outputRequests = "requests"

// platformID is what a platform's own id looks like.
var platformID = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)

// transformer is one run of `structural transform`.
type transformer struct {
	translator *app.Translator
	request    app.Transformation // but for its data
	output     string             // all, data, canonical or requests
	pretty     bool
	clock      func() time.Time
}

func transformCommand() *cobra.Command {
	platforms := registry.New()
	cmd := &cobra.Command{
		Use:   "transform --from PLATFORM --to PLATFORM --entity TYPE [flags] [FILE]",
		Short: "Translate records from one platform's shape into another's, without a server",
		Long: `Translate records from one platform's shape into another's, without a server.

Reads JSON from FILE, or from standard input if FILE is - or missing: a record, an array of records, or
several of them one after another (NDJSON). Prints for each what POST /transform answers, in the same form: an
array for an array, and one line for each of several.

EXCHANGE_RATES sets exchange rates as it does for serve.

Exits with 0; with 1 if something could not be read or translated: each problem stands on a line of its own on
standard error, by its JSON pointer in the input; with 2 if it was called wrongly.`,
		Example: transformExamples(platforms),
		Args:    cobra.MaximumNArgs(1),
	}
	flags := newTransformFlags(cmd, platforms)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		// A filter that waits for its input ends with Ctrl-C.
		signal.Reset(os.Interrupt, syscall.SIGTERM)
		t, err := flags.transformer(cmd, platforms)
		if err != nil {
			return err
		}
		if len(args) == 0 || args[0] == "-" {
			return t.run(cmd, cmd.InOrStdin(), "standard input")
		}
		file, err := os.Open(args[0])
		if err != nil {
			return err
		}
		defer file.Close()
		return t.run(cmd, file, args[0])
	}
	return cmd
}

// transformFlags are the flags of `structural transform`.
type transformFlags struct {
	from, to, entity, variant, ledger, currency, sourceCurrency, output, target *string
	references                                                                  *[]string
	requests, pretty                                                            *bool
}

func newTransformFlags(cmd *cobra.Command, platforms *platform.Registry) transformFlags {
	names := platformNames(platforms)
	return transformFlags{
		from:   addChoice(cmd, "from", "platform that the records come from", false, names...),
		to:     addChoice(cmd, "to", "platform to translate to; the same one checks and normalises", false, names...),
		entity: addChoice(cmd, "entity", "entity type of the records", false, entityTypeNames()...),
		variant: addChoice(cmd, "commitment-type", "kind of a record that does not say it of itself ("+needVariants(platforms)+")", false,
			platforms.Variants()...),
		ledger: addChoice(cmd, "ledger", "side of the books of records that do not show theirs; without it, receivable", false,
			string(books.Receivable), string(books.Payable)),
		currency:       cmd.Flags().String("currency", "", "`CURRENCY` (ISO 4217) of the target's records; amounts in another one are converted"),
		sourceCurrency: cmd.Flags().String("source-currency", "", "`CURRENCY` (ISO 4217) of records that name none; without it, the platform's usual one"),
		references:     cmd.Flags().StringArray("reference", nil, "`CANONICAL_ID=ID` of a record that is referred to, ID being the target's own; may be repeated"),
		output:         addChoice(cmd, "output", "what to print", true, "all", "data", "canonical"),
		requests:       cmd.Flags().Bool("request", false, "print what to send to the target: method, path and body of each request"),
		target:         cmd.Flags().String("target-id", "", "the target's own `ID` of the record to change; without it, one is made"),
		pretty:         cmd.Flags().Bool("pretty", false, "indent the output, as is done on a terminal"),
	}
}

// transformer is what the flags ask for. The error tells what is wrong with them.
func (f transformFlags) transformer(cmd *cobra.Command, platforms *platform.Registry) (t transformer, err error) {
	if *f.from == "" || *f.to == "" || *f.entity == "" {
		return t, usageErrorf("--from, --to and --entity are needed; see %s --help", cmd.CommandPath())
	}
	for name, code := range map[string]string{"--currency": *f.currency, "--source-currency": *f.sourceCurrency} {
		if _, ok := canonical.Exponent(code); !ok && code != "" {
			return t, usageErrorf("%s must be an ISO 4217 currency, such as QAR", name)
		}
	}
	if *f.requests {
		if cmd.Flags().Changed("output") {
			return t, usageErrorf("--request and --output exclude each other")
		}
		*f.output = outputRequests
	}
	if *f.target != "" && !platformID.MatchString(*f.target) {
		return t, usageErrorf("--target-id must be an id of the target, such as 1823456")
	}
	platformIDs := map[string]string{}
	for _, reference := range *f.references {
		canonicalID, id, _ := strings.Cut(reference, "=")
		if canonicalID == "" || id == "" {
			return t, usageErrorf("--reference must be CANONICAL_ID=ID, such as cor_0123456789ABCDE=717b026b-7a1c-f111-8340-7ced8d26cf05")
		}
		platformIDs[canonicalID] = id
	}
	rates, err := readExchangeRates()
	if err != nil {
		return t, err
	}
	if !cmd.Flags().Changed("pretty") {
		*f.pretty = isTerminal(cmd.OutOrStdout())
	}
	return transformer{
		translator: app.New(platforms, rates),
		request: app.Transformation{
			Source: *f.from, Target: *f.to, EntityType: canonical.EntityType(*f.entity), Variant: *f.variant, Ledger: books.LedgerSide(*f.ledger),
			SourceCurrency: *f.sourceCurrency, TargetCurrency: *f.currency, References: platformIDs, TargetID: *f.target,
		},
		output: *f.output, pretty: *f.pretty, clock: time.Now,
	}, nil
}

// transformExamples shows the command with the first two platforms.
func transformExamples(platforms *platform.Registry) string {
	names := platforms.Names()
	first, second := names[0], names[min(1, len(names)-1)]
	examples := fmt.Sprintf(`  structural transform --from %[1]s --to %[2]s --entity payment --currency QAR payment.json
  structural transform --from %[2]s --to %[1]s --entity project --output data < projects.json`, first, second)
	p, _ := platforms.Get(first)
	if variants := p.Definition().Variants(canonical.Contract); len(variants) > 0 {
		examples += fmt.Sprintf(`
  structural transform --from %s --to %s --entity contract --commitment-type %s \
    --reference cor_0123456789ABCDE=717b026b-7a1c-f111-8340-7ced8d26cf05 contract.json`, first, second, variants[0])
	}
	return examples
}

// needVariants names the records that need a variant, by type and platform.
func needVariants(platforms *platform.Registry) string {
	var list []string
	for _, name := range platforms.Names() {
		p, _ := platforms.Get(name)
		for _, t := range canonical.EntityTypes() {
			if len(p.Definition().Variants(t)) > 0 {
				list = append(list, string(t)+" from "+p.Definition().Title)
			}
		}
	}
	return strings.Join(list, ", ")
}

// readExchangeRates reads EXCHANGE_RATES alone, so that nothing that only concerns the server stops the command.
func readExchangeRates() (canonical.Rates, error) {
	var rates exchangeRates
	if text := os.Getenv("EXCHANGE_RATES"); text != "" {
		if err := rates.UnmarshalText([]byte(text)); err != nil {
			return rates.Rates, usageErrorf("EXCHANGE_RATES: %w", err)
		}
	}
	return rates.Rates, nil
}

// run translates every JSON value of the input, called name in messages. Values that cannot be translated are reported, and
// do not stop it; text that is not JSON does.
func (t *transformer) run(cmd *cobra.Command, input io.Reader, name string) error {
	failed := false
	decoder := json.NewDecoder(input)
	for n := 1; ; n++ {
		var text json.RawMessage
		err := decoder.Decode(&text)
		if errors.Is(err, io.EOF) && n > 1 {
			break
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, notJSON(err))
		}
		value, err := jsontext.ParseInput(text)
		problems := []string{}
		var body []byte
		if err != nil {
			problems = append(problems, err.Error())
		} else if body, err = t.answer(cmd.Context(), value, &problems); err != nil {
			return err
		}
		if len(problems) > 0 {
			failed = true
			where := name
			if n > 1 || decoder.More() {
				where += " (value " + strconv.Itoa(n) + ")"
			}
			for _, problem := range problems {
				cmd.PrintErrf("structural: %s: %s\n", where, problem)
			}
			continue
		}
		// One write for each, so that whoever reads along has it at once.
		if _, err := cmd.OutOrStdout().Write(append(body, '\n')); err != nil {
			return err
		}
	}
	if failed {
		return errReported
	}
	return nil
}

// answer translates a record, or each of an array, and returns what is to be printed. What cannot be translated is added to
// problems.
func (t *transformer) answer(ctx context.Context, value jsontext.Value, problems *[]string) ([]byte, error) {
	var body []byte
	var err error
	if value.Kind() == jsontext.Array {
		body = append(body, '[')
		for i, element := range value.Members() {
			if i > 0 {
				body = append(body, ',')
			}
			if body, err = t.appendAnswer(ctx, body, element.Value, "/"+strconv.Itoa(i), problems); err != nil {
				return nil, err
			}
		}
		body = append(body, ']')
	} else if body, err = t.appendAnswer(ctx, body, value, "", problems); err != nil {
		return nil, err
	}
	if !t.pretty || len(*problems) > 0 {
		return body, nil
	}
	var indented bytes.Buffer
	err = json.Indent(&indented, body, "", "  ")
	return indented.Bytes(), err
}

// appendAnswer appends the answer to one record, which stands at pointer in the input.
func (t *transformer) appendAnswer(ctx context.Context, body []byte, record jsontext.Value, pointer string, problems *[]string) ([]byte, error) {
	request := t.request
	request.Data = record
	result, err := t.translator.Transform(ctx, request)
	if err != nil {
		translation, ok := errors.AsType[*canonical.TranslationError](err)
		if !ok {
			return nil, err
		}
		for _, p := range translation.Problems {
			problem := problemText(p, pointer)
			if !slices.Contains(*problems, problem) { // a flag that is missing is missing once
				*problems = append(*problems, problem)
			}
		}
		if translation.More > 0 {
			*problems = append(*problems, strings.TrimPrefix(pointer+": ", ": ")+"and "+strconv.Itoa(translation.More)+" more")
		}
		return body, nil
	}
	switch t.output {
	case "data":
		return result.Data.Append(body), nil
	case "canonical":
		return result.Canonical.Append(body), nil
	case outputRequests:
		return answer.AppendRequests(body, result.Requests), nil
	}
	return answer.NewTransform(request, result, t.clock(), newRequestID()).AppendJSON(body)
}

// problemText says the same as the API's answer 422, but points into the input instead of the request's body: at the record,
// which stands at pointer, or at the flag.
func problemText(p canonical.Problem, pointer string) string {
	where := pointer + p.Pointer
	switch p.In {
	case canonical.InCanonical:
		where = "canonical " + where
	case canonical.InContext:
		where = contextFlag(p.Pointer)
	}
	if where == "" {
		where = "the record"
	}
	return where + ": expected " + p.Expected
}

// contextFlag names the flag that sets a field of the API's context.
func contextFlag(pointer string) string {
	field, rest, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	switch field {
	case "variant":
		return "--commitment-type"
	case "references":
		return "--reference " + rest
	case "entityType":
		return "--entity"
	}
	return "--" + field
}

// notJSON words what the decoder says of text that is no JSON.
func notJSON(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("empty, expected a record as JSON")
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: unexpected end", jsontext.ErrNotJSON)
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("%w: %w (byte %d)", jsontext.ErrNotJSON, syntax, syntax.Offset)
	}
	return err
}

// newRequestID makes an id of the form that the API's answers have: nobody asked over HTTP, but what reads such an answer
// reads this one, too.
func newRequestID() string { return "req_" + strings.ToLower(rand.Text()[:12]) }

// isTerminal reports whether a person reads, or writes, along.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
