package plan

import "structural.app/structural/app/reconcile"

// Derive says what is stored next to an object's document: the ids of the objects that it refers to, and what it says beyond
// the words of its records. objects maps ids that records have on their own to those of the objects that they are. The
// error says that the object or one of its records cannot be read.
func (p *Planner) Derive(object reconcile.Object, records []reconcile.Record, objects map[string]string) (reconcile.Object, error) {
	d := &Draft{planner: p, stop: func() error { return nil }, entityType: object.EntityType}
	if err := d.read(object, records); err != nil {
		return object, err
	}
	readings := make([]reconcile.Reading, len(d.records))
	for i, s := range d.records {
		readings[i] = reconcile.Reading{Platform: s.record.Platform, Document: s.document}
	}
	object.RefersTo = reconcile.RefersTo(object.EntityType, d.document)
	object.Kept = reconcile.Kept(object.EntityType, d.document, readings, objects)
	return object, nil
}

// Compare sets what the report needs of an object. objects maps ids that records have on their own to those of the objects that they are;
// refers lists what the records refer to, which may be missing there. The error says that the object or one of its records cannot be read.
func (p *Planner) Compare(object reconcile.Object, records []reconcile.Record, objects map[string]string) (_ reconcile.Object, refers []string, err error) {
	d := &Draft{planner: p, stop: func() error { return nil }, entityType: object.EntityType}
	if err := d.read(object, records); err != nil {
		return object, nil, err
	}
	readings := make([]reconcile.Reading, len(d.records))
	for i, s := range d.records {
		readings[i] = reconcile.Reading{Platform: s.record.Platform, Document: s.document, Variant: s.record.Variant}
		refers = append(refers, reconcile.RefersTo(object.EntityType, s.document)...)
	}
	compared := p.Comparer.Summarize(object.EntityType, object.ID, d.document, readings, objects)
	object.SetCompared(&compared)
	return object, refers, nil
}
