package server_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestGetHealth_200(t *testing.T) {
	t.Parallel()
	a := newAPI(t, withClock(func() time.Time { return time.Date(2026, 4, 11, 15, 0, 0, 0, time.FixedZone("", 3*3600)) }))
	answer := a.do(get("/health"))
	assert.Equal(t, http.StatusOK, answer.status)
	assert.JSONEq(t, `{"data":{"status":"ok","timestamp":"2026-04-11T12:00:00Z","checks":{"database":"ok"}}}`, string(answer.body))
}

func TestGetHealth_503_UntilTheDatabaseIsBack(t *testing.T) {
	t.Parallel()
	a := newAPILinked(t)
	a.link.Cut()
	answer := a.do(get("/health"))
	assert.Equal(t, http.StatusServiceUnavailable, answer.status)
	assert.Contains(t, string(answer.body), `"status":"degraded"`)
	assert.Contains(t, string(answer.body), `"database":"error"`)
	a.link.Restore()
	assert.Equal(t, http.StatusOK, a.do(get("/health")).status)
}

func TestGetHealth_503_WhenTheDatabaseIsSilent(t *testing.T) {
	t.Parallel()
	a := newAPILinked(t)
	restore := a.link.Silence()
	defer restore()
	assert.Equal(t, http.StatusServiceUnavailable, a.do(get("/health")).status)
}
