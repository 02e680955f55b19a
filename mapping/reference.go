package mapping

import (
	"fmt"
	"strconv"
	"strings"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// KeyStyle is how a platform writes the keys of its records.
type KeyStyle struct {
	Name   string
	Read   func(in jsontext.Value) (key string, ok bool) // "" means none
	Write  func(key string) (jsontext.Value, bool)
	Wanted string
	// Spell writes the n-th key in each way in which it is read, as the platform writes it first.
	Spell func(n int) []jsontext.Value
}

// NumberKeys are whole numbers of up to 64 bits; they are also read as strings, as webhooks and newer versions send them.
var NumberKeys = KeyStyle{
	Name:   "integer key",
	Wanted: "an id: a whole number",
	Read: func(in jsontext.Value) (string, bool) {
		s, ok := token(in)
		return s, ok && (isNumberKey(s) || s == "" && in.Kind() == jsontext.String)
	},
	Write: func(key string) (jsontext.Value, bool) { return jsontext.NewNumber(key), isNumberKey(key) },
	Spell: func(n int) []jsontext.Value {
		key := strconv.Itoa(n)
		return []jsontext.Value{jsontext.NewNumber(key), jsontext.NewString(key)}
	},
}

func isNumberKey(s string) bool {
	if s == "" || len(s) > 20 || s[0] == '0' && len(s) > 1 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

const zeroGUID = "00000000-0000-0000-0000-000000000000"

// GUIDKeys are GUIDs, compared in lower case; the zero GUID is none. Any other text is read as a key too, as the older
// pages and composite keys have them, but only a GUID is written where there was none.
var GUIDKeys = KeyStyle{
	Name:   "GUID",
	Wanted: "an id: a GUID",
	Read: func(in jsontext.Value) (string, bool) {
		switch in.Kind() {
		case jsontext.Number:
			return in.Literal(), isNumberKey(in.Literal())
		case jsontext.String:
			s := in.Text()
			if s == zeroGUID {
				return "", true
			}
			if isGUID(s) {
				s = strings.ToLower(s)
			}
			return s, true
		}
		return "", false
	},
	Write: func(key string) (jsontext.Value, bool) { return jsontext.NewString(key), isGUID(key) },
	Spell: func(n int) []jsontext.Value {
		key := fmt.Sprintf("d41e5de2-8a44-f111-a820-%012x", n)
		return []jsontext.Value{jsontext.NewString(key), jsontext.NewString(strings.ToUpper(key))}
	},
}

func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F':
		default:
			return false
		}
	}
	return true
}

// Key reads the record's own id.
func (style KeyStyle) Key() Codec {
	return Codec{
		Name: style.Name, Type: canonical.TextType, Keys: style.Spell,
		Decode: func(_ *Scope, in jsontext.Value) (jsontext.Value, string) {
			key, ok := style.Read(in)
			switch {
			case !ok:
				return jsontext.Value{}, style.Wanted
			case key == "":
				return jsontext.Value{}, ""
			case in.Kind() == jsontext.String && key == in.Text():
				return in, ""
			}
			return jsontext.NewString(key), ""
		},
		Encode: func(_ *Scope, v, prev jsontext.Value) (jsontext.Value, Reason) {
			out, ok := style.Write(v.Text())
			if !ok {
				return jsontext.Value{}, NoCounterpart
			}
			return out, ""
		},
	}
}

// Reference reads the id of another record and mints the canonical id from it. It is written from the context only: the
// canonical id is a hash and does not lead back.
func (style KeyStyle) Reference(to canonical.EntityType) Codec {
	return Codec{
		Name: "reference by " + style.Name, Type: canonical.ReferenceType, Refers: to, Keys: style.Spell, wanted: style.Wanted,
		Decode: func(s *Scope, in jsontext.Value) (jsontext.Value, string) {
			key, ok := style.Read(in)
			switch {
			case !ok:
				return jsontext.Value{}, style.Wanted
			case key == "":
				return jsontext.Value{}, ""
			}
			return s.mint(to, key), ""
		},
		Encode: func(s *Scope, v, prev jsontext.Value) (jsontext.Value, Reason) {
			key, ok := s.ctx.References[v.Text()]
			if !ok {
				return jsontext.Value{}, NotInContext
			}
			out, ok := style.Write(key)
			if !ok {
				return jsontext.Value{}, NoCounterpart
			}
			return out, ""
		},
	}
}
