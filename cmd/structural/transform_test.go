package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	structural "structural.app/structural"
	"structural.app/structural/app"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/platform/registry"
	"structural.app/structural/server/openapi"
)

const paymentRecord = `{"id":1823456,"amount":"1700000.00","status":"pending","check_number":"CHK-2026-0101","date":"2026-02-01","project_id":341276}`

// transform runs `structural transform` for payments from Procore to Business Central.
func transform(t *testing.T, input string, args ...string) result {
	t.Helper()
	return run(t, input, append([]string{"transform", "--from", "procore", "--to", "dynamics", "--entity", "payment"}, args...)...)
}

// occasion is what differs from one answer to the next.
var occasion = regexp.MustCompile(`"transformed_at":"[^"]*","request_id":"[^"]*"`)

func withoutOccasion(answer string) string {
	return occasion.ReplaceAllString(answer, `"transformed_at":"","request_id":""`)
}

// apiTransform asks the API for a translation.
func (p *program) apiTransform(key, from, to, entityType, record, commitmentType, currency string) (status int, answer string) {
	context := ""
	if currency != "" {
		context = fmt.Sprintf(`,"currency":%q`, currency)
	}
	return p.post("/transform", key, fmt.Sprintf(`{"source":%q,"target":%q,"entity_type":%q,"data":%s,"context":{"commitmentType":%q%s}}`,
		from, to, entityType, record, commitmentType, context))
}

// assertSameAsAPI holds the command to the API: it prints the answers to these records byte for byte, and names the same
// problems. It returns how many of the records could be translated.
func assertSameAsAPI(t *testing.T, p *program, key, from, to, entityType, currency string, records ...string) (translated int) {
	t.Helper()
	commitmentType := ""
	if entityType == "contract" {
		commitmentType = "WorkOrderContract"
	}
	input, want, problems := strings.Join(records, "\n"), "", ""
	for i, record := range records {
		status, answer := p.apiTransform(key, from, to, entityType, record, commitmentType, currency)
		switch status {
		case http.StatusOK:
			want += answer
			translated++
		case http.StatusUnprocessableEntity:
			var envelope struct{ Error struct{ Message string } }
			require.NoError(t, json.Unmarshal([]byte(answer), &envelope))
			where := "structural: standard input"
			if len(records) > 1 {
				where += fmt.Sprintf(" (value %d)", i+1)
			}
			for problem := range strings.SplitSeq(envelope.Error.Message, "; ") {
				problems += where + ": " + strings.TrimPrefix(strings.Replace(problem, "/data: ", "the record: ", 1), "/data") + "\n"
			}
		default:
			assert.Fail(t, "neither translated nor refused", "%d %s", status, answer)
		}
	}
	args := []string{"transform", "--from", from, "--to", to, "--entity", entityType, "--currency", currency}
	if commitmentType != "" {
		args = append(args, "--commitment-type", commitmentType)
	}
	got := run(t, input, args...)
	assert.Equal(t, withoutOccasion(want), withoutOccasion(got.output))
	assert.Equal(t, problems, got.messages)
	assert.Equal(t, problems == "", got.code == 0, "exit code %d", got.code)
	return translated
}

// The full records of every entity type become what the API makes of them.
func TestTransform_PrintsWhatTheAPIAnswers(t *testing.T) {
	t.Parallel()
	p := start(t, "DATA_DIR="+dataDir(t))
	_, key := p.createSession(1)
	for _, from := range []string{"procore", "dynamics"} {
		for _, entityType := range entityTypeNames() {
			record, err := os.ReadFile(filepath.Join("../../platform", from, "testdata", entityType+".json"))
			require.NoError(t, err)
			for _, to := range []string{"procore", "dynamics"} {
				assert.Equal(t, 1, assertSameAsAPI(t, p, key, from, to, entityType, "", string(record)), "%s %s %s", from, to, entityType)
			}
		}
	}
	assertSameAsAPI(t, p, key, "procore", "dynamics", "payment", "QAR", paymentRecord, `{"amount":"x","date":1}`, paymentRecord)
	assertSameAsAPI(t, p, key, "procore", "dynamics", "payment", "KWD", paymentRecord) // no rate
}

// The output is a TransformResponse of the contract, the id that nobody asked under included.
func TestTransform_KeepsTheContract(t *testing.T) {
	t.Parallel()
	document, err := openapi.Load(structural.OpenAPI)
	require.NoError(t, err)
	got := transform(t, paymentRecord)
	require.Equal(t, 0, got.code, got.messages)
	var answer struct {
		Metadata struct {
			RequestID string `json:"request_id"`
		}
	}
	require.NoError(t, json.Unmarshal([]byte(got.output), &answer))
	header := http.Header{"Content-Type": {"application/json"}, "X-Request-Id": {answer.Metadata.RequestID}, "Api-Version": {"1.0"}}
	for _, op := range document.Operations() {
		if op.ID == "transformData" {
			assert.NoError(t, op.CheckResponse(http.StatusOK, header, []byte(got.output), nil))
		}
	}
}

func TestTransform_Output(t *testing.T) {
	t.Parallel()
	const data = `{"amount":-6188000,"externalDocumentNumber":"CHK-2026-0101","status":"Open","postingDate":"2026-02-01"}`
	const document = `{"id":"pay_NvmMc888X6CLDxl","object":"payment","external_ids":{"procore":{"id":"1823456"}},"amount":{"amount":170000000,"currency":"USD"},` +
		`"check_number":"CHK-2026-0101","status":"pending","date":"2026-02-01","project_id":"proj_Ol2xnQqR9NIwswl","provider_metadata":{"procore":{"project_id":341276}}}`
	only := func(input string, args ...string) string {
		got := transform(t, input, append([]string{"--currency", "QAR"}, args...)...)
		assert.Equal(t, 0, got.code, got.messages)
		assert.Empty(t, got.messages)
		return got.output
	}
	assert.Equal(t, data+"\n", only(paymentRecord, "--output", "data"))
	assert.Equal(t, document+"\n", only(paymentRecord, "--output", "canonical"))
	assert.Equal(t, "["+data+","+data+"]\n", only("["+paymentRecord+",\n"+paymentRecord+"]", "--output", "data"), "an array for an array")
	assert.Equal(t, "[]\n", only("[]", "--output", "data"))
	assert.Equal(t, strings.Repeat(data+"\n", 3), only(strings.Repeat(paymentRecord+"\n", 3), "--output", "data"), "NDJSON")
	assert.Equal(t, data+"\n", only(paymentRecord, "--output", "data", "-"), "standard input")

	assert.Equal(t, `[{"method":"POST","path":"/companies({companyId})/customerPayments","body":{"postingDate":"2026-02-01","amount":-6188000,`+
		`"externalDocumentNumber":"CHK-2026-0101"},"missing":[{"field":"/journalId","reason":"not_in_settings"},{"field":"/customerId","reason":"not_in_record"}],`+
		`"omitted":[{"field":"/status","reason":"no_field"}]}]`+"\n", only(paymentRecord, "--request"))
	assert.Contains(t, only(paymentRecord, "--request", "--target-id", "1234"), `{"method":"PATCH","path":"/companies({companyId})/customerPayments(1234)"`)

	file := filepath.Join(t.TempDir(), "payment.json")
	require.NoError(t, os.WriteFile(file, []byte(paymentRecord), 0o600))
	assert.Equal(t, data+"\n", only("", "--output", "data", file))

	pretty := only(paymentRecord, "--pretty")
	assert.Contains(t, pretty, "\n  \"data\": {\n    \"amount\": -6188000,\n")
	assert.JSONEq(t, withoutOccasion(only(paymentRecord)), withoutOccasion(strings.NewReplacer("\n", "", "  ", "", `": `, `":`).Replace(pretty)))
	literal := `{"id":9007199254740993,"amount":"12000.0","custom_fields":{"ratio":1.10,"note":"\u00e9 < 2"}}`
	assert.Contains(t, only(literal, "--to", "procore", "--pretty"), "\"ratio\": 1.10,\n      \"note\": \"\\u00e9 < 2\"\n")
}

func TestTransform_Flags(t *testing.T) {
	t.Parallel()
	const contractRecord = `{"id":1945782,"title":"Substructure Package","grand_total":"8500000.00","vendor":{"id":501004}}`
	contracts := []string{"transform", "--from", "procore", "--to", "dynamics", "--entity", "contract", "--output", "data"}
	missing := run(t, "["+contractRecord+","+contractRecord+"]", contracts...)
	assert.Equal(t, exitFailure, missing.code)
	assert.Equal(t, "structural: standard input: --commitment-type: expected one of WorkOrderContract, PurchaseOrderContract\n", missing.messages)

	contracts = append(contracts, "--commitment-type", "WorkOrderContract")
	assert.NotContains(t, run(t, contractRecord, contracts...).output, "customerId")
	customer := "cust_" + regexp.MustCompile(`cust_(\w+)`).FindStringSubmatch(run(t, contractRecord, append(contracts, "--output", "canonical")...).output)[1]
	linked := run(t, contractRecord, append(contracts, "--reference", customer+"=717b026b-7a1c-f111-8340-7ced8d26cf05", "--reference", "proj_0=1")...)
	assert.Contains(t, linked.output, `"customerId":"717b026b-7a1c-f111-8340-7ced8d26cf05"`)
	wrong := run(t, contractRecord, append(contracts, "--reference", customer+"=17")...)
	assert.Equal(t, exitFailure, wrong.code)
	assert.Contains(t, wrong.messages, "structural: standard input: --reference "+customer+": expected ")

	assert.Contains(t, transform(t, paymentRecord, "--source-currency", "AED").output, `{"amount":170000000,"currency":"AED"}`)
	for _, args := range [][]string{{"--currency", "qar"}, {"--source-currency", "QQQ"}, {"--reference", "cor_1"}, {"--reference", "=x"}, {"a.json", "b.json"}} {
		got := transform(t, paymentRecord, args...)
		assert.Equal(t, exitUsage, got.code, args)
		assert.Empty(t, got.output, args)
		assert.Equal(t, 1, strings.Count(got.messages, "\n"), "%s: %s", args, got.messages)
	}
}

// Each problem has a line of its own, that says where it is in the input; the other values are translated all the same.
func TestTransform_Problems(t *testing.T) {
	t.Parallel()
	for input, want := range map[string]string{
		`{"amount":"secret","date":"secret"}`: "/amount: expected an amount as a decimal number\n/date: expected a date (YYYY-MM-DD)",
		`[{"id":1},{"amount":"x"},3]`:         "/1/amount: expected an amount as a decimal number\n/2: expected an object",
		`"text"`:                              "the record: expected an object",
		``:                                    "empty, expected a record as JSON",
		` `:                                   "empty, expected a record as JSON",
		`{"id":1`:                             "not JSON: unexpected end",
		`{"id":1,}`:                           "not JSON: invalid character '}' looking for beginning of object key string (byte 9)",
		`{"id":1,"id":2}`:                     "malformed JSON at line 1, column 9: member name appears twice in one object",
		"{\"notes\":\"\xff\"}":                "malformed JSON at line 1, column 11: invalid UTF-8",
		strings.Repeat("[", 300) + strings.Repeat("]", 300): "malformed JSON at line 1, column 257: nested deeper than 256 levels",
	} {
		got := transform(t, input)
		assert.Equal(t, exitFailure, got.code, input)
		assert.Empty(t, got.output, input)
		assert.Equal(t, "structural: standard input: "+strings.ReplaceAll(want, "\n", "\nstructural: standard input: ")+"\n", got.messages, input)
		assert.NotContains(t, got.messages, "secret")
	}

	several := transform(t, `{"id":1}`+"\n"+`{"amount":"x"}`+"\n"+`{"id":3}`+"\n{", "--output", "canonical")
	assert.Equal(t, exitFailure, several.code)
	assert.Equal(t, 2, strings.Count(several.output, "\n"))
	assert.Equal(t, "structural: standard input (value 2): /amount: expected an amount as a decimal number\n"+
		"structural: standard input: not JSON: unexpected end\n", several.messages)

	for file, want := range map[string]string{"missing.json": "structural: open missing.json: no such file or directory\n", ".": "structural: .: read .: is a directory\n"} {
		got := transform(t, "", file)
		assert.Equal(t, exitFailure, got.code, file)
		assert.Equal(t, want, got.messages, file)
	}
}

// The rates are the environment's, as they are the server's; nothing else of the server's configuration matters.
func TestTransform_Environment(t *testing.T) {
	t.Setenv("ADDR", "nonsense")
	t.Setenv("REDIS_URL", "nonsense")
	t.Setenv("DATABASE_URL", "nonsense")
	t.Setenv("EXCHANGE_RATES", "KWD=0.307")
	assert.Contains(t, transform(t, paymentRecord, "--currency", "KWD").output, `"conversions":[{"from":"USD","to":"KWD","rate":"0.307","source":"configured"}]`)
	t.Setenv("EXCHANGE_RATES", "KWD")
	got := transform(t, paymentRecord)
	assert.Equal(t, exitUsage, got.code)
	assert.Equal(t, "structural: EXCHANGE_RATES: must be what one US dollar costs, by currency, such as QAR=3.64,KWD=0.307\n", got.messages)
}

// pipe starts the command with a pipe on both sides.
func pipe(t *testing.T) (cmd *exec.Cmd, input io.WriteCloser, output *bufio.Reader, closeOutput func(), messages *strings.Builder) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // a command that does not end is killed
	t.Cleanup(cancel)
	cmd = exec.CommandContext(ctx, binary, "transform", "--from", "procore", "--to", "dynamics", "--entity", "payment", "--output", "canonical")
	input, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	messages = new(strings.Builder)
	cmd.Stderr = messages
	require.NoError(t, cmd.Start())
	return cmd, input, bufio.NewReader(stdout), func() { stdout.Close() }, messages
}

// A value is answered as soon as it is there, and the end of whoever reads the answers ends the command without a word.
func TestTransform_Pipe(t *testing.T) {
	t.Parallel()
	cmd, input, output, closeOutput, messages := pipe(t)
	for range 3 {
		_, err := io.WriteString(input, paymentRecord+"\n")
		require.NoError(t, err)
		line, err := output.ReadString('\n')
		require.NoError(t, err)
		assert.Contains(t, line, "pay_NvmMc888X6CLDxl")
	}
	closeOutput()
	_, err := io.WriteString(input, paymentRecord+"\n")
	require.NoError(t, err)
	assert.Error(t, cmd.Wait())
	assert.Equal(t, syscall.SIGPIPE, cmd.ProcessState.Sys().(syscall.WaitStatus).Signal())
	assert.Empty(t, messages.String())
}

// Ctrl-C ends a command that waits for its input.
func TestTransform_Interrupt(t *testing.T) {
	t.Parallel()
	cmd, input, output, _, messages := pipe(t)
	_, err := io.WriteString(input, paymentRecord+"\n")
	require.NoError(t, err)
	_, err = output.ReadString('\n')
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	assert.Error(t, cmd.Wait())
	assert.Equal(t, syscall.SIGINT, cmd.ProcessState.Sys().(syscall.WaitStatus).Signal())
	assert.Empty(t, messages.String())
}

func TestTransform_SaysWhenItWasMade(t *testing.T) {
	record, err := jsontext.Parse([]byte(paymentRecord))
	require.NoError(t, err)
	made := transformer{
		translator: app.New(registry.New(), canonical.Rates{}),
		request:    app.Transformation{Source: "procore", Target: "dynamics", EntityType: canonical.Payment},
		output:     "all",
		clock:      func() time.Time { return time.Date(2026, 4, 11, 15, 0, 0, 123_456_789, time.FixedZone("", 3*3600)) },
	}
	var problems []string
	body, err := made.answer(t.Context(), record, &problems)
	require.NoError(t, err)
	assert.Empty(t, problems)
	assert.Contains(t, string(body), `"transformed_at":"2026-04-11T12:00:00.123Z"`)
}
