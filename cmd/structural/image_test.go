//go:build deployment

package main

import (
	"debug/elf"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/lib/pq"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/store/embedded"
)

// What the Dockerfile builds runs as it runs there: alone on a file system that it can't write to, as a user without rights
// or a name, with nothing in the environment but where the database is. Only root can arrange the first two.
func TestImage_TheProgramNeedsNothingButTheDatabase(t *testing.T) {
	t.Parallel()
	dockerfile, err := os.ReadFile("../../Dockerfile")
	require.NoError(t, err)
	build := regexp.MustCompile(`(?m)^RUN (CGO_ENABLED=0 go build .*) -o /structural (.*)$`).FindStringSubmatch(string(dockerfile))
	require.NotNil(t, build)
	assert.Contains(t, string(dockerfile), "\nFROM scratch\n")
	assert.Contains(t, string(dockerfile), "\nUSER 65532:65532\n")

	root, err := os.MkdirTemp("", "structural-image-")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(root) })
	program := filepath.Join(root, "structural")
	shell := exec.Command("sh", "-c", build[1]+" -o "+program+" "+build[2])
	shell.Dir = "../.."
	output, err := shell.CombinedOutput()
	require.NoError(t, err, "%s", output)
	require.NoError(t, os.Chmod(root, 0o555))

	file, err := elf.Open(program)
	require.NoError(t, err)
	defer file.Close()
	libraries, err := file.ImportedLibraries()
	require.NoError(t, err)
	assert.Empty(t, libraries)
	for _, section := range file.Progs {
		assert.NotEqual(t, elf.PT_INTERP, section.Type, "it needs a dynamic linker")
	}

	db := startDatabase(t, dataDir(t))
	t.Cleanup(func() { assert.NoError(t, db.Stop()) })
	command := func(environment string, args ...string) *exec.Cmd {
		cmd := exec.Command(program, args...)
		cmd.Env = []string{"LOG_FORMAT=json", environment}
		if os.Geteuid() == 0 {
			cmd.Path = "/structural"
			cmd.Dir = "/"
			cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
		}
		return cmd
	}
	serve := command("DATABASE_URL="+overTCP(t, db.DSN(embedded.Database)), "serve")
	serve.Env = append(serve.Env, "ADDR=127.0.0.1:0")
	p := startCommand(t, serve)
	status, key := p.createSession(1)
	require.Equal(t, http.StatusCreated, status)
	status, body := p.post("/connect", key, `{"platform":"procore"}`)
	assert.Equal(t, http.StatusOK, status, body)
	healthy := command("ADDR="+strings.TrimSuffix(strings.TrimPrefix(p.url, "http://"), "/api/v1"), "health")
	output, err = healthy.CombinedOutput()
	assert.NoError(t, err, "%s", output)
	p.stop()
	assert.Equal(t, 0, p.cmd.ProcessState.ExitCode(), p.log())
}

// overTCP makes a server that listens on a socket reachable by TCP, and returns the URL.
func overTCP(t *testing.T, dsn string) string {
	t.Helper()
	cfg, err := pq.NewConfig(dsn)
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer client.Close()
				server, err := net.Dial("unix", filepath.Join(cfg.Host, ".s.PGSQL.5432"))
				if err != nil {
					return
				}
				defer server.Close()
				go func() { io.Copy(server, client); server.Close() }()
				io.Copy(client, server)
			}()
		}
	}()
	return "postgres://" + cfg.User + ":" + cfg.Password + "@" + listener.Addr().String() + "/" + cfg.Database + "?sslmode=disable"
}
