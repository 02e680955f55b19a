package jsontext

import (
	"bytes"
)

// HealText makes a JSON text readable that was stored before text which PostgreSQL cannot read was refused: each escape of U+0000
// and of half a surrogate pair becomes that of U+FFFD, in strings and in members' names. All else stays byte for byte; a text in
// which there is nothing to heal is returned itself. Two names of one object that differ in nothing else become the same one.
func HealText(text []byte) []byte {
	if !bytes.Contains(text, []byte(`\u0000`)) && !bytes.Contains(text, []byte(`\ud`)) && !bytes.Contains(text, []byte(`\uD`)) {
		return text
	}
	healed := text
	for at := 0; ; {
		next := bytes.IndexByte(text[at:], '\\')
		if next < 0 {
			return healed
		}
		at += next
		length, problem := Escape(text[at:])
		if problem != "" {
			if &healed[0] == &text[0] {
				healed = bytes.Clone(text)
			}
			length = copy(healed[at:], `\ufffd`)
		}
		at += max(length, 1)
	}
}
