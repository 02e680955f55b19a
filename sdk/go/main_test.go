package structural_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	structural "structural.app/structural/sdk/go"
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

// fromElsewhere has requests come from an address of their own: sessions are limited to 5 a minute for each.
func fromElsewhere() structural.Option {
	return structural.WithHTTPClient(&http.Client{Transport: elsewhere(fmt.Sprintf("2001:db8:%x:%x::1", rand.Uint32N(1<<16), rand.Uint32N(1<<16)))})
}

type elsewhere string

func (e elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("X-Forwarded-For", string(e))
	return http.DefaultTransport.RoundTrip(r)
}

// newAPI returns a client with a session of its own in which both platforms are connected.
func newAPI(t *testing.T) *structural.Client {
	t.Helper()
	session, err := structural.New(baseURL, fromElsewhere()).CreateDemoSession(t.Context())
	require.NoError(t, err)
	api := structural.New(baseURL, structural.WithAPIKey(session.APIKey))
	for _, platform := range []structural.Platform{structural.PlatformDynamics, structural.PlatformProcore} {
		_, err := api.ConnectPlatform(t.Context(), structural.ConnectRequest{Platform: platform})
		require.NoError(t, err)
	}
	return api
}
