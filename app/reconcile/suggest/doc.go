// Package suggest says which records of two platforms are probably one, where no key says so. It never merges anything: people
// decide. It is pure, as package reconcile is, whose matches come first: what goes in here are the records that stand alone.
//
// Here are a vendor of the site and one of the books. No key makes them one: the tax number is written in two ways, and so is the name.
//
//	site   {"name": "Müller Facade Systems GmbH", "tax_id": "DE123475289", "phone": "+49 30 5557 1234"}
//	books  {"name": "Mueller Façade Systems", "tax_id": "123475289", "address": {"city": "Berlin"}}
//
// [Suggest] finds them, with a score and with what speaks for it:
//
//	0.9999  name 0.9 (+6.5 bits), tax_id 1 (+16 bits)
//
// It works in three steps.
//
//   - Reading: texts are written without case, accents and forms of Arabic letters, names without their legal form, numbers without
//     leading zeros, tax numbers without their country. Placeholders such as N/A say nothing.
//   - Blocking: only records that share a key are compared, such as a telephone, an amount, or two words of a name.
//   - Comparing: each feature that both records have says how much it agrees, and the table of weights says what that is worth, in
//     bits. The sum is the score. A contradiction, such as two tax numbers, is worth more than everything else together.
//
// Weights and threshold are in one table in weights.go. They are tuned on the first set of package labelled; the second is only measured.
package suggest
