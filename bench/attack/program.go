package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// program is a running `structural serve`.
type program struct {
	url     string // base path included
	command *exec.Cmd
	logged  atomic.Int64 // bytes
	highest atomic.Int64 // what peak has seen
	exited  chan struct{}
}

// build builds the program as it is released.
func build(ctx context.Context, dir string) (string, error) {
	path := filepath.Join(dir, "structural")
	command := exec.CommandContext(ctx, "go", "build", "-tags", "grpcnotrace", "-o", path, "./cmd/structural")
	command.Dir = ".."
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, output)
	}
	return path, nil
}

var serving = regexp.MustCompile(`"msg":"serving".*"url":"([^"]+)"`)

// start starts the program, and waits until it serves. This machine is a proxy to it, so that each request can be another client's.
func start(ctx context.Context, path, dsn string, memory int) (*program, error) {
	p := &program{exited: make(chan struct{})}
	p.command = exec.CommandContext(ctx, "sh", "-c", `ulimit -v "$1" && exec "$2" serve`, "sh", strconv.Itoa(memory<<20), path)
	p.command.Env = []string{"PATH=" + os.Getenv("PATH"), "ADDR=127.0.0.1:0", "LOG_FORMAT=json", "TRUSTED_PROXIES=127.0.0.1/32", "DATABASE_URL=" + dsn}
	stderr, err := p.command.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	url := make(chan string, 1)
	go func() {
		defer close(p.exited)
		p.readLog(stderr, url)
		_ = p.command.Wait() // that it ended is what counts
	}()
	select {
	case p.url = <-url:
		return p, nil
	case <-p.exited:
		return nil, errors.New("the program ended at its start")
	case <-time.After(time.Minute):
		p.stop()
		return nil, errors.New("the program does not serve")
	}
}

// readLog counts what the program writes; a line may be hundreds of megabytes long.
func (p *program) readLog(stderr io.Reader, url chan<- string) {
	reader := bufio.NewReaderSize(stderr, 64<<10)
	for {
		part, err := reader.ReadSlice('\n')
		p.logged.Add(int64(len(part)))
		if found := serving.FindSubmatch(part); found != nil {
			select {
			case url <- string(found[1]):
			default:
			}
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
	}
}

func (p *program) stop() {
	_ = p.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(10 * time.Second):
		_ = p.command.Process.Kill()
		<-p.exited
	}
}

func (p *program) hasEnded() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// forgetPeak makes peak begin anew (proc(5), clear_refs). Elsewhere than on Linux there is no peak.
func (p *program) forgetPeak() {
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", p.command.Process.Pid), []byte("5"), 0)
	p.highest.Store(0)
}

// watchPeak looks at the peak until ctx ends: of a program that has ended nothing else can be told.
func (p *program) watchPeak(ctx context.Context) {
	for ctx.Err() == nil {
		p.peak()
		pause(ctx, 100*time.Millisecond)
	}
}

// peak is the most memory that the program had, in bytes; 0 if it cannot be told.
func (p *program) peak() int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		return p.highest.Load()
	}
	for line := range strings.Lines(string(status)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "VmHWM:" {
			kilobytes, _ := strconv.ParseInt(fields[1], 10, 64)
			p.highest.Store(max(p.highest.Load(), kilobytes<<10))
		}
	}
	return p.highest.Load()
}

// transport keeps a connection for each client.
var transport = &http.Transport{MaxIdleConnsPerHost: 4096, DisableCompression: true}
