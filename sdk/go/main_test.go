package structural_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"structural.app/structural/sdk/go"
)

// baseURL is where the tests' own server serves.
var baseURL string

func TestMain(m *testing.M) {
	code, err := withServer(m.Run)
	if err != nil {
		log.Fatal(err)
	}
	os.Exit(code)
}

// withServer builds the program of this repository, and runs the tests while it serves.
func withServer(run func() int) (int, error) {
	dir, err := os.MkdirTemp("", "structural-sdk-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil { // PostgreSQL may run as another user
		return 0, err
	}
	binary := filepath.Join(dir, "structural")
	build := exec.Command("go", "build", "-o", binary, "./cmd/structural")
	build.Dir = filepath.Join("..", "..")
	if output, err := build.CombinedOutput(); err != nil {
		return 0, errors.New(string(output))
	}

	server := exec.Command(binary, "serve")
	server.Env = append(os.Environ(), "ADDR=127.0.0.1:0", "LOG_FORMAT=json", "TRUSTED_PROXIES=127.0.0.1",
		"DATABASE_URL=", "REDIS_URL=", "DATA_DIR="+filepath.Join(dir, "data"))
	stderr, err := server.StderrPipe()
	if err != nil {
		return 0, err
	}
	if err := server.Start(); err != nil {
		return 0, err
	}
	serving, output := make(chan string, 1), make(chan string, 1)
	go func() {
		var read string
		for scanner := bufio.NewScanner(stderr); scanner.Scan(); {
			read += scanner.Text() + "\n"
			var line struct{ Msg, URL string }
			if json.Unmarshal(scanner.Bytes(), &line) == nil && line.Msg == "serving" {
				serving <- line.URL
			}
		}
		output <- read
	}()
	defer server.Wait()
	defer server.Process.Signal(syscall.SIGTERM)
	select {
	case baseURL = <-serving:
		return run(), nil
	case read := <-output:
		return 0, errors.New("the program ended at its start: " + read)
	case <-time.After(time.Minute):
		return 0, errors.New("the program does not serve")
	}
}

// session is the one that all tests share that don't change objects: sessions are limited to 5 a minute.
var session = sync.OnceValues(func() (*structural.DemoSession, error) { return newSession() })

// newAPI returns a client with a session in which both platforms are connected.
func newAPI(t *testing.T) *structural.Client {
	t.Helper()
	session, err := session()
	require.NoError(t, err)
	return structural.New(baseURL, structural.WithAPIKey(session.APIKey))
}
