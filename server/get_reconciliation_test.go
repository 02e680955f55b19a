package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/app"
	"structural.app/structural/canonical"
	"structural.app/structural/gen"
	"structural.app/structural/platform/registry"
)

func (a *api) reconciliation(key, query string) gen.Reconciliation {
	a.t.Helper()
	answer := a.do(get("/reconciliation" + query).as(key))
	require.Equal(a.t, http.StatusOK, answer.status, "%s", answer.body)
	assertMeetsContract(a.t, "getReconciliation", answer)
	var response gen.ReconciliationResponse
	require.NoError(a.t, json.Unmarshal(answer.body, &response))
	return response.Data
}

// differences lists all differences, page by page.
func (a *api) differences(key, query string) (all []gen.RecordDifference) {
	a.t.Helper()
	for path := "/reconciliation/differences" + query; path != ""; {
		answer := a.do(get(path).as(key))
		require.Equal(a.t, http.StatusOK, answer.status, "%s", answer.body)
		assertMeetsContract(a.t, "getReconciliationDifferences", answer)
		var response gen.DifferencesResponse
		require.NoError(a.t, json.Unmarshal(answer.body, &response))
		all = append(all, response.Data...)
		path = nextOf(answer)
	}
	return all
}

// fieldsOf names differences by label and field.
func fieldsOf(differences []gen.RecordDifference) (fields []string) {
	for _, d := range differences {
		fields = append(fields, d.Label+" "+d.Field+" "+d.Kind)
	}
	return fields
}

// sandboxDifferences are those of the two sandboxes, of either ledger.
var sandboxDifferences = []string{
	"C-HLP-001 /status different",
	"CHK-2026-0102 /date different",
	"CHK-2026-0105 /amount different",
	"Creekline Façade Systems LLC /name different",
	"HLP-2025-002 /description different",
	"INV-2025-0062 /status approximated",
	"JCR-2025-004 /description different",
	"LBT-2025-001 /description different",
	"NMC-2025-006 /description different",
}

func (a *api) connectedWith(ledger string) string {
	a.t.Helper()
	key, _ := a.demoSession()
	for _, platform := range platforms {
		answer := a.do(post("/connect", fmt.Sprintf(`{"platform":%q,"ledger":%q}`, platform, ledger)).as(key))
		require.Equal(a.t, http.StatusOK, answer.status, "%s", answer.body)
	}
	return key
}

// sumsSQL sums up what the stored records themselves say, in US dollars: each amount converted once, a half away from zero. Rounding of a
// numeric does that.
const sumsSQL = `
SELECT entity_type, platform, sum(round(abs(amount::numeric) * 100 / CASE currency WHEN 'QAR' THEN 3.64 WHEN 'AED' THEN 3.6725 WHEN 'SAR' THEN 3.75 WHEN 'USD' THEN 1 END))::bigint AS sum, count(*) AS records
FROM (
    SELECT entity_type, platform, 'USD' AS currency, CASE entity_type
        WHEN 'project' THEN coalesce(payload ->> 'total_value', payload ->> 'estimated_value') WHEN 'contract' THEN payload ->> 'grand_total'
        WHEN 'invoice' THEN payload -> 'summary' ->> 'current_payment_due' WHEN 'payment' THEN payload ->> 'amount' END AS amount
    FROM platform_objects WHERE customer_id = $1 AND platform = 'procore'
    UNION ALL
    SELECT entity_type, platform, payload ->> 'currencyCode', CASE entity_type
        WHEN 'project' THEN coalesce(payload ->> 'contractTotalPrice', payload ->> 'Contract_Total_Price')
        WHEN 'contract' THEN payload ->> 'totalAmountExcludingTax'
        WHEN 'invoice' THEN payload ->> 'totalAmountIncludingTax' WHEN 'payment' THEN payload ->> 'amount' END
    FROM platform_objects WHERE customer_id = $1 AND platform = 'dynamics'
) AS amounts WHERE amount IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2`

// The totals are what SQL makes of the stored records, to the minor unit, before and after a change; every group's are the whole's; and
// an object is counted once.
func TestGetReconciliation_200_TiesOutWithTheRecords(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	for _, ledger := range []string{"receivable", "payable"} {
		key := a.connectedWith(ledger)
		check := func() {
			t.Helper()
			report := a.reconciliation(key, "?currency=USD")
			var sums []struct {
				EntityType string `db:"entity_type"`
				Platform   string
				Sum        int64
				Records    int
			}
			require.NoError(t, a.db.Select(&sums, sumsSQL, a.customer(key)))
			require.Len(t, sums, 8, "four types, two platforms")
			byType := map[string]gen.ReconciledEntity{}
			for _, e := range report.Entities {
				byType[string(e.EntityType)] = e
				assert.Equal(t, e.Matched, e.Agreeing+e.Disagreeing+e.Accepted)
			}
			for _, sum := range sums {
				e := byType[sum.EntityType]
				assert.Equal(t, gen.Money{Amount: sum.Sum, Currency: "USD"}, e.Totals[sum.Platform], "%s %s %s", ledger, sum.EntityType, sum.Platform)
				assert.Equal(t, sum.Records, e.Matched+e.OneSided[sum.Platform])
				assert.Equal(t, e.Totals["dynamics"].Amount-e.Totals["procore"].Amount, e.Difference.MustGet().Amount)
			}
			var projects, customers [][]gen.ReconciledEntity
			for _, g := range report.ByProject {
				projects = append(projects, g.Entities)
			}
			for _, g := range report.ByCustomer {
				customers = append(customers, g.Entities)
			}
			assert.Equal(t, summedUp(projects), summedUp([][]gen.ReconciledEntity{report.Entities}))
			assert.Equal(t, summedUp(customers), summedUp([][]gen.ReconciledEntity{report.Entities}))
			assert.Zero(t, report.More.ByProject+report.More.ByCustomer)
			assert.Empty(t, report.Unconverted)
			assert.Len(t, report.Conversions, 3)
			// A group asked for by itself is the group.
			for _, g := range report.ByProject {
				if !g.ProjectID.IsNull() {
					assert.Equal(t, g.Entities, a.reconciliation(key, "?currency=USD&project_id="+g.ProjectID.MustGet()).Entities)
				}
			}
			for _, g := range report.ByCustomer {
				if !g.CustomerID.IsNull() {
					assert.Equal(t, g.Entities, a.reconciliation(key, "?currency=USD&customer_id="+g.CustomerID.MustGet()).Entities)
				}
			}
		}
		check()
		assert.ElementsMatch(t, sandboxDifferences, fieldsOf(a.differences(key, "?limit=2")))
		a.propagate(post("/propagate", canonicalExample).as(key))
		check()
		a.isDerived(key)
	}
}

// summedUp adds up counts and totals by entity type.
func summedUp(groups [][]gen.ReconciledEntity) map[string][]int64 {
	sums := map[string][]int64{}
	for _, group := range groups {
		for _, e := range group {
			of := sums[string(e.EntityType)]
			if of == nil {
				of = make([]int64, 8)
				sums[string(e.EntityType)] = of
			}
			for i, n := range []int64{
				int64(e.Matched), int64(e.Agreeing), int64(e.Disagreeing), int64(e.Accepted), int64(e.OneSided["procore"]), int64(e.OneSided["dynamics"]),
				e.Totals["procore"].Amount, e.Totals["dynamics"].Amount,
			} {
				of[i] += n
			}
		}
	}
	return sums
}

// isDerived holds what is compared of every object to what is computed of its document and records anew.
func (a *api) isDerived(key string) {
	a.t.Helper()
	const all = `SELECT id || ' ' || compared::text || ' ' || disagrees FROM canonical_objects WHERE customer_id = $1 ORDER BY id`
	var before, after []string
	require.NoError(a.t, a.db.Select(&before, all, a.customer(key)))
	// As the previous version leaves it behind.
	a.db.MustExec(`UPDATE canonical_objects SET compared = NULL, disagrees = NULL, compared_version = NULL WHERE customer_id = $1`, a.customer(key))
	report := a.reconciliation(key, "")
	assert.NotEmpty(a.t, report.Entities)
	require.NoError(a.t, a.db.Select(&after, all, a.customer(key)))
	assert.Equal(a.t, before, after)
}

// What the previous version changes is compared again when it is read, in the report as in the list.
func TestGetReconciliation_200_OfWhatThePreviousVersionWrote(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	// It does not know of comparisons: the version moves, and they stay.
	a.db.MustExec(`UPDATE platform_objects SET payload = replace(payload::text, '"1242000.00"', '"1243000.00"')::json
		WHERE customer_id = $1 AND platform = 'procore' AND entity_type = 'payment'`, a.customer(key))
	a.db.MustExec(`UPDATE canonical_objects SET version = version + 1, derived_version = version + 1 WHERE customer_id = $1`, a.customer(key))
	for _, d := range a.differences(key, "?entity_type=payment") {
		if d.Field == "/amount" {
			assert.EqualValues(t, -102000, d.Difference.MustGet().Amount)
		}
	}
	assert.EqualValues(t, 761700000, a.payments(key).Totals["procore"].Amount)
}

// What the previous version wrote is compared in the background, too, once for all rates of exchange.
func TestCompareAll(t *testing.T) {
	t.Parallel()
	a := newAPIAlone(t)
	key := a.connected()
	const all = `SELECT id || ' ' || compared::text || ' ' || disagrees FROM canonical_objects WHERE customer_id = $1 ORDER BY id`
	var before []string
	require.NoError(t, a.db.Select(&before, all, a.customer(key)))
	a.db.MustExec(`UPDATE canonical_objects SET compared = NULL, disagrees = NULL, compared_version = NULL`)

	rates, err := canonical.NewRates(map[string]string{"QAR": "4"})
	require.NoError(t, err)
	other := app.New(registry.New(), rates)
	disagreeing := map[*app.Translator]int{}
	for _, of := range []*app.Translator{translator(), other, translator()} {
		compared, done, err := a.store.CompareAll(t.Context(), of.Rates(), of.Compare)
		require.NoError(t, err)
		assert.True(t, done)
		assert.Equal(t, 43, compared)
		compared, done, err = a.store.CompareAll(t.Context(), of.Rates(), of.Compare)
		require.NoError(t, err)
		assert.True(t, done)
		assert.Zero(t, compared, "once")
		disagreeing[of] = a.payments(key).Disagreeing
	}
	assert.Equal(t, map[*app.Translator]int{translator(): 2, other: 5}, disagreeing, "three more payments are in riyals of Qatar")
	var after []string
	require.NoError(t, a.db.Select(&after, all, a.customer(key)))
	assert.Equal(t, before, after)
}

// Of an object that disagrees in too much, the report lists a part, and says so; accepting what is listed does not make it agree.
func TestGetReconciliationDifferences_200_MoreThanIsListed(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	a.db.MustExec(`UPDATE canonical_objects SET compared = jsonb_set(compared::jsonb, '{m}', '7')::json WHERE customer_id = $1 AND id = $2`, a.customer(key), bankID)
	a.accept(key, acceptBank)
	payments := a.payments(key)
	assert.Equal(t, []int{2, 0}, []int{payments.Disagreeing, payments.Accepted})
	assert.Equal(t, 7, a.differences(key, "?state=accepted")[0].More)
}

func TestGetReconciliation_200_Filters(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	assert.ElementsMatch(t, []string{"CHK-2026-0105 /amount different"}, fieldsOf(a.differences(key, "?min_difference=2000&currency=USD")))
	assert.Empty(t, a.differences(key, "?min_difference=2001&currency=USD"))
	assert.ElementsMatch(t, []string{"CHK-2026-0105 /amount different"}, fieldsOf(a.differences(key, "?min_difference=7500&currency=SAR")))
	assert.Empty(t, a.differences(key, "?min_difference=7501&currency=SAR"))
	assert.ElementsMatch(t, []string{"CHK-2026-0102 /date different"}, fieldsOf(a.differences(key, "?entity_type=payment&to=2026-02-28")))
	assert.ElementsMatch(t, []string{"CHK-2026-0105 /amount different"}, fieldsOf(a.differences(key, "?entity_type=payment&from=2026-03-01")))
	large := a.reconciliation(key, "?min_difference=2000&currency=USD&entity_type=payment").Entities[0]
	assert.Equal(t, []int{7, 6, 1}, []int{large.Matched, large.Agreeing, large.Disagreeing})
	assert.Equal(t, "USD", a.reconciliation(key, "").Currency.MustGet(), "most amounts are in it")
	period := a.reconciliation(key, "?from=2026-02-01&to=2026-02-28&entity_type=payment").Entities[0]
	var payments int64
	for _, o := range a.objects(key, "procore", "payment") {
		var document struct {
			Date   string
			Amount gen.Money
		}
		require.NoError(t, json.Unmarshal(o.Data, &document))
		if strings.HasPrefix(document.Date, "2026-02") {
			payments += document.Amount.Amount
		}
	}
	assert.Equal(t, payments, period.Totals["procore"].Amount)

	// There is no rate to the dinar: nothing is summed up, and everything is said.
	dinars := a.reconciliation(key, "?currency=KWD&entity_type=payment")
	assert.Zero(t, dinars.Entities[0].Totals["procore"].Amount)
	require.NotEmpty(t, dinars.Unconverted)
	records := 0
	for _, u := range dinars.Unconverted {
		records += u.Records
	}
	assert.Equal(t, 16, records)
}

// What is retained is what the invoices' documents say, by contract and partner.
func TestGetRetainageReport_200_TiesOutWithTheInvoices(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	type sums struct{ Gross, Retained, Released, Held, Invoices, Unknown int64 }
	want, got := map[string]sums{}, map[string]sums{}
	seen := map[string]bool{}
	for _, platform := range platforms {
		for _, o := range a.objects(key, platform, "invoice") {
			var document struct {
				ContractID string     `json:"contract_id"`
				CustomerID string     `json:"customer_id"`
				Gross      *gen.Money `json:"gross_amount"`
				Retainage  struct {
					Retained gen.Money `json:"retained_amount"`
					Released gen.Money `json:"released_amount"`
				}
			}
			require.NoError(t, json.Unmarshal(o.Data, &document))
			if seen[o.CanonicalID] {
				continue
			}
			seen[o.CanonicalID] = true
			of := want[document.ContractID+document.CustomerID]
			if document.Gross == nil {
				of.Unknown++
			} else {
				of.Invoices++
				of.Gross += document.Gross.Amount
				of.Retained += document.Retainage.Retained.Amount
				of.Released += document.Retainage.Released.Amount
				of.Held += document.Retainage.Retained.Amount - document.Retainage.Released.Amount
			}
			want[document.ContractID+document.CustomerID] = of
		}
	}
	answer := a.do(get("/reconciliation/retainage").as(key))
	require.Equal(t, http.StatusOK, answer.status)
	assertMeetsContract(t, "getRetainageReport", answer)
	var response gen.RetainageReportResponse
	require.NoError(t, json.Unmarshal(answer.body, &response))
	for _, row := range response.Data.Contracts {
		of := sums{Invoices: int64(row.Invoices), Unknown: int64(row.Unknown)}
		if row.Invoices > 0 {
			of.Gross, of.Retained, of.Released, of.Held = row.Gross.MustGet().Amount, row.Retained.MustGet().Amount, row.Released.MustGet().Amount, row.Held.MustGet().Amount
		} else {
			assert.True(t, row.Held.IsNull(), "what is not known is not nothing")
		}
		got[row.ContractID.MustGet()+row.CustomerID.MustGet()] = of
		assert.NotEmpty(t, row.ContractLabel.MustGet())
	}
	assert.Equal(t, want, got)
	assert.Len(t, got, 8)
}

// nextOf is the path of the next page, below the base path; empty on the last one.
func nextOf(a answer) string {
	link, _, _ := strings.Cut(strings.TrimPrefix(a.header.Get("Link"), "<"), ">")
	return strings.TrimPrefix(link, loadDocument().BasePath())
}
