package server_test

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/gen"
	"structural.app/structural/store"
)

// truth is a generated customer, what was planted in its records, and the records as NDJSON.
type truth struct {
	random      *rand.Rand
	records     map[string]*strings.Builder // by platform and entity type
	differences map[string]bool             // "label field" of each difference that was planted
	missing     map[string]map[string]bool  // by platform, the check numbers of payments that it lacks
	typos       map[string]string           // by name on the site, the name in the books
	twins       map[string]bool             // numbers of contracts of which the site has two
}

// perDollar is how many riyals a dollar is, in hundredths: the peg.
const perDollar = 364

// newTruth makes a customer with so many records on each platform, in two currencies: what is in dollars on the site is in riyals in the
// books.
func newTruth(records int) *truth {
	g := &truth{
		random: rand.New(rand.NewPCG(14, 2026)), records: map[string]*strings.Builder{}, differences: map[string]bool{}, typos: map[string]string{},
		missing: map[string]map[string]bool{"procore": {}, "dynamics": {}}, twins: map[string]bool{},
	}
	projects, customers, contracts := records/100, records/10, records/10
	for i := range projects {
		g.add("procore", "project", `{"id":%d,"project_number":"P-%d","name":"Tower %d"}`, i+1, i, i)
		g.add("dynamics", "project", `{"id":%q,"number":"P-%d","displayName":"Tower %d"}`, booksID(1, i), i, i)
	}
	for i := range customers {
		g.customer(i)
	}
	for i := range contracts {
		g.contract(i, projects, customers)
	}
	for i := range records - projects - customers - contracts {
		g.payment(i, projects, customers)
	}
	return g
}

func booksID(kind, n int) string { return fmt.Sprintf("%08d-0000-4000-8000-%012d", kind, n) }

func (g *truth) add(platform, entityType, format string, args ...any) {
	b := g.records[platform+" "+entityType]
	if b == nil {
		b = &strings.Builder{}
		g.records[platform+" "+entityType] = b
	}
	fmt.Fprintf(b, format+"\n", args...)
}

// syllables make names that share little.
var syllables = strings.Fields("ba ke lo mi nu ra se to vi zu dal fen gor hus jin kal mor nes pol qun rit sab tor ulm ven wax yor zel")

func (g *truth) name(n int) string {
	random := rand.New(rand.NewPCG(7, uint64(n)))
	word := func(length int) string {
		var b strings.Builder
		for range length {
			b.WriteString(syllables[random.IntN(len(syllables))])
		}
		return strings.ToUpper(b.String()[:1]) + b.String()[1:]
	}
	return word(3) + " " + word(4) + " " + strconv.Itoa(n)
}

// customer adds a business partner. One in fifty has a letter less in the books, and no tax number.
func (g *truth) customer(i int) {
	name := g.name(i)
	if i%50 == 7 {
		at := 2 + g.random.IntN(4)
		typo := name[:at] + name[at+1:]
		g.typos[name] = typo
		g.add("procore", "customer", `{"id":%d,"name":%q,"city":"Doha"}`, i+1, name)
		g.add("dynamics", "customer", `{"id":%q,"displayName":%q,"city":"Doha"}`, booksID(2, i), typo)
		return
	}
	g.add("procore", "customer", `{"id":%d,"name":%q,"business_register":{"identifier":"QA-%d"}}`, i+1, name, 510037+7919*i)
	g.add("dynamics", "customer", `{"id":%q,"displayName":%q,"taxRegistrationNumber":"QA-%d"}`, booksID(2, i), name, 510037+7919*i)
}

// contract adds a contract. One in forty costs more in the books; of one in sixty the site has two of the number.
func (g *truth) contract(i, projects, customers int) {
	number, partner := fmt.Sprintf("SC-%d-%d", i%projects, i), (i*7)%customers
	if partner%50 == 7 { // whose contract it is, is not decided
		partner++
	}
	cents := 100_000 + g.random.IntN(900_000_000)
	halalas := riyals(cents)
	switch {
	case i%60 == 11:
		g.twins[number] = true
		g.add("procore", "contract", `{"id":%d,"number":%q,"title":"Works %d","vendor":{"id":%d},"project":{"id":%d},"grand_total":"%s"}`,
			1_000_000+i, number, i, partner+1, i%projects+1, amount(cents+100))
	case i%40 == 3:
		halalas += 500 + g.random.IntN(100_000)
		g.differences[number+" /amount"] = true
	}
	g.add("procore", "contract", `{"id":%d,"number":%q,"title":"Works %d","vendor":{"id":%d},"project":{"id":%d},"grand_total":"%s"}`,
		i+1, number, i, partner+1, i%projects+1, amount(cents))
	g.add("dynamics", "contract", `{"id":%q,"externalDocumentNumber":%q,"customerId":%q,"jobId":%q,"currencyCode":"QAR","totalAmountExcludingTax":%s}`,
		booksID(3, i), number, booksID(2, partner), booksID(1, i%projects), amount(halalas))
}

// payment adds a payment. One in thirty is of another amount in the books, one in thirty of another day; one in fifty is missing there,
// one in seventy on the site.
func (g *truth) payment(i, projects, customers int) {
	number, day, partner := fmt.Sprintf("CHK-%d", i), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i%300), (i*11)%customers
	if partner%50 == 7 {
		partner++
	}
	cents := 1_000 + g.random.IntN(90_000_000)
	halalas, booked := riyals(cents), day
	onSite, inBooks := i%70 != 13, i%50 != 9
	switch {
	case !onSite || !inBooks:
	case i%30 == 4:
		halalas += 500 + g.random.IntN(10_000)
		g.differences[number+" /amount"] = true
	case i%30 == 17:
		booked = day.AddDate(0, 0, 1+g.random.IntN(20))
		g.differences[number+" /date"] = true
	}
	if onSite {
		g.add("procore", "payment", `{"id":%d,"check_number":%q,"amount":"%s","date":%q,"vendor_id":%d,"project_id":%d}`,
			i+1, number, amount(cents), day.Format(time.DateOnly), partner+1, i%projects+1)
	} else {
		g.missing["procore"][number] = true
	}
	if inBooks {
		g.add("dynamics", "payment", `{"id":%q,"externalDocumentNumber":%q,"amount":-%s,"currencyCode":"QAR","postingDate":%q,"customerId":%q,"jobId":%q}`,
			booksID(4, i), number, amount(halalas), booked.Format(time.DateOnly), booksID(2, partner), booksID(1, i%projects))
	} else {
		g.missing["dynamics"][number] = true
	}
}

func riyals(cents int) int { return (cents*perDollar + 50) / 100 }

func amount(minor int) string { return fmt.Sprintf("%d.%02d", minor/100, minor%100) }

// bring imports all records of a customer.
func (g *truth) bring(a *api, key string) {
	for _, entityType := range storedEntityTypes {
		for _, platform := range platforms {
			lines := g.records[platform+" "+entityType]
			if lines == nil {
				continue
			}
			path := "/connections/" + platform + "/records?ledger=receivable&entity_type=" + entityType
			if platform == "procore" && entityType == "contract" {
				path += "&commitment_type=WorkOrderContract"
			}
			got := a.imported(post(path, lines.String()).with("Content-Type", ndjson).as(key))
			require.Zero(a.t, got.Rejected, "%+v", got)
		}
	}
}

// A report finds what was planted, and nothing else, and its sums are those of the records. STRUCTURAL_TRUTH says how many records each
// platform has.
func TestReconciliation_FindsWhatWasPlanted(t *testing.T) {
	t.Parallel()
	size, err := strconv.Atoi(cmp.Or(os.Getenv("STRUCTURAL_TRUTH"), "700"))
	require.NoError(t, err)
	a := newAPI(t, limited(0))
	key := a.issuedKey(store.ModeTest)
	g := newTruth(size)
	g.bring(a, key)

	var report gen.ReconciliationResponse
	for range 600 { // many suggestions are computed after the request
		answer := a.do(get("/reconciliation?currency=USD").as(key))
		require.Equal(t, http.StatusOK, answer.status, "%s", answer.body)
		require.NoError(t, json.Unmarshal(answer.body, &report))
		if report.Data.Suggestions.Current {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	require.True(t, report.Data.Suggestions.Current)
	of := map[string]gen.ReconciledEntity{}
	for _, e := range report.Data.Entities {
		of[string(e.EntityType)] = e
	}
	wrong := func(prefix string) int {
		objects := map[string]bool{}
		for planted := range g.differences {
			if strings.HasPrefix(planted, prefix) {
				objects[strings.Fields(planted)[0]] = true
			}
		}
		return len(objects)
	}
	assert.Equal(t, wrong("CHK-"), of["payment"].Disagreeing)
	assert.Equal(t, wrong("SC-"), of["contract"].Disagreeing)
	assert.Zero(t, of["customer"].Disagreeing+of["project"].Disagreeing)
	assert.Equal(t, map[string]int{"procore": len(g.missing["dynamics"]), "dynamics": len(g.missing["procore"])}, of["payment"].OneSided)
	assert.Equal(t, map[string]int{"procore": 2 * len(g.twins), "dynamics": len(g.twins)}, of["contract"].OneSided, "of two with one number, neither is sure")
	assert.Equal(t, 3*len(g.twins), of["contract"].Ambiguous)
	assert.Equal(t, map[string]int{"procore": len(g.typos), "dynamics": len(g.typos)}, of["customer"].OneSided)

	a.comesTo(key, of)
	a.listsPlanted(key, g)
	a.suggestsTypos(key, g)
}

// comesTo holds the totals of a report to SQL over the stored records: of payments, in dollars.
func (a *api) comesTo(key string, of map[string]gen.ReconciledEntity) {
	a.t.Helper()
	for entityType, amounts := range map[string][2]string{
		"payment":  {`(payload ->> 'amount')::numeric * 100`, `round((payload ->> 'amount')::numeric * -100 / 3.64)`},
		"contract": {`(payload ->> 'grand_total')::numeric * 100`, `round((payload ->> 'totalAmountExcludingTax')::numeric * 100 / 3.64)`},
	} {
		var sums [2]int64
		for i, platform := range platforms {
			require.NoError(a.t, a.db.Get(&sums[i], `SELECT sum(`+amounts[i]+`)::bigint FROM platform_objects WHERE customer_id = $1 AND platform = $2 AND entity_type = $3`,
				a.customer(key), platform, entityType))
			assert.EqualValues(a.t, sums[i], of[entityType].Totals[platform].Amount, "%s %s", platform, entityType)
		}
		difference, err := of[entityType].Difference.Get()
		require.NoError(a.t, err)
		assert.EqualValues(a.t, sums[1]-sums[0], difference.Amount, entityType)
	}
}

// listsPlanted holds the list of differences, as CSV, to what was planted.
func (a *api) listsPlanted(key string, g *truth) {
	a.t.Helper()
	answer := a.do(get("/reconciliation/differences").with("Accept", "text/csv").as(key))
	require.Equal(a.t, http.StatusOK, answer.status)
	rows, err := csv.NewReader(strings.NewReader(string(answer.body))).ReadAll()
	require.NoError(a.t, err)
	label, field := slices.Index(rows[0], "label"), slices.Index(rows[0], "field")
	found := map[string]bool{}
	for _, row := range rows[1:] {
		found[row[label]+" "+row[field]] = true
	}
	assert.Equal(a.t, g.differences, found)
}

// suggestsTypos wants each partner with a letter less suggested first.
func (a *api) suggestsTypos(key string, g *truth) {
	a.t.Helper()
	found := 0
	for _, m := range a.matches(key, "entity_type=customer&state=suggested") {
		if typo, ok := g.typos[m.Label]; ok && len(m.Candidates) > 0 && m.Candidates[0].Label == typo {
			found++
		}
	}
	assert.Equal(a.t, len(g.typos), found)
}
