package reconcile

import (
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// comparedKey is a business key as it is compared; empty if the document has none, or one that says nothing.
func comparedKey(document jsontext.Value, field string) string {
	value := document.Get(field)
	if value.Kind() != jsontext.String {
		return ""
	}
	key := NormalizedKey(value.Text())
	if field == "tax_id" { // a register gives it without separators, which people put in as they like
		key = strings.ReplaceAll(key, "-", "")
	}
	if IsPlaceholder(key) || field == "tax_id" && IsMadeUp(key) {
		return ""
	}
	return key
}

// NormalizedKey writes a text in the one form in which keys are compared: in NFKC, case folded. Letters with their marks, and digits,
// count, and so does what stands between two digits: a hyphen for any of it. Other punctuation does not count; & is "and".
//
//	"SC-1-12"    "sc1-12"    which is not that of SC-11-2
//	"PO 1.5"     "po1-5"     nor this that of PO 15
//	"Al W.L.L."  "alwll"
func NormalizedKey(text string) string {
	if !isASCII(text) {
		// Folding can undo the normal form, and so it is made twice.
		text = norm.NFKC.String(cases.Fold().String(norm.NFKC.String(text)))
	}
	var key strings.Builder
	key.Grow(len(text))
	digit, separated := false, false // the last that counted was a digit; something stood behind it
	for _, r := range text {
		switch {
		case unicode.IsDigit(r):
			if digit && separated {
				key.WriteByte('-')
			}
			key.WriteRune(r)
			digit, separated = true, false
		case unicode.IsLetter(r), unicode.IsMark(r) && key.Len() > 0:
			key.WriteRune(unicode.ToLower(r))
			digit, separated = false, false
		case r == '&':
			key.WriteString("and")
			digit, separated = false, false
		default:
			separated = true
		}
	}
	return key.String()
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// placeholders are what people and programs write where there is no number or name, as keys are compared.
var placeholders = func() map[string]bool {
	words := `na none null nil tbd tba tbc unknown unassigned pending various misc miscellaneous notapplicable notavailable
		ach eft wire wiretransfer wt dd directdebit directdeposit debit debitcard credit creditcard card cc cash check cheque chk transfer
		banktransfer bank online electronic auto autopay manual void voided
		x xx xxx xxxx corp inccorp exempt taxexempt`
	all := map[string]bool{}
	for _, word := range strings.Fields(words) {
		all[word] = true
	}
	return all
}()

// IsPlaceholder says whether a key, as [NormalizedKey] writes it, names nothing: N/A, TBD, ACH, WIRE; zeros alone.
func IsPlaceholder(key string) bool {
	return placeholders[key] || strings.Trim(key, "0-") == ""
}

// IsMadeUp says whether a tax number is one that forms are filled with: one digit again and again, or digits that run up or down.
func IsMadeUp(key string) bool {
	digits := strings.ReplaceAll(key, "-", "")
	if len(digits) < 5 {
		return false
	}
	if strings.Trim(digits, "0123456789") != "" {
		return false
	}
	step := (digits[1] + 10 - digits[0]) % 10 // 9 runs on to 0
	if step != 0 && step != 1 && step != 9 {
		return false
	}
	for i := 1; i < len(digits); i++ {
		if (digits[i]+10-digits[i-1])%10 != step {
			return false
		}
	}
	return true
}

// keysOf are the business keys of a record, in the form in which they are stored.
func keysOf(t canonical.EntityType, document jsontext.Value) (keys []Key) {
	for strength, key := range businessKeys[t] {
		value := comparedKey(document, key.field)
		if value == "" {
			continue
		}
		digest := sha256.Sum256([]byte(value))
		stored := Key{Text: strconv.Itoa(strength) + ":" + base64.RawURLEncoding.EncodeToString(digest[:16])}
		if key.scope != "" {
			stored.Scope = document.Get(key.scope).Text()
		}
		keys = append(keys, stored)
	}
	return keys
}
