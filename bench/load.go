package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"strconv"
	"sync"
	"time"
)

// clients is how many connections the load comes from.
const clients = 16

// request is an HTTP/1.1 request as it is sent, and the status it must be answered with; 0 is any.
type request struct {
	text   []byte
	status int
}

// source returns the next request of one client. The client is done with it before it asks for the next.
type source func() request

// repeat is a source of one request.
func repeat(r request) source { return func() request { return r } }

// newRequest writes a request to any local server.
func newRequest(status int, method, path, body string, headers ...string) request {
	var text bytes.Buffer
	fmt.Fprintf(&text, "%s %s HTTP/1.1\r\nHost: localhost\r\n", method, path)
	for _, header := range headers {
		text.WriteString(header + "\r\n")
	}
	if body != "" {
		fmt.Fprintf(&text, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	text.WriteString("\r\n" + body)
	return request{text.Bytes(), status}
}

// load sends requests from n clients at once, each its next as soon as the last is answered, and returns the rate per second.
func load(ctx context.Context, address string, n int, duration time.Duration, newSource func() source) (float64, error) {
	conns := make([]*conn, n)
	for i := range conns {
		c, err := dial(ctx, address)
		if err != nil {
			return 0, err
		}
		defer c.Close()
		defer context.AfterFunc(ctx, func() { c.Close() })()
		conns[i] = c
	}

	counts := make([]int, n)
	errs := make([]error, n)
	start := time.Now()
	var running sync.WaitGroup
	for i, c := range conns {
		running.Go(func() {
			for next := newSource(); time.Since(start) < duration && errs[i] == nil; counts[i]++ {
				errs[i] = c.exchange(next())
			}
		})
	}
	running.Wait()
	took := time.Since(start)
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	total := 0
	for _, count := range counts {
		total += count
	}
	return float64(total) / took.Seconds(), errors.Join(errs...)
}

// conn is a client that costs as little as it can, since it shares the machine with the server: it reads no more of an answer
// than it must.
type conn struct {
	net.Conn
	reader *bufio.Reader
}

func dial(ctx context.Context, address string) (*conn, error) {
	c, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &conn{c, bufio.NewReader(c)}, nil
}

// exchange sends a request and reads the answer to its end.
func (c *conn) exchange(r request) error {
	if _, err := c.Write(r.text); err != nil {
		return err
	}
	line, err := c.reader.ReadSlice('\n')
	if err != nil {
		return err
	}
	if len(line) < len("HTTP/1.1 200") {
		return fmt.Errorf("not an HTTP answer: %q", line)
	}
	status, err := strconv.Atoi(string(line[9:12]))
	if err != nil {
		return fmt.Errorf("not an HTTP answer: %q", line)
	}
	length, chunked := 0, false
	for {
		if line, err = c.reader.ReadSlice('\n'); err != nil {
			return err
		}
		if len(line) <= len("\r\n") {
			break
		}
		// As Go's server spells them.
		if value, found := bytes.CutPrefix(line, []byte("Content-Length: ")); found {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return err
			}
		}
		chunked = chunked || bytes.HasPrefix(line, []byte("Transfer-Encoding: chunked"))
	}
	if r.status != 0 && status != r.status {
		body, _ := c.reader.Peek(min(length, c.reader.Buffered()))
		return fmt.Errorf("answered %d, not %d: %s", status, r.status, body)
	}
	if chunked {
		if _, err = io.Copy(io.Discard, httputil.NewChunkedReader(c.reader)); err == nil {
			_, err = c.reader.ReadSlice('\n') // the end of the last chunk
		}
		return err
	}
	_, err = c.reader.Discard(length)
	return err
}
