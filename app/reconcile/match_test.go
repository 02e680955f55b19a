package reconcile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
			var got []string
			for _, group := range match(test.entityType, [][]*Candidate{side("procore", test.procore...), side("dynamics", test.dynamics...)}) {
				var ids []string
				for _, e := range group {
					ids = append(ids, e.Record.PlatformID)
				}
				got = append(got, strings.Join(ids, "+"))
			}
			assert.Equal(t, test.want, strings.Join(got, " "))
		})
	}
}

func TestNormalizedKeyOfPlainTextIsThatOfAnyText(t *testing.T) {
	for _, text := range []string{"C-LEX-001", "a b", "", "--", "ZzAa09"} {
		plain := NormalizedKey(jsontext.NewObject(jsontext.Member{Key: "number", Value: jsontext.NewString(text)}), "number")
		// A combining character that stands alone is no letter, and takes the text the long way.
		long := NormalizedKey(jsontext.NewObject(jsontext.Member{Key: "number", Value: jsontext.NewString(text + "–")}), "number")
		require.Equal(t, long, plain)
	}
}
