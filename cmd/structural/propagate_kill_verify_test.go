package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/canonical"
)

// get reads a JSON answer with its numbers as they are written.
func (l *propagating) get(path, apiKey string, into any) {
	l.t.Helper()
	status, body := l.program.Load().call(http.MethodGet, path, apiKey)
	require.Equal(l.t, http.StatusOK, status, body)
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.UseNumber()
	require.NoError(l.t, decoder.Decode(into))
}

func (l *propagating) read(o *propagated) (version int64, document map[string]any, records map[string]map[string]any, ids map[string]string) {
	l.t.Helper()
	var object struct {
		Data struct {
			Version      int64
			Data         map[string]any
			PlatformData map[string]map[string]any `json:"platform_data"`
			Mappings     []struct {
				Platform   string
				PlatformID string `json:"platform_id"`
			}
		}
	}
	l.get("/objects/"+o.id, o.apiKey, &object)
	ids = map[string]string{}
	for _, m := range object.Data.Mappings {
		ids[m.Platform] = m.PlatformID
	}
	return object.Data.Version, object.Data.Data, object.Data.PlatformData, ids
}

// entry is one of the history.
type entry struct {
	Version   int64
	RequestID string `json:"request_id"`
	Changes   []difference
	Platforms []struct {
		Platform string
		Changes  []difference
	}
}

type difference struct {
	Field    string
	From, To any
}

// newEntries are those of the history behind the version that was seen, the oldest first.
func (l *propagating) newEntries(o *propagated) (entries []entry) {
	for cursor := ""; ; {
		var page struct{ Data []entry }
		l.get("/objects/"+o.id+"/history?limit=50"+cursor, o.apiKey, &page)
		entries = append(entries, page.Data...)
		if n := len(page.Data); n < 50 || page.Data[n-1].Version <= o.version {
			break
		}
		cursor = fmt.Sprintf("&cursor=%d", entries[len(entries)-1].Version)
	}
	entries = slices.DeleteFunc(entries, func(e entry) bool { return e.Version <= o.version })
	slices.Reverse(entries)
	return entries
}

// verify goes from what the object and its records were through the new history to what they are.
func (l *propagating) verify(o *propagated) {
	t := l.t
	for _, e := range l.newEntries(o) {
		assert.Greater(t, e.Version, o.version, "a version of its own")
		o.version = e.Version
		l.apply(o.document, e.Changes)
		for _, p := range e.Platforms {
			l.apply(o.records[p.Platform], p.Changes)
		}
		key, _ := o.document[o.texts[""]].(string)
		c := o.changes[key]
		if !assert.NotNil(t, c, "%s: version %d was made twice, or by nobody: %s", o.id, e.Version, key) {
			continue
		}
		delete(o.changes, key)
		o.last = c
		assert.Equal(t, fmt.Sprintf(`"%d"`, e.Version), c.answer.header.Get("ETag"), c.body)
		if c.answer.header.Get("Idempotent-Replayed") == "" {
			assert.Equal(t, c.answer.header.Get("X-Request-ID"), e.RequestID, c.body)
		}
		assert.Contains(t, c.answer.body, `"`+key+`"`)
		for platform, field := range o.texts {
			if platform != "" {
				assert.Equal(t, key, o.records[platform][field], "%s: %s", platform, c.body)
			}
		}
		if c.given.Currency != "" {
			usd := l.exchange(c.given, "USD")
			assert.Equal(t, map[string]any{"amount": number(usd.AmountMinor), "currency": "USD"}, o.document["amount"], c.body)
			assert.Equal(t, usd.Decimal(), o.records["procore"]["amount"], c.body)
			assert.Equal(t, json.Number("-"+l.exchange(c.given, o.currency).NormalDecimal()), o.records["dynamics"]["amount"], c.body)
		}
	}
	assert.Empty(t, o.changes, "answered 200, but not in the history of %s", o.id)

	version, document, records, _ := l.read(o)
	assert.Equal(t, o.version, version)
	assert.Equal(t, o.records, records, o.id)
	// What has no canonical field of its own is not in the history, but follows from the records.
	metadata := document["provider_metadata"].(map[string]any)
	o.document["provider_metadata"] = metadata
	assert.Equal(t, o.document, document, o.id)
}

// apply changes the members of a document that differences name, which must have the values that they name.
func (l *propagating) apply(document map[string]any, differences []difference) {
	for _, d := range differences {
		field := strings.TrimPrefix(d.Field, "/")
		require.NotContains(l.t, field, "/", "this test changes members of the document only")
		assert.Equal(l.t, document[field], d.From, "%s: the value before is that of the change before", d.Field)
		document[field] = d.To
	}
}

// exchange is at the pegs, which have tests of their own.
func (l *propagating) exchange(m canonical.Money, currency string) canonical.Money {
	converted, _, err := canonical.Rates{}.Convert(m, currency)
	require.NoError(l.t, err)
	return converted
}

func number(n int64) json.Number { return json.Number(strconv.FormatInt(n, 10)) }

// verifyRows counts what belongs together and is not there together, in all of the database.
func (l *propagating) verifyRows(dir string, objects []*propagated) {
	db := l.openDatabase(dir)
	for query, want := range map[string]int64{
		`SELECT count(*) FROM changes`:                                             l.answered.Load(),
		`SELECT count(*) FROM idempotency_keys WHERE status = 200`:                 l.answered.Load(),
		`SELECT count(DISTINCT (customer_id, canonical_id, version)) FROM changes`: l.answered.Load(),
		`SELECT count(DISTINCT (customer_id, canonical_id)) FROM changes`:          int64(len(objects)),
		`SELECT count(*) FROM idempotency_keys i JOIN changes c USING (customer_id, version)
			WHERE EXISTS (SELECT FROM json_array_elements(c.changes) d WHERE d->>'field' IN ('/notes', '/title') AND d->>'to' = i.key)`: l.answered.Load(),
		`SELECT count(*) FROM canonical_objects o
			JOIN (SELECT customer_id, canonical_id, max(version) AS version FROM changes GROUP BY 1, 2) c
			ON (c.customer_id, c.canonical_id, c.version) = (o.customer_id, o.id, o.version)`: int64(len(objects)),
	} {
		var n int64
		require.NoError(l.t, db.QueryRow(query).Scan(&n), query)
		assert.Equal(l.t, want, n, query)
	}
}

// repeatLast sends the last change again: the answer is the same, and nothing is made of it.
func (l *propagating) repeatLast(o *propagated) {
	first := o.last.answer
	again := l.send(o, o.last)
	assert.Equal(l.t, first.status, again.status)
	assert.Equal(l.t, first.body, again.body)
	assert.Equal(l.t, first.header.Get("ETag"), again.header.Get("ETag"))
	assert.Equal(l.t, "true", again.header.Get("Idempotent-Replayed"))
	assert.Empty(l.t, l.newEntries(o))
}
