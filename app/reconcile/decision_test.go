package reconcile

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"structural.app/structural/canonical"
)

// decision reads "p1=d2" (the same thing) or "p1#d2" (different things); its id is its text.
func decision(text string) Decision {
	d := Decision{ID: text, EntityType: canonical.Customer, Same: strings.Contains(text, "=")}
	platforms := map[byte]string{'p': "procore", 'd': "dynamics", 's': "sage"}
	for _, id := range strings.FieldsFunc(text, func(r rune) bool { return r == '=' || r == '#' }) {
		d.Records = append(d.Records, RecordID{platforms[id[0]], id})
	}
	return d
}

func decisions(texts string) (list []Decision) {
	for _, text := range strings.Fields(texts) {
		list = append(list, decision(text))
	}
	return list
}

func TestMatch_Decisions(t *testing.T) {
	for name, test := range map[string]struct {
		procore, dynamics, sage []string
		decisions               string
		want                    string
	}{
		"two that share no key":            {[]string{"name=A"}, []string{"name=B"}, nil, "p1=d1", "p1+d1"},
		"against a key":                    {[]string{"name=A"}, []string{"name=A"}, nil, "p1#d1", "p1 d1"},
		"against the strong key":           {[]string{"tax_id=1"}, []string{"tax_id=2"}, nil, "p1=d1", "p1+d1"},
		"which of two":                     {[]string{"name=A", "name=A"}, []string{"name=A"}, nil, "p2=d1", "p1 p2+d1"},
		"not those of the key, but others": {[]string{"name=A"}, []string{"name=A", "name=B"}, nil, "p1=d2", "p1+d2 d1"},
		"three, in pairs":                  {[]string{"name=A"}, []string{"name=B"}, []string{"name=C"}, "p1=d1 d1=s1", "p1+d1+s1"},
		"two of three by key, not that":    {[]string{"name=A"}, []string{"name=A"}, []string{"name=A"}, "p1#s1", "p1+d1 s1"},
		"of records that are not there":    {[]string{"name=A"}, []string{"name=A"}, nil, "p7=d1 p1#d9", "p1+d1"},
	} {
		t.Run(name, func(t *testing.T) {
			sides := [][]*Candidate{side("procore", test.procore...), side("dynamics", test.dynamics...), side("sage", test.sage...)}
			assert.Equal(t, test.want, entitiesOf(match(canonical.Customer, sides, nil, decisions(test.decisions))))
		})
	}
}

func TestAllows(t *testing.T) {
	for name, test := range map[string]struct{ earlier, decision, contradicts string }{
		"nothing before":                  {"", "p1=d1", ""},
		"the same again":                  {"p1=d1", "p1=d1", ""},
		"different, said same":            {"p1=d1", "p1#d1", "p1=d1"},
		"same, said different":            {"p1#d1", "p1=d1", "p1#d1"},
		"same, said different in between": {"p1=d1 p1#s1", "d1=s1", "p1#s1"},
		"different, joined in between":    {"p1=d1 d1=s1", "p1#s1", "p1=d1"},
		"two of one platform":             {"p1=d1", "p2=d1", "p1=d1"},
		"two of one platform in between":  {"p1=d1 s1=d2", "p1=s1", ""},
		"different of another one":        {"p1=d1", "p1#d2", ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := Allows(decisions(test.earlier), decision(test.decision))
			if test.contradicts == "" && name != "two of one platform in between" {
				require.NoError(t, err)
				return
			}
			var contradiction *ContradictionError
			require.ErrorAs(t, err, &contradiction)
			if test.contradicts != "" {
				assert.Equal(t, test.contradicts, contradiction.DecisionID)
			}
			assert.Contains(t, decisionIDs(test.earlier), contradiction.DecisionID)
		})
	}
}

func decisionIDs(texts string) []string { return strings.Fields(texts) }

// What people decided holds, whatever the keys say, and in whatever order they said it.
func TestMatch_DecisionsHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := []string{"procore", "dynamics", "sage"}[:rapid.IntRange(2, 3).Draw(t, "platforms")]
		sides := make([][]*Candidate, len(names))
		var ids []string
		for i, name := range names {
			texts := rapid.SliceOfN(rapid.SampledFrom([]string{"tax_id=1", "tax_id=2", "name=A", "name=B", "tax_id=1 name=A", "tax_id=2 name=A"}), 1, 4).Draw(t, name)
			sides[i] = side(name, texts...)
			for n := range texts {
				ids = append(ids, name[:1]+strconv.Itoa(n+1))
			}
		}
		var said []Decision
		for range rapid.IntRange(0, 6).Draw(t, "decisions") {
			a, b := rapid.SampledFrom(ids).Draw(t, "a"), rapid.SampledFrom(ids).Draw(t, "b")
			if a[0] == b[0] {
				continue
			}
			d := decision(a + rapid.SampledFrom([]string{"=", "#"}).Draw(t, "says") + b)
			if Allows(said, d) == nil {
				said = append(said, d)
			}
		}
		groups := match(canonical.Customer, sides, nil, said)
		in := map[string]int{}
		for i, group := range groups {
			platforms := map[string]bool{}
			for _, c := range group.entities() {
				require.False(t, platforms[c.Record.Platform])
				platforms[c.Record.Platform] = true
				in[c.Record.PlatformID] = i
			}
		}
		for _, d := range said {
			require.Equal(t, d.Same, in[d.Records[0].PlatformID] == in[d.Records[1].PlatformID], "%s: %s", d.ID, entitiesOf(groups))
		}
		sorted := func(groups []group) []string {
			return slices.Sorted(slices.Values(strings.Fields(entitiesOf(groups))))
		}
		require.Equal(t, sorted(groups), sorted(match(canonical.Customer, sides, nil, rapid.Permutation(said).Draw(t, "order"))))
	})
}
