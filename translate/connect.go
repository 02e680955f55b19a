package translate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"structural.app/structural/canonical"
	"structural.app/structural/platform"
)

// ConnectionStorage is the storage that connecting needs.
type ConnectionStorage interface {
	// Connect replaces all of a platform's records of a customer, at once or not at all. build is given the records of the
	// customer's other platforms; it returns the platform's records, the records of all platforms with the ids of their
	// canonical objects, and those objects.
	Connect(ctx context.Context, customerID, platform string,
		build func(others []canonical.StoredRecord) (records, mapped []canonical.StoredRecord, objects []canonical.StoredObject, err error),
	) error
}

// Source gives all records of a platform: a sandbox, or a connection to the real system.
type Source interface {
	Records(ctx context.Context) ([]platform.Record, error)
}

// Connect loads the records of a source as those of a platform of a customer, reconciles them with the records of the
// customer's other platforms, and says how many of each type they are. What the platform had before is gone.
func (t *Translator) Connect(ctx context.Context, storage ConnectionStorage, customerID, platformName string, source Source) (map[canonical.EntityType]int, error) {
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
		own[i] = &entity{payload: r.Payload, record: canonical.StoredRecord{
			Platform: platformName, EntityType: r.EntityType, Payload: bytes.Clone(text), CommitmentType: r.Context.CommitmentType,
		}}
	}
	err = storage.Connect(ctx, customerID, platformName, func(others []canonical.StoredRecord) (records, mapped []canonical.StoredRecord, objects []canonical.StoredObject, err error) {
		entities := own
		for _, record := range others {
			entities = append(entities, &entity{record: record})
		}
		if mapped, objects, err = t.unite(entities); err != nil {
			return nil, nil, nil, err
		}
		return mapped[:len(own)], mapped, objects, nil
	})
	return counts, err
}

// unite makes the canonical objects of all records of a customer. It depends on the records alone, not on their order. The
// records come back in the order in which they were given, with their ids.
func (t *Translator) unite(entities []*entity) ([]canonical.StoredRecord, []canonical.StoredObject, error) {
	if err := each(entities, t.read); err != nil {
		return nil, nil, err
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
		for _, group := range reconcile(entityType, sides[entityType]) {
			for _, e := range group {
				e.record.CanonicalID = group[0].record.MintedID
				ids[e.record.MintedID] = e.record.CanonicalID
			}
			groups = append(groups, group)
		}
	}
	objects := make([]canonical.StoredObject, len(groups))
	indexes := make([]int, len(groups))
	for i := range indexes {
		indexes[i] = i
	}
	if err := each(indexes, func(i int) error {
		objects[i] = merge(groups[i], ids)
		return nil
	}); err != nil {
		return nil, nil, err
	}
	records := make([]canonical.StoredRecord, len(entities))
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
		if payload, err = canonical.Parse(r.Payload); err != nil {
			return fmt.Errorf("%s %s: %w", r.Platform, r.EntityType, err)
		}
	}
	if e.document, _, err = p.ToCanonical(r.EntityType, payload, platform.Context{CommitmentType: r.CommitmentType, Rates: t.rates}); err != nil {
		return fmt.Errorf("%s %s: %w", r.Platform, r.EntityType, err)
	}
	r.MintedID = e.document.Get("id").Text()
	r.PlatformID = e.document.At("external_ids", r.Platform, "id").Text()
	if r.MintedID == "" || r.PlatformID == "" {
		return fmt.Errorf("%s %s: a record without an id of its own", r.Platform, r.EntityType)
	}
	return nil
}

// merge makes the object of a group of records, in order of precedence: its references lead to objects, too.
func merge(group []*entity, ids map[string]string) canonical.StoredObject {
	document := group[0].document
	size := len(group[0].record.Payload) // the document's is about the same
	for _, e := range group[1:] {
		document = canonical.Merge(document, e.document)
		size += len(e.record.Payload)
	}
	entityType := group[0].record.EntityType
	for _, reference := range canonical.References(entityType, document) {
		if id, ok := ids[reference.ID]; ok && id != reference.ID {
			document = document.With(reference.Field[1:], canonical.NewString(id))
		}
	}
	return canonical.StoredObject{ID: group[0].record.CanonicalID, EntityType: entityType, Document: document.Append(make([]byte, 0, size))}
}

// each calls do for every item, on all processors, and joins the errors.
func each[T any](items []T, do func(T) error) error {
	workers := min(runtime.GOMAXPROCS(0), len(items)/64+1)
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(items); i += workers {
				if err := do(items[i]); err != nil {
					errs[w] = err
					return
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
