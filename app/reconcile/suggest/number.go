package suggest

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/hbollon/go-edlib"

	"structural.app/structural/app/reconcile"
)

// number is a document's number as it is compared.
type number struct {
	parts    []string // letters and digits in turn; digits without leading zeros
	joined   string   // the parts, a hyphen between two of digits
	glued    string   // all letters and digits, as they are written
	short    string   // glued, a year with two digits
	digits   string   // of the last part that is digits
	specific float64  // if another number is the same, how much of that few documents have: 1 is the commonest number there is
}

// newNumber reads a number; a placeholder is none.
func newNumber(text string) number {
	key := reconcile.NormalizedKey(fold(text))
	if reconcile.IsPlaceholder(key) {
		return number{}
	}
	if rest, ok := strings.CutPrefix(key, "no"); ok && rest != "" && isDigit(rune(rest[0])) { // "No. 12"
		key = rest
	}
	var n number
	var short strings.Builder
	previous, year := false, false
	for _, part := range partsOf(key) {
		digits := part[0] >= '0' && part[0] <= '9'
		if digits {
			n.glued += part
			if !year && len(part) == 4 && part >= "2000" && part <= "2049" {
				year = true
				short.WriteString(part[2:])
			} else {
				short.WriteString(part)
			}
			if part = strings.TrimLeft(part, "0"); part == "" {
				part = "0"
			}
			n.digits = part
			if previous {
				n.joined += "-"
			}
		} else {
			n.glued += part
			short.WriteString(part)
		}
		previous = digits
		n.joined += part
		n.parts = append(n.parts, part)
	}
	n.short = short.String()
	n.specific = specificOfNumber(n.parts, year)
	return n
}

// partsOf parts a key between letters and digits, and at its hyphens.
func partsOf(key string) []string {
	var parts []string
	start := 0
	for i, r := range key {
		if r == '-' {
			if i > start {
				parts = append(parts, key[start:i])
			}
			start = i + 1
		} else if i > start && isDigit(r) != isDigit(rune(key[start])) {
			parts = append(parts, key[start:i])
			start = i
		}
	}
	if start < len(key) {
		parts = append(parts, key[start:])
	}
	return parts
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// specificOfNumber counts digits, and letters half. A year, which all numbers of a year have, is a digit.
func specificOfNumber(parts []string, year bool) float64 {
	count := 0.0
	for _, part := range parts {
		if isDigit(rune(part[0])) {
			count += float64(len(part))
		} else {
			count += float64(len(part)) / 2
		}
	}
	if year {
		count -= 3
	}
	return max(0.35, min(1, 0.1+0.225*count))
}

// compareNumbers says how much two numbers of documents are alike. 0061 and 61 are the same. 4281 and 4281-R are not, since that is
// how a document is marked that was sent once more; nor is the next number.
func compareNumbers(a, b number) (value, specific float64) {
	specific = min(a.specific, b.specific) // of what is left of the longer one, if they are only partly the same
	switch {
	case a.joined == b.joined, a.glued == b.glued:
		return 1, specific
	case a.short == b.short:
		return 0.95, specific
	case a.digits == "" || b.digits == "":
		return 0, specific
	}
	lettersA, digitsA := a.apart()
	lettersB, digitsB := b.apart()
	short, long := a, b
	if cmp.Or(cmp.Compare(len(a.parts), len(b.parts)), cmp.Compare(len(a.joined), len(b.joined))) > 0 {
		short, long = b, a
	}
	switch {
	case slices.Equal(digitsA, digitsB) && isPrefix(short.parts, long.parts): // only a suffix of letters more
		return 0.15, specific
	case slices.Equal(digitsA, digitsB) && (lettersA == "" || lettersB == "" || strings.HasSuffix(long.joined, short.joined)):
		return 0.9, specific
	case a.digits == b.digits && len(short.parts) == 1 && long.parts[len(long.parts)-1] == short.digits:
		return 0.8, specific
	case lettersA == lettersB && isSwapped(a.glued, b.glued):
		return 0.45, specific
	case lettersA != lettersB: // each platform may count for itself
		return 0.3, specific
	}
	return 0, specific
}

// apart gives the letters of a number as one, and its digits by parts.
func (n number) apart() (letters string, digits []string) {
	for _, part := range n.parts {
		if isDigit(rune(part[0])) {
			digits = append(digits, part)
		} else {
			letters += part
		}
	}
	return letters, digits
}

func isPrefix(short, long []string) bool {
	return len(short) < len(long) && slices.Equal(short, long[:len(short)])
}

// isSwapped says whether two digits that stand side by side are swapped, as in 4281 and 4821.
func isSwapped(a, b string) bool {
	return len(a) == len(b) && len(a) >= 4 && sortedDigits(a) == sortedDigits(b) && edlib.OSADamerauLevenshteinDistance(a, b) == 1
}

func sortedDigits(text string) string {
	letters := []byte(text)
	slices.Sort(letters)
	return string(letters)
}

// taxNumber is a tax number without separators and without the letters around it, such as a country's; empty if it says nothing.
func taxNumber(text string) string {
	key := strings.ReplaceAll(reconcile.NormalizedKey(fold(text)), "-", "")
	for _, tax := range []string{"mwst", "tva", "iva", "vat", "tin", "trn"} {
		key = strings.TrimSuffix(key, tax)
	}
	if rest := strings.TrimLeftFunc(key, unicode.IsLetter); len(rest) >= 5 {
		key = rest
	}
	if len(key) < 5 || reconcile.IsPlaceholder(key) || reconcile.IsMadeUp(key) {
		return ""
	}
	return key
}

// telephone is the last digits of a telephone number, without what stands for the country; empty if there are too few, or they are
// made up.
func telephone(text string) string {
	digits := strings.Map(func(r rune) rune {
		if isDigit(r) {
			return r
		}
		return -1
	}, fold(text))
	digits = digits[max(0, len(digits)-8):]
	if len(digits) < 7 || reconcile.IsMadeUp(digits) || strings.Trim(digits, "0") == "" {
		return ""
	}
	return digits
}

// compareTelephones compares as many of the last digits as both have.
func compareTelephones(a, b string) float64 {
	length := min(len(a), len(b))
	a, b = a[len(a)-length:], b[len(b)-length:]
	switch {
	case a == b:
		return 1
	case isSwapped(a, b):
		return 0.7
	}
	return 0
}
