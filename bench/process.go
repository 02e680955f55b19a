package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

const (
	startTimeout = 30 * time.Second
	stopTimeout  = 10 * time.Second
)

// buildProgram builds the product as it is released.
func buildProgram(ctx context.Context, dir string) (string, error) {
	program := filepath.Join(dir, "structural")
	build := exec.CommandContext(ctx, "go", "build", "-tags", "grpcnotrace", "-o", program, "./cmd/structural")
	build.Dir = ".."
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, output)
	}
	return program, nil
}

// process is a server on a port of its own.
type process struct {
	address string
	command *exec.Cmd
	log     string // file with all that it wrote
	exited  chan struct{}
}

// startProgram starts the product on the bench's database. The load comes from this machine, which it takes for a proxy, so
// that each request can be another client's and the limit of sessions does not bite.
func (b *bench) startProgram(ctx context.Context) (*process, error) {
	return b.start(ctx, []string{"DATABASE_URL=" + b.dsn, "RATE_LIMIT_PER_MINUTE=0", "DEMO_SESSIONS=0", "DEMO_QUOTA=0", "TRUSTED_PROXIES=127.0.0.1/32"}, b.program, "serve")
}

// startHandler starts one of this program's own handlers.
func (b *bench) startHandler(ctx context.Context, name string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return b.start(ctx, nil, self, serveCommand, name)
}

// start starts a server that listens on ADDR, and waits until it does answer. It sees nothing else of our environment, which
// might change its settings.
func (b *bench) start(ctx context.Context, environment []string, path string, args ...string) (*process, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	log, err := os.CreateTemp(b.dir, "log-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the child has its own

	command := exec.CommandContext(ctx, path, args...)
	command.Env = append([]string{"PATH=" + os.Getenv("PATH"), "ADDR=" + address}, environment...)
	command.Stdout, command.Stderr = log, log
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = stopTimeout
	if err := command.Start(); err != nil {
		return nil, err
	}
	p := &process{address: address, command: command, log: log.Name(), exited: make(chan struct{})}
	go func() {
		defer close(p.exited)
		_ = command.Wait() // how it ended is of interest only before it is ready, and its log says that better
	}()
	if err := p.awaitReady(ctx); err != nil {
		p.stop()
		output, _ := os.ReadFile(p.log)
		return nil, fmt.Errorf("%s: %w\n%s", filepath.Base(path), err, bytes.TrimSpace(output))
	}
	return p, nil
}

// awaitReady waits for an answer, any will do.
func (p *process) awaitReady(ctx context.Context) error {
	for deadline := time.Now().Add(startTimeout); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.exited:
			return errors.New("ended at once")
		default:
		}
		c, err := dial(ctx, p.address)
		if err != nil {
			continue
		}
		err = c.SetDeadline(time.Now().Add(startTimeout))
		if err == nil {
			err = c.exchange(newRequest(0, http.MethodGet, "/", ""))
		}
		c.Close()
		if err == nil {
			return nil
		}
	}
	return fmt.Errorf("does not answer within %v", startTimeout)
}

// stop ends the process and waits for it.
func (p *process) stop() {
	_ = p.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(stopTimeout):
		_ = p.command.Process.Kill()
		<-p.exited
	}
}

// freeAddress returns a loopback address that nothing listens on.
func freeAddress(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}
