package app

import (
	"context"
	"errors"
	"time"

	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
)

// ErrTooManyAccepted says that a customer has accepted as many differences as it may.
var ErrTooManyAccepted = errors.New("too many accepted differences")

// ErrPreparing says that comparisons of the previous version are being computed anew, and that they are too many for one request to wait for.
var ErrPreparing = errors.New("comparisons are being prepared")

// ErrNoDifference says that an object has no such difference.
var ErrNoDifference = errors.New("no such difference")

// ComparedObject is what the report needs of an object.
type ComparedObject struct {
	ID         string
	EntityType canonical.EntityType
	Version    int64
	reconcile.StoredCompared
	Accepted []Acceptance // of its differences, as they were at some time
	Match    MatchState   // StateSuggested or StateAmbiguous, of an object of one record, as it was computed last; else empty
}

// Acceptance says that somebody accepted a difference as it was.
type Acceptance struct {
	ID         string // a UUID
	Field      string // JSON pointer
	Stamp      string // of the values as they were: see [reconcile.Difference.Stamp]
	Note       string
	KeyID      string
	KeyName    string
	AcceptedAt time.Time
}

// AcceptanceOf is who accepted a difference that has its present values; nil: nobody.
func (o *ComparedObject) AcceptanceOf(d *reconcile.StoredDifference) *Acceptance {
	for i := range o.Accepted {
		if a := &o.Accepted[i]; a.Field == d.Field && a.Stamp == d.Stamp {
			return a
		}
	}
	return nil
}

// ReportStorage is the storage that the report needs.
type ReportStorage interface {
	// EachCompared reads what is compared of all of a customer's objects of a type, of any if it is empty, as they are at one moment. begin
	// gives what takes them, one after the other, and is asked again when all are read again. Its error ends the list. What the previous
	// version wrote is computed by compare; [ErrPreparing] if that is too much.
	EachCompared(ctx context.Context, customerID string, t canonical.EntityType, compare CompareObject, begin func() (take func(*ComparedObject) error)) error
	// ListDisagreeing reads those of a customer's objects that disagree, in the order of their ids, of a type, behind an id; at most limit, and
	// about a MiB. more says that others may follow.
	ListDisagreeing(ctx context.Context, customerID string, t canonical.EntityType, after string, limit int, compare CompareObject) (objects []ComparedObject, more bool, err error)
	// FindCompared reads what is compared of one object, by any of its ids. [ErrNotFound] if there is none.
	FindCompared(ctx context.Context, customerID, canonicalID string, compare CompareObject) (ComparedObject, error)
	// UsualCurrency is the currency that most of a customer's amounts are in, as far as some thousand objects tell; empty: there are none.
	UsualCurrency(ctx context.Context, customerID string) (string, error)
	// Labels finds the labels of objects by their ids.
	Labels(ctx context.Context, customerID string, ids []string) (map[string]string, error)
	// SaveAcceptance keeps an acceptance of a difference of an object in a version, in place of an earlier one of the same field, and returns
	// it with its id and time. [ErrChanged] if the object has another version by now, [ErrBusy] if a platform is being connected, [ErrNotFound] if the customer
	// is gone, [ErrTooManyAccepted] if there are limit already.
	SaveAcceptance(ctx context.Context, customerID string, o *ComparedObject, a Acceptance, limit int) (Acceptance, error)
	// DeleteAcceptance takes an acceptance back. [ErrNotFound] if there is none.
	DeleteAcceptance(ctx context.Context, customerID, id string) error
}

// CompareObject sets what the report needs of an object. refers lists what its records refer to by the ids that records have on their own,
// which objects maps to those of the objects.
type CompareObject = func(object StoredObject, records []StoredRecord, objects map[string]string) (_ StoredObject, refers []string, err error)

// ReportFilter says what a report is about. Empty fields say nothing.
type ReportFilter struct {
	CustomerID string
	// Platforms are those that are reported of, in order of precedence: those that the customer has connected.
	Platforms  []string
	EntityType canonical.EntityType
	Project    string // id of an object
	Partner    string // id of an object of type customer
	From, To   string // YYYY-MM-DD, both included; objects without a date are left out then
	// Currency is that of the report. Empty: the one that most amounts are in.
	Currency string
	// Minimum is how large a difference of money is at least that counts, in minor units of Currency; with it, others do not. 0: all count.
	Minimum int64
}

func (f *ReportFilter) takes(o *ComparedObject) bool {
	switch {
	case f.EntityType != "" && o.EntityType != f.EntityType,
		f.Project != "" && o.ProjectID != f.Project,
		f.Partner != "" && o.CustomerID != f.Partner:
		return false
	case f.From == "" && f.To == "":
		return true
	}
	return o.Date != "" && o.Date >= f.From && (f.To == "" || o.Date <= f.To)
}

// counts says whether a difference is large enough. rates are those of its object.
func (f *ReportFilter) counts(d *reconcile.StoredDifference, rates canonical.Rates) bool {
	if f.Minimum == 0 {
		return true
	}
	if d.Amount == nil {
		return d.Kind == reconcile.Incomparable // it may be of any size
	}
	amount := *d.Amount
	if f.Currency != "" && f.Currency != amount.Currency {
		converted, _, err := rates.Convert(amount, f.Currency)
		if err != nil {
			return true
		}
		amount = converted
	}
	return amount.AmountMinor >= f.Minimum || amount.AmountMinor <= -f.Minimum
}

// Reporter tells how a customer's records agree. Safe for concurrent use.
type Reporter struct {
	translator *Translator
	storage    ReportStorage
}

// NewReporter makes a Reporter.
func NewReporter(t *Translator, storage ReportStorage) *Reporter { return &Reporter{t, storage} }

// ListedDifference is a difference with its object, and who accepted it.
type ListedDifference struct {
	Object *ComparedObject
	Index  int // of the object's differences
	reconcile.StoredDifference
	Acceptance *Acceptance // nil: it is open
}

// DifferencePage is where a list of differences begins: behind one of an object.
type DifferencePage struct {
	After string // id of the object
	Index int    // of the last difference that was listed
}

// Which differences are listed.
const (
	OpenDifferences     = "open"
	AcceptedDifferences = "accepted"
	AllDifferences      = "all"
)

// Differences lists the differences of a customer's objects in the order of the objects' ids, behind a page, until take returns false or an
// error.
func (r *Reporter) Differences(ctx context.Context, f ReportFilter, state string, page DifferencePage, take func(ListedDifference) (bool, error)) error {
	const batch = 500
	after := page.After
	if after != "" {
		// The object itself again, of which some were listed.
		object, err := r.storage.FindCompared(ctx, f.CustomerID, after, r.translator.Compare)
		switch {
		case errors.Is(err, ErrNotFound): // it is gone, or another one now
		case err != nil:
			return err
		case object.ID == after:
			if more, err := r.differencesOf(&object, f, state, page.Index, take); err != nil || !more {
				return err
			}
		}
	}
	for {
		objects, follow, err := r.storage.ListDisagreeing(ctx, f.CustomerID, f.EntityType, after, batch, r.translator.Compare)
		if err != nil {
			return err
		}
		for i := range objects {
			if more, err := r.differencesOf(&objects[i], f, state, -1, take); err != nil || !more {
				return err
			}
		}
		if !follow {
			return nil
		}
		after = objects[len(objects)-1].ID
	}
}

// differencesOf lists those of an object's differences that are behind one; -1: all.
func (r *Reporter) differencesOf(o *ComparedObject, f ReportFilter, state string, skip int, take func(ListedDifference) (bool, error)) (more bool, err error) {
	if !f.takes(o) {
		return true, nil
	}
	rates := o.Rate.In(r.translator.rates)
	for i := range o.Differences {
		d := &o.Differences[i]
		acceptance := o.AcceptanceOf(d)
		if i <= skip || state == OpenDifferences && acceptance != nil || state == AcceptedDifferences && acceptance == nil || !f.counts(d, rates) {
			continue
		}
		if more, err := take(ListedDifference{o, i, *d, acceptance}); err != nil || !more {
			return false, err
		}
	}
	return true, nil
}

// MaxAccepted is how many accepted differences a customer may have.
const MaxAccepted = 100_000

// Accept accepts a difference of an object as it is now. [ErrNotFound] if there is no such object, [ErrNoDifference] if it does not have the
// difference; else the errors of [ReportStorage].
func (r *Reporter) Accept(ctx context.Context, customerID string, actor Actor, canonicalID, field, note string) (ListedDifference, error) {
	const attempts = 5
	for attempt := 1; ; attempt++ {
		object, err := r.storage.FindCompared(ctx, customerID, canonicalID, r.translator.Compare)
		if err != nil {
			return ListedDifference{}, err
		}
		listed, err := listedDifference(&object, field)
		if err != nil {
			return listed, err
		}
		accepted, err := r.storage.SaveAcceptance(ctx, customerID, &object,
			Acceptance{Field: field, Stamp: listed.Stamp, Note: note, KeyID: actor.KeyID, KeyName: actor.Name}, MaxAccepted)
		if errors.Is(err, ErrChanged) && attempt < attempts {
			continue
		}
		listed.Acceptance = &accepted
		return listed, err
	}
}

func listedDifference(o *ComparedObject, field string) (ListedDifference, error) {
	for i := range o.Differences {
		if o.Differences[i].Field == field {
			return ListedDifference{Object: o, Index: i, StoredDifference: o.Differences[i]}, nil
		}
	}
	return ListedDifference{}, ErrNoDifference
}

// TakeBack takes the acceptance of a difference back. [ErrNotFound] if there is none.
func (r *Reporter) TakeBack(ctx context.Context, customerID, id string) error {
	return r.storage.DeleteAcceptance(ctx, customerID, id)
}
