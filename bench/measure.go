package main

import (
	"context"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// takeTurns measures each side once a round and returns the median of each. Every other round goes backwards, so that no side
// always follows the same one.
func takeTurns(ctx context.Context, rounds int, sides ...func() (float64, error)) ([]float64, error) {
	order := make([]int, len(sides))
	for i := range order {
		order[i] = i
	}
	measured := make([][]float64, len(sides))
	for range rounds {
		for _, i := range order {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			value, err := sides[i]()
			if err != nil {
				return nil, err
			}
			measured[i] = append(measured[i], value)
		}
		slices.Reverse(order)
	}
	medians := make([]float64, len(sides))
	for i, values := range measured {
		medians[i] = median(values)
	}
	return medians, nil
}

// median sorts the values and returns the one in the middle.
func median(values []float64) float64 {
	slices.Sort(values)
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return values[middle]
	}
	return (values[middle-1] + values[middle]) / 2
}

// nanoseconds says how much processor time a call of do takes, its garbage included, from as many calls as take about as long
// as wanted. Time on the clock would count what else the machine has to do.
func nanoseconds(wanted time.Duration, do func()) (float64, error) {
	runtime.GC()
	for n := 1; ; {
		before, err := processorTime()
		if err != nil {
			return 0, err
		}
		for range n {
			do()
		}
		after, err := processorTime()
		if err != nil {
			return 0, err
		}
		took := after - before
		// The last try counts, the shorter ones before it were the warm-up.
		if took >= wanted*3/4 {
			return float64(took.Nanoseconds()) / float64(n), nil
		}
		n = max(n+1, int(float64(n)*min(10, 1.1*float64(wanted)/float64(max(took, 1)))))
	}
}

// processorTime is what all threads of this process have used so far.
func processorTime() (time.Duration, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, err
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}

// allocations says how often one of n calls of do allocates, goroutines that it starts included.
func allocations(n int, do func()) float64 {
	do()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range n {
		do()
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / float64(n)
}
