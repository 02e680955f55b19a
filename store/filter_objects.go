package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"

	"structural.app/structural/jsontext"
)

// mostExamined is how many objects a page of a filtered list looks at, beside those that it has. Where more filters are asked for than
// one index serves, and little meets them, a page ends there, and the next one goes on.
const mostExamined = 5000

// FilterQuery says which objects are listed. A filter that is empty filters nothing.
type FilterQuery struct {
	CustomerID    string
	EntityType    string
	Platform      string // only objects with a record on it
	References    []ReferenceFilter
	Status        string
	State         string    // [StateMatched] or [StateOneSided]
	ModifiedSince time.Time // zero: any

	After  Position // behind which the page begins; zero: from the start
	Limit  int      // objects at the most
	Room   Room     // nil: for any number of bytes
	Record bool     // the records on Platform are listed, not the objects
}

// ReferenceFilter is for objects whose document has the id of another object in a field at its top.
type ReferenceFilter struct {
	Field string // one that has an index: project_id, contract_id, customer_id
	ID    string // the object's id, or the id that any of its records would have on its own
}

// How an object stands.
const (
	StateMatched  = "matched"   // it has records of more than one platform
	StateOneSided = "one_sided" // it has records of one
)

// Position is a place in a filtered list: that of an object as it was, whether or not it is still there.
type Position struct {
	UpdatedAt time.Time
	ID        string
}

// FilteredObject is an object; or, of a query for records, a record with its canonical view.
type FilteredObject struct {
	PlatformID   string // of a record
	CanonicalID  string
	Version      int64
	UpdatedAt    time.Time
	Document     json.RawMessage
	PlatformData json.RawMessage // of a record, its payload; of an object, those of all its records, by platform
	Mappings     string          // JSON: [{"platform","platform_id"}], by platform in order of precedence
}

// FilteredPage is a part of a filtered list.
type FilteredPage struct {
	Objects []FilteredObject
	Next    *Position // behind which the next page begins; nil on the last one
}

// FilterObjects returns objects that meet all filters of a query, in the order of their ids; in the order of changes, if
// ModifiedSince is the filter that leads.
func (s *Store) FilterObjects(ctx context.Context, q FilterQuery) (page FilteredPage, err error) {
	statement, args := q.statement(s.precedence)
	err = s.retry(ctx, func(ctx context.Context) error {
		rows, err := s.db.QueryContext(ctx, statement, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		page, err = q.read(rows)
		return err
	})
	return page, err
}

func (q *FilterQuery) read(rows *sql.Rows) (page FilteredPage, err error) {
	page.Objects = []FilteredObject{}
	var last Position // of the objects that the page has
	var cut bool
	for listed := 0; rows.Next(); {
		var o FilteredObject
		var position Position
		var ends bool
		var version sql.NullInt64
		var platformID, mappings sql.NullString
		if err := rows.Scan(&position.ID, &position.UpdatedAt, &ends, &cut, &version, &platformID, (*[]byte)(&o.Document), (*[]byte)(&o.PlatformData), &mappings); err != nil {
			return page, err
		}
		o.CanonicalID, o.UpdatedAt, o.Version, o.PlatformID, o.Mappings = position.ID, position.UpdatedAt, version.Int64, platformID.String, mappings.String
		if o.Document != nil {
			if position.ID != last.ID {
				listed++
			}
			size := len(o.Document) + len(o.PlatformData) + len(o.Mappings)
			if listed > q.Limit || q.Room != nil && !q.Room(len(page.Objects), size) {
				page.Next = &last
				return page, nil
			}
			o.Document, o.PlatformData = jsontext.HealText(o.Document), jsontext.HealText(o.PlatformData)
			page.Objects = append(page.Objects, o)
		}
		if last = position; ends {
			page.Next = &last
		}
	}
	if cut {
		page.Next = &last
	}
	return page, rows.Err()
}

// The page's objects come first, in the order of the index of the filter that leads; the other filters are asked object by object, each in
// its own index, so that no document is parsed and no plan reads more than $3 objects. The last one that was looked at is in the page
// whether or not it is wanted: the next page begins behind it. Then comes what belongs to each, and the page ends before its documents
// are larger than $5 bytes. $6 is the order of precedence of platforms.
const filterObjectsSQL = `
WITH ids AS MATERIALIZED (
    SELECT c.id, c.updated_at, c.n, w.wanted
    FROM (
        SELECT id, updated_at, id COLLATE "C" AS key, row_number() OVER (ORDER BY {order}) AS n
        FROM canonical_objects
        WHERE customer_id = $1 AND entity_type = $2 AND NOT EXISTS (SELECT FROM deleted_customers WHERE customer_id = $1){leading}
        ORDER BY {order}
        LIMIT $3
    ) AS c, LATERAL (SELECT coalesce({others}, false) AS wanted OFFSET 0) AS w
    WHERE w.wanted OR c.n = $3
    ORDER BY {keys}
    LIMIT $4
), page AS MATERIALIZED (
    SELECT ids.*, sum(r.bytes) OVER (ORDER BY ids.n) - r.bytes AS before
    FROM ids, LATERAL (
        SELECT CASE WHEN ids.wanted THEN coalesce(o.bytes, octet_length(o.document::text)) + coalesce((
            SELECT sum(coalesce(p.bytes, octet_length(p.payload::text)))
            FROM entity_mappings m JOIN platform_objects p ON {same}
            WHERE m.customer_id = $1 AND m.canonical_id = ids.id{listed}), 0) ELSE 0 END AS bytes
        FROM canonical_objects o WHERE o.customer_id = $1 AND o.id = ids.id
        OFFSET 0
    ) AS r
)
SELECT page.id, page.updated_at, page.n = $3, EXISTS (SELECT FROM page WHERE before > $5),
    o.version, o.platform_id, o.document, o.platform_data, o.mappings
FROM page LEFT JOIN LATERAL (
    SELECT c.version, r.platform_id, c.document, r.platform_data,
        (SELECT '[' || string_agg(
                '{"platform":' || to_json(m.platform) || ',"platform_id":' || to_json(m.platform_id) || '}', ','
                ORDER BY array_position($6::text[], m.platform), m.platform, length(m.platform_id), m.platform_id COLLATE "C") || ']'
         FROM entity_mappings m WHERE m.customer_id = $1 AND m.canonical_id = page.id) AS mappings
    FROM canonical_objects c, LATERAL ({records}) AS r
    WHERE c.customer_id = $1 AND c.id = page.id AND page.wanted
    OFFSET 0
) AS o ON true
WHERE page.before <= $5
ORDER BY page.n, length(o.platform_id), o.platform_id COLLATE "C"`

const (
	// So named that both indexes find the record, whichever PostgreSQL takes before it has statistics.
	sameRecordSQL = `(p.customer_id, p.platform, p.entity_type, p.platform_id) = (m.customer_id, m.platform, m.entity_type, m.platform_id)
                AND length(p.platform_id) = length(m.platform_id) AND p.platform_id COLLATE "C" = m.platform_id COLLATE "C"`

	recordsOfPlatformSQL = `
        SELECT m.platform_id, p.payload AS platform_data
        FROM entity_mappings m JOIN platform_objects p ON {same}
        WHERE m.customer_id = $1 AND m.canonical_id = page.id{listed}`

	// A platform has one record of an object at most; if it had more, the text would have a member twice.
	recordsOfAllSQL = `
        SELECT NULL AS platform_id, '{' || coalesce(string_agg(to_json(one.platform) || ':' || one.payload, ','
            ORDER BY array_position($6::text[], one.platform), one.platform), '') || '}' AS platform_data
        FROM (
            SELECT DISTINCT ON (m.platform) m.platform, p.payload::text AS payload
            FROM entity_mappings m JOIN platform_objects p ON {same}
            WHERE m.customer_id = $1 AND m.canonical_id = page.id
            ORDER BY m.platform, length(m.platform_id), m.platform_id COLLATE "C"
        ) AS one`
)

// inOrderOfChanges says which index leads: an object has few references to it, and what changed lately is little.
func (q *FilterQuery) inOrderOfChanges() bool {
	return !q.ModifiedSince.IsZero() && len(q.References) == 0
}

// statement writes the query for its filters.
func (q *FilterQuery) statement(precedence []string) (statement string, args []any) {
	w := filterWriter{args: []any{q.CustomerID, q.EntityType, q.Limit + 1, q.Limit + 1, pageBytes, pq.Array(precedence)}}
	order, keys := q.order(&w)
	for i, r := range q.References {
		w.equal(r.Field, w.canonicalID(r.ID), i == 0)
	}
	if q.Status != "" {
		w.equal("status", w.value(q.Status), len(q.References) == 0 && !q.inOrderOfChanges())
	}
	records, onPlatform, listed := recordsOfAllSQL, "", ""
	if q.Platform != "" {
		// So that no plan goes through all that the platform has, in the index that begins with it.
		onPlatform = ` AND m.platform || '' = ` + w.value(q.Platform)
		w.others = append(w.others, `(SELECT true FROM entity_mappings m WHERE m.customer_id = $1 AND m.canonical_id = c.id`+onPlatform+` LIMIT 1)`)
	}
	if q.Record {
		records, listed = recordsOfPlatformSQL, onPlatform
	}
	if q.State != "" {
		comparison := map[string]string{StateMatched: ">", StateOneSided: "="}[q.State]
		w.others = append(w.others, `(SELECT count(DISTINCT m.platform) `+comparison+` 1 FROM entity_mappings m WHERE m.customer_id = $1 AND m.canonical_id = c.id)`)
	}
	others := "true"
	if len(w.others) > 0 {
		others = strings.Join(w.others, " AND ")
		w.args[2] = max(mostExamined, q.Limit+1)
	}
	statement = strings.ReplaceAll(filterObjectsSQL, "{records}", records)
	return strings.NewReplacer("{order}", order, "{keys}", keys, "{leading}", strings.Join(w.leading, ""), "{others}", others,
		"{listed}", listed, "{same}", sameRecordSQL).Replace(statement), w.args
}

// order says in which order the index that leads has the objects, and where in it the page begins.
func (q *FilterQuery) order(w *filterWriter) (order, keys string) {
	if q.inOrderOfChanges() {
		w.lead(`updated_at >= ` + w.value(q.ModifiedSince))
		if q.After.ID != "" {
			w.lead(`(updated_at, id COLLATE "C") > (` + w.value(q.After.UpdatedAt) + `::timestamptz, ` + w.value(q.After.ID) + ` COLLATE "C")`)
		}
		return `updated_at, id COLLATE "C"`, `c.updated_at, c.key`
	}
	if !q.ModifiedSince.IsZero() {
		w.others = append(w.others, `c.updated_at >= `+w.value(q.ModifiedSince))
	}
	// From the start, too: before there are statistics, it says which index has the order.
	w.lead(`id COLLATE "C" > ` + w.value(q.After.ID) + ` COLLATE "C"`)
	return `id COLLATE "C"`, `c.key`
}

// filterWriter collects the conditions of a query.
type filterWriter struct {
	args            []any
	leading, others []string
}

func (w *filterWriter) lead(condition string) { w.leading = append(w.leading, ` AND `+condition) }

func (w *filterWriter) value(value any) string {
	w.args = append(w.args, value)
	return "$" + strconv.Itoa(len(w.args))
}

// canonicalID is what documents have for an id: that of the object, if a record had the id on its own.
func (w *filterWriter) canonicalID(id string) string {
	v := w.value(id) + "::text"
	return `(SELECT coalesce(
            (SELECT canonical_id FROM entity_mappings WHERE customer_id = $1 AND canonical_id = ` + v + ` LIMIT 1),
            (SELECT canonical_id FROM entity_mappings WHERE customer_id = $1 AND minted_id = ` + v + ` AND minted_id <> canonical_id LIMIT 1), ` + v + `))`
}

// equal asks for a text in a document. The field has an index for it.
func (w *filterWriter) equal(field, value string, leads bool) {
	if leads {
		w.lead(`document_text(document, ` + pq.QuoteLiteral(field) + `) = ` + value)
		return
	}
	w.others = append(w.others, `(SELECT true FROM canonical_objects f WHERE f.customer_id = $1 AND f.entity_type = $2
            AND document_text(f.document, `+pq.QuoteLiteral(field)+`) = `+value+` AND f.id COLLATE "C" = c.key)`)
}
