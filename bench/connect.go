package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"structural.app/structural/app"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform"
	"structural.app/structural/platform/dynamics"
	"structural.app/structural/platform/procore"
	"structural.app/structural/platform/registry"
	"structural.app/structural/server/apikey"
	"structural.app/structural/store"
)

// customer is one of the bench's own.
type customer struct{ id, key string }

func (b *bench) newCustomer(ctx context.Context) (customer, error) {
	c := customer{key: apikey.New(string(store.ModeTest))}
	var err error
	c.id, err = b.store.CreateCustomer(ctx, store.ModeTest, "bench", apikey.Hash(c.key))
	return c, err
}

// connectRequest connects the customer to a sandbox.
func (c customer) connectRequest(name platform.Name) request {
	return newRequest(http.StatusOK, http.MethodPost, "/api/v1/connect", fmt.Sprintf(`{"platform":%q}`, name), "Authorization: Bearer "+c.key)
}

// bodyOf returns the status and the body of the answer.
func bodyOf(r *http.Request) (int, string, error) {
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, string(body), err
}

// measureConnect compares POST /connect of the program with the rows that it leaves sent by psql, both one after the other.
// Ours has more to do: HTTP, the key, the contract, reading the other platform's records, translating and reconciling all, and
// the two states of the connection. The rows are there already each time, and are replaced.
func measureConnect(ctx context.Context, b *bench) error {
	program, err := b.startProgram(ctx)
	if err != nil {
		return err
	}
	defer program.stop()
	c, err := b.newCustomer(ctx)
	if err != nil {
		return err
	}
	for _, subject := range []struct {
		name     string
		platform platform.Name
	}{
		{"the first sandbox", procore.Name},
		{"the second sandbox", dynamics.Name},
	} {
		progress("  %s", subject.name)
		conn, err := dial(ctx, program.address)
		if err != nil {
			return err
		}
		defer conn.Close()
		connect := func() error { return conn.exchange(c.connectRequest(subject.platform)) }
		if err := connect(); err != nil { // leaves the rows
			return err
		}
		byHand, err := b.startPsql(ctx)
		if err != nil {
			return err
		}
		defer byHand.stop()
		rows := c.rowsOf(subject.platform, b.dir)
		if err := byHand.run(rows.save); err != nil {
			return err
		}
		took, err := takeTurns(ctx, b.rounds, b.milliseconds(connect), b.milliseconds(func() error { return byHand.run(rows.load) }))
		if err != nil {
			return err
		}
		b.add(row{name: "POST /connect of " + subject.name + ", 1 client, vs psql", unit: "ms", ours: took[0], baseline: took[1]})
	}
	return nil
}

// milliseconds measures how long do takes, the median of as many calls as there is time for.
func (b *bench) milliseconds(do func() error) func() (float64, error) {
	return func() (float64, error) {
		var took []float64
		for end := time.Now().Add(b.load); time.Now().Before(end); {
			start := time.Now()
			if err := do(); err != nil {
				return 0, err
			}
			took = append(took, float64(time.Since(start).Nanoseconds())/1e6)
		}
		return median(took), nil
	}
}

// rowsByHand are scripts for psql.
type rowsByHand struct {
	save string // the rows to files
	load string // the files to rows, in place of those that are there, in one transaction
}

// rowsOf are the rows that connecting a platform writes: its records, and the objects and mappings of all.
func (c customer) rowsOf(name platform.Name, dir string) rowsByHand {
	var scripts rowsByHand
	var deletes, copies string
	for _, table := range []struct{ name, columns, which string }{
		{"platform_objects", "customer_id, platform, entity_type, platform_id, payload, commitment_type", " AND platform = '" + string(name) + "'"},
		{"canonical_objects", "customer_id, id, entity_type, document", ""},
		{"entity_mappings", "customer_id, platform, entity_type, platform_id, canonical_id, minted_id", ""},
	} {
		file := filepath.Join(dir, string(name)+"-"+table.name)
		which := " FROM " + table.name + " WHERE customer_id = '" + c.id + "'" + table.which
		scripts.save += fmt.Sprintf("\\copy (SELECT %s%s) TO '%s'\n", table.columns, which, file)
		deletes += "DELETE" + which + ";\n"
		copies += fmt.Sprintf("\\copy %s (%s) FROM '%s'\n", table.name, table.columns, file)
	}
	scripts.load = "BEGIN;\n" + deletes + copies + "COMMIT;\n"
	return scripts
}

// psql is a psql that waits for scripts, so that its start does not count.
type psql struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

func (b *bench) startPsql(ctx context.Context) (*psql, error) {
	command := exec.CommandContext(ctx, "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname="+b.dsn)
	in, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := command.StderrPipe()
	if err != nil {
		return nil, err
	}
	return &psql{command, in, bufio.NewReader(out)}, command.Start()
}

// run runs a script to its end.
func (p *psql) run(script string) error {
	const done = "done\n"
	if _, err := io.WriteString(p.in, script+`\warn `+done); err != nil { // not \echo, which is buffered
		return err
	}
	if said, err := p.out.ReadString('\n'); said != done {
		return fmt.Errorf("psql: %s", errors.Join(errors.New(strings.TrimSpace(said)), err))
	}
	return nil
}

func (p *psql) stop() {
	_ = p.in.Close()
	_ = p.command.Wait()
}

// A connection should load so many records a second, and one ten times as large take no more than this for each.
const (
	wantedRecordsPerSecond = 20_000
	wantedOfSize           = 1.3
)

// measureLoading connects Dynamics to customers who have connected Procore with as many records, most of which are the same on
// both sides: Procore's are read again, all are translated and reconciled, and all objects and mappings replaced. In this
// process, without HTTP; the source has its records at hand. Only Dynamics' records are counted.
//
// They are whole records, of 4.1 KB on average in Procore and 2.9 KB in Dynamics. What PostgreSQL alone takes for the rows that
// come of them, one connection loading them as files with psql, is the limit for any program, and has a row of its own.
func measureLoading(ctx context.Context, b *bench) error {
	sizes, rounds := []int{1_000, 10_000, 100_000}, 3
	if b.rounds == 1 {
		sizes, rounds = sizes[:1], 1
	}
	translator := app.New(platforms, canonical.Rates{})
	sides := make([]func() (float64, error), len(sizes))
	for i, size := range sizes {
		first, err := newRecords(procoreShape, size)
		if err != nil {
			return err
		}
		second, err := newRecords(dynamicsShape, size)
		if err != nil {
			return err
		}
		sides[i] = func() (float64, error) {
			progress("  %d records", size)
			return b.secondsOfConnecting(ctx, translator, first, second, max(1, 10_000/size))
		}
	}
	took, err := takeTurns(ctx, rounds, sides...)
	if err != nil {
		return err
	}
	for i, size := range sizes {
		b.add(row{
			name: fmt.Sprintf("connecting %d records to as many, vs what is wanted", size), unit: "records/s",
			ours: float64(size) / took[i], baseline: wantedRecordsPerSecond, higherIsBetter: true, wanted: 1,
		})
	}
	if peak, err := peakMemoryMB(os.Getpid()); err == nil {
		progress("  peak memory of this process so far: %.0f MB", peak)
	}
	if last := len(sizes) - 1; last > 0 {
		b.add(row{
			name: fmt.Sprintf("connecting %d records, time of each, vs of %d", sizes[last], sizes[last-1]), unit: "ns/record",
			ours: took[last] * 1e9 / float64(sizes[last]), baseline: took[last-1] * 1e9 / float64(sizes[last-1]), wanted: wantedOfSize,
		})
	}
	return b.measureLoadingByHand(ctx, translator, sizes[min(1, len(sizes)-1)], rounds)
}

// measureLoadingByHand compares connecting Dynamics again with the same rows sent by psql.
func (b *bench) measureLoadingByHand(ctx context.Context, t *app.Translator, size, rounds int) error {
	c, err := b.newCustomer(ctx)
	if err != nil {
		return err
	}
	var source records
	for _, s := range []shape{procoreShape, dynamicsShape} {
		if source, err = newRecords(s, size); err != nil {
			return err
		}
		if err := b.connect(ctx, t, c, s.name, source); err != nil {
			return err
		}
	}
	byHand, err := b.startPsql(ctx)
	if err != nil {
		return err
	}
	defer byHand.stop()
	rows := c.rowsOf(dynamics.Name, b.dir)
	if err := byHand.run(rows.save); err != nil {
		return err
	}
	took, err := takeTurns(ctx, rounds,
		b.milliseconds(func() error {
			return b.connect(ctx, t, c, dynamics.Name, source)
		}),
		b.milliseconds(func() error { return byHand.run(rows.load) }),
	)
	if err != nil {
		return err
	}
	b.add(row{
		name: fmt.Sprintf("connecting %d records again, vs psql", size), unit: "records/s",
		ours: float64(size) / took[0] * 1e3, baseline: float64(size) / took[1] * 1e3, higherIsBetter: true,
	})
	return nil
}

// secondsOfConnecting is how long it takes to connect the second platform, on average of n customers.
func (b *bench) secondsOfConnecting(ctx context.Context, t *app.Translator, first, second records, n int) (float64, error) {
	var took time.Duration
	for range n {
		c, err := b.newCustomer(ctx)
		if err != nil {
			return 0, err
		}
		if err := b.connect(ctx, t, c, procore.Name, first); err != nil {
			return 0, err
		}
		runtime.GC()
		start := time.Now()
		if err := b.connect(ctx, t, c, dynamics.Name, second); err != nil {
			return 0, err
		}
		took += time.Since(start)
	}
	return took.Seconds() / float64(n), nil
}

// connect connects a platform of a customer to a source.
func (b *bench) connect(ctx context.Context, t *app.Translator, c customer, name platform.Name, source records) error {
	sources := map[string]app.Source{string(name): source}
	_, err := app.NewConnecter(t, b.store, sources, app.Quotas{}).Connect(ctx, app.ConnectRequest{CustomerID: c.id, Platform: string(name)})
	return err
}

// records are a source.
type records []platform.Record

// Records returns all of them.
func (r records) Records(context.Context, books.LedgerSide) ([]platform.Record, error) { return r, nil }

// shape is where a platform's records have what makes each of them one of its own.
type shape struct {
	name                                        platform.Name
	contractNumber, invoiceNumber, checkNumber  string // business keys
	invoiceContract, paymentContract, ofInvoice string // references
	id                                          func(canonical.EntityType, int) jsontext.Value
}

var (
	procoreShape = shape{
		name:           procore.Name,
		contractNumber: "number", invoiceNumber: "invoice_number", checkNumber: "check_number",
		invoiceContract: "commitment_id", paymentContract: "contract_id", ofInvoice: "requisition_id",
		id: func(_ canonical.EntityType, n int) jsontext.Value { return jsontext.NewInt(int64(10_000_000 + n)) },
	}
	dynamicsShape = shape{
		name:           dynamics.Name,
		contractNumber: "externalDocumentNumber", invoiceNumber: "externalDocumentNumber", checkNumber: "externalDocumentNumber",
		invoiceContract: "orderId", paymentContract: "orderId", ofInvoice: "appliesToInvoiceId",
		id: func(t canonical.EntityType, n int) jsontext.Value {
			h := sha256.Sum256(fmt.Append(nil, t, n))
			return jsontext.NewString(fmt.Sprintf("%x-%x-4%.3x-a%.3x-%x", h[:4], h[4:6], h[6:8], h[8:10], h[10:16]))
		},
	}
)

// newRecords makes n records of a platform: the sandbox's projects and customers, and of every ten others two contracts, three
// invoices and five payments, which are the sandbox's own with other ids, business keys and references. The nth of a type has
// the same business key on all platforms.
func newRecords(s shape, n int) (records, error) {
	sandbox, err := registry.Sandboxes()[string(s.name)](books.Receivable)
	if err != nil {
		return nil, err
	}
	byID := map[string]platform.Record{}
	var all records
	for _, r := range sandbox {
		byID[r.Payload.Get("id").Literal()] = r
		if r.EntityType == canonical.Project || r.EntityType == canonical.Customer {
			all = append(all, r)
		}
	}
	var chains []chain
	for i := 101; i <= 107; i++ { // the checks that are on both sides
		check := fmt.Sprintf("CHK-2026-%04d", i)
		for _, r := range sandbox {
			if r.EntityType == canonical.Payment && r.Payload.Get(s.checkNumber).Text() == check {
				chains = append(chains, chain{s, byID[r.Payload.Get(s.paymentContract).Literal()], byID[r.Payload.Get(s.ofInvoice).Literal()], r})
			}
		}
	}
	for i := 0; len(all) < n; i++ {
		of := chains[i%len(chains)]
		contract, invoice, payment := 2*i, 3*i, 5*i
		all = append(all,
			of.newContract(contract), of.newContract(contract+1),
			of.newInvoice(invoice, contract), of.newInvoice(invoice+1, contract), of.newInvoice(invoice+2, contract+1),
			of.newPayment(payment, invoice, contract), of.newPayment(payment+1, invoice, contract),
			of.newPayment(payment+2, invoice+1, contract),
			of.newPayment(payment+3, invoice+2, contract+1), of.newPayment(payment+4, invoice+2, contract+1),
		)
	}
	return all[:n], nil
}

// chain is a payment with what it refers to.
type chain struct {
	shape
	contract, invoice, payment platform.Record
}

func (c chain) newContract(n int) platform.Record {
	r := c.contract
	r.Payload = r.Payload.With("id", c.id(canonical.Contract, n)).With(c.contractNumber, key("C-LEX", n))
	return r
}

func (c chain) newInvoice(n, contract int) platform.Record {
	r := c.invoice
	r.Payload = r.Payload.With("id", c.id(canonical.Invoice, n)).With(c.invoiceNumber, key("INV-2026", n)).
		With(c.invoiceContract, c.id(canonical.Contract, contract))
	return r
}

func (c chain) newPayment(n, invoice, contract int) platform.Record {
	r := c.payment
	r.Payload = r.Payload.With("id", c.id(canonical.Payment, n)).With(c.checkNumber, key("CHK-2026", n)).
		With(c.ofInvoice, c.id(canonical.Invoice, invoice)).With(c.paymentContract, c.id(canonical.Contract, contract))
	return r
}

// key is a business key.
func key(series string, n int) jsontext.Value {
	return jsontext.NewString(fmt.Sprintf("%s-%06d", series, n))
}
