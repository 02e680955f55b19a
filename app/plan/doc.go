// Package plan says what a change makes of a canonical object and of its record on every platform. It is pure: it reads and
// writes nothing, does not know what time it is, and changes nothing that it is given. Whoever calls it stores the [Result].
//
// What goes in is an object, its records, and a [Patch], which names only what changes. It is stated in canonical fields, or in
// the words of one of the platforms:
//
//	object    {"check_number": "CHK-1", "notes": "first"}
//	site   {"id": 7, "check_number": "CHK-1", "notes": "first"}
//	books  {"id": "9f…", "externalDocumentNumber": "CHK-1"}
//	patch     {"notes": "second", "invoice_date": "2026-02-01"}
//
// What comes out is the object and each record as they are to be, what differs, and what could not be said:
//
//	object    {"check_number": "CHK-1", "notes": "second", "invoice_date": "2026-02-01"}
//	site   {"id": 7, "check_number": "CHK-1", "notes": "second", "invoice_date": "2026-02-01"}
//	books  {"id": "9f…", "externalDocumentNumber": "CHK-1", "comment": "second"}
//	          lost: /invoice_date, since it has no such field
//
// It takes two steps. [Planner.Draft] reads all this, and says which other objects it is about, since a reference has another id
// on each platform: [Draft.ReferredIDs]. The caller looks those up, and [Draft.Finish] makes the change.
//
// A patch is refused as a whole, with every place that is wrong: a [*PatchError] for fields that it may not name, a
// [*canonical.TranslationError] for values that a platform cannot hold, as far as its [Handling] wants it, a [*ClosedError]
// for what a platform has closed.
//
// The files, in the order of the work: plan.go (the steps), record_shape.go and record_patch.go (a patch in a platform's words),
// edit.go and model.go (a patch in canonical fields, and what both become), line.go (which line of one document is which of
// another), references.go, apply.go (a change of a document), record_change.go (a change of a record), handling.go, closed.go, losses.go
// and problems.go (why not), sums.go, sum_lines.go and sum_claims.go (amounts that follow others), history.go (what is kept of it),
// derive.go (what is stored beside an object).
package plan
