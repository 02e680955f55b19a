// Package mappingtest states the laws that every mapping keeps, as functions that tests of any platform can call. See the
// documentation of platform.Platform.
package mappingtest

import (
	"bytes"
	"fmt"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/platform"
)

// Translator is one mapping in both directions.
type Translator interface {
	ToCanonical(payload jsontext.Value, ctx mapping.Context) (jsontext.Value, mapping.Report, error)
	FromCanonical(document, onto jsontext.Value, ctx mapping.Context) (jsontext.Value, mapping.Report, error)
}

// Of is the mapping of one entity type of a platform.
func Of(p platform.Platform, t canonical.EntityType) Translator { return typed{p, t} }

type typed struct {
	platform platform.Platform
	entity   canonical.EntityType
}

func (t typed) ToCanonical(payload jsontext.Value, ctx mapping.Context) (jsontext.Value, mapping.Report, error) {
	return t.platform.ToCanonical(t.entity, payload, ctx)
}

func (t typed) FromCanonical(document, onto jsontext.Value, ctx mapping.Context) (jsontext.Value, mapping.Report, error) {
	return t.platform.FromCanonical(t.entity, document, onto, ctx)
}

// read translates a payload and sends the document through JSON, as everything that is stored or answered goes.
func read(t Translator, payload jsontext.Value, ctx mapping.Context) (jsontext.Value, error) {
	document, _, err := t.ToCanonical(payload, ctx)
	if err != nil {
		return jsontext.Value{}, fmt.Errorf("reading %s: %w", payload, err)
	}
	again, err := jsontext.Parse(document.Append(nil))
	if err != nil || !again.Equal(document) {
		return jsontext.Value{}, fmt.Errorf("the document is not JSON: %s: %w", document, err)
	}
	return again, nil
}

// GetPut checks that a record which is read and written back onto itself is the same: every key, order and digit.
func GetPut(t Translator, payload jsontext.Value, ctx mapping.Context) error {
	document, err := read(t, payload, ctx)
	if err != nil {
		return err
	}
	back, _, err := t.FromCanonical(document, payload, ctx)
	if err != nil {
		return fmt.Errorf("get-put: writing %s: %w", document, err)
	}
	if want, got := payload.Append(nil), back.Append(nil); !bytes.Equal(want, got) {
		return fmt.Errorf("get-put: %s became %s by %s", want, got, document)
	}
	return nil
}

// NothingLost checks that a record can be made anew of its document alone.
func NothingLost(t Translator, payload jsontext.Value, ctx mapping.Context) error {
	document, err := read(t, payload, ctx)
	if err != nil {
		return err
	}
	back, _, err := t.FromCanonical(document, jsontext.Value{}, ctx)
	if err != nil {
		return fmt.Errorf("nothing lost: writing %s: %w", document, err)
	}
	if !back.Equal(payload) {
		return fmt.Errorf("nothing lost: %s became %s by %s", payload, back, document)
	}
	return nil
}

// PutGet checks that what a patch sets in the document of a record is read again after it has been written: onto the
// record, and as a record of its own; and that nothing else changes.
func PutGet(t Translator, payload, patch jsontext.Value, ctx mapping.Context) error {
	document, err := read(t, payload, ctx)
	if err != nil {
		return err
	}
	changed := canonical.Patch(document, patch)
	for _, onto := range []jsontext.Value{payload, {}} {
		written, report, err := t.FromCanonical(changed, onto, ctx)
		if err != nil {
			return fmt.Errorf("put-get: writing %s: %w", changed, err)
		}
		if len(report.Lost) > 0 || len(report.Unresolved) > 0 {
			return fmt.Errorf("put-get: writing %s: lost %v, unresolved %v", changed, report.Lost, report.Unresolved)
		}
		again, err := read(t, written, ctx)
		if err != nil {
			return fmt.Errorf("put-get: %w", err)
		}
		if fields := canonical.Changed(prune(bare(changed)), prune(bare(again))); len(fields) > 0 {
			return fmt.Errorf("put-get onto %s: %v differ: wrote %s as %s, read %s", onto, fields, changed, written, again)
		}
	}
	return nil
}

// prune takes away what is null, and objects that have nothing else.
func prune(v jsontext.Value) jsontext.Value {
	var kept []jsontext.Member
	for _, m := range v.Members() {
		m.Value = prune(m.Value)
		if v.Kind() == jsontext.Array || !m.Value.IsNone() {
			kept = append(kept, m)
		}
	}
	switch {
	case v.Kind() == jsontext.Array:
		return jsontext.ArrayOf(kept)
	case v.Kind() == jsontext.Object && len(kept) > 0:
		return jsontext.NewObject(kept...)
	case v.Kind() == jsontext.Object:
		return jsontext.Value{}
	}
	return v
}

// Consistent checks get-put and nothing lost.
func Consistent(t Translator, payload jsontext.Value, ctx mapping.Context) error {
	if err := GetPut(t, payload, ctx); err != nil {
		return err
	}
	return NothingLost(t, payload, ctx)
}
