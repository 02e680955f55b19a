// Package docs serves the API reference: a page on which the contract can be read and tried. All of it comes from this
// program; the page asks no other host for anything.
package docs

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/swaggest/swgui/v5/static" // Swagger UI's own files, most of them compressed
)

// Path is where the page is. What it is made of is below.
const Path = "/docs"

//go:embed page
var page embed.FS

// contentSecurityPolicy lets the page have what comes from its own origin. Swagger UI's style sheet has its icons in itself.
const contentSecurityPolicy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Register adds the routes of the reference, and returns their paths. The page needs the document at /openapi.yaml. The error
// names a file that is missing from the program.
func Register(e *echo.Echo) ([]string, error) {
	const (
		html       = "text/html; charset=utf-8"
		css        = "text/css; charset=utf-8"
		javaScript = "text/javascript; charset=utf-8"
	)
	var paths []string
	for _, file := range []struct {
		path, contentType string
		fs                fs.FS
		name              string
	}{
		{Path, html, page, "page/index.html"},
		{Path + "/page.css", css, page, "page/page.css"},
		{Path + "/page.js", javaScript, page, "page/page.js"},
		{Path + "/favicon.png", "image/png", static.FS, "favicon-32x32.png"},
		{Path + "/swagger-ui.css", css, static.FS, "swagger-ui.css.gz"},
		{Path + "/swagger-ui-bundle.js", javaScript, static.FS, "swagger-ui-bundle.js.gz"},
	} {
		a, err := loadAsset(file.fs, file.name, file.contentType)
		if err != nil {
			return nil, fmt.Errorf("API reference: %w", err)
		}
		e.Match([]string{http.MethodGet, http.MethodHead}, file.path, a.serve)
		paths = append(paths, file.path)
	}
	e.GET(Path+"/", func(c echo.Context) error { return c.Redirect(http.StatusPermanentRedirect, ".."+Path) })
	return append(paths, Path+"/"), nil
}

// asset is one file.
type asset struct {
	contentType string
	version     string        // of its content
	gzipped     []byte        // nil: it is not worth it
	plain       func() []byte // uncompressed
}

// loadAsset reads a file; one whose name ends with .gz is compressed.
func loadAsset(files fs.FS, name, contentType string) (*asset, error) {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(content)
	a := &asset{contentType: contentType, version: hex.EncodeToString(sum[:8]), plain: func() []byte { return content }}
	if strings.HasSuffix(name, ".gz") {
		reader, err := gzip.NewReader(bytes.NewReader(content))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		a.gzipped = content
		a.plain = sync.OnceValue(func() []byte { // for the few that do not take gzip
			plain, err := io.ReadAll(reader)
			if err != nil {
				panic(fmt.Errorf("%s: %w", name, err)) // the program itself is broken
			}
			return plain
		})
	}
	return a, nil
}

func (a *asset) serve(c echo.Context) error {
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, a.contentType)
	header.Set(echo.HeaderContentSecurityPolicy, contentSecurityPolicy)
	header.Set(echo.HeaderXContentTypeOptions, "nosniff")
	header.Set(echo.HeaderReferrerPolicy, "no-referrer")
	header.Set(echo.HeaderCacheControl, "no-cache") // asked for again each time, answered with 304 until the program is another
	version, content := a.version, a.gzipped
	if content != nil {
		header.Add(echo.HeaderVary, echo.HeaderAcceptEncoding)
	}
	if content != nil && acceptsGzip(c.Request().Header.Values(echo.HeaderAcceptEncoding)) {
		header.Set(echo.HeaderContentEncoding, "gzip")
		version += "-gzip"
	} else {
		content = a.plain()
	}
	header.Set("ETag", strconv.Quote(version))
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, bytes.NewReader(content))
	return nil
}

// acceptsGzip reads Accept-Encoding (RFC 9110, section 12.5.3).
func acceptsGzip(values []string) bool {
	accepted := false
	for coding := range strings.SplitSeq(strings.Join(values, ","), ",") {
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
