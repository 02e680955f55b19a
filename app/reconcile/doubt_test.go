package reconcile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"structural.app/structural/canonical"
)

func TestDoubts(t *testing.T) {
	for name, test := range map[string]struct {
		entityType         canonical.EntityType
		procore, dynamics  []string
		matched, different string
		want               string
	}{
		"one key, two on a side":         {canonical.Customer, []string{"name=A", "name=A"}, []string{"name=A"}, "", "", "p1:d1/same_key p2:d1/same_key d1:p1/same_key d1:p2/same_key"},
		"a person said no":               {canonical.Customer, []string{"name=A", "name=A"}, []string{"name=A"}, "", "p1d1", "p2:d1/same_key d1:p2/same_key"},
		"the stronger key says no":       {canonical.Customer, []string{"tax_id=1 name=A"}, []string{"tax_id=2 name=A"}, "", "", ""},
		"another key":                    {canonical.Customer, []string{"name=A"}, []string{"name=B"}, "", "", ""},
		"a vendor that stands alone":     {canonical.Invoice, []string{"number=1 customer_id=v1"}, []string{"number=1 customer_id=v2"}, "v1", "", "p1:d1/reference_undecided d1:p1/reference_undecided"},
		"vendors who both have partners": {canonical.Invoice, []string{"number=1 customer_id=v1"}, []string{"number=1 customer_id=v2"}, "v1 v2", "", ""},
		"a placeholder":                  {canonical.Payment, []string{"check_number=ACH"}, []string{"check_number=ACH"}, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var open []Open
			for _, c := range append(side("procore", test.procore...), side("dynamics", test.dynamics...)...) {
				open = append(open, Open{c.Record.PlatformID, RecordID{c.Record.Platform, c.Record.PlatformID}, c.Document})
			}
			list := Doubts(test.entityType, open,
				func(id string) bool { return strings.Contains(test.matched, id) },
				func(a, b Open) bool {
					return test.different != "" && (a.ObjectID+b.ObjectID == test.different || b.ObjectID+a.ObjectID == test.different)
				})
			var got []string
			for i, doubts := range list {
				for _, d := range doubts {
					got = append(got, fmt.Sprintf("%s:%s/%s", open[i].ObjectID, open[d.Other].ObjectID, d.Reason))
				}
			}
			assert.Equal(t, test.want, strings.Join(got, " "))
		})
	}
}
