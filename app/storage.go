package app

import (
	"context"
	"errors"
	"time"

	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
)

// What a storage answers instead of doing what it was asked for.
var (
	// ErrNotFound says that there is no such row for this customer.
	ErrNotFound = errors.New("not found")
	// ErrBusy says that another request is changing the same thing at this moment.
	ErrBusy = errors.New("busy")
	// ErrChanged says that what was read has changed since, so that nothing was written: read it again.
	ErrChanged = errors.New("changed in the meantime")
	// ErrLedger says that the customer's other platforms have records of another side of the books.
	ErrLedger = errors.New("another ledger")
	// ErrQuota says that the customer would store more than it may. Nothing was written.
	ErrQuota = errors.New("quota exceeded")
)

// What is stored, in the words of the packages that make it.
type (
	// StoredRecord is a platform's record as it is stored, and which canonical object it is.
	StoredRecord = reconcile.Record
	// StoredObject is a canonical object as it is stored.
	StoredObject = reconcile.Object
)

// ConnectionStorage is the storage that connecting needs.
type ConnectionStorage interface {
	// Ledger returns the side of the books of the customer's records: empty if there are none. [ErrNotFound] if the customer is gone.
	Ledger(ctx context.Context, customerID string) (string, error)
	// Connect replaces all of a platform's records of a customer, at once or not at all; the customer may store quota bytes, 0
	// is without a limit. build is given the records of the customer's other platforms, those of the customer's objects that
	// say something beyond their records' words, and what people decided. It returns the platform's records, the records of all platforms with the ids of
	// their objects, and the objects of all; its error ends the work. [ErrBusy] if the platform is being connected by another request,
	// [ErrNotFound] if the customer is gone, [ErrQuota] if it may not store so much, [ErrLedger] if other platforms of the customer are
	// connected with another ledger. After any error the customer has what it had.
	Connect(ctx context.Context, customerID, platform, ledger string, quota int64,
		build func(others []StoredRecord, kept []StoredObject, decisions []reconcile.Decision) (records, mapped []StoredRecord, objects []StoredObject, err error),
	) error
}

// ApplyStorage is the storage that applying a batch of records needs.
type ApplyStorage interface {
	// Apply writes what do makes of a batch, at once or not at all, and has the platform connected. do is asked once; its error ends
	// the work. Meanwhile no platform of the customer is connected, and no object changed. [ErrBusy] if the platform is being connected
	// by another request, [ErrNotFound] if the customer is gone, [ErrQuota] if it may not store so much, [ErrLedger] if the customer's
	// records are of another side of the books. After any error the customer has what it had.
	Apply(ctx context.Context, b Batch, do Applying) error
}

// Batch says whose records are applied.
type Batch struct {
	CustomerID string
	Platform   string // that the records are of
	Ledger     string // the side of the books that they are of
	Quota      int64  // bytes that the customer may store; 0: without a limit
	// Import is noted in the same transaction; [ErrChanged] if it does not run any more. Nil: the records are of none.
	Import *Import
}

// ChangeStorage is the storage that changing an object needs.
type ChangeStorage interface {
	// FindObject finds an object with its records, what they refer to, and what was answered to an idempotency key. [ErrNotFound]
	// if there is no such object; an answer is found all the same.
	FindObject(ctx context.Context, q ObjectQuery) (FoundObject, error)
	// FindReferents finds the records of objects by any of the objects' ids.
	FindReferents(ctx context.Context, customerID string, ids []string) ([]ReferentRecord, error)
	// SaveChange writes a change, its history and its answer at once, and returns the object's new version. Nothing was written on
	// [ErrBusy] (a platform of the customer is being connected), [ErrChanged] (the object is no longer the one that the change was
	// computed from, or the idempotency key has an answer by now), [ErrQuota] and [ErrNotFound] (the customer is gone).
	SaveChange(ctx context.Context, c Change) (version int64, err error)
	// SaveAnswer keeps the answer to a request that changed nothing. [ErrChanged] if there is an answer already, [ErrQuota] if the
	// customer may not store it, [ErrNotFound] if the customer is gone.
	SaveAnswer(ctx context.Context, customerID string, quota int64, a Answer) error
}

// ObjectQuery names one object, by any of its ids or by a record of it.
type ObjectQuery struct {
	CustomerID           string
	EntityType           string // empty: any
	CanonicalID          string // its id, or the id that any of its records would have on its own
	Platform, PlatformID string // in place of CanonicalID; then EntityType, too
	IdempotencyKey       string // empty: none
	Settings             bool   // those of the connections are wanted
}

// FoundObject is an object with all that belongs to it.
type FoundObject struct {
	StoredObject
	UpdatedAt time.Time
	Records   []StoredRecord   // in order of precedence
	Connected []string         // platforms that the customer has connected, the oldest connection first
	Referents []ReferentRecord // records of the objects that the object refers to; none if that is not stored yet
	// Settings are those of the connections of its records, by platform, as JSON; a connection that has none of its own has none here.
	Settings map[string][]byte

	Answer *Answer // what the request with IdempotencyKey was answered; also if there is no such object
}

// Size is how many bytes its documents have.
func (o *FoundObject) Size() int {
	size := len(o.Document)
	for _, r := range o.Records {
		size += len(r.Payload)
	}
	for _, settings := range o.Settings {
		size += len(settings)
	}
	return size
}

// ReferentRecord is a record of an object that another one refers to.
type ReferentRecord struct {
	ID          string // by which it was asked for
	CanonicalID string
	EntityType  canonical.EntityType
	Platform    string
	PlatformID  string
}

// Answer is the first answer to a request with an Idempotency-Key.
type Answer struct {
	Key         string
	Fingerprint [32]byte // SHA-256 of the request
	Status      int      // of HTTP
	Version     int64    // of the object, as the ETag has it; 0: the answer has none
	Body        []byte   // of an error, its message
}

// Bytes is what the answer counts for among those that a customer stores.
func (a *Answer) Bytes() int64 { return int64(RowBytes + len(a.Key) + len(a.Body)) }

// Change is a change of an object and its records, to be written at once or not at all.
type Change struct {
	CustomerID string
	Object     StoredObject   // the new document; Version is the one that the change was computed from
	Records    []StoredRecord // those that change; at most one for each platform
	// Answer is kept if it has a key. It is kept with the object's new version.
	Answer Answer

	Actor     Actor
	RequestID string // of the request that asked for it; empty: none did
	Platform  string // in whose words the change was stated; empty: in canonical fields
	Changes   []byte // JSON: [{"field","from","to"}]
	Platforms []byte // JSON: [{"platform","platform_id","changes"}]

	// RecordBytes is by how much the document and the records grow; negative when they shrink.
	RecordBytes int64
	// Quota is how many bytes the customer may store; 0: without a limit.
	Quota int64
}

// HistoryBytes is what the change adds to the customer's history.
func (c *Change) HistoryBytes() int64 {
	bytes := int64(RowBytes + len(c.Changes) + len(c.Platforms) + len(c.Actor.Name))
	if c.Answer.Key != "" {
		bytes += c.Answer.Bytes()
	}
	return bytes
}

// RowBytes is what a stored row counts for, besides its documents, among the bytes that a customer stores.
const RowBytes = 256
