package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/platform"
)

// ConnectionStorage is the storage that connecting needs.
type ConnectionStorage interface {
	// Connect replaces all of a platform's records of a customer, at once or not at all; the customer may store quota bytes, 0
	// is without a limit. build is given the records of the customer's other platforms, and those of the customer's objects that
	// say something beyond their records' words. It returns the platform's records, the records of all platforms with the ids of
	// their objects, and the objects of all.
	Connect(ctx context.Context, customerID, platform string, quota int64,
		build func(others []StoredRecord, kept []StoredObject) (records, mapped []StoredRecord, objects []StoredObject, err error),
	) error
}

// Source gives all records of a platform: a sandbox, or a connection to the real system.
type Source interface {
	Records(ctx context.Context) ([]platform.Record, error)
}

// Connect loads the records of a source as those of a platform of a customer, reconciles them with the records of the
// customer's other platforms, and says how many of each type they are. What the platform had before is gone. quota is how many
// bytes the customer may store; 0 is without a limit.
func (t *Translator) Connect(ctx context.Context, storage ConnectionStorage, customerID, platformName string, source Source, quota int64) (map[canonical.EntityType]int, error) {
	loaded, err := source.Records(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the records of %s: %w", platformName, err)
	}
	counts := map[canonical.EntityType]int{}
	own := make([]*entity, len(loaded))
	var text []byte
	for i, r := range loaded {
		counts[r.EntityType]++
		text = r.Payload.Append(text[:0])
		own[i] = &entity{payload: r.Payload, record: StoredRecord{
			Platform: platformName, EntityType: r.EntityType, Payload: bytes.Clone(text), Variant: r.Context.Variant,
		}}
	}
	err = storage.Connect(ctx, customerID, platformName, quota, func(others []StoredRecord, kept []StoredObject) (records, mapped []StoredRecord, objects []StoredObject, err error) {
		entities := own
		for _, record := range others {
			entities = append(entities, &entity{record: record})
		}
		if mapped, objects, err = t.unite(ctx, entities, kept); err != nil {
			return nil, nil, nil, err
		}
		return mapped[:len(own)], mapped, objects, nil
	})
	return counts, err
}

// unite makes the canonical objects of all records of a customer, and puts back what earlier objects said beyond their records'
// words. It does not depend on the records' order. They come back in the order in which they were given, with their ids.
func (t *Translator) unite(ctx context.Context, entities []*entity, earlier []StoredObject) ([]StoredRecord, []StoredObject, error) {
	if err := each(ctx, entities, t.read); err != nil {
		return nil, nil, err
	}
	kept := make(map[string]keptFields, len(earlier))
	for _, object := range earlier {
		fields, err := readKept(object.Kept)
		if err != nil {
			return nil, nil, fmt.Errorf("%s %s: %w", object.EntityType, object.ID, err)
		}
		kept[object.ID] = fields
	}
	sides := map[canonical.EntityType][][]*entity{}
	order := map[string]int{}
	for i, name := range t.platforms.Names() {
		order[string(name)] = i
	}
	for _, e := range entities {
		entityType := e.record.EntityType
		if sides[entityType] == nil {
			sides[entityType] = make([][]*entity, len(order))
		}
		i := order[e.record.Platform]
		sides[entityType][i] = append(sides[entityType][i], e)
	}
	var groups [][]*entity
	ids := make(map[string]string, len(entities)) // of objects, by the id that each record would have on its own
	for _, entityType := range canonical.EntityTypes() {
		for _, group := range reconcile(entityType, sides[entityType], ids) {
			for _, e := range group {
				e.record.CanonicalID = group[0].record.MintedID
				ids[e.record.MintedID] = e.record.CanonicalID
			}
			groups = append(groups, group)
		}
	}
	objects := make([]StoredObject, len(groups))
	indexes := make([]int, len(groups))
	for i := range indexes {
		indexes[i] = i
	}
	if err := each(ctx, indexes, func(i int) error {
		objects[i] = merge(groups[i], ids, kept)
		return nil
	}); err != nil {
		return nil, nil, err
	}
	records := make([]StoredRecord, len(entities))
	for i, e := range entities {
		records[i] = e.record
	}
	return records, objects, nil
}

// read makes the canonical document of a record alone.
func (t *Translator) read(e *entity) error {
	r := &e.record
	p, err := t.platform(r.Platform)
	if err != nil {
		return err
	}
	payload := e.payload
	if payload.IsAbsent() {
		if payload, err = jsontext.ParseInput(r.Payload); err != nil {
			return fmt.Errorf("%s %s: %w", r.Platform, r.EntityType, err)
		}
	}
	if e.document, _, err = p.ToCanonical(r.EntityType, payload, mapping.Context{Variant: r.Variant, Rates: t.rates}); err != nil {
		return fmt.Errorf("%s %s: %w", r.Platform, r.EntityType, err)
	}
	r.MintedID = e.document.Get("id").Text()
	r.PlatformID = e.document.At("external_ids", r.Platform, "id").Text()
	if r.MintedID == "" || r.PlatformID == "" {
		return fmt.Errorf("%s %s: a record without an id of its own", r.Platform, r.EntityType)
	}
	return nil
}

// merge makes the object of a group of records, in order of precedence: its references lead to objects, too. kept has what
// earlier objects said beyond their records' words, by their ids; each is the id that one of its records has on its own.
func merge(group []*entity, ids map[string]string, kept map[string]keptFields) StoredObject {
	documents, readings := make([]jsontext.Value, len(group)), make([]reading, len(group))
	size := 0
	for i, e := range group {
		documents[i], readings[i] = e.document, reading{e.record.Platform, e.document}
		size += len(e.record.Payload) // the document's is about the same
	}
	document, entityType := mergeAll(documents), group[0].record.EntityType
	fields := keptFields{}
	for _, e := range slices.Backward(group) { // the first record's object takes precedence
		maps.Copy(fields, kept[e.record.MintedID])
	}
	if len(fields) > 0 {
		document, fields = fields.applyKept(document, readings)
	}
	document = withObjectIDs(entityType, document, ids)
	return StoredObject{
		ID: group[0].record.CanonicalID, EntityType: entityType, Document: document.Append(make([]byte, 0, size)),
		RefersTo: refersTo(entityType, document), Kept: fields.text(),
	}
}

// mergeAll merges documents in order of precedence.
func mergeAll(documents []jsontext.Value) jsontext.Value {
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

// each calls do for every item, on all processors, until ctx ends, and joins the errors. A panic of do is an error: it ends
// neither the program nor anybody else's request.
func each[T any](ctx context.Context, items []T, do func(T) error) error {
	workers := min(runtime.GOMAXPROCS(0), len(items)/64+1)
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					errs[w] = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
				}
			}()
			for i := w; i < len(items); i += workers {
				if errs[w] = ctx.Err(); errs[w] == nil {
					errs[w] = do(items[i])
				}
				if errs[w] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
