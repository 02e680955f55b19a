package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/store/embedded"
)

func TestOperations_MetricsCountWhatIsDone(t *testing.T) {
	t.Parallel()
	p := start(t, "DATA_DIR="+dataDir(t))
	fresh := p.metrics(t)
	assert.Equal(t, "0", fresh[`structural_http_requests_total{operation_id="connectPlatform",status="500"}`], "there before it happens")

	status, key := p.createSession(1)
	require.Equal(t, http.StatusCreated, status)
	for range 5 {
		p.createSession(1)
	}
	status, body := p.post("/connect", key, `{"platform":"procore"}`)
	require.Equal(t, http.StatusOK, status, body)
	p.call(http.MethodGet, "/nothing/"+key, "")
	p.callRoot(t, "/livez")

	counted := p.metrics(t)
	for series, want := range map[string]string{
		`structural_http_requests_total{operation_id="createDemoSession",status="201"}`:               "5",
		`structural_http_requests_total{operation_id="createDemoSession",status="429"}`:               "1",
		`structural_http_requests_total{operation_id="connectPlatform",status="200"}`:                 "1",
		`structural_http_requests_total{operation_id="none",status="404"}`:                            "1",
		`structural_http_request_duration_seconds_count{operation_id="createDemoSession"}`:            "6",
		`structural_http_requests_in_flight`:                                                          "0",
		`structural_rate_limit_decisions_total{count="own",decision="admitted",limit="demo-session"}`: "5",
		`structural_rate_limit_decisions_total{count="own",decision="refused",limit="demo-session"}`:  "1",
		`structural_connect_records_total{platform="procore"}`:                                        "38",
		`structural_connect_duration_seconds_count{platform="procore"}`:                               "1",
		`structural_connect_records_total{platform="dynamics"}`:                                       "0",
		`go_sql_max_open_connections{db_name="requests"}`:                                             "20",
		`go_sql_max_open_connections{db_name="loading"}`:                                              "8",
	} {
		assert.Equal(t, want, counted[series], series)
	}
	all := strings.Join(slices.Collect(maps.Keys(counted)), "\n")
	assert.NotContains(t, all, key[8:20])
	assert.NotContains(t, all, "nothing")
	assert.Eventually(t, func() bool { return strings.Count(p.log(), `"msg":"request"`) == 8 }, 10*time.Second, 10*time.Millisecond, "probes are not logged")
}

var metricNames = regexp.MustCompile(`\b(structural|go|process)_[a-z_]+\b`)

// The dashboard asks for nothing that the program does not expose, and the documentation lists the program's own metrics.
func TestOperations_DashboardAndDocumentationNameTheMetrics(t *testing.T) {
	t.Parallel()
	exposed := map[string]bool{}
	for series := range start(t, "DATA_DIR="+dataDir(t)).metrics(t) {
		name, _, _ := strings.Cut(series, "{")
		exposed[name] = true
	}

	file, err := os.ReadFile("../../deploy/grafana/structural.json")
	require.NoError(t, err)
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	require.NoError(t, json.Unmarshal(file, &dashboard))
	asked := map[string]bool{}
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			names := metricNames.FindAllString(target.Expr, -1)
			assert.NotEmpty(t, names, "%s: %s", panel.Title, target.Expr)
			for _, name := range names {
				assert.True(t, exposed[name], "%s: no metric %s", panel.Title, name)
				asked[name] = true
			}
		}
	}

	document, err := os.ReadFile("../../docs/operations.md")
	require.NoError(t, err)
	for _, block := range regexp.MustCompile("(?ms)^```promql\n(.*?)^```$").FindAllStringSubmatch(string(document), -1) {
		for _, name := range metricNames.FindAllString(block[1], -1) {
			assert.True(t, exposed[name], "docs/operations.md: no metric %s", name)
		}
	}
	family := func(name string) string {
		return regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(name, "")
	}
	listed, own := map[string]bool{}, map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(structural_[a-z_]+)` \\|").FindAllStringSubmatch(string(document), -1) {
		listed[row[1]] = true
	}
	for name := range exposed {
		if strings.HasPrefix(name, "structural_") {
			own[family(name)] = true
		}
	}
	assert.Equal(t, own, listed)
	shown := map[string]bool{}
	for name := range asked {
		shown[family(name)] = true
	}
	for name := range own {
		assert.True(t, shown[name], "the dashboard does not show %s", name)
	}
}

func TestOperations_MetricsOnAListenerOfTheirOwn(t *testing.T) {
	t.Parallel()
	p := start(t, "DATA_DIR="+dataDir(t), "METRICS_ADDRESS=127.0.0.1:0")
	status, body := p.callRoot(t, "/metrics")
	assert.Equal(t, http.StatusNotFound, status)
	assert.Contains(t, body, `"type":"NOT_FOUND"`)

	url := regexp.MustCompile(`"msg":"serving metrics","url":"([^"]+)"`).FindStringSubmatch(p.log())
	require.NotNil(t, url, p.log())
	status, body = fetch(t, url[1])
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, body, "structural_build_info{")
	status, _ = fetch(t, strings.Replace(url[1], "/metrics", "/api/v1/health", 1))
	assert.Equal(t, http.StatusNotFound, status, "the API is not there")
}

func TestOperations_ReadyWhileTheDatabaseAnswers(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	db := startDatabase(t, dir)
	p := start(t, "DATABASE_URL="+db.DSN(embedded.Database))
	assert.Equal(t, "200 ok", p.probe(t, "/readyz"))
	assert.NoError(t, health(p).Run())

	require.NoError(t, db.Stop())
	require.Eventually(t, func() bool { return p.probe(t, "/readyz") == "503 the database does not answer" }, 10*time.Second, 10*time.Millisecond)
	assert.Equal(t, "200 ok", p.probe(t, "/livez"), "to start it again would not help")
	output, err := health(p).CombinedOutput()
	assert.Error(t, err)
	assert.Equal(t, "structural: the database does not answer\n", string(output))

	db = startDatabase(t, dir)
	defer db.Stop()
	assert.Eventually(t, func() bool { return p.probe(t, "/readyz") == "200 ok" }, 10*time.Second, 10*time.Millisecond)
	p.stop()
	assert.Error(t, health(p).Run(), "nobody listens")
}

// First it says that it is not ready, and still serves; then it stops.
func TestOperations_NotReadyBeforeItStops(t *testing.T) {
	t.Parallel()
	p := start(t, "DATA_DIR="+dataDir(t), "SHUTDOWN_DELAY=6s")
	assert.Equal(t, "200 ok", p.probe(t, "/readyz"))
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	require.Eventually(t, func() bool { return p.probe(t, "/readyz") == "503 stopping" }, 5*time.Second, time.Millisecond)
	assert.Equal(t, "200 ok", p.probe(t, "/livez"))

	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/demo/session", nil)
	require.NoError(t, err)
	resp, err := client.Do(req)
	require.NoError(t, err)
	resp.Body.Close()
	assert.Equal(t, http.StatusCreated, resp.StatusCode, "new requests are still answered")
	assert.True(t, resp.Close, "and their clients sent elsewhere")
	assert.Equal(t, 0, p.wait(), p.log())
}

// metrics reads /metrics: values by series.
func (p *program) metrics(t *testing.T) map[string]string {
	t.Helper()
	status, body := p.callRoot(t, "/metrics")
	require.Equal(t, http.StatusOK, status)
	series := map[string]string{}
	for line := range strings.Lines(body) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "} "); ok && !strings.HasPrefix(line, "#") {
			series[name+"}"] = value
		} else if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok && !strings.HasPrefix(line, "#") {
			series[name] = value
		}
	}
	return series
}

// callRoot gets a path outside the API's.
func (p *program) callRoot(t *testing.T, path string) (status int, body string) {
	t.Helper()
	return fetch(t, strings.TrimSuffix(p.url, "/api/v1")+path)
}

func (p *program) probe(t *testing.T, path string) string {
	t.Helper()
	status, body := p.callRoot(t, path)
	return fmt.Sprint(status, " ", strings.TrimSpace(body))
}

func fetch(t *testing.T, url string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	resp, err := client.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(text)
}

// startDatabase starts PostgreSQL on the data in dir.
func startDatabase(t *testing.T, dir string) *embedded.Server {
	t.Helper()
	db, err := embedded.Start(context.Background(), embedded.Config{DataDir: dir, Fast: true, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	return db
}

// health runs `structural health` for a program.
func health(p *program) *exec.Cmd {
	cmd := exec.Command(binary, "health")
	cmd.Env = append(os.Environ(), "ADDR="+strings.TrimSuffix(strings.TrimPrefix(p.url, "http://"), "/api/v1"))
	return cmd
}
