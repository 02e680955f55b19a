package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"structural.app/structural/bench/plain"
	"structural.app/structural/canonical"
	"structural.app/structural/mapping"
	"structural.app/structural/platform"
	"structural.app/structural/platform/dynamics"
	"structural.app/structural/platform/procore"
)

// mappingSubject is a record whose mapping is measured.
type mappingSubject struct {
	name     string
	entity   canonical.EntityType
	from, to platform.Name
	plain    plain.Translation
}

var mappingSubjects = []mappingSubject{
	{"payment, Procore to Dynamics", canonical.Payment, procore.Name, dynamics.Name, plain.PaymentToDynamics},
	{"payment, Dynamics to Procore", canonical.Payment, dynamics.Name, procore.Name, plain.PaymentToProcore},
	{"contract of 10 lines, Procore to Dynamics", canonical.Contract, procore.Name, dynamics.Name, plain.ContractToDynamics},
	{"contract of 10 lines, Dynamics to Procore", canonical.Contract, dynamics.Name, procore.Name, plain.ContractToProcore},
}

// fullLines is how many lines a full contract has.
const fullLines = 10

// measureMapping compares our mapping with the same one written by hand.
func measureMapping(ctx context.Context, b *bench) error {
	for _, s := range mappingSubjects {
		progress("  %s", s.name)
		if err := s.measure(ctx, b); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

func (s mappingSubject) measure(ctx context.Context, b *bench) error {
	ours, theirs, err := s.sides()
	if err != nil {
		return err
	}
	wanted, err := ours()
	if err != nil {
		return err
	}
	output, err := theirs()
	if err != nil {
		return fmt.Errorf("plain Go: %w", err)
	}
	if err := same(wanted, output); err != nil {
		return fmt.Errorf("plain Go: %w", err)
	}
	took, err := takeTurns(ctx, 3*b.rounds, timeOf(b, ours), timeOf(b, theirs))
	if err != nil {
		return err
	}
	b.add(row{name: "mapped " + s.name + ", vs plain Go", unit: "ns/op", ours: took[0], baseline: took[1]})
	return nil
}

// sides are our mapping of the full record, and the plain one.
func (s mappingSubject) sides() (ours, theirs func() ([]byte, error), err error) {
	r, known, err := s.record()
	if err != nil {
		return nil, nil, err
	}
	return r.translator(known), func() ([]byte, error) { return s.plain(r.data, known.References) }, nil
}

func (s mappingSubject) record() (record, mapping.Context, error) {
	r, err := newRecord(s.entity, s.from, s.to, fullLines)
	if err != nil {
		return r, mapping.Context{}, err
	}
	known, err := r.context()
	return r, known, err
}

// timeOf measures a function that was seen to work.
func timeOf(b *bench, do func() ([]byte, error)) func() (float64, error) {
	return func() (float64, error) { return nanoseconds(b.perOp, func() { _, _ = do() }) }
}

// same returns an error that says where two JSON texts differ as values.
func same(wanted, got []byte) error {
	var a, b any
	if err := errors.Join(json.Unmarshal(wanted, &a), json.Unmarshal(got, &b)); err != nil {
		return err
	}
	if where := difference("", a, b); where != "" {
		return fmt.Errorf("the output differs: %s", where)
	}
	return nil
}

// difference says where two JSON values differ first, "" if they do not.
func difference(pointer string, wanted, got any) string {
	switch w := wanted.(type) {
	case map[string]any:
		if g, ok := got.(map[string]any); ok {
			keys := slices.Concat(slices.Collect(maps.Keys(w)), slices.Collect(maps.Keys(g)))
			slices.Sort(keys)
			for _, key := range keys {
				if where := difference(pointer+"/"+key, w[key], g[key]); where != "" {
					return where
				}
			}
			// A member that is null is not one that is missing.
			if len(w) == len(g) {
				return ""
			}
		}
	case []any:
		if g, ok := got.([]any); ok && len(g) == len(w) {
			for i := range w {
				if where := difference(fmt.Sprintf("%s/%d", pointer, i), w[i], g[i]); where != "" {
					return where
				}
			}
			return ""
		}
	default:
		if wanted == got {
			return ""
		}
	}
	return fmt.Sprintf("%s is not %v but %v", pointer, wanted, got)
}
