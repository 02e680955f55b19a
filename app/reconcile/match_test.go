package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// side makes records with these fields: "number=A-1" or "tax_id=1 name=x", one record for each text.
func side(platform string, texts ...string) []*Candidate {
	var entities []*Candidate
	for i, text := range texts {
		var members []jsontext.Member
		for _, field := range strings.Fields(text) {
			name, value, _ := strings.Cut(field, "=")
			members = append(members, jsontext.Member{Key: name, Value: jsontext.NewString(strings.ReplaceAll(value, "·", " "))})
		}
		entities = append(entities, &Candidate{
			Record:   Record{Platform: platform, PlatformID: fmt.Sprintf("%s%d", platform[:1], i+1)},
			Document: jsontext.NewObject(members...),
		})
	}
	return entities
}

func TestMatch(t *testing.T) {
	for name, test := range map[string]struct {
		entityType        canonical.EntityType
		procore, dynamics []string
		want              string
	}{
		"the same number":                 {canonical.Contract, []string{"number=C-1"}, []string{"number=C-1"}, "p1+d1"},
		"case, spaces and hyphens":        {canonical.Contract, []string{"number=C-LEX-001"}, []string{"number=c·lex001"}, "p1+d1"},
		"full-width digits":               {canonical.Payment, []string{"check_number=CHK-01"}, []string{"check_number=ＣＨＫ－０１"}, "p1+d1"},
		"ligatures and case folding":      {canonical.Customer, []string{"name=Straße·ﬁx"}, []string{"name=STRASSE·FIX"}, "p1+d1"},
		"Arabic names":                    {canonical.Customer, []string{"name=شركة·الدوحة"}, []string{"name=شركة·الدوحة"}, "p1+d1"},
		"another number":                  {canonical.Contract, []string{"number=C-1"}, []string{"number=C-2"}, "p1 d1"},
		"zeros count":                     {canonical.Invoice, []string{"number=1"}, []string{"number=01"}, "p1 d1"},
		"no number on either side":        {canonical.Payment, []string{"notes=x"}, []string{"notes=x"}, "p1 d1"},
		"empty numbers":                   {canonical.Payment, []string{"check_number="}, []string{"check_number="}, "p1 d1"},
		"numbers of punctuation":          {canonical.Payment, []string{"check_number=--"}, []string{"check_number=//"}, "p1 d1"},
		"twice on the first side":         {canonical.Contract, []string{"number=C-1", "number=C-1"}, []string{"number=C-1"}, "p1 p2 d1"},
		"twice on the second side":        {canonical.Contract, []string{"number=C-1"}, []string{"number=C-1", "number=c1"}, "p1 d1 d2"},
		"tax number before name":          {canonical.Customer, []string{"tax_id=1 name=A", "tax_id=2 name=B"}, []string{"tax_id=2 name=A", "tax_id=1 name=B"}, "p1+d2 p2+d1"},
		"name where a tax number lacks":   {canonical.Customer, []string{"tax_id=1 name=A"}, []string{"name=A"}, "p1+d1"},
		"same name, other tax number":     {canonical.Customer, []string{"tax_id=1 name=A"}, []string{"tax_id=2 name=A"}, "p1 d1"},
		"same name as a matched one":      {canonical.Customer, []string{"tax_id=1 name=A"}, []string{"tax_id=1 name=B", "name=A"}, "p1+d1 d2"},
		"name twice, once with its match": {canonical.Customer, []string{"tax_id=1 name=A", "name=A"}, []string{"name=A"}, "p1 p2 d1"},
		"one side empty":                  {canonical.Project, nil, []string{"number=1"}, "d1"},
	} {
		t.Run(name, func(t *testing.T) {
			groups := match(test.entityType, [][]*Candidate{side("procore", test.procore...), side("dynamics", test.dynamics...)}, nil, nil)
			assert.Equal(t, test.want, entitiesOf(groups))
		})
	}
}

// entitiesOf writes what reconcile finds: "p1+d1 d2".
func entitiesOf(groups []group) string {
	var got []string
	for _, group := range groups {
		var ids []string
		for _, e := range group.entities() {
			ids = append(ids, e.Record.PlatformID)
		}
		got = append(got, strings.Join(ids, "+"))
	}
	return strings.Join(got, " ")
}

// What looks alike and is not one is not made one: numbers that differ in a separator, words that stand where there is no number,
// tax numbers that forms are filled with.
func TestReconcile_NoFalseMatch(t *testing.T) {
	for _, test := range []struct {
		entityType    canonical.EntityType
		first, second string
		one           bool
	}{
		{canonical.Contract, "number=SC-1-12", "number=SC-11-2", false},
		{canonical.Contract, "number=PO·1.5", "number=PO·15", false},
		{canonical.Contract, "number=2025-001", "number=2025001", false},
		{canonical.Contract, "number=SC-1-12", "number=sc·1/12", true},
		{canonical.Contract, "number=SC-001", "number=SC001", true},
		{canonical.Contract, "number=N/A", "number=n/a", false},
		{canonical.Contract, "number=TBD", "number=T.B.D.", false},
		{canonical.Invoice, "number=0000", "number=0000", false},
		{canonical.Invoice, "number=00-0", "number=00-0", false},
		{canonical.Payment, "check_number=ACH", "check_number=ACH", false},
		{canonical.Payment, "check_number=ACH10007099", "check_number=ach·10007099", true},
		{canonical.Payment, "check_number=WIRE", "check_number=Wire", false},
		{canonical.Customer, "tax_id=00-0000000", "tax_id=00-0000000", false},
		{canonical.Customer, "tax_id=99-9999999", "tax_id=999999999", false},
		{canonical.Customer, "tax_id=123456789", "tax_id=123456789", false},
		{canonical.Customer, "tax_id=98-7654321", "tax_id=98-7654321", false},
		{canonical.Customer, "tax_id=100-3987-6540-0003", "tax_id=100398765400003", true},
		{canonical.Customer, "tax_id=NONE name=Alpha", "tax_id=none name=Alpha", true}, // a placeholder does not stand against the name either
		{canonical.Customer, "tax_id=EXEMPT name=Alpha", "tax_id=12-3456700 name=Alpha", true},
		{canonical.Customer, "name=Al·Noor·W.L.L.", "name=AL·NOOR·WLL", true},
		{canonical.Customer, "name=Ａｌｐｈａ", "name=alpha", true},
		{canonical.Customer, "name=Smith·&·Sons", "name=Smith·and·Sons", true},
		{canonical.Customer, "name=Smith·&·Sons", "name=Smith·Sons", false},
		{canonical.Customer, "name=बिल", "name=बल", false}, // letters with their marks
		{canonical.Customer, "name=Cafe\u0301", "name=Café", true},
	} {
		want := "p1 d1"
		if test.one {
			want = "p1+d1"
		}
		got := match(test.entityType, [][]*Candidate{side("procore", test.first), side("dynamics", test.second)}, nil, nil)
		assert.Equal(t, want, entitiesOf(got), "%s, %s", test.first, test.second)
	}
}

// A number counts within the vendor, or the project, of which it is one, where both sides say it.
func TestReconcile_WithinScope(t *testing.T) {
	// Vendors v and w are known on both platforms, x on the first and y on the second alone.
	ids := map[string]string{"pv": "v", "dv": "v", "pw": "w", "dw": "w", "px": "px", "dy": "dy", "c1": "c1", "c2": "c2"}
	for name, test := range map[string]struct {
		entityType        canonical.EntityType
		procore, dynamics []string
		want              string
	}{
		"an invoice 1 of each of two vendors": {canonical.Invoice, []string{"number=1 customer_id=pv", "number=1 customer_id=pw"},
			[]string{"number=1 customer_id=dw", "number=1 customer_id=dv"}, "p1+d2 p2+d1"},
		"of two vendors, one on each side":  {canonical.Invoice, []string{"number=1 customer_id=pv"}, []string{"number=1 customer_id=dw"}, "p1 d1"},
		"of vendors that stand alone":       {canonical.Invoice, []string{"number=1 customer_id=px"}, []string{"number=1 customer_id=dy"}, "p1 d1"},
		"of vendors that were never loaded": {canonical.Invoice, []string{"number=1 customer_id=p?"}, []string{"number=1 customer_id=d?"}, "p1 d1"},
		"one side does not say the vendor":  {canonical.Invoice, []string{"number=1 customer_id=pv"}, []string{"number=1"}, "p1+d1"},
		"it could be either's":              {canonical.Invoice, []string{"number=1 customer_id=pv", "number=1 customer_id=pw"}, []string{"number=1"}, "p1 p2 d1"},
		"twice of one vendor":               {canonical.Invoice, []string{"number=1 customer_id=pv", "number=1 customer_id=pv"}, []string{"number=1 customer_id=dv"}, "p1 p2 d1"},
		"one that says it, one that does not": {canonical.Invoice, []string{"number=1 customer_id=pv", "number=1"}, []string{"number=1 customer_id=dv"},
			"p1 p2 d1"},
		"contracts of two projects": {canonical.Contract, []string{"number=SC-001 project_id=pv"}, []string{"number=SC-001 project_id=dw"}, "p1 d1"},
		"contracts of one project":  {canonical.Contract, []string{"number=SC-001 project_id=pv"}, []string{"number=SC-001 project_id=dv"}, "p1+d1"},
		"payments of two customers": {canonical.Payment, []string{"check_number=12 customer_id=pv"}, []string{"check_number=12 customer_id=dw"}, "p1 d1"},
		"another reference leads elsewhere": {canonical.Invoice, []string{"number=1 customer_id=pv contract_id=c1"}, []string{"number=1 customer_id=dv contract_id=c2"},
			"p1 d1"},
		"another reference leads nowhere": {canonical.Invoice, []string{"number=1 customer_id=pv contract_id=c1"}, []string{"number=1 customer_id=dv contract_id=d?"},
			"p1+d1"},
	} {
		t.Run(name, func(t *testing.T) {
			got := match(test.entityType, [][]*Candidate{side("procore", test.procore...), side("dynamics", test.dynamics...)}, ids, nil)
			assert.Equal(t, test.want, entitiesOf(got))
		})
	}
}

// Of three platforms, no two records with different strong keys become one by way of a third.
func TestReconcile_ThreePlatforms(t *testing.T) {
	for name, test := range map[string]struct {
		procore, dynamics, sage []string
		want                    string
	}{
		"all by tax number":                 {[]string{"tax_id=1"}, []string{"tax_id=1"}, []string{"tax_id=1"}, "p1+d1+s1"},
		"two tax numbers by way of a name":  {[]string{"tax_id=1 name=A"}, []string{"name=A"}, []string{"tax_id=2 name=A"}, "p1+d1 s1"},
		"the one without it in the middle":  {[]string{"name=A"}, []string{"tax_id=1 name=A"}, []string{"tax_id=2 name=A"}, "p1+d1 s1"},
		"the third by name":                 {[]string{"tax_id=1 name=A"}, []string{"tax_id=1 name=B"}, []string{"name=B"}, "p1+d1+s1"},
		"the third by a name that two have": {[]string{"tax_id=1 name=A"}, []string{"tax_id=2 name=B"}, []string{"name=A"}, "p1+s1 d1"},
	} {
		t.Run(name, func(t *testing.T) {
			sides := [][]*Candidate{side("procore", test.procore...), side("dynamics", test.dynamics...), side("sage", test.sage...)}
			assert.Equal(t, test.want, entitiesOf(match(canonical.Customer, sides, nil, nil)))
		})
	}
}

// Whatever the records are: each is in one entity, an entity has one record of a platform at most, and no two of its records have
// different strong keys. The order of the records on a platform does not matter.
func TestReconcile_Laws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := []string{"procore", "dynamics", "sage"}[:rapid.IntRange(2, 3).Draw(t, "platforms")]
		sides, shuffled := make([][]*Candidate, len(names)), make([][]*Candidate, len(names))
		total := 0
		for i, name := range names {
			texts := rapid.SliceOfN(rapid.SampledFrom([]string{"tax_id=1", "tax_id=2", "name=A", "name=B", "tax_id=1 name=A", "tax_id=1 name=B", "tax_id=2 name=A", "notes=x"}), 0, 5).Draw(t, name)
			sides[i] = side(name, texts...)
			shuffled[i] = rapid.Permutation(sides[i]).Draw(t, name+" shuffled")
			total += len(texts)
		}
		sorted := func(groups []group) []string {
			return slices.Sorted(slices.Values(strings.Fields(entitiesOf(groups))))
		}
		groups := match(canonical.Customer, sides, nil, nil)
		seen := 0
		for _, group := range groups {
			platforms, taxIDs := map[string]bool{}, map[string]bool{}
			for _, e := range group.entities() {
				seen++
				require.False(t, platforms[e.Record.Platform])
				platforms[e.Record.Platform] = true
				if id := e.Document.Get("tax_id").Text(); id != "" {
					taxIDs[id] = true
				}
			}
			require.LessOrEqual(t, len(taxIDs), 1, entitiesOf(groups))
		}
		require.Equal(t, total, seen)
		require.Equal(t, sorted(groups), sorted(match(canonical.Customer, shuffled, nil, nil)))
	})
}

func TestNormalizedKey_PlainTextIsReadAsAnyText(t *testing.T) {
	for _, text := range []string{"C-LEX-001", "a b", "", "--", "ZzAa09", "1-2", "1 2", "a1-b2", "1&2", "-1-", "A--1..2"} {
		// A dash that is not ASCII takes the text the long way, and counts for nothing at its end.
		require.Equal(t, NormalizedKey(text+"–"), NormalizedKey(text))
	}
}
