// Package mapping translates records of a platform to canonical documents and back, by one table.
//
// Each row of the table pairs a canonical field with the platform's field and a codec. Both directions, the list of fields and the
// report of what is not mapped are derived from it.
//
// # A record on its way
//
// The table of a platform whose payments have two fields:
//
//	Map(ExternalID, NumberKeys.Key(), "ref")
//	Map("amount", Style{}.Money(), "gross")
//
// Reading {"ref": 7, "gross": 12.5, "memo": "x"}: each row takes its field of the record, and its codec makes the canonical value
// of it. The currency is that of the platform. "memo" has no row: it is left over, travels in provider_metadata, and is reported
// as unmapped.
//
//	{"id": "pay_…", "object": "payment", "external_ids": {"toy": {"id": "7"}},
//	 "amount": {"amount": 1250, "currency": "USD"}, "provider_metadata": {"toy": {"memo": "x"}}}
//
// Writing the document back onto the record: a field that says what the record says already keeps its literal, so that nothing
// changes that did not change. Writing it onto nothing takes what is left over out of provider_metadata. A canonical field that the
// record has no place for is reported as lost. ExampleMapping is this walk, run.
//
// One concept per file: table.go has tables and what they are compiled to, codec.go, number.go, text.go and reference.go the
// codecs, read.go and write.go the two directions, lines.go the lines of a record, scope.go what is known and reported on the way,
// frame.go the objects that are being written, report.go and field.go what comes of it.
package mapping
