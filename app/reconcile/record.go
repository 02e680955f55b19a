package reconcile

import "structural.app/structural/canonical"

// Record is a platform's record as it is stored, and which canonical object it is.
type Record struct {
	Platform    string
	EntityType  canonical.EntityType
	PlatformID  string // the record's own id
	Payload     []byte // JSON, as it came
	Variant     string // mapping.Context.Variant of the record; most have none
	CanonicalID string // of the object that it is
	MintedID    string // the id that it would have on its own
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
	// Compared is what the report needs of the object and its records: the text of a [Compared]. Nil: not known.
	Compared []byte
	// Disagrees says whether its records say different things.
	Disagrees bool
}

// SetCompared sets what the report needs.
func (o *Object) SetCompared(c *Compared) { o.Compared, o.Disagrees = c.Text(), c.Disagrees() }
