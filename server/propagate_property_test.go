package server_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/canonical"
	"structural.app/structural/gen"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/platform"
	"structural.app/structural/platform/procore"
	"structural.app/structural/platform/registry"
)

// world is what a customer's objects must be after what was done to them.
type world struct {
	*api
	t         *testing.T
	key       string
	random    *rand.Rand
	connected map[string]bool
	objects   map[string]gen.CanonicalObjectDetails // as they were last seen
	// said has what was propagated to an object since a platform was last connected: the value by field.
	said map[string]map[string]jsontext.Value
	// kept has what a record was not given, by object, platform and field: it has no such field, or the reference is not there.
	kept map[string]bool
}

// Whatever is connected, propagated and connected again: an object and its records agree on every field that was propagated
// since, what was never named stays as it was, and a dry run says what the run then does.
func TestPropagateChange_AnySequence(t *testing.T) {
	t.Parallel()
	a := newAPI(t, trustLoopback)
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			a := a.of(t)
			answer := a.do(post("/demo/session", "").with("X-Forwarded-For", fmt.Sprintf("10.4.0.%d", seed)))
			var created gen.CreateDemoSession201JSONResponseBody
			require.NoError(t, json.Unmarshal(answer.body, &created))
			w := &world{api: a, t: t, key: created.Data.APIKey, random: rand.New(rand.NewPCG(seed, 1)), connected: map[string]bool{}}
			w.connect()
			w.connect()
			for range 60 {
				if w.random.IntN(15) == 0 {
					w.connect()
				} else {
					w.change()
				}
			}
			a.isDerived(w.key)
		})
	}
}

func (w *world) connect() {
	platform := platforms[w.random.IntN(2)]
	w.api.connect(w.key, platform)
	w.connected[platform] = true
	w.objects, w.said, w.kept = map[string]gen.CanonicalObjectDetails{}, map[string]map[string]jsontext.Value{}, map[string]bool{}
	for platform := range w.connected {
		for _, entityType := range storedEntityTypes {
			for _, o := range w.api.objects(w.key, platform, entityType) {
				w.objects[o.CanonicalID] = w.object(o.CanonicalID)
			}
		}
	}
}

func (w *world) object(id string) gen.CanonicalObjectDetails {
	answer := w.do(get("/objects/" + id).as(w.key))
	require.Equal(w.t, http.StatusOK, answer.status)
	var response gen.ObjectResponse
	require.NoError(w.t, json.Unmarshal(answer.body, &response))
	return response.Data
}

// change changes some object, most often one that was changed before.
func (w *world) change() {
	ids := make([]string, 0, len(w.objects))
	for id := range w.objects {
		if len(w.said) == 0 || w.said[id] != nil || w.random.IntN(4) == 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	id := ids[w.random.IntN(len(ids))]
	before := w.objects[id]
	entityType := canonical.EntityType(before.EntityType)
	patch := w.patch(entityType)
	body := map[string]any{"format": "canonical", "canonical_id": id, "entity_type": entityType, "data": patch}
	given := patch
	if w.random.IntN(2) == 0 {
		mapping := before.Mappings[w.random.IntN(len(before.Mappings))]
		data, stated, ok := w.inItsWords(before, string(mapping.Platform), patch)
		if !ok {
			return
		}
		given = stated
		body = map[string]any{"format": "platform", "platform": mapping.Platform, "platform_id": mapping.PlatformID, "entity_type": entityType, "data": data}
	}
	text, err := json.Marshal(body)
	require.NoError(w.t, err)
	dry := body
	dry["dry_run"] = true
	dryText, err := json.Marshal(dry)
	require.NoError(w.t, err)

	trial := w.do(post("/propagate", string(dryText)).as(w.key))
	require.Equal(w.t, before, w.object(id), "a dry run writes nothing: %s", dryText)
	run := w.do(post("/propagate", string(text)).as(w.key))
	require.Equal(w.t, trial.status, run.status, "%s: %s", text, run.body)
	require.Contains(w.t, []int{http.StatusOK, http.StatusUnprocessableEntity}, run.status, "%s: %s", text, run.body)
	if run.status != http.StatusOK {
		require.Equal(w.t, trial.error(w.t).Message, run.error(w.t).Message)
		require.Equal(w.t, before, w.object(id), "%s", text)
		return
	}
	require.Equal(w.t, string(trial.body), string(run.body), "%s", text)

	var response gen.PropagateResponse
	require.NoError(w.t, json.Unmarshal(run.body, &response))
	after := w.object(id)
	require.Equal(w.t, string(response.Data.Canonical.Data), string(after.Data))
	w.objects[id] = after
	if w.said[id] == nil {
		w.said[id] = map[string]jsontext.Value{}
	}
	for _, m := range given.Members() {
		w.said[id][m.Key] = m.Value
	}
	w.checkReported(before, after, response.Data, given)
	w.checkAgreement(id, after, string(text))
	for other, was := range w.objects {
		if w.random.IntN(20) == 0 {
			require.Equal(w.t, was, w.object(other), "after %s", text)
		}
	}
}

// patch names one to three fields of a type.
func (w *world) patch(entityType canonical.EntityType) jsontext.Value {
	patch := jsontext.NewObject()
	fields := canonical.Fields(entityType)
	for range 1 + w.random.IntN(3) {
		f := fields[w.random.IntN(len(fields))]
		if v := w.value(f); !f.IsReadOnly() && !strings.Contains(f.Path, ".") && !v.IsAbsent() {
			patch = patch.With(f.Path, v)
		}
	}
	if patch.Len() == 0 {
		return w.patch(entityType)
	}
	return patch
}

func (w *world) value(f canonical.Field) jsontext.Value {
	n := w.random.IntN(100000)
	if n%20 == 0 && f.Type != canonical.LinesType {
		return jsontext.NullValue
	}
	switch f.Type {
	case canonical.TextType:
		return jsontext.NewString(fmt.Sprintf("T%d", n))
	case canonical.DecimalType:
		return jsontext.NewString(fmt.Sprintf("%d.5", n%100))
	case canonical.IntegerType:
		return jsontext.NewInt(int64(n + 1))
	case canonical.BooleanType:
		return jsontext.NewBool(n%2 == 0)
	case canonical.DateType:
		return jsontext.NewString(fmt.Sprintf("2026-%02d-%02d", n%12+1, n%28+1))
	case canonical.DateTimeType:
		return jsontext.NewString(fmt.Sprintf("2026-%02d-%02dT08:00:00Z", n%12+1, n%28+1))
	case canonical.MoneyType:
		currencies := []string{"USD", "QAR", "AED", "SAR", "BHD"}
		return canonical.Money{AmountMinor: int64(n*997 + 1), Currency: currencies[n%len(currencies)]}.Value()
	case canonical.WordType:
		return jsontext.NewString(f.Words[n%len(f.Words)])
	case canonical.ReferenceType:
		var ids []string
		for id := range w.objects {
			if strings.HasPrefix(id, f.Refers.Prefix()) {
				ids = append(ids, id)
			}
		}
		if slices.Sort(ids); len(ids) > 0 {
			return jsontext.NewString(ids[n%len(ids)])
		}
	}
	return jsontext.Value{}
}

// inItsWords states a patch in the words of a platform: in those fields that are another then, groups of them as a whole.
// stated is what that says in canonical fields.
func (w *world) inItsWords(object gen.CanonicalObjectDetails, name string, patch jsontext.Value) (data, stated jsontext.Value, ok bool) {
	p, ctx := w.platform(object, name)
	entityType := canonical.EntityType(object.EntityType)
	record := parseJSON(w.t, object.PlatformData[name])
	ctx.References = map[string]string{}
	for id, o := range w.objects {
		for _, m := range o.Mappings {
			if string(m.Platform) == name {
				ctx.References[id] = m.PlatformID
			}
		}
	}
	written, _, err := p.FromCanonical(entityType, patch, record, ctx)
	if err != nil {
		return data, stated, false
	}
	data = jsontext.NewObject()
	for _, m := range written.Members() {
		if !m.Value.Equal(record.Get(m.Key)) {
			data = data.With(m.Key, m.Value)
		}
	}
	document, _, err := p.ToCanonical(entityType, written, ctx)
	require.NoError(w.t, err)
	stated = jsontext.NewObject()
	for _, f := range p.Fields(entityType, "") {
		named := slices.ContainsFunc(f.Record, func(path jsontext.Path) bool { return !data.Get(path[0]).IsAbsent() })
		if !named || f.IsReadOnly() || len(f.Document) > 1 {
			continue
		}
		v := document.Get(f.Path)
		if v.IsAbsent() {
			v = jsontext.NullValue
		}
		stated = stated.With(f.Path, v)
	}
	return data, stated, data.Len() > 0 && stated.Len() > 0
}

var theRegistry = registry.New()

// platform is a platform, and how it reads the record of an object.
func (w *world) platform(object gen.CanonicalObjectDetails, name string) (platform.Platform, mapping.Context) {
	p, ok := theRegistry.Get(platform.Name(name))
	require.True(w.t, ok)
	ctx := mapping.Context{}
	switch member(w.t, object.Data, "commitment_type") {
	case `"work_order"`:
		ctx.Variant = procore.WorkOrder
	case `"purchase_order"`:
		ctx.Variant = procore.PurchaseOrder
	}
	return p, ctx
}

// checkReported holds the answer to what is there: the lists of fields are exactly what changed, and nothing changed that was
// not named.
func (w *world) checkReported(before, after gen.CanonicalObjectDetails, said gen.PropagateResponse_Data, given jsontext.Value) {
	w.t.Helper()
	was, is := parseJSON(w.t, before.Data), parseJSON(w.t, after.Data)
	assert.ElementsMatch(w.t, canonical.Changed(was, is), said.Canonical.UpdatedFields)
	for _, field := range said.Canonical.UpdatedFields {
		assert.False(w.t, given.Get(field).IsAbsent(), "%s was not named", field)
	}
	for name, record := range said.Propagated {
		was, is := parseJSON(w.t, before.PlatformData[name]), parseJSON(w.t, after.PlatformData[name])
		require.Equal(w.t, is.String(), parseJSON(w.t, record.Data).String())
		var changed []string
		for _, m := range is.Members() {
			if !m.Value.Equal(was.Get(m.Key)) {
				changed = append(changed, m.Key)
			}
		}
		assert.ElementsMatch(w.t, changed, record.UpdatedFields, name)
		p, ctx := w.platform(before, name)
		old, _, err := p.ToCanonical(canonical.EntityType(before.EntityType), was, ctx)
		require.NoError(w.t, err)
		now, _, err := p.ToCanonical(canonical.EntityType(before.EntityType), is, ctx)
		require.NoError(w.t, err)
		for _, field := range canonical.Changed(old, now) {
			assert.False(w.t, given.Get(field).IsAbsent(), "%s: %s was not named", name, field)
		}
		for _, lost := range record.Lost {
			w.kept[before.CanonicalID+name+lost.Field] = true
		}
	}
	for _, r := range said.References.Unresolved {
		w.kept[before.CanonicalID+string(r.Platform)+r.Field] = true
	}
	for _, r := range said.References.Resolved {
		delete(w.kept, before.CanonicalID+string(r.Platform)+r.Field)
	}
}

// checkAgreement holds an object and its records to all that was said of it.
func (w *world) checkAgreement(id string, object gen.CanonicalObjectDetails, last string) {
	w.t.Helper()
	document := parseJSON(w.t, object.Data)
	for field, value := range w.said[id] {
		w.same(document.Get(field), value, "", fmt.Sprintf("%s of %s after %s", field, id, last))
		for name, payload := range object.PlatformData {
			if w.kept[id+name+"/"+field] {
				continue
			}
			p, ctx := w.platform(object, name)
			said, _, err := p.ToCanonical(canonical.EntityType(object.EntityType), parseJSON(w.t, payload), ctx)
			require.NoError(w.t, err)
			w.same(said.Get(field), value, name, fmt.Sprintf("%s: %s of %s after %s", name, field, id, last))
		}
	}
}

// same compares a field with what was said: amounts by the pegs, references by what they lead to.
func (w *world) same(has, said jsontext.Value, platform, what string) {
	w.t.Helper()
	if said.IsNone() {
		assert.True(w.t, has.IsNone(), what)
		return
	}
	if given, ok := canonical.MoneyOf(said); ok {
		money, ok := canonical.MoneyOf(has)
		require.True(w.t, ok, what)
		converted, _, err := canonical.Rates{}.Convert(given, money.Currency)
		require.NoError(w.t, err)
		assert.Equal(w.t, converted, money, what)
		return
	}
	if id := said.Text(); len(id) > 15 && slices.ContainsFunc(canonical.EntityTypes(), func(t canonical.EntityType) bool { return canonical.IsID(t, id) }) {
		assert.Equal(w.t, w.object(id).CanonicalID, w.object(has.Text()).CanonicalID, what)
		return
	}
	assert.Equal(w.t, said.String(), has.String(), what)
}

func parseJSON(t *testing.T, text []byte) jsontext.Value {
	t.Helper()
	v, err := jsontext.Parse(text)
	require.NoError(t, err)
	return v
}
