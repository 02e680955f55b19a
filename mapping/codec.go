package mapping

import (
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// Codec is how the value of one field is read and written. Both functions are pure.
type Codec struct {
	Name   string // for the coverage document
	Type   canonical.FieldType
	Refers canonical.EntityType

	// Decode reads what the platform has: never null, never absent. It returns an absent value for what means none, and
	// what it expected if it cannot read the value.
	Decode func(s *Scope, in jsontext.Value) (out jsontext.Value, expected string)
	// Encode writes a canonical value in its normal form. Prev is what the record has, or absent; a codec may keep its
	// style. A reason says why the result is absent, or only the closest.
	Encode func(s *Scope, v, prev jsontext.Value) (out jsontext.Value, why Reason)
	// Adapt changes a canonical value into what can be compared with the record's: money into the record's currency. Nil
	// leaves it as it is.
	Adapt func(s *Scope, v jsontext.Value) (out jsontext.Value, expected string)
	// Blank is what empties the field; absent if the platform cannot have it empty.
	Blank jsontext.Value

	// Spoken are the words that an enumeration can read, as the platform writes them.
	Spoken []jsontext.Value
	// Exact are the canonical words that it can write and read again.
	Exact []string
	// Keys writes the n-th of the platform's keys in each way in which it is read, as the platform writes it first. Nil for what
	// is no key.
	Keys func(n int) []jsontext.Value
	// OfRecord tells a currency that is the one of the record's amounts.
	OfRecord bool
	// OwnCurrency tells money that is in the platform's own currency, whatever the record's is.
	OwnCurrency bool
	// PercentSign tells a decimal that may end with a percent sign.
	PercentSign bool

	spokenBy func(variant string) []jsontext.Value // Spoken, if the kind of the record decides
	wanted   string                                // a reference: what a key of the platform must be
	words    []string                              // canonical words that can be read
	lines    *Table
}

// None makes a codec that empties its field with a value of the platform's own: null, "", 0.
func (c Codec) None(blank jsontext.Value) Codec {
	c.Blank = blank
	return c
}

// Zero makes a codec read a zero as none: the platform shows it where there is nothing.
func (c Codec) Zero() Codec {
	decode, adapt := c.Decode, c.Adapt
	isZero := func(v jsontext.Value) bool {
		switch v.Kind() {
		case jsontext.String:
			return v.Text() == "0"
		case jsontext.Number:
			return v.Literal() == "0"
		}
		return false
	}
	c.Decode = func(s *Scope, in jsontext.Value) (jsontext.Value, string) {
		v, expected := decode(s, in)
		if isZero(v) {
			return jsontext.Value{}, expected
		}
		return v, expected
	}
	c.Adapt = func(s *Scope, v jsontext.Value) (jsontext.Value, string) {
		if isZero(v) {
			return jsontext.NullValue, ""
		}
		if adapt != nil {
			return adapt(s, v)
		}
		return v, ""
	}
	c.Name += ", 0 is none"
	return c
}

// Sentinel makes a codec read some texts as none and write one of them to empty the field.
func (c Codec) Sentinel(texts ...string) Codec {
	decode := c.Decode
	c.Decode = func(s *Scope, in jsontext.Value) (jsontext.Value, string) {
		if in.Kind() == jsontext.String {
			t := in.Text()
			for _, sentinel := range texts {
				if t == sentinel {
					return jsontext.Value{}, ""
				}
			}
		}
		return decode(s, in)
	}
	if c.Blank.IsNone() {
		c.Blank = jsontext.NewString(texts[0])
	}
	c.Name += ", " + texts[0] + " is none"
	return c
}

// SubTable is the table of a codec that reads lines, else nil.
func (c Codec) SubTable() *Table { return c.lines }

// Lines reads an array of records by a table of their own. Each line of the document has its own external_ids and
// provider_metadata, by which it is matched with the record's on writing.
func Lines(table Table) Codec {
	return Codec{Name: "lines", Type: canonical.LinesType, lines: &table}
}
