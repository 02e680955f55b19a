package openapi

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"structural.app/structural/server/budget"
	"structural.app/structural/server/compression"
)

// Options of [Document.Middleware].
type Options struct {
	// MaxBodyBytes is the largest request body that is read.
	MaxBodyBytes int64
	// MaxStreamBytes is the same for a body of lines, which the handler reads as it comes.
	MaxStreamBytes int64
	// StreamIdle is for how long such a body may send nothing.
	StreamIdle time.Duration
	// Authenticators check credentials, by the name of the security scheme: nil lets the request pass. The error of one that
	// fails is the answer.
	Authenticators map[string]func(echo.Context) error
	// Admit is asked once the caller is known, before anything else of the request is read. Optional.
	Admit func(echo.Context, *Operation) error
	// Reservation returns what the request's memory is reserved by; nil: it is not bounded. Optional.
	Reservation func(echo.Context, *Operation) *budget.Reservation
	// InvalidResponse is told how a response breaks the document, and returns the error to answer instead.
	InvalidResponse func(echo.Context, *Operation, error) error
}

// Middleware returns the middleware that holds every operation to the document. It must be added with Echo.Use, so that no
// route is without it. Requests that match no operation go on to Echo's own 404 and 405.
//
// The error names a security scheme that the document asks for and options has no authenticator for.
func (d *Document) Middleware(options Options) (echo.MiddlewareFunc, error) {
	for _, op := range d.operations {
		for _, requirement := range op.security {
			for scheme := range requirement {
				if options.Authenticators[scheme] == nil {
					return nil, fmt.Errorf("%s: no authenticator for security scheme %s", op.ID, scheme)
				}
			}
		}
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			op := d.OperationOf(c)
			if op == nil {
				return next(c)
			}
			return op.serve(c, next, &options)
		}
	}, nil
}

func (op *Operation) serve(c echo.Context, next echo.HandlerFunc, options *Options) error {
	e := exchanges.Get().(*exchange)
	defer e.release()
	e.reservation = nil
	if options.Reservation != nil {
		e.reservation = options.Reservation(c, op)
		defer e.reservation.Release()
	}

	response := c.Response()
	writer := response.Writer
	e.response.ResponseWriter, e.response.operation = writer, op
	response.Writer = &e.response
	done := false
	defer func() {
		response.Writer = writer
		// A panic passes through: nothing has been sent, whatever the handler wrote.
		response.Committed = response.Committed && (done || e.response.streaming)
	}()

	if err := op.handle(c, e, writer, next, options); err != nil {
		c.Error(err)
	}
	if e.response.streaming {
		done = true
		return nil
	}
	violation := op.CheckResponse(e.response.status, response.Header(), e.response.body.Bytes(), e.scratch[:0])
	if violation != nil {
		e.response.reset(response)
		c.Error(options.InvalidResponse(c, op, violation))
	}
	op.vary(e.response.status, response.Header())
	done = true
	// A client that reads slowly holds its answer, and nothing else.
	e.reservation.Shrink(int64(e.response.body.Len()))
	return e.response.send(c.Request())
}

// vary says of a response that the request's Accept chose its form.
func (op *Operation) vary(status int, header http.Header) {
	if r := op.responses[status]; r != nil && len(r.tables) > 0 {
		header.Add(echo.HeaderVary, echo.HeaderAccept)
	}
}

func (op *Operation) handle(c echo.Context, e *exchange, w http.ResponseWriter, next echo.HandlerFunc, options *Options) error {
	ctx := c.Request().Context()
	if err := e.reservation.Grow(ctx, budget.Small); err != nil {
		return err
	}
	if err := op.authenticate(c, options.Authenticators); err != nil {
		return err
	}
	if options.Admit != nil {
		if err := options.Admit(c, op); err != nil {
			return err
		}
	}
	if err := op.checkParameters(c, e.scratch[:0]); err != nil {
		return err
	}
	if op.body != nil && op.body.lines {
		if err := op.openStream(w, c.Request(), options); err != nil {
			return err
		}
		return next(c)
	}
	if err := op.readBody(w, c.Request(), e, options.MaxBodyBytes); err != nil {
		return err
	}
	if err := op.checkBody(c.Request(), e.requestBody.Bytes()); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err // whoever asked has gone
	}
	return next(c)
}

// authenticate enforces the document's security requirements: one of them must hold, and one holds when all its schemes do.
func (op *Operation) authenticate(c echo.Context, authenticators map[string]func(echo.Context) error) error {
	var refused error
	for _, requirement := range op.security {
		if refused = meets(requirement, c, authenticators); refused == nil {
			return nil
		}
	}
	return refused
}

func meets(requirement openapi3.SecurityRequirement, c echo.Context, authenticators map[string]func(echo.Context) error) error {
	for scheme := range requirement {
		if err := authenticators[scheme](c); err != nil {
			return err
		}
	}
	return nil
}

// exchange holds the bodies of one request and its response. They are used again by later requests.
type exchange struct {
	reservation *budget.Reservation
	requestBody bytes.Buffer
	response    recorder
	scratch     [128]byte // where a parameter becomes JSON
}

var exchanges = sync.Pool{New: func() any { return new(exchange) }}

// release keeps the buffers, unless a large body made them large.
func (e *exchange) release() {
	const large = 64 << 10
	if e.requestBody.Cap() > large || e.response.body.Cap() > large || e.response.compressed.Cap() > large {
		return
	}
	e.reservation = nil
	e.requestBody.Reset()
	e.response = recorder{body: e.response.body, compressed: e.response.compressed}
	e.response.body.Reset()
	e.response.compressed.Reset()
	exchanges.Put(e)
}

// recorder keeps a response back until it has been checked. Headers go straight to the real one, which sends nothing before
// its WriteHeader.
type recorder struct {
	http.ResponseWriter
	operation  *Operation
	status     int
	body       bytes.Buffer
	compressed bytes.Buffer
	streaming  bool // what was written is sent, and so is all that follows
}

func (r *recorder) WriteHeader(status int) { r.status = status }

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	if r.streaming {
		return r.ResponseWriter.Write(b)
	}
	return r.body.Write(b)
}

// FlushError sends what was written, and from now on all that is, as it is written: a table that is too large to be kept back. Its status
// and its headers are checked first. A JSON body is not sent before it has been checked.
func (r *recorder) FlushError() error {
	if r.streaming {
		return http.NewResponseController(r.ResponseWriter).Flush()
	}
	header := r.Header()
	if mediaTypeOf(header) == mediaTypeJSON {
		return http.ErrNotSupported
	}
	if err := r.operation.CheckResponse(r.status, header, r.body.Bytes(), nil); err != nil {
		return err
	}
	r.operation.vary(r.status, header)
	r.streaming = true
	r.ResponseWriter.WriteHeader(r.status)
	_, err := r.ResponseWriter.Write(r.body.Bytes())
	return err
}

// reset drops what the handler wrote, and its headers but those that CORS needs.
func (r *recorder) reset(response *echo.Response) {
	r.status = 0
	r.body.Reset()
	response.Committed = false
	response.Size = 0
	for name := range r.Header() {
		if !strings.HasPrefix(name, "Access-Control-") && name != "Vary" {
			r.Header().Del(name)
		}
	}
}

// compressible is the size in bytes above which a body is sent compressed to whoever takes that.
const compressible = 1 << 10

// send sends what has been checked: compressed if it is large, without its body to HEAD.
func (r *recorder) send(request *http.Request) error {
	header, body := r.Header(), r.body.Bytes()
	// What has a key in it is not compressed: the length would tell of it.
	secret := strings.Contains(header.Get(echo.HeaderCacheControl), "no-store")
	if r.status == http.StatusNotModified || len(body) > compressible && !secret {
		header.Add(echo.HeaderVary, echo.HeaderAcceptEncoding)
	}
	if len(body) > compressible && !secret && compression.Accepted(request.Header) {
		if err := compression.Gzip(&r.compressed, body); err != nil {
			return err
		}
		header.Set(echo.HeaderContentEncoding, "gzip")
		body = r.compressed.Bytes()
	}
	// net/http tells the length of what fits into its buffer by itself.
	head := request.Method == http.MethodHead
	if len(body) > 2048 || head && len(body) > 0 {
		header.Set(echo.HeaderContentLength, strconv.Itoa(len(body)))
	}
	r.ResponseWriter.WriteHeader(r.status)
	if head || len(body) == 0 {
		return nil
	}
	_, err := r.ResponseWriter.Write(body)
	return err
}
