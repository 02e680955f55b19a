// Package compression tells who takes gzip, and compresses bodies that are whole.
package compression

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"sync"
)

// Accepted says whether the request's Accept-Encoding takes gzip (RFC 9110, section 12.5.3).
func Accepted(request http.Header) bool {
	accepted := false
	for coding := range strings.SplitSeq(strings.Join(request.Values("Accept-Encoding"), ","), ",") {
		name, parameter, _ := strings.Cut(coding, ";")
		weight, isWeight := strings.CutPrefix(strings.TrimSpace(parameter), "q=")
		refused := isWeight && strings.Trim(weight, "0.") == ""
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "gzip":
			return !refused
		case "*":
			accepted = !refused
		}
	}
	return accepted
}

// writers compress fast rather than well: a body is sent once.
var writers = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is one that there is
	}
	return w
}}

// Gzip appends a compressed body to a buffer.
func Gzip(compressed *bytes.Buffer, body []byte) error {
	w := writers.Get().(*gzip.Writer)
	defer writers.Put(w)
	w.Reset(compressed)
	if _, err := w.Write(body); err != nil {
		return err
	}
	return w.Close()
}
