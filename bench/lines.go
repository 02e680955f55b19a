package main

import (
	"context"
	"fmt"

	"structural.app/structural/canonical"
	"structural.app/structural/platform/dynamics"
	"structural.app/structural/platform/procore"
)

// lineCounts are how many lines the contracts have; the cost of a line is compared with that of the second, where the head of
// the contract no longer counts much.
var lineCounts = []int{10, 100, 1000, 10000}

// wantedOfLines is what a line of the longest contract may cost in lines of the one of 100.
const wantedOfLines = 1.5

// measureLines shows that the cost of a contract grows with its lines and no faster.
func measureLines(ctx context.Context, b *bench) error {
	sides := make([]func() (float64, error), len(lineCounts))
	for i, n := range lineCounts {
		r, err := newRecord(canonical.Contract, procore.Name, dynamics.Name, n)
		if err != nil {
			return err
		}
		known, err := r.context()
		if err != nil {
			return err
		}
		translate := timeOf(b, r.translator(known))
		sides[i] = func() (float64, error) {
			took, err := translate()
			return took / float64(n), err
		}
	}
	took, err := takeTurns(ctx, 2*b.rounds, sides...)
	if err != nil {
		return err
	}
	for i, n := range lineCounts {
		r := row{name: fmt.Sprintf("line of a contract of %d, time, vs of %d", n, lineCounts[1]), unit: "ns/line", ours: took[i], baseline: took[1]}
		if i == len(lineCounts)-1 {
			r.wanted = wantedOfLines
		}
		if i != 1 {
			b.add(r)
		}
	}
	return nil
}
