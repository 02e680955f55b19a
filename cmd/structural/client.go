package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"structural.app/structural/gen"
)

// defaultServer is where serve listens unless told otherwise.
const defaultServer = "http://localhost:8080"

// mostAnswer is how many bytes of an answer are read that is kept in memory. A page has about 8 MiB at the most.
const mostAnswer = 64 << 20

// serverHelp says in the help of a command where the server and the key come from.
const serverHelp = `STRUCTURAL_API_KEY is the key; STRUCTURAL_URL, or --server, is where the server is.`

// addServer adds the flag that names the server.
func addServer(cmd *cobra.Command) *string {
	return cmd.Flags().String("server", "", "`URL` of the server; without it, STRUCTURAL_URL, or "+defaultServer)
}

// apiClient calls a server with the caller's key.
type apiClient struct {
	base *url.URL
	key  string
}

// newAPIClient makes a client of the server that the flag names, or else the environment.
func newAPIClient(server string) (*apiClient, error) {
	if server == "" {
		server = os.Getenv("STRUCTURAL_URL")
	}
	if server == "" {
		server = defaultServer
	}
	base, err := url.Parse(server)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, usageErrorf("--server and STRUCTURAL_URL must be an http or https URL, such as %s", defaultServer)
	}
	key := os.Getenv("STRUCTURAL_API_KEY")
	if key == "" {
		return nil, usageErrorf("STRUCTURAL_API_KEY must be set to an API key")
	}
	if !strings.HasSuffix(strings.TrimSuffix(base.Path, "/"), "/api/v1") {
		base = base.JoinPath("api/v1")
	}
	return &apiClient{base, key}, nil
}

// request makes a request. Parameters without a value are left out of the query. body may be nil.
func (c *apiClient) request(ctx context.Context, method, path string, query map[string]string, body io.Reader) (*http.Request, error) {
	target, values := c.base.JoinPath(path), url.Values{}
	for name, value := range query {
		if value != "" {
			values.Set(name, value)
		}
	}
	target.RawQuery = values.Encode()
	req, err := http.NewRequestWithContext(ctx, method, target.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.key)
	return req, nil
}

// send sends a request. An answer with another status than the wanted one is an error. Whoever called closes the answer's body.
func (c *apiClient) send(req *http.Request, want int) (*http.Response, error) {
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, ExpectContinueTimeout: 5 * time.Second}}
	resp, err := client.Do(req)
	if err != nil || resp.StatusCode == want {
		return resp, err
	}
	defer resp.Body.Close()
	var refused gen.ErrorResponse
	body, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
	if err != nil || json.Unmarshal(body, &refused) != nil || refused.Error.Message == "" {
		return nil, fmt.Errorf("the server answered %s", resp.Status)
	}
	return nil, fmt.Errorf("%s: %s (%s)", refused.Error.Type, refused.Error.Message, refused.Error.RequestID)
}

// read sends a request, and reads the answer.
func (c *apiClient) read(req *http.Request, want int) (body []byte, header http.Header, err error) {
	resp, err := c.send(req, want)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
	return body, resp.Header, err
}

// nextPage finds the query of the next page in a Link header.
var nextPage = regexp.MustCompile(`<[^>?]*\?([^>]*)>; rel="next"`)

// pages reads a list page by page, the pages as large as they may be.
func (c *apiClient) pages(ctx context.Context, path string, query map[string]string, take func(page []byte) error) error {
	req, err := c.request(ctx, http.MethodGet, path, query, nil)
	if err != nil {
		return err
	}
	values := req.URL.Query()
	values.Set("limit", "1000")
	req.URL.RawQuery = values.Encode()
	for {
		page, header, err := c.read(req, http.StatusOK)
		if err != nil {
			return err
		}
		if err := take(page); err != nil {
			return err
		}
		next := nextPage.FindStringSubmatch(header.Get("Link"))
		if next == nil {
			return nil
		}
		req.URL.RawQuery = next[1]
	}
}

// understand reads an answer in JSON.
func understand(body []byte, answer any) error {
	if err := json.Unmarshal(body, answer); err != nil {
		return fmt.Errorf("the server's answer is none of this API: %w", err)
	}
	return nil
}

// printBody prints an answer as it is.
func printBody(w io.Writer, body []byte) error {
	_, err := w.Write(append(bytes.TrimRight(body, "\n"), '\n'))
	return err
}

// printable is a text without what a terminal would obey.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}

// cell is the text of a cell of a table: printable, and short.
func cell(text string) string {
	const most = 40
	text = printable(text)
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most-1]) + "…"
	}
	return text
}
