package app

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform"
)

const (
	// MaxImportErrors is how many of the lines that were rejected an import tells.
	MaxImportErrors = 10

	batchRecords    = 500
	batchBytes      = 1 << 20
	batchTime       = time.Second      // after which what has come is applied, if anything else comes
	maxPlatformID   = 255              // bytes
	maxBusy         = 20 * time.Second // for how long an import waits for the connection, or for memory
	lastBatchTime   = 20 * time.Second // for what has come of a body that broke off
	saveFailureTime = 5 * time.Second
)

// ErrNoRecords says that there is no record in what is to be imported.
var ErrNoRecords = errors.New("no records")

// ImportStatus is how far an import is.
type ImportStatus string

// How far an import is.
const (
	ImportRunning   ImportStatus = "running"
	ImportSucceeded ImportStatus = "succeeded" // to its end, whatever was rejected
	ImportFailed    ImportStatus = "failed"    // it ended before
)

// Import is an import of a platform's records.
type Import struct {
	ID         string // imp_ and 12 letters and digits
	CustomerID string
	Platform   string
	EntityType canonical.EntityType
	Status     ImportStatus
	StartedAt  time.Time

	Received, Applied, Rejected int
	Errors                      []ImportError // of the first lines that were rejected, [MaxImportErrors] at most
}

// ImportError is why a line was rejected.
type ImportError struct {
	Line    int    `json:"line"` // the first is 1
	Message string `json:"message"`
}

// ImportStorage is the storage that importing needs.
type ImportStorage interface {
	ConnectionStorage
	ApplyStorage
	// StartImport begins an import that runs; it sets StartedAt. [ErrBusy] if the platform is being connected, or another import of its
	// records runs, [ErrNotFound] if the customer is gone.
	StartImport(ctx context.Context, m *Import) error
	// SaveImport keeps how far an import is. [ErrChanged] if it does not run any more.
	SaveImport(ctx context.Context, m *Import) error
}

// ImportRequest asks for records to be imported.
type ImportRequest struct {
	Actor      Actor
	CustomerID string
	Platform   string
	EntityType canonical.EntityType
	Variant    string           // of records that do not say it of themselves: see mapping.Context
	Ledger     books.LedgerSide // empty: that of the customer's records, or else the mode's
	Body       io.Reader        // NDJSON, as it comes

	// Reserve is asked before so many bytes of the body and of stored records are worked on, and gives all back when it is called with
	// none. Its error ends the batch, which is tried again for a while. Nil: nobody is asked.
	Reserve func(ctx context.Context, body, stored int) error
	// IsOverloaded says whether an error of Reserve passes by itself. Nil: none does.
	IsOverloaded func(error) bool
	// Describe words why a record is rejected. It names no value.
	Describe func(error) string
}

// Importer imports records. Safe for concurrent use.
type Importer struct {
	translator *Translator
	storage    ImportStorage
	quotas     Quotas
}

// NewImporter makes an Importer.
func NewImporter(t *Translator, storage ImportStorage, quotas Quotas) *Importer {
	return &Importer{translator: t, storage: storage, quotas: quotas}
}

// Import applies records as they come, batch by batch. Lines that are no record are rejected, and counted. After an error, what was
// applied stays: it is that of the body, one of [ApplyStorage], [ErrNoRecords], a [*QuotaError], or [ErrBusy] if the platform is being
// connected or another import of its records runs.
func (i *Importer) Import(ctx context.Context, r ImportRequest) (Import, error) {
	p, err := i.translator.platform(r.Platform)
	if err != nil {
		return Import{}, err
	}
	if r.Ledger == "" {
		ledger, err := i.storage.Ledger(ctx, r.CustomerID)
		if err != nil {
			return Import{}, err
		}
		r.Ledger = cmp.Or(books.LedgerSide(ledger), usualLedger(r.Actor.Mode))
	}
	run := &importRun{
		Importer: i, request: r, platform: p, variant: variantOf(p, Transformation{EntityType: r.EntityType, Variant: r.Variant, Ledger: r.Ledger}),
		Import: Import{ID: newImportID(), CustomerID: r.CustomerID, Platform: r.Platform, EntityType: r.EntityType, Status: ImportRunning, Errors: []ImportError{}},
	}
	if err := i.storage.StartImport(ctx, &run.Import); err != nil {
		return Import{}, err
	}
	err = run.all(ctx)
	if err == nil && run.Received == 0 {
		err = ErrNoRecords
	}
	if run.Status = ImportSucceeded; err != nil {
		run.Status = ImportFailed
	}
	// The request's own context may be what ended it.
	saving, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveFailureTime)
	defer cancel()
	if saveErr := i.storage.SaveImport(saving, &run.Import); err == nil {
		err = saveErr
	}
	return run.Import, i.quotas.explain(err, r.Actor.Mode)
}

// usualLedger is the side of the books of a customer's first records.
func usualLedger(mode Mode) books.LedgerSide {
	if mode == ModeLive {
		return books.Payable
	}
	return books.Receivable
}

func newImportID() string { return "imp_" + strings.ToLower(rand.Text()[:12]) }

// importRun is one import.
type importRun struct {
	*Importer
	Import
	request  ImportRequest
	platform platform.Platform
	variant  string

	line    int
	pending []importLine
	bytes   int       // of pending
	since   time.Time // when the first of pending came
}

type importLine struct {
	number  int
	text    []byte
	tooLong bool
	record  *reconcile.Candidate // nil: it was rejected
	err     error
}

// all applies all lines.
func (r *importRun) all(ctx context.Context) error {
	lines := bufio.NewReaderSize(r.request.Body, 64<<10)
	for {
		text, tooLong, err := readLine(lines)
		if err == nil || len(text) > 0 && errors.Is(err, io.EOF) {
			r.add(text, tooLong)
		}
		full := len(r.pending) >= batchRecords || r.bytes >= batchBytes || len(r.pending) > 0 && time.Since(r.since) > batchTime
		switch {
		case err == nil && full:
			if err := r.flush(ctx); err != nil {
				return err
			}
		case errors.Is(err, io.EOF):
			return r.flush(ctx)
		case err != nil:
			// The request has ended with its body. What has come of it is applied.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastBatchTime)
			defer cancel()
			return cmp.Or(r.flush(ctx), err)
		}
	}
}

// readLine reads a line without its end; of one that is too long, the beginning.
func readLine(lines *bufio.Reader) (text []byte, tooLong bool, err error) {
	for {
		part, err := lines.ReadSlice('\n')
		if room := MaxRecordBytes + 2 - len(text); len(part) > room {
			tooLong, part = true, part[:room]
		}
		text = append(text, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			text = bytes.TrimSpace(text)
			return text, tooLong || len(text) > MaxRecordBytes, err
		}
	}
}

func (r *importRun) add(text []byte, tooLong bool) {
	r.line++
	if len(text) == 0 {
		return
	}
	if tooLong {
		text = nil
	}
	if len(r.pending) == 0 {
		r.since = time.Now()
	}
	r.pending = append(r.pending, importLine{number: r.line, text: text, tooLong: tooLong})
	r.bytes += len(text)
}

// flush applies what is pending, and notes how far the import is in the same transaction.
func (r *importRun) flush(ctx context.Context) error {
	if len(r.pending) == 0 {
		return nil
	}
	began := time.Now()
	for {
		err := r.attempt(ctx)
		if wait := errors.Is(err, ErrBusy) || r.request.IsOverloaded != nil && r.request.IsOverloaded(err); !wait || time.Since(began) > maxBusy {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// attempt tries to apply what is pending once. [ErrBusy] and a lack of memory pass: whoever else holds the connection does so shortly,
// since to connect it is refused meanwhile.
func (r *importRun) attempt(ctx context.Context) error {
	if r.request.Reserve != nil {
		defer r.request.Reserve(ctx, 0, 0) //nolint:errcheck // giving back does not fail
		if err := r.request.Reserve(ctx, r.bytes, 0); err != nil {
			return err
		}
	}
	lines := make([]*importLine, len(r.pending))
	for i := range r.pending {
		lines[i] = &r.pending[i]
	}
	if err := each(ctx, lines, func(l *importLine) error {
		l.record, l.err = r.read(l)
		return nil
	}); err != nil {
		return err
	}
	next := r.Import
	var changes []reconcile.Change
	for _, l := range lines {
		next.Received++
		if l.err == nil {
			next.Applied++
			changes = append(changes, reconcile.Change{Candidate: l.record})
			continue
		}
		next.Rejected++
		if len(next.Errors) < MaxImportErrors {
			next.Errors = append(slices.Clip(next.Errors), ImportError{Line: l.number, Message: r.request.Describe(l.err)})
		}
	}
	if err := r.apply(ctx, &next, changes); err != nil {
		return err
	}
	r.Import, r.pending, r.bytes = next, nil, 0
	return nil
}

// apply applies the records of a batch.
func (r *importRun) apply(ctx context.Context, next *Import, changes []reconcile.Change) error {
	if len(changes) == 0 {
		return r.storage.SaveImport(ctx, next)
	}
	batch := Batch{
		CustomerID: r.CustomerID, Platform: r.Platform, Ledger: string(r.request.Ledger), Quota: r.quotas.BytesOf(r.request.Actor.Mode), Import: next,
	}
	var reserve func(bytes int) error
	if r.request.Reserve != nil {
		reserve = func(stored int) error { return r.request.Reserve(ctx, r.bytes, stored) }
	}
	return r.translator.Apply(ctx, r.storage, batch, changes, reserve)
}

// read makes a record of a line. The error is why it is rejected.
func (r *importRun) read(l *importLine) (*reconcile.Candidate, error) {
	if l.tooLong {
		return nil, refusePayload("", fmt.Sprintf("a line of at most %d MiB", MaxRecordBytes>>20))
	}
	payload, err := jsontext.ParseInput(l.text)
	if err != nil {
		return nil, err
	}
	if payload.Kind() != jsontext.Object {
		return nil, refusePayload("", "a record, as a JSON object")
	}
	if payload, _, err = unwrap(r.platform, r.EntityType, r.variant, payload); err != nil {
		return nil, err
	}
	c := &reconcile.Candidate{Payload: payload, Record: StoredRecord{
		Platform: r.Platform, EntityType: r.EntityType, Payload: payload.Append(nil), Variant: r.variant,
	}}
	if err := c.Read(r.platform, r.translator.rates); err != nil {
		return nil, err
	}
	if len(c.Record.PlatformID) > maxPlatformID {
		return nil, refusePayload("", fmt.Sprintf("an id of at most %d bytes", maxPlatformID))
	}
	return c, nil
}
