package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"structural.app/structural/canonical"
	"structural.app/structural/gen"
	"structural.app/structural/jsontext"
	"structural.app/structural/store"
)

// defaultObjects is how many records are listed when the request does not say.
const defaultObjects = 1000

// objectList is what a request for a list of objects asks for.
type objectList struct{ gen.GetObjectsParams }

func (l objectList) platform() string {
	if l.Platform == nil {
		return ""
	}
	return string(*l.Platform)
}

func (l objectList) limit() int {
	if l.Limit == nil {
		return defaultObjects
	}
	return *l.Limit
}

// filters lists the parameters that say what is listed, without those that say which page of it.
func (l objectList) filters() url.Values {
	query := url.Values{"entity_type": {string(l.EntityType)}}
	for name, value := range map[string]*string{
		"platform": (*string)(l.Platform), "view": (*string)(l.View), "state": (*string)(l.State),
		"project_id": l.ProjectID, "contract_id": l.ContractID, "customer_id": l.CustomerID, "status": l.Status, "modified_since": l.ModifiedSince,
	} {
		if value != nil {
			query.Set(name, *value)
		}
	}
	return query
}

// isFiltered says whether more is asked for than the records of a platform.
func (l objectList) isFiltered() bool {
	return slices.ContainsFunc([]*string{
		(*string)(l.View), (*string)(l.State), l.ProjectID, l.ContractID, l.CustomerID, l.Status, l.ModifiedSince,
	}, func(value *string) bool { return value != nil })
}

// query makes the query of the store, without where it begins. The error names all filters that the entity type has no field for.
func (l objectList) query(customerID string) (q store.FilterQuery, err error) {
	q = store.FilterQuery{CustomerID: customerID, EntityType: string(l.EntityType), Platform: l.platform(), Limit: l.limit(), Record: l.View == nil}
	var problems []string
	// The most selective first: it leads.
	for _, r := range []struct {
		name string
		id   *string
	}{{"contract_id", l.ContractID}, {"project_id", l.ProjectID}, {"customer_id", l.CustomerID}} {
		switch {
		case r.id == nil:
		case fieldOf(l.EntityType, r.name) == nil:
			problems = append(problems, "query."+r.name+": "+string(l.EntityType)+" has no such field")
		default:
			q.References = append(q.References, store.ReferenceFilter{Field: r.name, ID: *r.id})
		}
	}
	if l.Status != nil {
		q.Status = *l.Status
		if field := fieldOf(l.EntityType, "status"); field == nil {
			problems = append(problems, "query.status: "+string(l.EntityType)+" has no such field")
		} else if !slices.Contains(field.Words, q.Status) {
			problems = append(problems, "query.status: must be "+field.Expected())
		}
	}
	if l.State != nil {
		q.State = string(*l.State)
	}
	if l.ModifiedSince != nil {
		normal, ok := jsontext.NormalDateTime(*l.ModifiedSince)
		if q.ModifiedSince, err = time.Parse(time.RFC3339Nano, normal); !ok || err != nil {
			problems = append(problems, "query.modified_since: must be a date-time (RFC 3339)")
		}
	}
	if problems != nil {
		return q, &Error{Kind: KindValidation, Message: strings.Join(problems, "; ")}
	}
	return q, nil
}

// fieldOf finds the field of a canonical document that has the name of a filter; nil if the entity type has none.
func fieldOf(t gen.StoredEntityType, name string) *canonical.Field {
	fields := canonical.Fields(canonical.EntityType(t))
	if i := slices.IndexFunc(fields, func(f canonical.Field) bool { return f.Path == name }); i >= 0 {
		return &fields[i]
	}
	return nil
}

// A cursor of a filtered list begins with a byte that no id of a platform has, and a part of the hash of its filters. Then comes the
// position: microseconds and id.
const (
	cursorHash   = 8
	cursorPrefix = 1 + cursorHash
	cursorBytes  = cursorPrefix + 8
)

func (l objectList) cursorPrefix() []byte {
	hash := sha256.Sum256([]byte(l.filters().Encode()))
	return append([]byte{0}, hash[:cursorHash]...)
}

func (l objectList) cursor(p store.Position) []byte {
	return append(binary.BigEndian.AppendUint64(l.cursorPrefix(), uint64(p.UpdatedAt.UnixMicro())), p.ID...)
}

func (l objectList) position() (p store.Position, err error) {
	if l.Cursor == nil {
		return p, nil
	}
	cursor, err := base64.RawURLEncoding.Strict().DecodeString(*l.Cursor)
	if err != nil || len(cursor) <= cursorBytes || !utf8.Valid(cursor[cursorBytes:]) || bytes.IndexByte(cursor[cursorBytes:], 0) >= 0 {
		return p, errForeignCursor
	}
	if !bytes.HasPrefix(cursor, l.cursorPrefix()) {
		return p, &Error{Kind: KindValidation, Message: "query.cursor: belongs to a list with other filters"}
	}
	p = store.Position{UpdatedAt: time.UnixMicro(int64(binary.BigEndian.Uint64(cursor[cursorPrefix:]))).UTC(), ID: string(cursor[cursorBytes:])}
	if p.UpdatedAt.Year() < 1 || p.UpdatedAt.Year() > 9999 {
		return p, errForeignCursor
	}
	return p, nil
}

// filterObjects lists what meets the filters.
func (s *Server) filterObjects(ctx context.Context, customerID string, list objectList) (gen.GetObjectsResponseObject, error) {
	query, err := list.query(customerID)
	if err != nil {
		return nil, err
	}
	if query.After, err = list.position(); err != nil {
		return nil, err
	}
	room := newPageRoom(ctx)
	query.Room = room.take
	page, err := s.store.FilterObjects(ctx, query)
	if err == nil {
		err = room.reserve(ctx)
	}
	if err != nil {
		return nil, err
	}
	next := ""
	if page.Next != nil {
		next = s.nextPage(list, list.cursor(*page.Next))
	}
	if list.View != nil {
		return canonicalObjectsResponse{entityType: query.EntityType, objects: page.Objects, next: next}, nil
	}
	records := make([]store.ListedObject, len(page.Objects))
	for i, o := range page.Objects {
		records[i] = store.ListedObject{PlatformID: o.PlatformID, CanonicalID: o.CanonicalID, Document: o.Document, Payload: o.PlatformData, Mappings: o.Mappings}
	}
	return objectsResponse{platform: query.Platform, entityType: query.EntityType, objects: records, next: next}, nil
}

// canonicalObjectsResponse writes what the database gave as it is, as [objectsResponse] does.
type canonicalObjectsResponse struct {
	entityType string
	objects    []store.FilteredObject
	next       string // Link header; empty on the last page
}

// VisitGetObjectsResponse writes the 200 response.
func (r canonicalObjectsResponse) VisitGetObjectsResponse(w http.ResponseWriter) error {
	size := roomAround
	for i := range r.objects {
		o := &r.objects[i]
		size += roomAround + len(o.Document) + len(o.PlatformData) + len(o.Mappings)
	}
	body := append(make([]byte, 0, size), `{"data":[`...)
	for i := range r.objects {
		o := &r.objects[i]
		if i > 0 {
			body = append(body, ',')
		}
		body = append(append(append(body, `{"canonical_id":"`...), o.CanonicalID...), `","entity_type":"`...)
		body = append(append(body, r.entityType...), `","version":`...)
		body = append(strconv.AppendInt(body, o.Version, 10), `,"updated_at":"`...)
		body = append(o.UpdatedAt.UTC().Truncate(time.Millisecond).AppendFormat(body, time.RFC3339Nano), `","data":`...)
		body = append(append(append(body, o.Document...), `,"platform_data":`...), o.PlatformData...)
		body = append(append(append(body, `,"mappings":`...), o.Mappings...), '}')
	}
	return writeList(w, append(body, "]}\n"...), r.next)
}

// roomAround is how many bytes the answer has around the documents of an item, at the most.
const roomAround = 256

// writeList writes a page of a list. next is its Link header; empty on the last page.
func writeList(w http.ResponseWriter, body []byte, next string) error {
	if next != "" {
		w.Header().Set("Link", next)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	_, err := w.Write(body)
	return err
}
