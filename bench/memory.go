package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strconv"
)

const (
	memoryConnections = 64
	memoryLimitMB     = 60
)

// measureMemory loads a fresh program with all three operations at once, and reads the most memory that it ever had resident.
func measureMemory(ctx context.Context, b *bench) error {
	program, err := b.startProgram(ctx)
	if err != nil {
		return err
	}
	defer program.stop()
	if _, err := load(ctx, program.address, memoryConnections, 4*b.load, b.newMixture); err != nil {
		return err
	}
	peak, err := peakMemoryMB(program.command.Process.Pid)
	if errors.Is(err, fs.ErrNotExist) {
		progress("  left out: this system does not tell the peak")
		return nil
	}
	if err != nil {
		return err
	}
	b.add(row{
		name: fmt.Sprintf("peak memory, %d connections, vs limit", memoryConnections), unit: "MB",
		ours: peak, baseline: memoryLimitMB, wanted: 1,
	})
	return nil
}

// newMixture is a source of all three operations in turn.
func (b *bench) newMixture() source {
	sources := []source{repeat(healthRequest()), newSessions(), repeat(b.refusedRequest())}
	i := 0
	return func() request {
		i++
		return sources[i%len(sources)]()
	}
}

var peakOfStatus = regexp.MustCompile(`(?m)^VmHWM:\s+(\d+) kB$`)

// peakMemoryMB reads Linux's account of the process. Elsewhere the error is fs.ErrNotExist.
func peakMemoryMB(pid int) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	match := peakOfStatus.FindSubmatch(status)
	if match == nil {
		return 0, fs.ErrNotExist
	}
	kB, err := strconv.ParseFloat(string(match[1]), 64)
	return kB * 1024 / 1e6, err
}
