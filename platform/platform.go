// Package platform says what a platform is: something that can read its own records into canonical documents and write
// canonical documents as its own records. Everything here is pure.
package platform

import (
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
)

// Name is what a platform is called in requests, in external_ids and in provider_metadata.
type Name = canonical.PlatformName

// Platform translates between its own records and canonical documents.
//
// Both directions keep these laws, for every entity type:
//
//	get-put       FromCanonical(ToCanonical(p), onto p) is p, every key, order and digit
//	put-get       ToCanonical(FromCanonical(c, onto p)) has every field of c that the platform can hold
//	nothing lost  FromCanonical(ToCanonical(p), onto nothing) is p, in any order of keys
//	nothing silent what cannot be read or written is an error or stands in the report
type Platform interface {
	Name() Name

	// Definition is what the platform is made of.
	Definition() Definition

	// ToCanonical reads a record as the platform has it. The error is a *canonical.TranslationError.
	ToCanonical(t canonical.EntityType, payload jsontext.Value, ctx mapping.Context) (jsontext.Value, mapping.Report, error)

	// FromCanonical writes a document as a record of the platform. Onto a record that the platform has (onto is an object),
	// only what differs is written; a field that the document lacks stays as it is, one that is null is emptied. Onto
	// nothing (onto is absent), the record is made of the document and of what its provider_metadata has for the platform.
	// The error is a *canonical.TranslationError.
	FromCanonical(t canonical.EntityType, document, onto jsontext.Value, ctx mapping.Context) (jsontext.Value, mapping.Report, error)

	// Fields is the schema of the platform's records of a type and variant: where each canonical field stands in them.
	Fields(t canonical.EntityType, variant string) []mapping.Field

	// Closed says what the platform still takes of a record, if it has closed it.
	Closed(t canonical.EntityType, variant string, record jsontext.Value) (rule Closed, ok bool)

	// Resource is where the platform takes records of a type and variant, and this record of it; nil if it does not. An absent record
	// is any.
	Resource(t canonical.EntityType, variant string, record jsontext.Value) *Resource
}
