// Package reconcile says which records of a customer's platforms are one and the same thing, and makes the canonical object of
// them. It is pure: it reads and writes nothing, and does not know what time it is.
//
// What goes in are records, each read as a canonical document:
//
//	site   {"number": "C-LEX-001", "title": "Tower", "status": "approved"}
//	books  {"number": "c lex001", "status": "approved", "currency": "QAR"}
//	books  {"number": "C-LEX-002"}
//
// [Match] compares them by business key: for contracts the number, without its case, spaces and punctuation. Two records are one
// only if no other record has the same key; there is no guess. Here the first two are one, and the third stands alone. What comes
// out are two objects. The first takes each field from the record whose platform takes precedence, and what that one lacks from
// the other:
//
//	{"number": "C-LEX-001", "title": "Tower", "status": "approved", "currency": "QAR"}
//	{"number": "C-LEX-002"}
//
// An object's id is the one that its first record would have on its own, so that the same records always make the same objects.
// What an object says beyond the words of its records, because a platform has no word for it, is kept beside it: see [Kept].
package reconcile
