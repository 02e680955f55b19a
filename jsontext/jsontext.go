// Package jsontext reads and writes JSON to the digit: a [Value] keeps every number and string in the token in which it was
// written, and the members of an object in their order, so that what is parsed and appended again is the same but for white space.
//
//	Parse(`{"amount": 10.50}`)    {"amount":10.50}, and not 10.5
//
// One scanner reads all JSON of the program: [Tape] is what it makes of a text. [Parse] builds Values on it, and package jsonschema
// checks it. So what one reader has let in no other refuses. The scanner says which texts are read at all: how deep they may nest,
// how long a number may be, and what text they may hold. Refused is U+0000 and half of a surrogate pair, in strings and in members'
// names: both are JSON, and PostgreSQL reads neither.
//
//	Escape(`\u0041…`)       6, ""
//	Escape(`\ud83d\ude00…`) 12, ""
//	Escape(`\u0000…`)       0, "holds U+0000, which cannot be stored"
package jsontext

const (
	// MaxDepth is how deep arrays and objects nest at the most, in any text that is read.
	MaxDepth = 512
	// MaxInputDepth is how deep they nest at the most in what comes from outside: the body of a request, a platform's record.
	// What is made of it nests deeper: a document keeps a record's fields below provider_metadata, an answer has the document
	// in it, a history the fields of both. A handful of levels would do; there are as many again.
	MaxInputDepth = MaxDepth / 2

	// A number has at most so many characters, and an exponent of at most so much, either sign; a float64 ends at 308. Both
	// bound what exact arithmetic on a number may cost.
	maxNumber         = 1000
	maxNumberExponent = 400

	maxBytes = 1 << 30 // of one text, so that every place in it fits 32 bits
)
