package registry_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural"
	"structural.app/structural/canonical"
	"structural.app/structural/jsonschema"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/mapping/books"
	"structural.app/structural/mapping/mappingtest"
	"structural.app/structural/platform"
	"structural.app/structural/platform/dynamics"
	"structural.app/structural/platform/procore"
	"structural.app/structural/platform/registry"
	"structural.app/structural/server/openapi"
)

var sandboxTypes = []canonical.EntityType{canonical.Project, canonical.Customer, canonical.Contract, canonical.Invoice, canonical.Payment}

// disagreements are the fields in which the two records of a pair say different things on purpose, as in life. The pair is
// named by Procore's id; besides these, each pair agrees in every amount, price, date, status and reference that both have.
var disagreements = map[string]string{
	"payment 1823480 amount":  "SAR 4,657,500.00 in Procore, SAR 4,657,425.00 in the books: the bank has kept 75 riyals",
	"contract 1946104 status": "complete on site, still open in the books, where half of the retention is not released",
	"payment 1823461 date":    "10 February on site, 12 February in the books: the value date",
	"invoice 10062 status":    "paid in the books; Procore has no such word, there the requisition stays approved",
}

// entry is a record of a sandbox and its document.
type entry struct {
	platform.Record
	id       string
	document jsontext.Value
}

func sandboxOf(t testing.TB, name platform.Name, ledger books.LedgerSide) []entry {
	t.Helper()
	records, err := registry.Sandboxes()[string(name)](ledger)
	require.NoError(t, err)
	entries := make([]entry, len(records))
	for i, r := range records {
		document, report, err := get(t, name).ToCanonical(r.EntityType, r.Payload, r.Context)
		require.NoError(t, err, "%s %s", name, r.Payload.Get("id"))
		switch {
		case !namesCurrency(get(t, name), r.EntityType, r.Context.Variant):
			require.Equal(t, mapping.CurrencyOfPlatform, report.CurrencySource, "%s %s", name, r.Payload.Get("id"))
		case r.EntityType != canonical.Customer && !(name == procore.Name && (r.EntityType == canonical.Project || r.EntityType == canonical.Payment)):
			require.Equal(t, mapping.CurrencyOfPayload, report.CurrencySource, "%s %s", name, r.Payload.Get("id"))
		}
		entries[i] = entry{r, document.At("external_ids", string(name), "id").Text(), document}
	}
	return entries
}

// inBothLedgers tests the sandboxes of both sides of the books.
func inBothLedgers(t *testing.T, test func(t *testing.T, ledger books.LedgerSide)) {
	for _, ledger := range []books.LedgerSide{books.Receivable, books.Payable} {
		t.Run(string(ledger), func(t *testing.T) { test(t, ledger) })
	}
}

// namesCurrency reports whether the records of a type can say which currency they are in.
func namesCurrency(p platform.Platform, t canonical.EntityType, variant string) bool {
	return slices.ContainsFunc(p.Fields(t, variant), func(f mapping.Field) bool { return f.Path == "currency" && len(f.Record) > 0 })
}

// Both sandboxes have the documented numbers of records, ordered by type and id.
func TestSandboxCounts(t *testing.T) { inBothLedgers(t, sandboxCounts) }

func sandboxCounts(t *testing.T, ledger books.LedgerSide) {
	for name, want := range map[platform.Name]map[canonical.EntityType]int{
		procore.Name:  {canonical.Project: 5, canonical.Customer: 4, canonical.Contract: 13, canonical.Invoice: 8, canonical.Payment: 8},
		dynamics.Name: {canonical.Project: 5, canonical.Customer: 5, canonical.Contract: 10, canonical.Invoice: 8, canonical.Payment: 8},
	} {
		entries, got, kinds := sandboxOf(t, name, ledger), map[canonical.EntityType]int{}, map[string]int{}
		for _, e := range entries {
			got[e.EntityType]++
			kinds[e.Context.Variant]++
		}
		assert.Equal(t, want, got, "%s", name)
		if name == procore.Name {
			assert.Len(t, entries, 38)
			assert.Equal(t, map[string]int{"": 25, "WorkOrderContract": 8, "PurchaseOrderContract": 5}, kinds)
		} else {
			assert.Len(t, entries, 36)
		}
		assert.True(t, slices.IsSortedFunc(entries, func(a, b entry) int {
			if a.EntityType != b.EntityType {
				return slices.Index(sandboxTypes, a.EntityType) - slices.Index(sandboxTypes, b.EntityType)
			}
			if len(a.id) != len(b.id) {
				return len(a.id) - len(b.id)
			}
			return strings.Compare(a.id, b.id)
		}), "%s is in order", name)
	}
}

// The slice belongs to the caller.
func TestSandboxIsTheCallers(t *testing.T) {
	for _, sandbox := range registry.Sandboxes() {
		first, err := sandbox(books.Receivable)
		require.NoError(t, err)
		was := first[0]
		first[0] = platform.Record{}
		second, err := sandbox(books.Receivable)
		require.NoError(t, err)
		require.Equal(t, was.EntityType, second[0].EntityType)
		require.True(t, was.Payload.Equal(second[0].Payload))
	}
}

// Every record keeps the laws of translation, and its document is one that the contract describes.
func TestSandboxRecordsTranslate(t *testing.T) { inBothLedgers(t, sandboxRecordsTranslate) }

func sandboxRecordsTranslate(t *testing.T, ledger books.LedgerSide) {
	document, err := openapi.Load(structural.OpenAPI)
	require.NoError(t, err)
	compiler, err := jsonschema.NewCompiler(document.JSON())
	require.NoError(t, err)
	described := map[canonical.EntityType]*jsonschema.Schema{}
	for _, entityType := range sandboxTypes {
		word := string(entityType)
		described[entityType], err = compiler.Compile("/components/schemas/Canonical" + strings.ToUpper(word[:1]) + word[1:])
		require.NoError(t, err)
	}
	for _, name := range registry.New().Names() {
		for _, e := range sandboxOf(t, name, ledger) {
			require.NoError(t, mappingtest.Consistent(mappingtest.Of(get(t, name), e.EntityType), e.Payload, e.Context))
			require.NoError(t, described[e.EntityType].Validate(e.document.Append(nil)), "%s %s %s", name, e.EntityType, e.id)
			require.Equal(t, canonical.MintID(string(name), e.EntityType, e.id), e.document.Get("id").Text())
		}
	}
}

var guidV4 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// Ids and business keys are unique on their side, ids of lines too.
func TestSandboxKeysAreUnique(t *testing.T) { inBothLedgers(t, sandboxKeysAreUnique) }

func sandboxKeysAreUnique(t *testing.T, ledger books.LedgerSide) {
	for _, name := range registry.New().Names() {
		seen := map[string]bool{}
		once := func(key string) {
			assert.False(t, seen[key], "%s: %s twice", name, key)
			seen[key] = true
		}
		for _, e := range sandboxOf(t, name, ledger) {
			require.NotEmpty(t, e.id)
			once(string(e.EntityType) + " " + e.id)
			once(string(e.EntityType) + " key " + businessKey(t, e))
			for _, line := range e.document.Get("lines").Members() {
				once(string(e.EntityType) + " line " + line.Value.At("external_ids", string(name), "id").Text())
			}
			if name == dynamics.Name {
				assert.Regexp(t, guidV4, e.id)
				assert.Regexp(t, `^W/"[A-Za-z0-9+/]+=*"$`, e.Payload.Get("@odata.etag").Text())
				once("etag " + e.Payload.Get("@odata.etag").Text())
			}
		}
	}
}

// required are the references without which a record makes no sense, where the platform keeps what is referred to.
var required = map[canonical.EntityType][]string{
	canonical.Contract: {"project_id", "customer_id"},
	canonical.Invoice:  {"project_id", "customer_id", "contract_id"},
	canonical.Payment:  {"project_id", "customer_id", "contract_id", "invoice_id"},
}

// Every reference is one to a record of the same sandbox, if that has records of the type at all, and the records that a payment or an invoice refers to refer to
// the same contract, project and customer themselves.
func TestSandboxReferencesHold(t *testing.T) { inBothLedgers(t, sandboxReferencesHold) }

func sandboxReferencesHold(t *testing.T, ledger books.LedgerSide) {
	for _, name := range registry.New().Names() {
		byID, kept := map[string]entry{}, map[canonical.EntityType]bool{}
		entries := sandboxOf(t, name, ledger)
		for _, e := range entries {
			byID[e.document.Get("id").Text()] = e
			kept[e.EntityType] = true
		}
		for _, e := range entries {
			what := string(name) + " " + string(e.EntityType) + " " + e.id
			for _, field := range required[e.EntityType] {
				if kept[canonical.EntityType(strings.TrimSuffix(field, "_id"))] {
					assert.NotEmpty(t, e.document.Get(field).Text(), "%s: %s", what, field)
				}
			}
			for _, r := range canonical.References(e.EntityType, e.document) {
				if kept[r.Refers] {
					assert.Contains(t, byID, r.ID, "%s", what)
				}
			}
			for _, via := range []string{"contract_id", "invoice_id"} {
				other, ok := byID[e.document.Get(via).Text()]
				if !ok {
					continue
				}
				for _, field := range required[other.EntityType] {
					assert.Equal(t, other.document.Get(field).Text(), e.document.Get(field).Text(), "%s: %s of its %s", what, field, via)
				}
			}
			if customer, ok := byID[e.document.Get("customer_id").Text()]; ok && name == dynamics.Name {
				assert.Equal(t, customer.document.Get("number").Text(), e.document.Get("customer_number").Text(), what)
			}
			if project, ok := byID[e.document.Get("project_id").Text()]; ok && name == dynamics.Name {
				assert.Equal(t, project.Payload.Get("number").Text(), e.Payload.Get("jobNumber").Text(), what)
			}
			if e.EntityType == canonical.Payment && name == procore.Name {
				assert.Equal(t, byID[e.document.Get("invoice_id").Text()].document.Get("number").Text(), e.document.Get("invoice_number").Text(), what)
			}
			if e.EntityType == canonical.Payment && name == dynamics.Name {
				assert.Equal(t, byID[e.document.Get("invoice_id").Text()].Payload.Get("number").Text(), e.document.Get("invoice_number").Text(), what)
			}
			if e.EntityType == canonical.Invoice && name == dynamics.Name {
				assert.Equal(t, byID[e.document.Get("contract_id").Text()].Payload.Get("number").Text(), e.document.Get("contract_number").Text(), what)
			}
		}
	}
}

// Lines add up to their documents, and a contract comes before its invoices, these before their payments.
func TestSandboxAddsUp(t *testing.T) { inBothLedgers(t, sandboxAddsUp) }

func sandboxAddsUp(t *testing.T, ledger books.LedgerSide) {
	for _, name := range registry.New().Names() {
		byID, kept := map[string]jsontext.Value{}, map[canonical.EntityType]bool{}
		entries := sandboxOf(t, name, ledger)
		for _, e := range entries {
			byID[e.document.Get("id").Text()] = e.document
			kept[e.EntityType] = true
		}
		for _, e := range entries {
			what := string(name) + " " + string(e.EntityType) + " " + e.id
			d := e.document
			if lines := d.Get("lines"); !lines.IsAbsent() {
				assert.True(t, 2 <= lines.Len() && lines.Len() <= 4, "%s: %d lines", what, lines.Len())
				sum := int64(0)
				for _, line := range lines.Members() {
					sum += minor(line.Value, "amount")
				}
				total := minor(d, "amount")
				if e.EntityType == canonical.Invoice { // with tax
					total -= minor(d, "tax_amount")
				}
				assert.Equal(t, total, sum, "%s: its lines", what)
			}
			if e.EntityType == canonical.Contract && name == procore.Name {
				assert.Equal(t, minor(d, "amount")+minor(d, "approved_changes_amount"), minor(d, "revised_amount"), what)
				assert.Equal(t, minor(d, "revised_amount")-minor(d, "paid_amount"), minor(d, "balance_amount"), what)
				assert.LessOrEqual(t, minor(d, "paid_amount"), minor(d, "invoiced_amount"), what)
			}
			if e.EntityType == canonical.Invoice && name == procore.Name {
				assert.Equal(t, minor(d, "completed_amount")-minor(d, "retainage", "total_amount"), minor(d, "earned_less_retainage_amount"), what)
				assert.Equal(t, minor(d, "earned_less_retainage_amount")-minor(d, "previous_certificates_amount")+minor(d, "tax_amount"), minor(d, "amount"), what)
				assert.LessOrEqual(t, minor(d, "completed_amount"), minor(d, "contract_amount_to_date"), what)
			}
			if e.EntityType == canonical.Invoice {
				assertBefore(t, what, byID[d.Get("contract_id").Text()].Get("contract_date"), d.Get("invoice_date"))
			}
			if e.EntityType == canonical.Payment {
				assert.Positive(t, minor(d, "amount"), what)
				assert.NotEmpty(t, d.Get("check_number").Text(), what)
			}
			if e.EntityType == canonical.Payment && kept[canonical.Invoice] {
				assertBefore(t, what, byID[d.Get("invoice_id").Text()].Get("invoice_date"), d.Get("date"))
				assert.LessOrEqual(t, minor(d, "amount"), minor(byID[d.Get("invoice_id").Text()], "amount"), what)
				assert.Regexp(t, `^CHK-2026-01\d\d$`, d.Get("check_number").Text())
			}
		}
	}
}

func assertBefore(t *testing.T, what string, earlier, later jsontext.Value) {
	t.Helper()
	assert.NotEmpty(t, earlier.Text(), what)
	assert.Less(t, earlier.Text(), later.Text(), what)
}

// The records that the documentation shows are there with its values.
func TestSandboxHasTheDocumentedRecords(t *testing.T) {
	const ledger = books.Receivable
	find := func(name platform.Name, entityType canonical.EntityType, id string) jsontext.Value {
		for _, e := range sandboxOf(t, name, ledger) {
			if e.EntityType == entityType && e.id == id {
				return e.Payload
			}
		}
		require.Fail(t, "there is no "+string(entityType)+" "+id)
		return jsontext.Value{}
	}
	assert.Equal(t, "Lusail Boulevard Tower", find("procore", canonical.Project, "341276").Get("name").Text())
	assert.Equal(t, "Doha Infrastructure Partners WLL", find("procore", canonical.Customer, "501004").Get("company").Text())
	commitment := find("procore", canonical.Contract, "1945782")
	for _, member := range parse(t, `{"title":"Substructure Package","number":"C-LEX-001","status":"Approved","grand_total":"8500000.00",
		"project":{"id":341276,"name":"Lusail Boulevard Tower"}}`).Members() {
		assert.Equal(t, member.Value.String(), commitment.Get(member.Key).String(), member.Key)
	}
	assert.Equal(t, "501004", commitment.At("vendor", "id").Literal())
	assert.Equal(t, "Doha Infrastructure Partners WLL", commitment.At("vendor", "company").Text())
	assert.True(t, strings.HasPrefix(commitment.Get("description").Text(), "Raft foundation and basement lev"))
	assert.Equal(t, "INV-2025-0061", find("procore", canonical.Invoice, "10061").Get("invoice_number").Text())
	payment := find("procore", canonical.Payment, "1823456")
	for _, member := range parse(t, `{"id":1823456,"amount":"1700000.00","status":"pending","check_number":"CHK-2026-0101","contract_id":1945782,
		"project_id":341276,"requisition_id":10061,"invoice_number":"INV-2025-0061","date":"2026-02-01","payment_number":24,
		"notes":"Substructure progress payment #1"}`).Members() {
		assert.Equal(t, member.Value.String(), payment.Get(member.Key).String(), member.Key)
	}
	booked := find("dynamics", canonical.Payment, "a34e74db-53c7-4368-8fe7-bb87c83c7902")
	assert.Equal(t, "-6188000", booked.Get("amount").Literal())
	assert.Equal(t, "QAR", booked.Get("currencyCode").Text())
	assert.Equal(t, "CHK-2026-0101", booked.Get("externalDocumentNumber").Text())

	// The documented change arrives in riyals, with the sign that the record has.
	change := parse(t, `{"amount":{"amount":175000000,"currency":"USD"},"notes":"Updated payment amount"}`)
	written, report, err := get(t, "dynamics").FromCanonical(canonical.Payment, change, booked, mapping.Context{})
	require.NoError(t, err)
	assert.Equal(t, "-6370000", written.Get("amount").Literal())
	assert.Equal(t, "QAR", written.Get("currencyCode").Text())
	assert.Equal(t, "Updated payment amount", written.Get("comment").Text())
	assert.Equal(t, []mapping.Conversion{{From: "USD", To: "QAR", Rate: "3.64", Source: "pegged"}}, report.Conversions)
}

// The records of both sandboxes are, for the most part, the same real-world entities; both sides have some of their own.
func TestSandboxPairs(t *testing.T) { inBothLedgers(t, sandboxPairs) }

func sandboxPairs(t *testing.T, ledger books.LedgerSide) {
	pairs := pairsOf(t, ledger)
	counts := map[canonical.EntityType]int{}
	for _, p := range pairs {
		counts[p.procore.EntityType]++
	}
	assert.Equal(t, map[canonical.EntityType]int{
		canonical.Project: 4, canonical.Customer: 4, canonical.Contract: 9, canonical.Invoice: 7, canonical.Payment: 7,
	}, counts)
	assert.Len(t, pairs, 31)
	assert.Equal(t, []string{
		"contract C-JCH-001", "contract C-LEX-005", "contract PO-JCH-002", "contract PO-JCR-002", "invoice INV-2026-0005",
		"payment CHK-2026-0108", "project JCH-2026-001",
	}, alone(t, procore.Name, ledger, pairs))
	assert.Equal(t, []string{
		"contract C-MRF-001", "customer 5009914407", "invoice INV-MRF-001", "payment CHK-2026-0109", "project MRF-2026-001",
	}, alone(t, dynamics.Name, ledger, pairs))
	currencies := map[string]int{}
	for _, p := range pairs {
		if p.procore.EntityType == canonical.Payment {
			currencies[p.dynamics.Payload.Get("currencyCode").Text()]++
		}
	}
	assert.Equal(t, map[string]int{"QAR": 4, "AED": 2, "SAR": 1}, currencies)
}

// Both records of a pair say the same in every amount, date, status and reference that both have, amounts through the pegs
// to the last dirham; except where they are meant to disagree.
func TestSandboxPairsAgree(t *testing.T) { inBothLedgers(t, sandboxPairsAgree) }

func sandboxPairsAgree(t *testing.T, ledger books.LedgerSide) {
	pairs, partner := pairsOf(t, ledger), map[string]string{}
	for _, p := range pairs {
		partner[p.dynamics.document.Get("id").Text()] = p.procore.document.Get("id").Text()
	}
	found, compared := map[string]bool{}, map[canonical.FieldType]int{}
	for _, p := range pairs {
		entityType := p.procore.EntityType
		what := string(entityType) + " " + p.procore.id
		for path, field := range both(get(t, procore.Name).Fields(entityType, ""), get(t, dynamics.Name).Fields(entityType, p.dynamics.Context.Variant)) {
			one, other := valuesAt(p.procore.document, path), valuesAt(p.dynamics.document, path)
			if strings.HasPrefix(path, "lines[]") && len(other) > len(one) {
				other = other[:len(one)] // a comment at the end is the books' own
			}
			if !comparable(field) {
				continue
			}
			require.Len(t, other, len(one), "%s %s", what, path)
			for i := range one {
				if one[i].IsNone() || other[i].IsNone() {
					continue
				}
				compared[field.Type]++
				if !sameValue(t, field, one[i], other[i], p.dynamics.document.Get("currency").Text(), partner) {
					found[what+" "+path] = true
					assert.Contains(t, disagreements, what+" "+path, "%s and %s", one[i], other[i])
				}
			}
		}
	}
	for name, why := range disagreements {
		assert.True(t, found[name], "%s: %s", name, why)
	}
	assert.Greater(t, compared[canonical.MoneyType], 80)
	assert.Greater(t, compared[canonical.ReferenceType], 50)
	assert.Greater(t, compared[canonical.DateType], 20)
	assert.Greater(t, compared[canonical.WordType], 25)
	assert.NotZero(t, compared[canonical.PriceType])
}

// comparable tells of which fields both sides speak in the same terms: names, addresses and times of change are each one's
// own, a payment names its invoice by the platform's own number, and only Business Central counts a lump sum as one piece.
func comparable(f mapping.NamedField) bool {
	switch f.Type {
	case canonical.MoneyType, canonical.PriceType, canonical.DateType, canonical.WordType, canonical.ReferenceType:
		return true
	}
	return slices.Contains([]string{"number", "title", "check_number", "notes"}, f.Name)
}

func sameValue(t *testing.T, f mapping.NamedField, one, other jsontext.Value, currency string, partner map[string]string) bool {
	t.Helper()
	switch f.Type {
	case canonical.MoneyType:
		money, ok := canonical.MoneyOf(one)
		require.True(t, ok, f.Path)
		require.Equal(t, "USD", money.Currency, f.Path)
		booked, ok := canonical.MoneyOf(other)
		require.True(t, ok, f.Path)
		require.NotEqual(t, "USD", booked.Currency, f.Path)
		there, _, err := canonical.Rates{}.Convert(money, booked.Currency)
		require.NoError(t, err)
		back, _, err := canonical.Rates{}.Convert(booked, "USD")
		require.NoError(t, err)
		return there == booked && back == money
	case canonical.PriceType:
		price, err := canonical.Rates{}.ConvertPrice(one.Text(), "USD", currency, 5)
		require.NoError(t, err)
		want, err := strconv.ParseFloat(price, 64)
		require.NoError(t, err)
		got, err := strconv.ParseFloat(other.Text(), 64)
		require.NoError(t, err)
		return want == got
	case canonical.ReferenceType:
		return partner[other.Text()] == one.Text()
	}
	return one.Equal(other)
}

// pair is two records that are the same real-world entity.
type pair struct{ procore, dynamics entry }

// pairsOf finds the pairs by business key.
func pairsOf(t testing.TB, ledger books.LedgerSide) []pair {
	t.Helper()
	booked := map[string]entry{}
	for _, e := range sandboxOf(t, dynamics.Name, ledger) {
		booked[string(e.EntityType)+" "+businessKey(t, e)] = e
	}
	var pairs []pair
	for _, e := range sandboxOf(t, procore.Name, ledger) {
		if other, ok := booked[string(e.EntityType)+" "+businessKey(t, e)]; ok {
			pairs = append(pairs, pair{e, other})
		}
	}
	return pairs
}

// alone lists the records that have no partner.
func alone(t testing.TB, name platform.Name, ledger books.LedgerSide, pairs []pair) []string {
	t.Helper()
	var single []string
	for _, e := range sandboxOf(t, name, ledger) {
		if !slices.ContainsFunc(pairs, func(p pair) bool {
			return e.EntityType == p.procore.EntityType && (e.id == p.procore.id || e.id == p.dynamics.id)
		}) {
			single = append(single, string(e.EntityType)+" "+rawKey(e))
		}
	}
	slices.Sort(single)
	return single
}

// rawKey is what a record is recognised by, as it is written.
func rawKey(e entry) string {
	for _, field := range map[canonical.EntityType][]string{
		canonical.Project: {"number"}, canonical.Customer: {"tax_id", "name"}, canonical.Contract: {"number"},
		canonical.Invoice: {"number"}, canonical.Payment: {"check_number"},
	}[e.EntityType] {
		if key := e.document.Get(field).Text(); key != "" {
			return key
		}
	}
	return ""
}

// businessKey is rawKey in one case, letters and digits only.
func businessKey(t testing.TB, e entry) string {
	t.Helper()
	key := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, rawKey(e))
	require.NotEmpty(t, key, "%s %s", e.EntityType, e.id)
	return key
}

// minor is an amount of money in minor units, 0 if there is none.
func minor(document jsontext.Value, path ...string) int64 {
	money, _ := canonical.MoneyOf(document.At(path...))
	return money.AmountMinor
}
