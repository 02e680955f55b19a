package suggest

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hbollon/go-edlib"

	"structural.app/structural/app/reconcile"
)

// Weights of a word in a name, and how much must be shared for a name to be taken as one that few have.
const (
	weightOfCommon = 0.25
	weightOfNumber = 0.5
	weightOfWord   = 1
	enoughOfName   = 1.25

	maxWords = 12 // of a name
)

// word is a word of a name.
type word struct {
	text   string
	sounds string
	mask   uint64 // the letters that are in it
	length int    // letters
	weight float64
	number bool // it tells a name from the next of a series: a number, a Roman one, or a single letter
}

// name is a text as names are compared.
type name struct {
	text  string // the words
	glued string // the same without spaces
	words []word
}

// newName reads a name. legal says whether it is that of a firm, whose legal form does not count. A placeholder is no name: it
// has no words.
func newName(text string, legal bool) name {
	if reconcile.IsPlaceholder(reconcile.NormalizedKey(text)) {
		return name{}
	}
	all := split(fold(text))
	if legal {
		all = withoutLegalForm(all)
	}
	kept := slices.DeleteFunc(slices.Clone(all), func(w string) bool { return fillers[w] })
	if len(kept) == 0 {
		kept = all
	}
	var n name
	var texts []string
	for i, w := range kept[:min(len(kept), maxWords)] {
		w := newWord(w, i > 0 && i == len(kept)-1)
		n.words = append(n.words, w)
		texts = append(texts, w.text)
	}
	n.text, n.glued = strings.Join(texts, " "), strings.Join(texts, "")
	return n
}

func withoutLegalForm(all []string) []string {
	kept := slices.DeleteFunc(slices.Clone(all), func(w string) bool { return legalAnywhere[w] })
	for len(kept) > 1 && legalAtStart[kept[0]] {
		kept = kept[1:]
	}
	for len(kept) > 1 && (legalAtEnd[kept[len(kept)-1]] || fillers[kept[len(kept)-1]]) {
		kept = kept[:len(kept)-1]
	}
	if len(kept) == 0 {
		return all
	}
	return kept
}

var romanNumbers = map[string]string{"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}

// newWord reads a folded word; a single letter counts as a number where it is the last.
func newWord(text string, last bool) word {
	for _, article := range []string{"ال", "لل", "وال"} { // the article, "for the", "and the"
		if rest, ok := strings.CutPrefix(text, article); ok && utf8.RuneCountInString(rest) >= 3 {
			text = rest
			break
		}
	}
	if long, ok := shortened[text]; ok {
		text = long
	}
	if digits, ok := romanNumbers[text]; ok {
		text = digits
	}
	if digits := strings.TrimLeft(text, "0"); digits != "" && strings.Trim(digits, "0123456789") == "" {
		text = digits
	}
	w := word{text: text, sounds: sounds(text), length: utf8.RuneCountInString(text), weight: weightOfWord}
	for _, r := range text {
		w.mask |= 1 << (r % 64)
	}
	switch {
	case strings.ContainsFunc(text, unicode.IsDigit), last && w.length == 1:
		w.number, w.weight = true, weightOfNumber
	case common[text], w.length == 1:
		w.weight = weightOfCommon
	case w.length == 2:
		w.weight = weightOfNumber
	}
	return w
}

// worthOfSounds is how much two words are alike that only sound alike; leastAlike is what counts at all.
const (
	worthOfSounds = 0.85
	leastAlike    = 0.7
)

// alike says how much two words are the same, 0 to 1.
func alike(a, b word) float64 {
	switch {
	case a.text == b.text:
		return 1
	case a.number || b.number:
		return 0
	}
	short, long := a, b
	if a.length > b.length {
		short, long = b, a
	}
	if short.length == 1 && strings.HasPrefix(long.text, short.text) {
		return 0.75 // an initial
	}
	if short.length >= 3 && strings.HasPrefix(long.text, short.text) && (short.length >= 5 || common[long.text]) {
		return 0.9 // an abbreviation
	}
	value := 0.0
	if len(a.sounds) >= 3 && a.sounds == b.sounds {
		value = worthOfSounds
	}
	allowed := int(float64(long.length) * (1 - leastAlike))
	if long.length-short.length > allowed || bits.OnesCount64(a.mask^b.mask) > 2*allowed {
		return value
	}
	distance := edlib.OSADamerauLevenshteinDistance(a.text, b.text)
	return max(value, 1-float64(distance)/float64(long.length))
}

// aligned is which words of two names are the same.
type aligned struct {
	shared          float64 // weight, by how much the words are alike
	onlyA, onlyB    float64 // weight of what is in one alone
	restA, restB    float64 // the same, each word counting at least half
	numbersContrast bool    // both have numbers, and not the same ones
	numbersMissing  bool    // one has a number that the other lacks
	common          int     // how many words
}

// align pairs the words that are most alike first.
func align(a, b name) aligned {
	type link struct {
		i, j  int
		value float64
	}
	var links []link
	for i, x := range a.words {
		for j, y := range b.words {
			if value := alike(x, y); value >= leastAlike {
				links = append(links, link{i, j, value})
			}
		}
	}
	slices.SortStableFunc(links, func(x, y link) int { return cmp.Compare(y.value, x.value) })
	var usedA, usedB [maxWords]bool
	var found aligned
	for _, l := range links {
		if usedA[l.i] || usedB[l.j] {
			continue
		}
		usedA[l.i], usedB[l.j] = true, true
		found.common++
		found.shared += l.value * (a.words[l.i].weight + b.words[l.j].weight) / 2
		lost := (1 - l.value) * (a.words[l.i].weight + b.words[l.j].weight) / 2
		found.onlyA, found.onlyB = found.onlyA+lost, found.onlyB+lost
		found.restA, found.restB = found.restA+lost, found.restB+lost
	}
	numberA, numberB := false, false
	rest := func(words []word, used []bool, only, all *float64, number *bool) {
		for i, w := range words {
			if !used[i] {
				*only += w.weight
				*all += max(w.weight, 0.5)
				*number = *number || w.number
			}
		}
	}
	rest(a.words, usedA[:], &found.onlyA, &found.restA, &numberA)
	rest(b.words, usedB[:], &found.onlyB, &found.restB, &numberB)
	found.numbersContrast, found.numbersMissing = numberA && numberB, numberA != numberB
	return found
}

// compareNames says how much two names are alike, and how much of that few names have, both 0 to 1.
func compareNames(a, b name) (value, specific float64) {
	if a.text == b.text {
		for _, w := range a.words {
			specific += w.weight
		}
		return 1, min(1, specific/enoughOfName)
	}
	if a.text > b.text { // the same, whichever comes first
		a, b = b, a
	}
	found := align(a, b)
	onlyA, onlyB := found.onlyA, found.onlyB
	if onlyA > 0 && onlyB > 0 { // a word instead of another one, and not one that was left out
		onlyA, onlyB = found.restA, found.restB
	}
	value = found.shared / (found.shared + (onlyA+onlyB)/2)
	switch {
	case found.numbersContrast:
		value *= 0.5
	case found.numbersMissing:
		value *= 0.75
	}
	specific = found.shared
	if value < 0.9 && !found.numbersContrast {
		if glued := compareGlued(a, b); glued > value {
			value, specific = glued, max(specific, glued*min(sum(a), sum(b)))
		}
	}
	if initials := compareInitials(a, b); initials > value {
		value, specific = initials, weightOfWord
	}
	return value, min(1, specific/enoughOfName)
}

func sum(n name) (weight float64) {
	for _, w := range n.words {
		weight += w.weight
	}
	return weight
}

// compareGlued compares names as if nobody had put spaces: "Bu Hamad" and "Buhamad".
func compareGlued(a, b name) float64 {
	if len(a.words) == len(b.words) {
		return 0
	}
	lengthA, lengthB := utf8.RuneCountInString(a.glued), utf8.RuneCountInString(b.glued)
	long := max(lengthA, lengthB)
	if long-min(lengthA, lengthB) > long/10 {
		return 0
	}
	value := 1 - float64(edlib.OSADamerauLevenshteinDistance(a.glued, b.glued))/float64(long)
	if value < 0.9 {
		return 0
	}
	return value
}

// compareInitials finds a name that is the first letters of the other: "DIP" of "Doha Infrastructure Partners".
func compareInitials(a, b name) float64 {
	if len(a.words) > len(b.words) {
		a, b = b, a
	}
	if len(a.words) != 1 || len(b.words) < 3 || a.words[0].length != len(b.words) {
		return 0
	}
	i := 0
	for _, r := range a.words[0].text {
		if first, _ := utf8.DecodeRuneInString(b.words[i].text); first != r {
			return 0
		}
		i++
	}
	return 0.75
}
