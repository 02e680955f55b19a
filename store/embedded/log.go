package embedded

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
)

// logLinePrefix puts the kind of process and the SQLSTATE before PostgreSQL's own "SEVERITY:  text".
const logLinePrefix = "%b|%e|"

const (
	tailLines   = 10
	maxLineSize = 8 << 10 // bytes
)

// systemProcesses are the kinds of process whose messages speak of the server and never of rows. All others run
// statements, or evaluate expressions over rows, and can quote values: `invalid input syntax for type uuid: "…"`.
var systemProcesses = []string{
	"postmaster", "startup", "checkpointer", "background writer", "walwriter", "archiver", "stats collector",
	"autovacuum launcher", "io worker",
}

// serverLog is an io.Writer for PostgreSQL's output: it forwards messages to a logger and keeps the last lines.
type serverLog struct {
	logger *slog.Logger

	mu      sync.Mutex
	partial []byte
	last    []string
}

// Write takes any piece of the output; it never fails.
func (l *serverLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.partial = append(l.partial, p...)
	for {
		line, rest, found := bytes.Cut(l.partial, []byte("\n"))
		if !found {
			break
		}
		l.line(strings.ToValidUTF8(string(line), "?"))
		l.partial = rest
	}
	if len(l.partial) > maxLineSize {
		l.partial = nil
	}
	return len(p), nil
}

// tail gives the last lines, on one line.
func (l *serverLog) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.last) == 0 {
		return "it printed nothing"
	}
	return strings.Join(l.last, " / ")
}

func (l *serverLog) line(line string) {
	if strings.HasPrefix(line, "\t") {
		return // the rest of a message whose first line was dealt with
	}
	fields := strings.SplitN(line, "|", 3)
	if len(fields) < 3 {
		// Printed before the settings were read, or not by PostgreSQL: a missing library, say.
		l.keep(line)
		l.logger.Warn("PostgreSQL", "text", line)
		return
	}
	process, code := fields[0], fields[1]
	severity, text, _ := strings.Cut(fields[2], ":  ")
	level := levelOf(process, code, severity)
	if slices.Contains(systemProcesses, process) || severity == "PANIC" {
		l.keep(severity + ": " + text)
	} else {
		text = "(withheld)"
	}
	l.logger.Log(context.Background(), level, "PostgreSQL",
		"severity", severity, "text", text, "process", process, "sqlstate", code)
}

func (l *serverLog) keep(line string) {
	l.last = append(l.last, line)
	if len(l.last) > tailLines {
		l.last = l.last[1:]
	}
}

// levelOf maps a severity. What a client is told is the client's to log, and SQLSTATE class 57 is what an ordinary stop
// or start tells everyone ("terminating connection due to administrator command").
func levelOf(process, code, severity string) slog.Level {
	clients := process != "autovacuum worker" && !slices.Contains(systemProcesses, process)
	switch {
	case severity == "PANIC":
		return slog.LevelError
	case clients, strings.HasPrefix(code, "57"):
		return slog.LevelDebug
	case severity == "FATAL", severity == "ERROR":
		return slog.LevelError
	case severity == "WARNING":
		return slog.LevelWarn
	default:
		return slog.LevelDebug
	}
}
