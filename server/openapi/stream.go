package openapi

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

// openStream gives the handler a body of lines as it comes. It may be large and take long: what is bounded is its size, and how long it
// sends nothing. The error of a read that goes beyond is a [*RequestError].
func (op *Operation) openStream(w http.ResponseWriter, r *http.Request, options *Options) error {
	if r.Body == nil || r.ContentLength == 0 {
		if op.body.required {
			return &RequestError{http.StatusBadRequest, []string{"request body is required"}}
		}
		return nil
	}
	if mediaTypeOf(r.Header) != mediaTypeNDJSON {
		return op.unsupportedMediaType()
	}
	if r.ContentLength > options.MaxStreamBytes {
		return tooLarge(options.MaxStreamBytes)
	}
	r.Body = &stream{
		ReadCloser: http.MaxBytesReader(w, r.Body, options.MaxStreamBytes), control: http.NewResponseController(w),
		max: options.MaxStreamBytes, idle: options.StreamIdle,
	}
	return nil
}

// stream is a body of which every read has its own time limit.
type stream struct {
	io.ReadCloser
	control *http.ResponseController
	max     int64
	idle    time.Duration
}

// answerTime is what is left for the work on what was read last, and for the answer. The server's own limits are for small bodies.
const answerTime = time.Minute

// Read reads what has come.
func (s *stream) Read(b []byte) (int, error) {
	now := time.Now()
	// A writer that has no limits needs none set.
	_ = s.control.SetReadDeadline(now.Add(s.idle))
	_ = s.control.SetWriteDeadline(now.Add(s.idle + answerTime))
	n, err := s.ReadCloser.Read(b)
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return n, err
	case isTooLarge(err):
		return n, tooLarge(s.max)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return n, &RequestError{http.StatusBadRequest, []string{"request body has sent nothing for " + s.idle.String()}}
	}
	return n, &RequestError{http.StatusBadRequest, []string{"request body could not be read to its end"}}
}

func isTooLarge(err error) bool {
	_, ok := errors.AsType[*http.MaxBytesError](err)
	return ok
}
