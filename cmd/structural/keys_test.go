package main

import (
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Keys are managed while the program serves, in its own private database.
func TestKeys(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	keys := func(args ...string) (output, messages string, err error) {
		cmd := exec.Command(binary, append([]string{"keys"}, args...)...)
		cmd.Env = append(os.Environ(), "DATA_DIR="+dir)
		var stdout, stderr strings.Builder
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		err = cmd.Run()
		return stdout.String(), stderr.String(), err
	}
	p := start(t, "DATA_DIR="+dir)

	output, messages, err := keys("create", "--mode", "live", "--name", "Doha Builders")
	require.NoError(t, err, messages)
	key := strings.TrimSpace(output)
	assert.Regexp(t, `^sk_live_[0-9A-Za-z]{36}$`, key, "the key alone on standard output")
	assert.Contains(t, messages, "shown only now")
	status, _ := p.call(http.MethodDelete, "/demo/session", key)
	assert.Equal(t, http.StatusForbidden, status, "a good key that may not do this")

	list, messages, err := keys("list")
	require.NoError(t, err, messages)
	assert.Contains(t, list, "Doha Builders")
	assert.NotContains(t, list, key)
	id := strings.Fields(strings.Split(list, "\n")[1])[0]

	_, messages, err = keys("revoke", id)
	require.NoError(t, err, messages)
	status, _ = p.call(http.MethodDelete, "/demo/session", key)
	assert.Equal(t, http.StatusUnauthorized, status)
	_, messages, err = keys("revoke", id)
	assert.Error(t, err)
	assert.Contains(t, messages, "keys list")
	assert.NotContains(t, p.log(), key)

	for _, args := range [][]string{{"create"}, {"create", "--mode", "demo", "--name", "x"}, {"create", "--mode", "test"}, {"revoke"}} {
		_, messages, err = keys(args...)
		assert.Error(t, err, args)
		assert.NotEmpty(t, messages, args)
	}

	// And while it does not.
	p.stop()
	list, messages, err = keys("list")
	require.NoError(t, err, messages)
	assert.Contains(t, list, id)
}
