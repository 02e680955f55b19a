package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// binary is the program, built once.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "structural-program-")
	if err != nil {
		log.Fatal(err)
	}
	binary = filepath.Join(dir, "structural")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		log.Fatal("go build: ", err)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// program is a running `structural serve`.
type program struct {
	t   *testing.T
	cmd *exec.Cmd
	url string // base path included

	mu     sync.Mutex
	output strings.Builder
	ended  chan struct{}
}

// start runs `structural serve` with these variables (NAME=value) and waits until it serves.
func start(t *testing.T, environment ...string) *program {
	t.Helper()
	cmd := exec.Command(binary, "serve")
	cmd.Env = append(os.Environ(), append([]string{"ADDR=127.0.0.1:0", "LOG_FORMAT=json", "TRUSTED_PROXIES=127.0.0.1"}, environment...)...)
	return startCommand(t, cmd)
}

// startCommand runs a command that is `structural serve` with LOG_FORMAT=json, and waits until it serves.
func startCommand(t *testing.T, cmd *exec.Cmd) *program {
	t.Helper()
	p := &program{t: t, cmd: cmd, ended: make(chan struct{})}
	stderr, err := p.cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	t.Cleanup(p.stop)

	serving := make(chan string, 1)
	go func() {
		defer close(p.ended)
		for scanner := bufio.NewScanner(stderr); scanner.Scan(); {
			p.mu.Lock()
			p.output.WriteString(scanner.Text() + "\n")
			p.mu.Unlock()
			var line struct{ Msg, URL string }
			if json.Unmarshal(scanner.Bytes(), &line) == nil && line.Msg == "serving" {
				serving <- line.URL
			}
		}
		p.cmd.Wait()
	}()
	select {
	case p.url = <-serving:
	case <-p.ended:
		require.Fail(t, "the program ended at its start", p.log())
	case <-time.After(time.Minute):
		require.Fail(t, "the program does not serve", p.log())
	}
	return p
}

func (p *program) log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.output.String()
}

// wait waits for the program's end and returns its exit code.
func (p *program) wait() int {
	select {
	case <-p.ended:
	case <-time.After(time.Minute):
		assert.Fail(p.t, "the program does not end", p.log())
		p.kill()
	}
	return p.cmd.ProcessState.ExitCode()
}

func (p *program) stop() {
	p.cmd.Process.Signal(syscall.SIGTERM)
	p.wait()
}

func (p *program) kill() {
	p.cmd.Process.Kill()
	<-p.ended
}

// dataDir makes a directory that the user that runs PostgreSQL can reach, and checks in the end that no server is left in it.
func dataDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "structural-data-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() {
		assert.Eventually(t, func() bool { return len(servers(t, dir)) == 0 }, 10*time.Second, 50*time.Millisecond, "a stray PostgreSQL is left")
		os.RemoveAll(dir)
	})
	return dir
}

// servers lists the command lines of the PostgreSQL servers that run on the data in dir. A process that a server has just forked
// has the server's own command line for a moment: it is not listed.
func servers(t *testing.T, dir string) []string {
	t.Helper()
	list, err := exec.Command("ps", "-axww", "-o", "pid=,ppid=,args=").Output()
	require.NoError(t, err)
	type process struct{ parent, line string }
	found := map[string]process{}
	for line := range strings.Lines(string(list)) {
		fields := strings.Fields(line)
		if len(fields) > 2 && filepath.Base(fields[2]) == "postgres" && strings.Contains(line, dir) {
			found[fields[0]] = process{fields[1], strings.Join(fields[2:], " ")}
		}
	}
	var lines []string
	for _, p := range found {
		if _, forked := found[p.parent]; !forked {
			lines = append(lines, p.line)
		}
	}
	return lines
}

var client = &http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

// call sends a request and returns the status and the body; status 0 if there was no answer.
func (p *program) call(method, path, key string, header ...string) (status int, body string) {
	req, err := http.NewRequestWithContext(context.Background(), method, p.url+path, nil)
	if err != nil {
		return 0, err.Error()
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return send(req)
}

func send(req *http.Request) (status int, body string) {
	resp, err := client.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(text)
}

// createSession asks for a demo session as the i-th client, whom no other's rate limit touches.
func (p *program) createSession(i int) (status int, key string) {
	status, body := p.call(http.MethodPost, "/demo/session", "", "X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", i>>16&255, i>>8&255, i&255))
	var created struct {
		Data struct {
			APIKey string `json:"api_key"`
		}
	}
	json.Unmarshal([]byte(body), &created)
	return status, created.Data.APIKey
}
