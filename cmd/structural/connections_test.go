package main

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestConnections_ANewOneTakesThePlaceOfTheLongestIdle(t *testing.T) {
	t.Parallel()
	working, finish := make(chan struct{}), make(chan struct{})
	s := newHTTPServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/work" {
			working <- struct{}{}
			<-finish
		}
	}), slog.New(slog.DiscardHandler))
	limit := newConnections(3)
	idle := make(chan struct{}, 10)
	s.ConnState = func(c net.Conn, state http.ConnState) {
		limit.changed(c, state)
		if state == http.StateIdle {
			idle <- struct{}{}
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go s.Serve(listener)
	defer s.Close()

	ask := func(c net.Conn, path string) { _, _ = io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n") }
	answered := func(c net.Conn) bool {
		require.NoError(t, c.SetReadDeadline(time.Now().Add(10*time.Second)))
		answer, err := http.ReadResponse(bufio.NewReader(c), nil)
		return err == nil && answer.StatusCode == http.StatusOK
	}
	dial := func() net.Conn {
		c, err := net.Dial("tcp", listener.Addr().String())
		require.NoError(t, err)
		t.Cleanup(func() { c.Close() })
		return c
	}
	first, second, third := dial(), dial(), dial()
	for _, c := range []net.Conn{first, second} {
		ask(c, "/")
		require.True(t, answered(c))
		<-idle
	}
	ask(third, "/work")
	<-working

	fourth := dial()
	ask(fourth, "/work")
	<-working
	assert.False(t, answered(first), "the longest idle is closed")
	ask(second, "/work")
	<-working // still open
	fifth := dial()
	ask(fifth, "/")
	assert.False(t, answered(fifth), "none is idle")
	close(finish)
	for _, c := range []net.Conn{second, third, fourth} {
		assert.True(t, answered(c), "whoever is served stays so")
	}
	s.Close()
	assert.Eventually(t, func() bool {
		limit.mu.Lock()
		defer limit.mu.Unlock()
		return len(limit.open) == 0 && limit.idle.Len() == 0
	}, 10*time.Second, time.Millisecond)
}
