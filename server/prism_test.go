//go:build prism

package server_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPrism sends the traffic of TestContract through Prism's validating proxy, an OpenAPI implementation that shares nothing
// with ours. It finds violations of its own in the responses, and must find none; in the requests it may, where the scenario
// is of a bad request. PRISM names the program.
func TestPrism(t *testing.T) {
	var target atomic.Pointer[url.URL] // the scenario's server
	upstream := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target.Load())
		r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"]
	}})
	defer upstream.Close()
	proxy := startPrism(t, upstream.URL)

	for _, s := range scenarios {
		t.Run(s.name(), func(t *testing.T) {
			a := s.newAPI(t)
			u, err := url.Parse(a.url)
			require.NoError(t, err)
			target.Store(u)

			answer := send(t, proxy, s.request(a))
			assert.Equal(t, s.status, answer.status, "%s", answer.body)
			assertMeetsContract(t, s.operation, answer)
			for _, violation := range violations(t, answer.header) {
				badRequest := s.status >= 400 && s.status < 500 && violation.Location[0] == "request"
				assert.True(t, badRequest, "%+v", violation)
			}
		})
	}
}

type violation struct {
	Location []string
	Severity string
	Message  string
}

func violations(t *testing.T, header http.Header) []violation {
	t.Helper()
	text := header.Get("Sl-Violations")
	if text == "" {
		return nil
	}
	var found []violation
	require.NoError(t, json.Unmarshal([]byte(text), &found), text)
	return found
}

// startPrism starts the proxy on a port of its choice, and returns its URL.
func startPrism(t *testing.T, upstream string) string {
	t.Helper()
	document, err := filepath.Abs("../openapi.yaml")
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), os.Getenv("PRISM"), "proxy", document, upstream, "--port", "0", "--host", "127.0.0.1")
	output, err := cmd.StdoutPipe()
	require.NoError(t, err)
	cmd.Stderr = os.Stderr
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })

	ready := make(chan string, 1)
	go func() {
		listening := regexp.MustCompile(`listening on (http://[0-9.:]+)`)
		for scanner := bufio.NewScanner(output); scanner.Scan(); {
			if found := listening.FindStringSubmatch(scanner.Text()); found != nil {
				ready <- found[1]
			}
		}
	}()
	select {
	case proxy := <-ready:
		return proxy
	case <-time.After(time.Minute):
		require.Fail(t, "Prism does not start")
		return ""
	}
}
