package canonical

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"strings"

	"structural.app/structural/jsontext"
)

// PlatformName is what a platform is called in requests, in external_ids and in provider_metadata. The registry has its values.
type PlatformName string

// EntityType is a kind of record that platforms keep.
type EntityType string

// The entity types.
const (
	Project        EntityType = "project"
	Customer       EntityType = "customer"
	Contract       EntityType = "contract"
	Invoice        EntityType = "invoice"
	Payment        EntityType = "payment"
	Employee       EntityType = "employee"
	TimeEntry      EntityType = "time_entry"
	ChangeOrder    EntityType = "change_order"
	BudgetLineItem EntityType = "budget_line_item"
)

// EntityTypes lists every entity type, those that are stored and reconciled first.
func EntityTypes() []EntityType {
	return []EntityType{Project, Customer, Contract, Invoice, Payment, Employee, TimeEntry, ChangeOrder, BudgetLineItem}
}

// ParseEntityType tells whether a word names an entity type.
func ParseEntityType(word string) (EntityType, bool) {
	t := EntityType(word)
	return t, t.Prefix() != ""
}

// Prefix is what the canonical ids of the type begin with, "" for an unknown type.
func (t EntityType) Prefix() string {
	switch t {
	case Project:
		return "proj_"
	case Customer:
		return "cust_"
	case Contract:
		return "cor_"
	case Invoice:
		return "inv_"
	case Payment:
		return "pay_"
	case Employee:
		return "emp_"
	case TimeEntry:
		return "time_"
	case ChangeOrder:
		return "chg_"
	case BudgetLineItem:
		return "bli_"
	}
	return ""
}

const (
	base62   = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	idDigits = 15

	chunkDigits = 8
	chunkSize   = 62 * 62 * 62 * 62 * 62 * 62 * 62 * 62
)

// MintID derives the canonical id of a platform's record: the prefix of its type and 15 base62 digits of the SHA-256 of
// where it comes from. The same record always has the same id.
func MintID(platform string, t EntityType, nativeID string) string {
	return NewID(platform, t, nativeID).Text()
}

// NewID is MintID as a value.
func NewID(platform string, t EntityType, nativeID string) jsontext.Value {
	var room [128]byte
	source := append(room[:0], platform...)
	source = append(append(source, 0), t...)
	source = append(append(source, 0), nativeID...)
	sum := sha256.Sum256(source)

	high, low := binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16])
	var quoted [32]byte
	id := append(append(quoted[:0], '"'), t.Prefix()...)
	for n := idDigits; n > 0; n -= chunkDigits {
		// Long divisions are slow: as many digits at once as fit 64 bits.
		var chunk uint64
		high, chunk = high/chunkSize, high%chunkSize
		low, chunk = bits.Div64(chunk, low, chunkSize)
		for range min(n, chunkDigits) {
			id = append(id, base62[chunk%62])
			chunk /= 62
		}
	}
	return jsontext.NewQuoted(string(append(id, '"')))
}

// IsID reports whether a text has the form of a canonical id of the type.
func IsID(t EntityType, id string) bool {
	digits, ok := strings.CutPrefix(id, t.Prefix())
	if !ok || len(digits) != idDigits || t.Prefix() == "" {
		return false
	}
	for i := 0; i < len(digits); i++ {
		switch c := digits[i]; {
		case c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z':
		default:
			return false
		}
	}
	return true
}
