package suggest

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// maxText is how many bytes of a text are compared: it bounds the time that a pair takes.
const maxText = 300

// sameLetters are letters that are the same to who looks for a name, where Unicode does not say so.
var sameLetters = map[rune]string{
	'ø': "o", 'đ': "d", 'ð': "d", 'ł': "l", 'æ': "ae", 'œ': "oe", 'þ': "th", 'ı': "i",
	'ٱ': "ا", 'ة': "ه", 'ى': "ي", 'ی': "ي", 'ک': "ك", 'ـ': "", // and tatweel, which only stretches a word
	'\'': "", '’': "", '`': "", 'ʼ': "",
}

// fold writes a text without case, accents, vowel signs and forms of Arabic letters, and with the digits 0 to 9.
//
//	"Müller"     "muller"
//	"الأمانة"    "الامانه"
//	"٤٤٥٥"       "4455"
func fold(text string) string {
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "")
	}
	text = norm.NFKD.String(cases.Fold().String(norm.NFKC.String(text)))
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range text {
		same, known := sameLetters[r]
		switch {
		case known:
			b.WriteString(same)
		case unicode.Is(unicode.Mn, r) && unicode.In(r, unicode.Inherited, unicode.Arabic, unicode.Hebrew):
		case r >= '٠' && r <= '٩':
			b.WriteRune('0' + r - '٠')
		case r >= '۰' && r <= '۹':
			b.WriteRune('0' + r - '۰')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// split gives the words of a folded text. Single letters with only a point or a stroke between them are one word: "w.l.l.", "a/s".
func split(folded string) []string {
	var words []string
	end, initials := 0, false // where the last word ended; it is single letters
	for start := 0; start < len(folded); {
		length := strings.IndexFunc(folded[start:], func(r rune) bool { return !isPartOfWord(r) })
		if length < 0 {
			length = len(folded) - start
		}
		if length == 0 {
			_, size := utf8.DecodeRuneInString(folded[start:])
			start += size
			continue
		}
		word, between := folded[start:start+length], folded[end:start]
		single := utf8.RuneCountInString(word) == 1 && !unicode.IsDigit(rune(word[0]))
		if single && initials && (between == "." || between == "/") {
			words[len(words)-1] += word
		} else {
			words = append(words, word)
		}
		start += length
		end, initials = start, single
	}
	return words
}

func isPartOfWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// arabicSounds are the consonants of Arabic letters, as Latin spellings of Arabic names have them.
var arabicSounds = map[rune]rune{
	'ب': 'b', 'ت': 't', 'ث': 't', 'ج': 'j', 'ح': 'h', 'خ': 'k', 'د': 'd', 'ذ': 'd', 'ر': 'r', 'ز': 's', 'س': 's', 'ش': 's', 'ص': 's',
	'ض': 'd', 'ط': 't', 'ظ': 's', 'غ': 'g', 'ف': 'f', 'ق': 'k', 'ك': 'k', 'ل': 'l', 'م': 'm', 'ن': 'n', 'ه': 'h', 'و': 'w', 'ي': 'y',
	'ا': 'a', 'ع': 'a',
}

// sounds is what is left of a word when it is spelled otherwise: its consonants, those that sound alike being one, and a vowel only
// where it begins. Arabic letters become the Latin ones.
//
//	"mohammed"  "mhmd"
//	"muhamad"   "mhmd"
//	"محمد"      "mhmd"
func sounds(word string) string {
	var kept []rune
	var before rune
	letters := []rune(word)
	for i, r := range letters {
		if latin, ok := arabicSounds[r]; ok {
			r = latin
		}
		switch r {
		case 'a', 'e', 'i', 'o', 'u':
			r = 'a'
		case 'c', 'q':
			r = 'k'
		case 'z':
			r = 's'
		case 'v':
			r = 'f'
		}
		vowel := r == 'a' || r == 'w' || r == 'y'
		aspirated := r == 'h' && (i == len(letters)-1 || strings.ContainsRune("sktgdp", before))
		if len(kept) == 0 || !vowel && !aspirated && r != before {
			kept = append(kept, r)
		}
		before = r
	}
	return string(kept)
}
