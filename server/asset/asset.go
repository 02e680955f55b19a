// Package asset serves files that are part of the program: compressed to whoever takes that, with an ETag of their content, and
// asked for again each time.
package asset

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"structural.app/structural/server/compression"
)

// Asset is one file.
type Asset struct {
	contentType string
	version     string        // of its content
	gzipped     func() []byte // nil: it is not worth it
	plain       func() []byte
}

// New makes an asset of a file. A text is worth compressing, which is done for the first who takes it.
func New(contentType string, content []byte, isText bool) *Asset {
	a := &Asset{contentType: contentType, version: version(content), plain: func() []byte { return content }}
	if isText {
		a.gzipped = sync.OnceValue(func() []byte {
			var compressed bytes.Buffer
			if err := compression.Gzip(&compressed, content); err != nil {
				panic(err) // a buffer takes everything
			}
			return compressed.Bytes()
		})
	}
	return a
}

// NewGzipped makes an asset of a file that is compressed already. The error says that it is not.
func NewGzipped(contentType string, content []byte) (*Asset, error) {
	reader, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	a := &Asset{contentType: contentType, version: version(content), gzipped: func() []byte { return content }}
	a.plain = sync.OnceValue(func() []byte { // for the few that do not take gzip
		plain, err := io.ReadAll(reader)
		if err != nil {
			panic(fmt.Errorf("an asset of %s: %w", contentType, err)) // the program itself is broken
		}
		return plain
	})
	return a, nil
}

func version(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}

// Serve answers GET and HEAD: with 304 if the client has the file already.
func (a *Asset) Serve(c echo.Context) error {
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, a.contentType)
	header.Set(echo.HeaderXContentTypeOptions, "nosniff")
	header.Set(echo.HeaderCacheControl, "no-cache") // asked for again each time, answered with 304 until the program is another
	version, content := a.version, a.plain
	if a.gzipped != nil {
		header.Add(echo.HeaderVary, echo.HeaderAcceptEncoding)
		if compression.Accepted(c.Request().Header) {
			header.Set(echo.HeaderContentEncoding, "gzip")
			version, content = version+"-gzip", a.gzipped
		}
	}
	header.Set("ETag", strconv.Quote(version))
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, bytes.NewReader(content()))
	return nil
}
