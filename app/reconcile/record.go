package reconcile

import (
	"cmp"

	"structural.app/structural/canonical"
)

// Record is a platform's record as it is stored, and which canonical object it is.
type Record struct {
	Platform    string
	EntityType  canonical.EntityType
	PlatformID  string // the record's own id
	Payload     []byte // JSON, as it came
	Variant     string // mapping.Context.Variant of the record; most have none
	CanonicalID string // of the object that it is
	MintedID    string // the id that it would have on its own

	// What it is matched by, once it has been read.
	Keys     []Key
	RefersTo []string // the records that it refers to, by the ids that they would have on their own, each once
}

// Name returns the record's name.
func (r *Record) Name() Name { return Name{r.Platform, r.EntityType, r.PlatformID} }

// Name names a record of a customer.
type Name struct {
	Platform   string
	EntityType canonical.EntityType
	PlatformID string
}

// Compare orders names.
func (n Name) Compare(other Name) int {
	return cmp.Or(cmp.Compare(n.Platform, other.Platform), cmp.Compare(n.EntityType, other.EntityType), cmp.Compare(n.PlatformID, other.PlatformID))
}

// Key is a business key of a record, in the form in which it is stored beside the record.
type Key struct {
	Text string // which key it is, and a digest of its value as it is compared: values are of any length
	// Scope is the record within whose object the key counts, by the id that it would have on its own; empty: the record says none,
	// or the key counts everywhere.
	Scope string
}

// Object is a canonical object as it is stored.
type Object struct {
	ID         string
	EntityType canonical.EntityType
	Document   []byte // JSON
	Version    int64  // of an object that has been stored; grows with every change

	// RefersTo has the ids of the objects that the document refers to.
	RefersTo []string
	// Kept is what the document says beyond the words of its records, as JSON; nil: nothing.
	Kept []byte
	// Reason says why its records are one; the zero value: it has one record.
	Reason Reason
	// Compared is what the report needs of the object and its records: the text of a [Compared]. Nil: not known.
	Compared []byte
	// Disagrees says whether its records say different things.
	Disagrees bool
}

// SetCompared sets what the report needs.
func (o *Object) SetCompared(c *Compared) { o.Compared, o.Disagrees = c.Text(), c.Disagrees() }
