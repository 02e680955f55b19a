package main

import (
	"container/list"
	"net"
	"net/http"
	"sync"
)

// maxConnections is how many connections clients may hold open with one listener. Each takes a file descriptor and some 20 KB.
const maxConnections = 8192

// connections bounds the connections of a server. While there are too many, a new one takes the place of the one that has been idle
// for longest; where none is idle, it is closed at once.
type connections struct {
	most int

	mu   sync.Mutex
	open map[net.Conn]*list.Element // in idle; nil: it is not idle
	idle *list.List                 // of net.Conn, the longest idle first
}

func newConnections(most int) *connections {
	return &connections{most: most, open: map[net.Conn]*list.Element{}, idle: list.New()}
}

// changed is an [http.Server.ConnState].
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	if surplus := c.count(conn, state); surplus != nil {
		_ = surplus.Close() // it is of no more use, whatever becomes of it
	}
}

// count follows a connection, and returns one that must be closed to make room, nil if none.
func (c *connections) count(conn net.Conn, state http.ConnState) (surplus net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if place := c.open[conn]; place != nil {
		c.idle.Remove(place)
	}
	switch state {
	case http.StateClosed, http.StateHijacked:
		delete(c.open, conn)
	case http.StateIdle:
		c.open[conn] = c.idle.PushBack(conn)
	case http.StateNew, http.StateActive:
		c.open[conn] = nil
	}
	if len(c.open) <= c.most || state != http.StateNew {
		return nil
	}
	surplus = conn
	if longest := c.idle.Front(); longest != nil {
		surplus = c.idle.Remove(longest).(net.Conn)
	}
	delete(c.open, surplus)
	return surplus
}
