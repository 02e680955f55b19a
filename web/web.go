// Package web serves the page at /: the API in a browser, against this same server. What it is made of is built from src/ by
// `make web` and lies in dist/, so that the program is built without Node.js.
package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

//go:embed dist
var dist embed.FS

// contentSecurityPolicy lets the page have its own files and its own server, and nothing else.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// Register adds the routes of the page and its files, and returns their paths. The page needs the API at /api/v1 of the same
// origin. The error names a file that is missing from the program, or that is of no known type.
func Register(e *echo.Echo) ([]string, error) {
	methods := []string{http.MethodGet, http.MethodHead}
	index, err := dist.ReadFile("dist/index.html")
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	e.Match(methods, "/", serveIndex(index))
	paths := []string{"/"}

	files, err := fs.ReadDir(dist, "dist/assets")
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	for _, file := range files {
		content, err := dist.ReadFile("dist/assets/" + file.Name())
		if err != nil {
			return nil, fmt.Errorf("page: %w", err)
		}
		contentType, ok := contentTypes[path.Ext(file.Name())]
		if !ok {
			return nil, fmt.Errorf("page: %s is of no known type", file.Name())
		}
		paths = append(paths, "/assets/"+file.Name())
		e.Match(methods, paths[len(paths)-1], serveAsset(content, contentType), middleware.Gzip())
	}
	return paths, nil
}

// serveIndex serves the page itself. It names its files by their content, and so is asked for again each time.
func serveIndex(content []byte) echo.HandlerFunc {
	sum := sha256.Sum256(content)
	tag := strconv.Quote(hex.EncodeToString(sum[:8]))
	return func(c echo.Context) error {
		header := writeHeaders(c, "text/html; charset=utf-8", "no-cache")
		header.Set("ETag", tag)
		http.ServeContent(c.Response(), c.Request(), "", time.Time{}, bytes.NewReader(content))
		return nil
	}
}

// serveAsset serves a file whose name changes with its content.
func serveAsset(content []byte, contentType string) echo.HandlerFunc {
	return func(c echo.Context) error {
		writeHeaders(c, contentType, "public, max-age=31536000, immutable")
		return c.Blob(http.StatusOK, contentType, content)
	}
}

func writeHeaders(c echo.Context, contentType, cacheControl string) http.Header {
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, contentType)
	header.Set(echo.HeaderCacheControl, cacheControl)
	header.Set(echo.HeaderContentSecurityPolicy, contentSecurityPolicy)
	header.Set(echo.HeaderXContentTypeOptions, "nosniff")
	header.Set(echo.HeaderReferrerPolicy, "no-referrer")
	return header
}
