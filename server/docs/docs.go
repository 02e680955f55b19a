// Package docs serves the API reference: a page on which the contract can be read and tried. All of it comes from this
// program; the page asks no other host for anything.
package docs

import (
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/swaggest/swgui/v5/static" // Swagger UI's own files, most of them compressed

	"structural.app/structural/server/asset"
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
	methods := []string{http.MethodGet, http.MethodHead}
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
		a, err := load(file.fs, file.name, file.contentType)
		if err != nil {
			return nil, fmt.Errorf("API reference: %w", err)
		}
		e.Match(methods, file.path, serve(a))
		paths = append(paths, file.path)
	}
	e.Match(methods, Path+"/", func(c echo.Context) error { return c.Redirect(http.StatusPermanentRedirect, ".."+Path) })
	return append(paths, Path+"/"), nil
}

// load reads a file; one whose name ends with .gz is compressed.
func load(files fs.FS, name, contentType string) (*asset.Asset, error) {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	if !strings.HasSuffix(name, ".gz") {
		return asset.New(contentType, content, false), nil
	}
	a, err := asset.NewGzipped(contentType, content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return a, nil
}

func serve(a *asset.Asset) echo.HandlerFunc {
	return func(c echo.Context) error {
		header := c.Response().Header()
		header.Set(echo.HeaderContentSecurityPolicy, contentSecurityPolicy)
		header.Set(echo.HeaderReferrerPolicy, "no-referrer")
		return a.Serve(c)
	}
}
