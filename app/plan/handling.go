package plan

// Handling is what becomes of a change that a platform's record cannot hold as it is stated (RFC 7240, "handling").
type Handling string

// The handlings.
const (
	// Usual refuses a value in canonical fields that a platform has the field for and cannot hold, and is [Lenient] with a
	// platform's own words: what they say has happened there.
	Usual Handling = ""
	// Strict refuses whatever would be lost, approximated or left out.
	Strict Handling = "strict"
	// Lenient does the rest, and lists it.
	Lenient Handling = "lenient"
)

// refuses reports whether a value that a record cannot hold refuses the change. Else it is listed, and a strict change is refused
// in the end for all that is.
func (p *Draft) refuses() bool { return p.handling == Usual && p.source == nil }
