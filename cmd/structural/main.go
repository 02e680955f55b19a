// Command structural serves the Structural API, manages its keys, and translates records without a server.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
)

// gcPercent lets the heap grow to three times what is live before it is collected: what is live is a few megabytes, so that
// this costs little memory, and a third of the processor time of collecting.
const gcPercent = 200

// The exit codes beside 0.
const (
	exitFailure = 1 // it could not be done
	exitUsage   = 2 // the program was called wrongly
)

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := rootCommand().ExecuteContext(ctx)
	if err == nil {
		return
	}
	if !errors.Is(err, errReported) {
		for line := range strings.Lines(err.Error()) {
			fmt.Fprintln(os.Stderr, "structural:", strings.TrimSuffix(line, "\n"))
		}
	}
	if _, ok := errors.AsType[usageError](err); ok {
		os.Exit(exitUsage)
	}
	os.Exit(exitFailure)
}

// errReported fails a command that has said why on standard error already.
var errReported = errors.New("reported on standard error")

// usageError is a mistake of whoever called the program.
type usageError struct{ error }

func usageErrorf(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }
