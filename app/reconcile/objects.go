package reconcile

import (
	"fmt"
	"maps"
	"slices"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/platform"
)

// Candidate is a record on its way to become, or to become part of, a canonical object.
type Candidate struct {
	Record   Record
	Payload  jsontext.Value // the record's, if it need not be parsed again
	Document jsontext.Value // what the record alone says; set by Read
}

// Read makes the canonical document of the record alone, and sets the record's own id, its minted id and what it is matched by. The error names the platform
// and the type: the record cannot be read, or it has no id.
func (c *Candidate) Read(p platform.Platform, rates canonical.Rates) (err error) {
	r, payload := &c.Record, c.Payload
	if payload.IsAbsent() {
		if payload, err = jsontext.ParseInput(r.Payload); err != nil {
			return fmt.Errorf("%s %s: %w", r.Platform, r.EntityType, err)
		}
	}
	if c.Document, _, err = p.ToCanonical(r.EntityType, payload, mapping.Context{Variant: r.Variant, Rates: rates}); err != nil {
		return fmt.Errorf("%s %s: %w", r.Platform, r.EntityType, err)
	}
	r.MintedID = c.Document.Get("id").Text()
	r.PlatformID = c.Document.At("external_ids", r.Platform, "id").Text()
	if r.MintedID == "" || r.PlatformID == "" {
		return fmt.Errorf("%s %s: a record without an id of its own", r.Platform, r.EntityType)
	}
	r.Keys, r.RefersTo = keysOf(r.EntityType, c.Document), nil
	for _, reference := range canonical.References(r.EntityType, c.Document) {
		if !slices.Contains(r.RefersTo, reference.ID) {
			r.RefersTo = append(r.RefersTo, reference.ID)
		}
	}
	return nil
}

// Matches are the records of a customer, grouped: each group is one real-world entity, and becomes one object. Safe for
// concurrent use.
type Matches struct {
	groups []group               // each in order of precedence
	ids    map[string]string     // of objects, by the id that each record would have on its own
	kept   map[string]keptFields // what earlier objects said beyond their records' words, by the objects' ids

	// Comparer compares the records of each object. Nil: nobody does.
	Comparer *Comparer
}

// Match groups all records of a customer, which have been read, and sets the CanonicalID of each. precedence names all platforms,
// and says whose record counts first. earlier has what earlier objects said beyond their records' words; the error is that it
// cannot be parsed. decisions are those of people; none contradicts another. The result does not depend on the order of the records,
// nor on that of the decisions.
func Match(candidates []*Candidate, precedence []platform.Name, earlier []Object, decisions []Decision) (*Matches, error) {
	m := &Matches{ids: make(map[string]string, len(candidates)), kept: make(map[string]keptFields, len(earlier))}
	for _, object := range earlier {
		fields, err := readKept(object.Kept)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", object.EntityType, object.ID, err)
		}
		m.kept[object.ID] = fields
	}
	sides := map[canonical.EntityType][][]*Candidate{}
	order := map[string]int{}
	for i, name := range precedence {
		order[string(name)] = i
	}
	for _, c := range candidates {
		entityType := c.Record.EntityType
		if sides[entityType] == nil {
			sides[entityType] = make([][]*Candidate, len(order))
		}
		i := order[c.Record.Platform]
		sides[entityType][i] = append(sides[entityType][i], c)
	}
	ofType := byType(decisions)
	for _, entityType := range canonical.EntityTypes() {
		for _, group := range match(entityType, sides[entityType], m.ids, ofType[entityType]) {
			for _, k := range group.members {
				c := k.entity
				c.Record.CanonicalID = group.members[0].entity.Record.MintedID
				m.ids[c.Record.MintedID] = c.Record.CanonicalID
			}
			m.groups = append(m.groups, group)
		}
	}
	return m, nil
}

// Len is how many objects the records make.
func (m *Matches) Len() int { return len(m.groups) }

// Object makes the object of a group of records, by its index: its references lead to objects, too.
func (m *Matches) Object(i int) Object {
	object := mergeGroup(m.groups[i].entities(), m.ids, m.kept, m.Comparer)
	if len(m.groups[i].members) > 1 {
		object.Reason = m.groups[i].reason
	}
	return object
}

// mergeGroup makes the object of a group of records, in order of precedence: its references lead to objects, too. kept has what
// earlier objects said beyond their records' words, by their ids; each is the id that one of its records has on its own. comparer may be nil.
func mergeGroup(group []*Candidate, ids map[string]string, kept map[string]keptFields, comparer *Comparer) Object {
	documents, readings := make([]jsontext.Value, len(group)), make([]Reading, len(group))
	size := 0
	for i, e := range group {
		documents[i], readings[i] = e.Document, Reading{Platform: e.Record.Platform, Document: e.Document, Variant: e.Record.Variant}
		size += len(e.Record.Payload) // the document's is about the same
	}
	document, entityType := mergeDocuments(documents), group[0].Record.EntityType
	fields := keptFields{}
	for _, e := range slices.Backward(group) { // the first record's object takes precedence
		maps.Copy(fields, kept[e.Record.MintedID])
	}
	if len(fields) > 0 {
		document, fields = fields.applyKept(document, readings)
	}
	document = withObjectIDs(entityType, document, ids)
	object := Object{
		ID: group[0].Record.CanonicalID, EntityType: entityType, Document: document.Append(make([]byte, 0, size)),
		RefersTo: RefersTo(entityType, document), Kept: fields.text(),
	}
	if comparer != nil {
		compared := comparer.Summarize(entityType, object.ID, document, readings, ids)
		object.SetCompared(&compared)
	}
	return object
}

// mergeDocuments merges documents in order of precedence.
func mergeDocuments(documents []jsontext.Value) jsontext.Value {
	document := documents[0]
	for _, other := range documents[1:] {
		document = canonical.Merge(document, other)
	}
	return document
}

// withObjectIDs has a document refer to objects, where it refers to records by the ids that they have on their own.
func withObjectIDs(t canonical.EntityType, document jsontext.Value, ids map[string]string) jsontext.Value {
	for _, reference := range canonical.References(t, document) {
		if id, ok := ids[reference.ID]; ok && id != reference.ID {
			document = document.With(reference.Field[1:], jsontext.NewString(id))
		}
	}
	return document
}
