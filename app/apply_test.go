package app_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"structural.app/structural/app"
	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/platform"
	"structural.app/structural/platform/dynamics"
	"structural.app/structural/platform/example"
	"structural.app/structural/platform/procore"
	"structural.app/structural/store"
	"structural.app/structural/store/storetest"
)

// Whatever records come, change and go, in batches of any kind, and whatever is propagated in between: what is stored then is what a
// rebuild from all records would make, to the byte; and the version of an object moves only if something of it has changed.
func TestApply_EqualsARebuild(t *testing.T) {
	t.Parallel()
	w := newApplyWorld(t)
	rapid.Check(t, func(r *rapid.T) {
		w.newCustomer(r)
		for range rapid.IntRange(2, 7).Draw(r, "batches") {
			for range rapid.IntRange(0, 2).Draw(r, "changes in between") {
				w.changeSomething(r)
			}
			for range rapid.IntRange(0, 1).Draw(r, "decisions in between") {
				w.decideSomething(r)
			}
			if rapid.IntRange(0, 11).Draw(r, "the previous version") == 0 {
				w.asThePreviousVersion(r)
			}
			w.batch(r)
		}
	})
}

// More customers than a closure has rounds are each one with the next by name or by tax number.
func TestApply_AChainOfKeys(t *testing.T) {
	t.Parallel()
	w := newApplyWorld(t)
	w.newCustomer(t)
	var changes []reconcile.Change
	for i := range 50 {
		changes = append(changes,
			w.change(t, "procore", canonical.Customer, fmt.Sprintf(`{"id":%d,"name":"N%d","business_register":{"identifier":"T-%d"}}`, i+1, i, 7000+7*i), ""),
			w.change(t, "dynamics", canonical.Customer, fmt.Sprintf(`{"id":"%s","displayName":"N%d","taxRegistrationNumber":"T-%d"}`, guid(i+1), i+1, 7000+7*i), ""))
	}
	w.apply(t, changes)
	w.apply(t, []reconcile.Change{w.change(t, "procore", canonical.Customer, `{"id":1,"name":"N50"}`, "")})
	w.apply(t, []reconcile.Change{w.gone(t, "dynamics", canonical.Customer, fmt.Sprintf(`{"id":"%s"}`, guid(1)))})
}

// What differs is written, and nothing else: of a customer with many records, a change of one reads and writes a few.
func TestApply_TouchesNoOthers(t *testing.T) {
	t.Parallel()
	w := newApplyWorld(t)
	w.newCustomer(t)
	invoice := func(id int, vendor int) string {
		return fmt.Sprintf(`{"id":%d,"invoice_number":"1","vendor_id":%d}`, id, vendor)
	}
	var changes []reconcile.Change
	for i := range 200 { // an invoice 1 of each vendor
		changes = append(changes,
			w.change(t, "procore", canonical.Customer, fmt.Sprintf(`{"id":%d,"name":"Vendor %d"}`, i+1, i+1), ""),
			w.change(t, "procore", canonical.Invoice, invoice(i+1, i+1), ""))
	}
	w.apply(t, changes)
	applied := w.apply(t, []reconcile.Change{w.change(t, "procore", canonical.Invoice, strings.Replace(invoice(7, 7), `}`, `,"comment":"x"}`, 1), "")})
	assert.Len(t, applied.Put, 1)
	assert.Len(t, applied.Objects, 1)
	assert.LessOrEqual(t, w.stored.records, 2, "records that were read")
	applied = w.apply(t, []reconcile.Change{w.change(t, "procore", canonical.Invoice, strings.Replace(invoice(7, 7), `}`, `,"comment":"x"}`, 1), "")})
	assert.True(t, applied.IsEmpty())
}

// applyWorld is a customer with three platforms, in a database that all have.
type applyWorld struct {
	platforms  *platform.Registry
	translator *app.Translator
	changer    *app.Changer
	store      *store.Store
	db         *sqlx.DB
	customer   string
	customers  atomic.Int64
	ledger     string
	stored     *countingStored
	comparer   *reconcile.Comparer
}

func newApplyWorld(t testing.TB) *applyWorld {
	platforms := platform.NewRegistry(platform.New(procore.Definition()), platform.New(dynamics.Definition()), platform.New(example.Definition()))
	dsn := storetest.NewDatabase(t)
	w := &applyWorld{platforms: platforms, translator: app.New(platforms, canonical.Rates{}), ledger: "receivable", db: storetest.SQL(t, dsn)}
	w.store = storetest.Open(t, dsn, store.WithPrecedence(platforms.Names()))
	w.comparer = reconcile.NewComparer(platforms, canonical.Rates{})
	w.changer = app.NewChanger(w.translator, w.store, app.Quotas{})
	return w
}

func (w *applyWorld) newCustomer(t require.TestingT) {
	var err error
	w.customer, err = w.store.CreateCustomer(context.Background(), app.ModeTest, "", sha256.Sum256(fmt.Append(nil, w.customers.Add(1))))
	require.NoError(t, err)
}

func guid(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// batch applies random changes of random records, of one platform or of all.
func (w *applyWorld) batch(r *rapid.T) {
	var changes []reconcile.Change
	for range rapid.IntRange(0, 14).Draw(r, "records") {
		p := rapid.SampledFrom([]string{"procore", "dynamics", "procore", "dynamics", "sage"}).Draw(r, "platform")
		t := canonical.Payment
		if p != "sage" {
			t = rapid.SampledFrom([]canonical.EntityType{canonical.Project, canonical.Customer, canonical.Customer, canonical.Contract, canonical.Invoice, canonical.Payment}).Draw(r, "type")
		}
		payload, variant := randomRecord(r, p, t)
		if rapid.IntRange(0, 7).Draw(r, "gone") == 0 {
			changes = append(changes, w.gone(r, p, t, payload))
		} else {
			changes = append(changes, w.change(r, p, t, payload, variant))
		}
	}
	w.apply(r, changes)
}

// randomRecord has few ids, keys and references, so that they collide.
func randomRecord(r *rapid.T, platformName string, t canonical.EntityType) (payload, variant string) {
	var members []string
	add := func(format string, args ...any) { members = append(members, fmt.Sprintf(format, args...)) }
	number := func() int { return rapid.IntRange(1, 3).Draw(r, "n") }
	some := func() bool { return rapid.IntRange(0, 7).Draw(r, "some") > 0 }
	text := func(name string, values ...string) {
		if some() {
			add(`%q:%q`, name, rapid.SampledFrom(values).Draw(r, name))
		}
	}
	reference := func(name string) {
		switch n := number(); {
		case !some():
		case platformName == "dynamics":
			add(`%q:%q`, name, guid(n))
		default:
			add(`%q:%d`, name, n)
		}
	}
	id := number()
	if platformName == "dynamics" {
		add(`"id":%q`, guid(id))
	} else if platformName == "procore" {
		add(`"id":%d`, id)
	}
	keys := []string{"A-1", "a1", "A 1", "B-2", "C-3", "N/A"}
	switch platformName + " " + string(t) {
	case "procore project":
		text("project_number", keys...)
		text("name", "Tower", "Hotel")
		add(`"active":true`)
		reference("parent_job_id")
	case "procore customer":
		text("name", "North", "South", "East")
		if some() {
			add(`"business_register":{"identifier":%q}`, rapid.SampledFrom([]string{"T-9001", "T-77", "TBD"}).Draw(r, "tax"))
		}
		reference("parent_id")
	case "procore contract":
		variant = rapid.SampledFrom(procoreVariants).Draw(r, "variant")
		text("number", keys...)
		text("title", "Works", "Supply")
		reference("project_id")
		reference("vendor_id")
	case "procore invoice":
		text("invoice_number", keys...)
		reference("project_id")
		reference("vendor_id")
		reference("commitment_id")
	case "procore payment":
		text("check_number", keys...)
		text("notes", "one", "two")
		reference("vendor_id")
		reference("contract_id")
		reference("requisition_id")
	case "dynamics project":
		text("number", keys...)
		text("displayName", "Tower", "Castle")
		text("status", "Open", "Planning")
		reference("billToCustomerId")
	case "dynamics customer":
		text("displayName", "North", "South", "East")
		text("taxRegistrationNumber", "T-9001", "T-77", "TBD")
	case "dynamics contract":
		text("externalDocumentNumber", keys...)
		reference("jobId")
		reference("customerId")
	case "dynamics invoice":
		text("externalDocumentNumber", keys...)
		reference("customerId")
		reference("orderId")
		reference("jobId")
	case "dynamics payment":
		text("externalDocumentNumber", keys...)
		reference("customerId")
		reference("orderId")
		reference("appliesToInvoiceId")
	case "sage payment":
		add(`"ref":%d`, id)
		text("cheque", keys...)
		reference("jobRef")
	}
	return "{" + strings.Join(members, ",") + "}", variant
}

var procoreVariants = []string{procore.WorkOrder, procore.PurchaseOrder}

func (w *applyWorld) change(t require.TestingT, platformName string, entityType canonical.EntityType, payload, variant string) reconcile.Change {
	value, err := jsontext.ParseInput([]byte(payload))
	require.NoError(t, err)
	c := &reconcile.Candidate{Record: app.StoredRecord{Platform: platformName, EntityType: entityType, Payload: value.Append(nil), Variant: variant}}
	p, ok := w.platforms.Get(platform.Name(platformName))
	require.True(t, ok)
	require.NoError(t, c.Read(p, canonical.Rates{}))
	return reconcile.Change{Candidate: c}
}

func (w *applyWorld) gone(t require.TestingT, platformName string, entityType canonical.EntityType, payload string) reconcile.Change {
	variant := ""
	if platformName == "procore" && entityType == canonical.Contract {
		variant = procore.WorkOrder
	}
	c := w.change(t, platformName, entityType, payload, variant)
	c.Gone = true
	return c
}

// changeSomething propagates a change of an object: one that its records have no word for, or one of its key.
func (w *applyWorld) changeSomething(r *rapid.T) {
	var objects []struct {
		ID   string `db:"id"`
		Type string `db:"entity_type"`
	}
	require.NoError(r, w.db.Select(&objects, `SELECT id, entity_type FROM canonical_objects WHERE customer_id = $1 ORDER BY id`, w.customer))
	if len(objects) == 0 {
		return
	}
	o := rapid.SampledFrom(objects).Draw(r, "object")
	patches := map[string][]string{
		"project": {`{"status":"planning"}`, `{"number":"B-2"}`}, "customer": {`{"name":"East"}`, `{"tax_id":"T-77"}`}, "contract": {`{"number":"B-2"}`, `{"status":"terminated"}`},
		"invoice": {`{"number":"A-1"}`}, "payment": {`{"check_number":"B-2"}`, `{"status":"void"}`},
	}
	fields, err := jsontext.Parse([]byte(rapid.SampledFrom(patches[o.Type]).Draw(r, "patch")))
	require.NoError(r, err)
	request := app.ChangeRequest{Actor: app.Actor{Kind: app.ActorKey, KeyID: w.customer, Mode: app.ModeTest}, RequestID: "req_000000000001",
		Query: app.ObjectQuery{CustomerID: w.customer, CanonicalID: o.ID}}
	request.Patch.Fields = fields
	// What a platform refuses is not changed.
	_, _ = w.changer.Change(context.Background(), request)
}

// asThePreviousVersion leaves the rows as a version that knows nothing of keys does: objects without the version in which they were
// matched, keys of records that are no more.
func (w *applyWorld) asThePreviousVersion(t require.TestingT) {
	for _, statement := range []string{
		`UPDATE canonical_objects SET matched_version = NULL WHERE customer_id = $1`,
		`DELETE FROM record_references WHERE customer_id = $1`,
		`UPDATE record_keys SET platform_id = platform_id || '9' WHERE customer_id = $1`,
	} {
		_, err := w.db.Exec(statement, w.customer)
		require.NoError(t, err)
	}
}

// storedState is all that a customer has.
type storedState struct {
	decisions  []reconcile.Decision
	records    map[reconcile.Name]app.StoredRecord
	objects    map[string]app.StoredObject
	keys       map[reconcile.Name][]reconcile.Key
	references map[reconcile.Name][]string
	bytes      int64
	history    int
}

func (w *applyWorld) state(t require.TestingT) storedState {
	s := storedState{nil, map[reconcile.Name]app.StoredRecord{}, map[string]app.StoredObject{}, map[reconcile.Name][]reconcile.Key{}, map[reconcile.Name][]string{}, 0, 0}
	scan := func(query string, row func(rows *sqlx.Rows) error) {
		rows, err := w.db.Queryx(query, w.customer)
		require.NoError(t, err)
		defer rows.Close()
		for rows.Next() {
			require.NoError(t, row(rows))
		}
		require.NoError(t, rows.Err())
	}
	scan(`SELECT p.platform, p.entity_type, p.platform_id, p.payload, p.commitment_type, m.canonical_id, m.minted_id
		FROM platform_objects p FULL JOIN entity_mappings m USING (customer_id, platform, entity_type, platform_id) WHERE customer_id = $1`, func(rows *sqlx.Rows) error {
		var r app.StoredRecord
		err := rows.Scan(&r.Platform, &r.EntityType, &r.PlatformID, &r.Payload, &r.Variant, &r.CanonicalID, &r.MintedID)
		s.records[r.Name()] = r
		return err
	})
	scan(`SELECT id, entity_type, document, version, refers_to, kept, reason, compared, coalesce(disagrees, false) FROM canonical_objects WHERE customer_id = $1`, func(rows *sqlx.Rows) error {
		var o app.StoredObject
		var reason []byte
		err := rows.Scan(&o.ID, &o.EntityType, &o.Document, &o.Version, pq.Array(&o.RefersTo), &o.Kept, &reason, &o.Compared, &o.Disagrees)
		if reason != nil {
			require.NoError(t, json.Unmarshal(reason, &o.Reason))
		}
		s.objects[o.ID] = o
		return err
	})
	scan(`SELECT platform, entity_type, platform_id, key, scope FROM record_keys WHERE customer_id = $1 ORDER BY key`, func(rows *sqlx.Rows) error {
		var n reconcile.Name
		var k reconcile.Key
		err := rows.Scan(&n.Platform, &n.EntityType, &n.PlatformID, &k.Text, &k.Scope)
		s.keys[n] = append(s.keys[n], k)
		return err
	})
	scan(`SELECT platform, entity_type, platform_id, refers_to FROM record_references WHERE customer_id = $1 ORDER BY refers_to`, func(rows *sqlx.Rows) error {
		var n reconcile.Name
		var id string
		err := rows.Scan(&n.Platform, &n.EntityType, &n.PlatformID, &id)
		s.references[n] = append(s.references[n], id)
		return err
	})
	scan(`SELECT id, entity_type, same, records FROM match_decisions WHERE customer_id = $1 ORDER BY id COLLATE "C"`, func(rows *sqlx.Rows) error {
		var d reconcile.Decision
		var named []byte
		if err := rows.Scan(&d.ID, &d.EntityType, &d.Same, &named); err != nil {
			return err
		}
		s.decisions = append(s.decisions, d)
		return json.Unmarshal(named, &s.decisions[len(s.decisions)-1].Records)
	})
	require.NoError(t, w.db.Get(&s.bytes, `SELECT coalesce(max(record_bytes), 0) FROM customer_state WHERE customer_id = $1`, w.customer))
	require.NoError(t, w.db.Get(&s.history, `SELECT count(*) FROM changes WHERE customer_id = $1`, w.customer))
	return s
}

// apply applies changes, and holds what is stored then to a rebuild.
func (w *applyWorld) apply(t require.TestingT, changes []reconcile.Change) (applied *reconcile.Applied) {
	before := w.state(t)
	names := w.platforms.Names()
	err := w.store.Apply(context.Background(), app.Batch{CustomerID: w.customer, Platform: "procore", Ledger: w.ledger}, func(stored reconcile.Stored) (*reconcile.Applied, error) {
		w.stored = &countingStored{Stored: stored}
		var err error
		applied, err = reconcile.Applier{Read: w.read, Precedence: names, Comparer: w.comparer}.Apply(w.stored, changes, nil)
		return applied, err
	})
	require.NoError(t, err)
	after := w.state(t)
	w.compare(t, before, after, changes)
	return applied
}

func (w *applyWorld) read(candidates []*reconcile.Candidate) error {
	for _, c := range candidates {
		p, _ := w.platforms.Get(platform.Name(c.Record.Platform))
		if err := c.Read(p, canonical.Rates{}); err != nil {
			return err
		}
	}
	return nil
}

// rebuild is what all records make, from scratch: the objects by id, and the records.
func (w *applyWorld) rebuild(t require.TestingT, before storedState, changes []reconcile.Change) (map[string]app.StoredObject, map[reconcile.Name]app.StoredRecord) {
	records := maps.Clone(before.records)
	for _, c := range changes {
		name := c.Candidate.Record.Name()
		if delete(records, name); !c.Gone {
			records[name] = c.Candidate.Record
		}
	}
	var candidates []*reconcile.Candidate
	for _, name := range slices.SortedFunc(maps.Keys(records), reconcile.Name.Compare) {
		r := records[name]
		candidates = append(candidates, &reconcile.Candidate{Record: app.StoredRecord{Platform: r.Platform, EntityType: r.EntityType, Payload: r.Payload, Variant: r.Variant}})
	}
	require.NoError(t, w.read(candidates))
	var kept []app.StoredObject
	for _, o := range before.objects {
		if o.Kept != nil {
			kept = append(kept, o)
		}
	}
	matches, err := reconcile.Match(candidates, w.platforms.Names(), kept, before.decisions)
	require.NoError(t, err)
	matches.Comparer = w.comparer
	objects := map[string]app.StoredObject{}
	for i := range matches.Len() {
		o := matches.Object(i)
		objects[o.ID] = o
	}
	for _, c := range candidates {
		records[c.Record.Name()] = c.Record
	}
	return objects, records
}

func (w *applyWorld) compare(t require.TestingT, before, after storedState, changes []reconcile.Change) {
	for id := range w.compareStored(t, before, after, changes) {
		w.compareVersions(t, before, after, id)
	}
	require.Equal(t, before.history, after.history)
}

// decideSomething has a person decide about two records that there are, or take a decision back.
func (w *applyWorld) decideSomething(r *rapid.T) {
	before := w.state(r)
	names := slices.SortedFunc(maps.Keys(before.records), reconcile.Name.Compare)
	if len(names) < 2 {
		return
	}
	actor := app.Actor{Kind: app.ActorKey, KeyID: w.customer, Mode: app.ModeTest}
	decider := app.NewDecider(w.translator, w.store, app.Quotas{})
	if n := len(before.decisions); n > 0 && rapid.IntRange(0, 2).Draw(r, "take back") == 0 {
		id := before.decisions[rapid.IntRange(0, n-1).Draw(r, "decision")].ID
		require.NoError(r, decider.Withdraw(context.Background(), app.Withdrawal{Actor: actor, CustomerID: w.customer, DecisionID: id}))
	} else {
		a, b := rapid.SampledFrom(names).Draw(r, "one"), rapid.SampledFrom(names).Draw(r, "other")
		if a.EntityType != b.EntityType || a.Platform == b.Platform {
			return
		}
		_, _, err := decider.Decide(context.Background(), app.DecisionRequest{
			Actor: actor, CustomerID: w.customer, EntityType: a.EntityType, Same: rapid.Bool().Draw(r, "same"),
			Records: []reconcile.RecordID{{Platform: a.Platform, PlatformID: a.PlatformID}, {Platform: b.Platform, PlatformID: b.PlatformID}},
		})
		var contradiction *reconcile.ContradictionError
		if !errors.As(err, &contradiction) {
			require.NoError(r, err)
		}
	}
	after := w.state(r)
	if len(after.decisions) == len(before.decisions) { // it stood already, or contradicts another: nothing was done
		require.Equal(r, before, after)
		return
	}
	before.decisions = after.decisions
	w.compareStored(r, before, after, nil)
}

// compareStored holds what is stored to a rebuild, and returns its objects.
func (w *applyWorld) compareStored(t require.TestingT, before, after storedState, changes []reconcile.Change) map[string]app.StoredObject {
	objects, records := w.rebuild(t, before, changes)
	require.ElementsMatch(t, slices.Collect(maps.Keys(records)), slices.Collect(maps.Keys(after.records)))
	bytes := int64(0)
	for name, want := range records {
		got := after.records[name]
		require.Equal(t, []string{string(want.Payload), want.Variant, want.CanonicalID, want.MintedID}, []string{string(got.Payload), got.Variant, got.CanonicalID, got.MintedID}, "%v", name)
		slices.SortFunc(want.Keys, func(x, y reconcile.Key) int { return strings.Compare(x.Text, y.Text) })
		slices.Sort(want.RefersTo)
		require.Equal(t, want.Keys, after.keys[name], "%v", name)
		require.Equal(t, want.RefersTo, after.references[name], "%v", name)
		bytes += int64(app.RowBytes + len(want.Payload))
	}
	require.LessOrEqual(t, len(after.keys), len(records))
	require.LessOrEqual(t, len(after.references), len(records))
	require.ElementsMatch(t, slices.Collect(maps.Keys(objects)), slices.Collect(maps.Keys(after.objects)))
	for id, want := range objects {
		got := after.objects[id]
		require.Equal(t, want.Reason, got.Reason, "%s", id)
		require.Equal(t, string(want.Compared), string(got.Compared), "%s", id)
		require.Equal(t, want.Disagrees, got.Disagrees, "%s", id)
		require.Equal(t, []string{string(want.EntityType), string(want.Document), string(want.Kept)}, []string{string(got.EntityType), string(got.Document), string(got.Kept)}, "%s", id)
		require.Equal(t, want.RefersTo, got.RefersTo, "%s", id)
		bytes += int64(app.RowBytes + len(want.Document) + len(want.Kept))
	}
	require.Equal(t, bytes, after.bytes)
	return objects
}

// compareVersions wants the version of an object to rise if anything of it has changed, and only then.
func (w *applyWorld) compareVersions(t require.TestingT, before, after storedState, id string) {
	had, has := before.objects[id], after.objects[id]
	var highest int64
	for _, o := range before.objects {
		highest = max(highest, o.Version)
	}
	if had.ID != "" && had.Reason == has.Reason && bytes.Equal(had.Compared, has.Compared) && bytes.Equal(had.Document, has.Document) && bytes.Equal(had.Kept, has.Kept) && slices.Equal(before.members(id), after.members(id)) {
		require.Equal(t, had.Version, has.Version, "%s", id)
		return
	}
	require.Greater(t, has.Version, highest, "%s", id)
}

// members are the records of an object, with what they say.
func (s storedState) members(id string) (list []string) {
	for _, name := range slices.SortedFunc(maps.Keys(s.records), reconcile.Name.Compare) {
		if r := s.records[name]; r.CanonicalID == id {
			list = append(list, fmt.Sprint(name, r.Variant, string(r.Payload)))
		}
	}
	return list
}

// countingStored counts the records that are read.
type countingStored struct {
	reconcile.Stored
	records int
}

func (s *countingStored) Records(names []reconcile.Name) ([]app.StoredRecord, error) {
	records, err := s.Stored.Records(names)
	s.records += len(records)
	return records, err
}

func (s *countingStored) AllRecords(t canonical.EntityType) ([]app.StoredRecord, error) {
	records, err := s.Stored.AllRecords(t)
	s.records += len(records)
	return records, err
}

// What an invoice's number counts within becomes one with what another one's counts within, and parts from it again: so do the invoices,
// although neither of them changes.
func TestApply_ScopesMeetAndPart(t *testing.T) {
	t.Parallel()
	w := newApplyWorld(t)
	w.newCustomer(t)
	renamed := func(name string) []reconcile.Change {
		return []reconcile.Change{w.change(t, "dynamics", canonical.Customer, fmt.Sprintf(`{"id":%q,"displayName":%q}`, guid(1), name), "")}
	}
	w.apply(t, append(renamed("North"),
		w.change(t, "procore", canonical.Customer, `{"id":1,"name":"South"}`, ""),
		w.change(t, "procore", canonical.Invoice, `{"id":1,"invoice_number":"A-1","vendor_id":1}`, ""),
		w.change(t, "dynamics", canonical.Invoice, fmt.Sprintf(`{"id":%q,"externalDocumentNumber":"A-1","customerId":%q}`, guid(1), guid(1)), "")))
	require.Len(t, w.state(t).objects, 4)
	w.apply(t, renamed("South"))
	require.Len(t, w.state(t).objects, 2)
	w.apply(t, renamed("North"))
	require.Len(t, w.state(t).objects, 4)
}

// Batches of three platforms and changes come at the same time: each is done whole or refused, and in the end all is what a rebuild makes.
func TestApply_WhileOthersApplyAndChange(t *testing.T) {
	t.Parallel()
	w := newApplyWorld(t)
	w.newCustomer(t)
	payloads := map[string]func(id, key int) string{
		"procore": func(id, key int) string {
			return fmt.Sprintf(`{"id":%d,"check_number":"K-%d","notes":"n%d"}`, id, key, key)
		},
		"dynamics": func(id, key int) string {
			return fmt.Sprintf(`{"id":%q,"externalDocumentNumber":"K-%d"}`, guid(id), key)
		},
		"sage": func(id, key int) string { return fmt.Sprintf(`{"ref":%d,"cheque":"K-%d"}`, id, key) },
	}
	w.apply(t, []reconcile.Change{w.change(t, "procore", canonical.Payment, payloads["procore"](1, 1), "")})
	var done atomic.Int64
	var wg sync.WaitGroup
	for name, payload := range payloads {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(len(name))))
			for range 30 {
				c := w.change(t, name, canonical.Payment, payload(1+random.IntN(4), 1+random.IntN(4)), "")
				c.Gone = name != "procore" && random.IntN(4) == 0
				err := w.translator.Apply(context.Background(), w.store, app.Batch{CustomerID: w.customer, Platform: name, Ledger: w.ledger}, []reconcile.Change{c}, nil)
				assert.NoError(t, err)
				done.Add(1)
			}
		})
	}
	var changed atomic.Int64
	wg.Go(func() {
		for i := 0; done.Load() < 90 && !t.Failed(); i++ {
			fields, err := jsontext.Parse(fmt.Appendf(nil, `{"check_number":"K-%d"}`, 1+i%4))
			assert.NoError(t, err)
			request := app.ChangeRequest{Actor: app.Actor{Kind: app.ActorKey, KeyID: w.customer, Mode: app.ModeTest}, RequestID: "req_000000000001",
				Query: app.ObjectQuery{CustomerID: w.customer, CanonicalID: canonical.MintID("procore", canonical.Payment, "1")}}
			request.Patch.Fields = fields
			if _, err = w.changer.Change(context.Background(), request); err == nil {
				changed.Add(1)
			} else {
				assert.ErrorIs(t, err, app.ErrBusy)
			}
		}
	})
	wg.Wait()
	assert.Positive(t, changed.Load())
	w.apply(t, nil)
}
