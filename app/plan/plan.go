package plan

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"

	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform"
)

// Patch is a change of one object.
type Patch struct {
	Platform string         // in whose words the patch is stated; empty: in canonical fields
	Fields   jsontext.Value // only what it names changes; null empties a field
	Handling Handling       // of what a record cannot hold
	// Settings are those of the platforms' connections, ready, for the requests; a platform without any has none here.
	Settings map[string]*books.Settings
}

// Result is what a change makes of an object and its records.
type Result struct {
	Document      jsontext.Value
	UpdatedFields []string // canonical fields, in the document's order
	Changes       []canonical.Difference
	Records       []RecordResult // in order of precedence
	Resolved      []ResolvedReference
	Unresolved    []UnresolvedReference

	RefersTo []string // ids of the objects that the document refers to
	Kept     []byte   // what the document says beyond the words of its records, as JSON; nil: nothing

	// Compared is what the report needs of the object and its records as they are after the change.
	Compared reconcile.Compared
}

// RecordResult is a platform's record as it stands after the change.
type RecordResult struct {
	Platform, PlatformID string
	Payload              jsontext.Value
	UpdatedFields        []string // the platform's own, in the record's order
	Changes              []canonical.Difference
	Conversions          []mapping.Conversion
	Lost                 []mapping.Loss
	Requests             []platform.Request // what to send to the platform so that its record is this one
}

// Changed reports whether there is anything to write.
func (p *Result) Changed() bool {
	return len(p.Changes) > 0 || slices.ContainsFunc(p.Records, func(r RecordResult) bool { return len(r.Changes) > 0 })
}

// Planner plans changes of objects that have records on the platforms of a registry. Safe for concurrent use.
type Planner struct {
	platforms *platform.Registry
	rates     canonical.Rates
	shapes    sync.Map // of records: *recordShape by shapeOf

	// Comparer compares the records of objects.
	Comparer *reconcile.Comparer
}

type shapeOf struct {
	platform   platform.Name
	entityType canonical.EntityType
	variant    string
}

// New makes a planner that exchanges money at the given rates; the zero value of them is the pegs.
func New(platforms *platform.Registry, rates canonical.Rates) *Planner {
	return &Planner{platforms: platforms, rates: rates, Comparer: reconcile.NewComparer(platforms, rates)}
}

func (p *Planner) platform(name string) (platform.Platform, error) {
	found, ok := p.platforms.Get(platform.Name(name))
	if !ok {
		return nil, fmt.Errorf("no platform %q", name)
	}
	return found, nil
}

func (p *Planner) shape(of platform.Platform, entityType canonical.EntityType, variant string) *recordShape {
	key := shapeOf{of.Name(), entityType, variant}
	shape, ok := p.shapes.Load(key)
	if !ok {
		shape, _ = p.shapes.LoadOrStore(key, newRecordShape(of, entityType, variant))
	}
	return shape.(*recordShape)
}

// Draft is a change that is understood, and waits to be told what the object refers to. For use by one goroutine.
type Draft struct {
	planner    *Planner
	stop       stopper
	handling   Handling
	settings   map[string]*books.Settings
	entityType canonical.EntityType
	document   jsontext.Value
	index      *lineIndex     // of the document
	changed    jsontext.Value // the document with the change
	records    []*recordChange
	referents  map[string]Referent
	edits      edits
	lines      []int // the object's line for each line that the change names; -1: there is none
	// stated is the document in whose words the change is stated: the object's, or that of one of its records.
	stated      jsontext.Value
	statedIndex *lineIndex
	source      *recordChange // nil: the change is stated in canonical fields
	claimed     []edit        // of the document's amounts that are made of others
}

// Draft reads an object, its records and the patch. stop is asked now and then, here and in [Draft.Finish], whether to go on: its
// error ends the work.
//
// The error is a [*PatchError] when the patch names what it may not, a [*canonical.TranslationError] when a value cannot be
// translated, whose problems point into the patch or, of a strict change, into the object, a [*ClosedError] when a record is closed,
// or that of stop. Any other is a fault of what is stored.
func (p *Planner) Draft(object reconcile.Object, records []reconcile.Record, patch Patch, stop func() error) (*Draft, error) {
	d := &Draft{planner: p, stop: stop, handling: patch.Handling, settings: patch.Settings, entityType: object.EntityType}
	if err := d.read(object, records); err != nil {
		return nil, err
	}
	if err := d.state(patch); err != nil {
		return nil, err
	}
	if err := d.carryStated(); err != nil {
		return nil, err
	}
	d.claimSums()
	return d, nil
}

// Finish makes the change, once. referents are the objects that [Draft.ReferredIDs] names, by these ids; an id that leads
// nowhere is not in it. The errors are those of [Planner.Draft].
func (p *Draft) Finish(referents map[string]Referent) (Result, error) {
	if err := p.resolveReferents(referents); err != nil {
		return Result{}, err
	}
	if err := p.changeObject(); err != nil {
		return Result{}, err
	}
	result := Result{}
	var refused problems
	for _, s := range p.records {
		if err := p.changeUnlessClosed(s, &refused, &result); err != nil {
			return Result{}, err
		}
	}
	if err := cmp.Or(p.refuseClosed(&refused), refused.err()); err != nil {
		return Result{}, err
	}
	document, err := p.changed, error(nil)
	for _, s := range p.records {
		if document, err = p.finishRecord(s, document); err != nil {
			return Result{}, err
		}
		document = p.takeSums(s, document)
		p.reportReferences(s, document, &result)
		result.Records = append(result.Records, s.result)
	}
	if err := cmp.Or(p.checkClaims(document), p.refuseLosses(&result)); err != nil {
		return Result{}, err
	}
	p.sortReferences(&result)
	if p.entityType == canonical.Invoice {
		document, _ = books.Derive(document, nil)
	}
	result.Document = document
	result.Changes = canonical.FieldDifferences(p.document, document)
	result.UpdatedFields = fieldsOf(result.Changes)
	readings, objects := p.readings(), p.objects(p.referents)
	result.RefersTo, result.Kept = reconcile.RefersTo(p.entityType, document), reconcile.Kept(p.entityType, document, readings, objects)
	result.Compared = p.planner.Comparer.Summarize(p.entityType, document.Get("id").Text(), document, readings, objects)
	return result, p.stop()
}

// sortReferences puts what is reported of references in the order of the records.
func (p *Draft) sortReferences(result *Result) {
	byPlatform := func(a, b string) int {
		return cmp.Compare(slices.IndexFunc(p.records, func(r *recordChange) bool { return r.record.Platform == a }),
			slices.IndexFunc(p.records, func(r *recordChange) bool { return r.record.Platform == b }))
	}
	slices.SortStableFunc(result.Resolved, func(a, b ResolvedReference) int { return byPlatform(a.Platform, b.Platform) })
	slices.SortStableFunc(result.Unresolved, func(a, b UnresolvedReference) int { return byPlatform(a.Platform, b.Platform) })
}

// objects maps the ids that the records of referents have on their own to those of the objects.
func (p *Draft) objects(referents map[string]Referent) map[string]string {
	objects := map[string]string{}
	for _, r := range referents {
		for platform, native := range r.PlatformIDs {
			objects[canonical.MintID(platform, r.EntityType, native)] = r.CanonicalID
		}
	}
	return objects
}

// readings are what the records say after the change.
func (p *Draft) readings() []reconcile.Reading {
	readings := make([]reconcile.Reading, len(p.records))
	for i, s := range p.records {
		readings[i] = reconcile.Reading{Platform: s.record.Platform, Document: s.after, Variant: s.record.Variant}
	}
	return readings
}

// read reads the object and its records.
func (p *Draft) read(object reconcile.Object, records []reconcile.Record) (err error) {
	if p.document, err = jsontext.Parse(object.Document); err != nil {
		return fmt.Errorf("%s %s: %w", object.EntityType, object.ID, err)
	}
	p.index = newLineIndex(p.document)
	order := p.planner.platforms.Names()
	for _, record := range records {
		s := &recordChange{record: record, context: mapping.Context{Variant: record.Variant, Rates: p.planner.rates, Stop: p.stop}}
		if s.platform, err = p.planner.platform(record.Platform); err != nil {
			return err
		}
		if s.before, err = jsontext.Parse(record.Payload); err != nil {
			return fmt.Errorf("%s %s %s: %w", record.Platform, record.EntityType, record.PlatformID, err)
		}
		var report mapping.Report
		if s.document, report, err = s.platform.ToCanonical(p.entityType, s.before, s.context); err != nil {
			return fmt.Errorf("%s %s %s: %w", record.Platform, record.EntityType, record.PlatformID, storedError(err))
		}
		s.shape, s.payload, s.currency = p.planner.shape(s.platform, p.entityType, record.Variant), s.before, report.Currency
		s.computes = s.computesLines(p.entityType)
		s.result = RecordResult{Platform: record.Platform, PlatformID: record.PlatformID}
		p.records = append(p.records, s)
	}
	slices.SortStableFunc(p.records, func(a, b *recordChange) int {
		return cmp.Compare(slices.Index(order, a.platform.Name()), slices.Index(order, b.platform.Name()))
	})
	return p.stop()
}

// storedError is an error of a record that is stored already: a fault of ours, and not of the caller's patch.
func storedError(err error) error {
	if _, ok := errors.AsType[*canonical.TranslationError](err); ok {
		return errors.New(err.Error())
	}
	return err
}

// state reads the patch.
func (p *Draft) state(change Patch) (err error) {
	if change.Platform == "" {
		p.stated, p.statedIndex = p.document, p.index
		p.edits, err = canonicalEdits(p.entityType, p.document, change.Fields, p.index, p.stop)
		return err
	}
	i := slices.IndexFunc(p.records, func(s *recordChange) bool { return s.record.Platform == change.Platform })
	if i < 0 {
		return fmt.Errorf("no record on %s", change.Platform)
	}
	s := p.records[i]
	p.source, p.stated, p.statedIndex = s, s.document, newLineIndex(s.document)
	patch := patchRecord(s.shape, s.before, change.Fields, p.stop)
	if err := errors.Join(p.stop(), patch.err()); err != nil {
		return err
	}
	p.edits, err = s.statePatch(p.entityType, patch)
	return err
}

// changeObject makes the change to the object.
func (p *Draft) changeObject() error {
	p.lines = p.statedIndex.correspond(p.index, p.edits.lines)
	t := target{document: p.document, currency: currencyOf(p.document), lines: p.lines, rates: p.planner.rates, stop: p.stop}
	err := t.apply(p.edits, currencyOf(p.stated))
	if err == nil {
		err = t.carry(p.entityType, p.document, &p.edits, false)
	}
	p.changed = t.document
	return err
}
