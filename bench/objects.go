package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	_ "github.com/lib/pq"

	"structural.app/structural/canonical"
	"structural.app/structural/platform/dynamics"
	"structural.app/structural/platform/procore"
)

// wantedOfObjects: at least 60 % of the bare handler's rate.
const wantedOfObjects = 0.6

// measureObjects compares GET /objects of the program, key and contract checked, with a bare handler that runs the same
// statement on the same database with as many connections, and writes the same bytes. That they are the same is checked first.
func measureObjects(ctx context.Context, b *bench) error {
	program, err := b.startProgram(ctx)
	if err != nil {
		return err
	}
	defer program.stop()
	customer, err := b.newConnectedCustomer(ctx, program)
	if err != nil {
		return err
	}
	statement, err := objectsStatement()
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	bare, err := b.start(ctx, []string{"DSN=" + b.dsn, "STATEMENT=" + statement, "CUSTOMER=" + customer.id}, self, serveCommand, "objects")
	if err != nil {
		return err
	}
	defer bare.stop()

	for _, subject := range []struct {
		name       string
		entityType canonical.EntityType
	}{
		{"the sandbox's 8 payments", canonical.Payment},
		{"the sandbox's 13 contracts", canonical.Contract},
	} {
		progress("  %s", subject.name)
		path := fmt.Sprintf("/api/v1/objects?platform=%s&entity_type=%s", procore.Name, subject.entityType)
		if err := customer.sameAnswers(ctx, path, program, bare); err != nil {
			return err
		}
		rates, err := b.compareServers(ctx, newRequest(http.StatusOK, http.MethodGet, path, "", "Authorization: Bearer "+customer.key), program, bare)
		if err != nil {
			return err
		}
		b.add(row{
			name: fmt.Sprintf("GET /objects, %s, %d clients, vs bare handler", subject.name, clients), unit: "req/s",
			ours: rates[0], baseline: rates[1], higherIsBetter: true, wanted: wantedOfObjects,
		})
	}
	return nil
}

// newConnectedCustomer makes a customer who has connected both sandboxes.
func (b *bench) newConnectedCustomer(ctx context.Context, program *process) (customer, error) {
	c, err := b.newCustomer(ctx)
	if err != nil {
		return customer{}, err
	}
	conn, err := dial(ctx, program.address)
	if err != nil {
		return customer{}, err
	}
	defer conn.Close()
	return c, errors.Join(conn.exchange(c.connectRequest(procore.Name)), conn.exchange(c.connectRequest(dynamics.Name)))
}

// sameAnswers fails if the servers answer differently.
func (c customer) sameAnswers(ctx context.Context, path string, servers ...*process) error {
	first := ""
	for i, server := range servers {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+server.address+path, nil)
		if err != nil {
			return err
		}
		request.Header.Set("Authorization", "Bearer "+c.key)
		status, body, err := bodyOf(request)
		if err != nil {
			return err
		}
		if i == 0 {
			first = body
		}
		if status != http.StatusOK || body != first {
			return fmt.Errorf("%s: the servers answer differently:\n%s\n%d %s", path, first, status, body)
		}
	}
	return nil
}

// objectsFile holds the statement. It is read there, so that both sides run the same whatever becomes of it.
const objectsFile = "../store/objects.go"

var listObjectsSQL = regexp.MustCompile("const listObjectsSQL = `([^`]+)`")

func objectsStatement() (string, error) {
	code, err := os.ReadFile(objectsFile)
	if err != nil {
		return "", fmt.Errorf("run in the directory bench: %w", err)
	}
	match := listObjectsSQL.FindSubmatch(code)
	if match == nil {
		return "", fmt.Errorf("%s has no listObjectsSQL", objectsFile)
	}
	return strings.TrimSpace(string(match[1])), nil
}

// poolOfStore is how many connections the store has.
const poolOfStore = 20

// newObjectsHandler lists the objects of CUSTOMER, as one would by hand who thought of nothing but speed: any platform and any
// type, nothing validated, no key, no log, the documents put together as they are.
func newObjectsHandler() (http.Handler, error) {
	db, err := sql.Open("postgres", os.Getenv("DSN"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(poolOfStore)
	db.SetMaxIdleConns(poolOfStore)
	statement, err := db.Prepare(os.Getenv("STATEMENT"))
	if err != nil {
		return nil, err
	}
	customerID := os.Getenv("CUSTOMER")

	e := echo.New()
	e.GET("/api/v1/objects", func(c echo.Context) error {
		platform, entityType := c.QueryParam("platform"), c.QueryParam("entity_type")
		ctx, cancel := context.WithTimeout(c.Request().Context(), 10*time.Second)
		defer cancel()
		rows, err := statement.QueryContext(ctx, customerID, platform, entityType, "", 1001, 8<<20, []string{"procore", "dynamics"})
		if err != nil {
			return err
		}
		defer rows.Close()
		body := []byte(`{"data":[`)
		for i := 0; rows.Next(); i++ {
			var platformID, canonicalID string
			var document, payload, mappings sql.RawBytes
			var more bool
			if err := rows.Scan(&platformID, &canonicalID, &document, &payload, &mappings, &more); err != nil {
				return err
			}
			if i > 0 {
				body = append(body, ',')
			}
			id, err := json.Marshal(platformID)
			if err != nil {
				return err
			}
			body = append(append(body, `{"id":`...), id...)
			body = append(append(append(body, `,"canonical_id":"`...), canonicalID...), `","platform":"`...)
			body = append(append(append(append(body, platform...), `","entity_type":"`...), entityType...), `","data":`...)
			body = append(append(append(body, document...), `,"platform_data":`...), payload...)
			body = append(append(append(body, `,"mappings":`...), mappings...), '}')
		}
		if err := rows.Err(); err != nil {
			return err
		}
		return c.JSONBlob(http.StatusOK, append(body, "]}\n"...))
	})
	return e, nil
}
