package suggest_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/app/reconcile/suggest"
	"structural.app/structural/app/reconcile/suggest/labelled"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

func record(t *testing.T, platform, id, document string) suggest.Record {
	t.Helper()
	value, err := jsontext.Parse([]byte(document))
	require.NoError(t, err, document)
	return suggest.Record{Platform: platform, PlatformID: id, Document: value}
}

// two says whether two records are suggested as one.
func two(t *testing.T, entityType canonical.EntityType, known suggest.Known, site, books string) bool {
	t.Helper()
	found, err := suggest.Suggest(context.Background(), entityType, []suggest.Record{
		record(t, "procore", "1", site), record(t, "dynamics", "2", books),
	}, known)
	require.NoError(t, err)
	require.LessOrEqual(t, len(found), 1)
	return len(found) == 1
}

// named writes suggestions by the records' own ids, whichever comes first.
func named(records []suggest.Record, found []suggest.Suggestion) (list []string) {
	for _, s := range found {
		ids := []string{records[s.Left].PlatformID, records[s.Right].PlatformID}
		slices.Sort(ids)
		list = append(list, fmt.Sprint(ids, s.Score, s.Features))
	}
	return list
}

func TestSuggest_DoesNotDependOnTheOrderOfTheRecords(t *testing.T) {
	for _, entityType := range labelled.EntityTypes() {
		set := labelled.First(entityType, 300)
		known := suggest.Known{Object: set.Object}
		found, err := suggest.Suggest(context.Background(), entityType, set.Records, known)
		require.NoError(t, err)
		require.NotEmpty(t, found)
		shuffled := slices.Clone(set.Records)
		random := rand.New(rand.NewPCG(1, 2))
		random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		again, err := suggest.Suggest(context.Background(), entityType, shuffled, known)
		require.NoError(t, err)
		assert.Equal(t, named(set.Records, found), named(shuffled, again))
		for _, s := range again {
			assert.Less(t, s.Left, s.Right)
		}
	}
}

func TestSuggest_IsTheSameWhenThePlatformsChangeSides(t *testing.T) {
	for _, entityType := range labelled.EntityTypes() {
		set := labelled.Second(entityType, 300)
		known := suggest.Known{Object: set.Object}
		found, err := suggest.Suggest(context.Background(), entityType, set.Records, known)
		require.NoError(t, err)
		require.NotEmpty(t, found)
		other := map[string]string{"site": "books", "books": "site"}
		swapped := slices.Clone(set.Records)
		for i := range swapped {
			swapped[i].Platform = other[swapped[i].Platform]
		}
		again, err := suggest.Suggest(context.Background(), entityType, swapped, known)
		require.NoError(t, err)
		assert.ElementsMatch(t, named(set.Records, found), named(swapped, again))
	}
}

// A pair's score depends on no other record, so that a record that comes changes none.
func TestSuggest_AScoreDependsOnTheTwoRecordsAlone(t *testing.T) {
	set := labelled.First(canonical.Customer, 200)
	known := suggest.Known{Object: set.Object}
	found, err := suggest.Suggest(context.Background(), set.EntityType, set.Records, known)
	require.NoError(t, err)
	require.NotEmpty(t, found)
	for _, s := range found {
		score, features := suggest.Compare(set.EntityType, set.Records[s.Right], set.Records[s.Left], known)
		assert.Equal(t, s.Score, score)
		assert.Equal(t, s.Features, features)
	}
}

func TestSuggest_WhatIsWrittenDifferently(t *testing.T) {
	for _, test := range []struct {
		what        string
		entityType  canonical.EntityType
		site, books string
	}{
		{"legal form", canonical.Customer, `{"name":"Hallmark Ferro W.L.L."}`, `{"name":"Hallmark Ferro Co. Ltd."}`},
		{"accents", canonical.Customer, `{"name":"Lefèvre Großmann"}`, `{"name":"LEFEVRE GROSSMANN S.A.R.L."}`},
		{"Arabic letters", canonical.Customer, `{"name":"شركة الأمانة للمنارة ذ.م.م"}`, `{"name":"الامـانه للمناره"}`},
		{"two scripts", canonical.Customer, `{"name":"محمد الفرسان", "phone":"+974 4455 6611"}`, `{"name":"Muhammad Al Fursan","phone":"٤٤٥٥ ٦٦١١"}`},
		{"tax number", canonical.Customer, `{"name":"Hallmark Ferro","tax_id":"ATU 4711 2399"}`, `{"name":"HF Bau","tax_id":"47112399"}`},
		{"order of words", canonical.Customer, `{"name":"Zubiri, Peñalver & Sons"}`, `{"name":"Penalver Zubiri"}`},
		{"zeros and dashes", canonical.Invoice,
			`{"number":"0061","amount":{"amount":1234567,"currency":"QAR"},"customer_id":"cust_000000000000001"}`,
			`{"number":"61","amount":{"amount":1234567,"currency":"QAR"},"customer_id":"cust_000000000000001"}`},
		{"another currency, at the peg", canonical.Payment,
			`{"amount":{"amount":1234567,"currency":"QAR"},"date":"2025-03-02","customer_id":"cust_000000000000001"}`,
			`{"amount":{"amount":339167,"currency":"USD"},"date":"2025-03-02","customer_id":"cust_000000000000001"}`},
		{"no number", canonical.Payment,
			`{"check_number":"WIRE","amount":{"amount":1234567,"currency":"QAR"},"date":"2025-03-02","customer_id":"cust_000000000000001"}`,
			`{"amount":{"amount":1234567,"currency":"QAR"},"date":"2025-03-04","customer_id":"cust_000000000000001"}`},
	} {
		assert.True(t, two(t, test.entityType, suggest.Known{}, test.site, test.books), test.what)
	}
}

func TestSuggest_WhatIsNoEvidence(t *testing.T) {
	for _, test := range []struct {
		what        string
		entityType  canonical.EntityType
		site, books string
	}{
		{"one common word", canonical.Customer, `{"name":"Construction"}`, `{"name":"Construction Ltd"}`},
		{"common words", canonical.Customer, `{"name":"General Trading & Contracting Co."}`, `{"name":"General Trading and Contracting WLL"}`},
		{"a first name", canonical.Customer, `{"name":"Mohammed"}`, `{"name":"Mohammed"}`},
		{"two first names", canonical.Customer, `{"name":"Mohammed Ali"}`, `{"name":"Mohamed Ali"}`},
		{"a common word of two names", canonical.Customer, `{"name":"Hallmark Construction"}`, `{"name":"Brennan Construction"}`},
		{"placeholders", canonical.Customer,
			`{"name":"TBD","tax_id":"00-0000000","phone":"000 000 0000","email":"n/a"}`, `{"name":"tbd","tax_id":"00-0000000","phone":"0000000000","email":"n/a"}`},
		{"made up numbers", canonical.Customer, `{"name":"Hallmark","tax_id":"123456789"}`, `{"name":"Zubiri","tax_id":"123456789"}`},
		{"the free mail of two", canonical.Customer, `{"name":"Hallmark","email":"one@gmail.com"}`, `{"name":"Zubiri","email":"two@gmail.com"}`},
		{"the commonest number", canonical.Invoice, `{"number":"1","customer_id":"cust_000000000000001"}`, `{"number":"01","customer_id":"cust_000000000000001"}`},
		{"a round amount of a day", canonical.Payment,
			`{"amount":{"amount":100000000,"currency":"QAR"},"date":"2025-03-02"}`, `{"amount":{"amount":100000000,"currency":"QAR"},"date":"2025-03-02"}`},
		{"empty dates", canonical.Payment,
			`{"check_number":"12","amount":{"amount":100000,"currency":"QAR"},"date":"1970-01-01"}`, `{"check_number":"012","amount":{"amount":100000,"currency":"QAR"},"date":"1970-01-01"}`},
		{"a type that nobody is asked about", canonical.Employee, `{"name":"Hallmark Ferro"}`, `{"name":"Hallmark Ferro"}`},
	} {
		assert.False(t, two(t, test.entityType, suggest.Known{}, test.site, test.books), test.what)
		score, _ := suggest.Compare(test.entityType, record(t, "procore", "1", test.site), record(t, "dynamics", "2", test.books), suggest.Known{})
		assert.Less(t, score, suggest.Threshold, test.what)
	}
}

// Each pair is suggested but for what contradicts.
func TestSuggest_Contradictions(t *testing.T) {
	objects := map[string]suggest.Object{}
	for _, id := range []string{"proj_a", "proj_b"} {
		objects[id] = suggest.Object{ID: id, Matched: true}
	}
	objects["proj_c"] = suggest.Object{ID: "proj_c"}
	known := suggest.Known{Object: func(id string) (suggest.Object, bool) { o, ok := objects[id]; return o, ok }}
	for _, test := range []struct {
		what                       string
		entityType                 canonical.EntityType
		site, books, contradictory string
	}{
		{"two tax numbers", canonical.Customer,
			`{"name":"Hallmark Ferro","phone":"4455 6611","email":"j.hall@hf.example","tax_id":"DE471123987"}`,
			`{"name":"Hallmark Ferro Ltd","phone":"4455 6611","email":"j.hall@hf.example"}`,
			`{"name":"Hallmark Ferro Ltd","phone":"4455 6611","email":"j.hall@hf.example","tax_id":"DE471123978"}`},
		{"another currency and amount", canonical.Payment,
			`{"amount":{"amount":1234567,"currency":"QAR"},"check_number":"CHK-00817","date":"2025-03-02","customer_id":"cust_1"}`,
			`{"amount":{"amount":1234567,"currency":"QAR"},"check_number":"817","date":"2025-03-02","customer_id":"cust_1"}`,
			`{"amount":{"amount":500000,"currency":"USD"},"check_number":"817","date":"2025-03-02","customer_id":"cust_1"}`},
		{"two matched projects", canonical.Contract,
			`{"number":"SC-0817","title":"Curtain wall","amount":{"amount":1234567,"currency":"QAR"},"project_id":"proj_a","customer_id":"cust_1"}`,
			`{"number":"817","title":"Curtain wall","amount":{"amount":1234567,"currency":"QAR"},"project_id":"proj_c","customer_id":"cust_1"}`,
			`{"number":"817","title":"Curtain wall","amount":{"amount":1234567,"currency":"QAR"},"project_id":"proj_b","customer_id":"cust_1"}`},
		{"the other side of the ledger", canonical.Invoice,
			`{"number":"INV-0817","amount":{"amount":1234567,"currency":"QAR"},"direction":"payable","customer_id":"cust_1"}`,
			`{"number":"817","amount":{"amount":1234567,"currency":"QAR"},"direction":"payable","customer_id":"cust_1"}`,
			`{"number":"817","amount":{"amount":1234567,"currency":"QAR"},"direction":"receivable","customer_id":"cust_1"}`},
		{"a credit memo", canonical.Invoice,
			`{"number":"INV-0817","amount":{"amount":1234567,"currency":"QAR"},"customer_id":"cust_1"}`,
			`{"number":"817","amount":{"amount":1234567,"currency":"QAR"},"customer_id":"cust_1"}`,
			`{"number":"817","amount":{"amount":1234567,"currency":"QAR"},"kind":"credit_memo","customer_id":"cust_1"}`},
		{"a branch in another city", canonical.Customer,
			`{"name":"Hallmark Ferro Ltd","phone":"4455 6611","address":{"line1":"12 Mill Lane","city":"Doha","postal_code":"8811"}}`,
			`{"name":"Hallmark Ferro","phone":"4455 6611","address":{"line1":"Mill Ln 12","city":"Doha"}}`,
			`{"name":"Hallmark Ferro","phone":"4871 9020","address":{"line1":"7 Bank Street","city":"Muscat","postal_code":"1200"}}`},
		{"the next phase", canonical.Project,
			`{"name":"Kartek Tower Phase 1","number":"P-100"}`, `{"name":"Kartek Tower, Ph. 1"}`, `{"name":"Kartek Tower Phase 2"}`},
		{"the document sent once more", canonical.Invoice,
			`{"number":"4281","amount":{"amount":1234567,"currency":"QAR"},"invoice_date":"2025-03-02","customer_id":"cust_1"}`,
			`{"number":"INV-4281","amount":{"amount":1234567,"currency":"QAR"},"invoice_date":"2025-03-04","customer_id":"cust_1"}`,
			`{"number":"4281-R","amount":{"amount":1234567,"currency":"QAR"},"invoice_date":"2025-03-20","customer_id":"cust_1"}`},
		{"the next number", canonical.Payment,
			`{"amount":{"amount":1234567,"currency":"QAR"},"check_number":"CHK-00817","date":"2025-03-02","customer_id":"cust_1"}`,
			`{"amount":{"amount":1234567,"currency":"QAR"},"check_number":"817","date":"2025-03-05","customer_id":"cust_1"}`,
			`{"amount":{"amount":1234567,"currency":"QAR"},"check_number":"818","date":"2025-04-02","customer_id":"cust_1"}`},
	} {
		assert.True(t, two(t, test.entityType, known, test.site, test.books), test.what)
		assert.False(t, two(t, test.entityType, known, test.site, test.contradictory), test.what)
	}
}

func TestSuggest_ReferencesThatAreUndecidedAreComparedByName(t *testing.T) {
	objects := map[string]suggest.Object{}
	for id, name := range map[string]string{"cust_a": "Hallmark Ferro W.L.L.", "cust_b": "Hallmark-Ferro Co.", "cust_c": "Zubiri Peñalver"} {
		document, err := jsontext.Parse([]byte(`{"name":"` + name + `"}`))
		require.NoError(t, err)
		objects[id] = suggest.Object{ID: id, Document: document}
	}
	known := suggest.Known{Object: func(id string) (suggest.Object, bool) { o, ok := objects[id]; return o, ok }}
	invoice := func(number, customer string) string {
		return `{"number":"` + number + `","amount":{"amount":1234567,"currency":"QAR"},"customer_id":"` + customer + `"}`
	}
	assert.True(t, two(t, canonical.Invoice, known, invoice("0817", "cust_a"), invoice("817", "cust_b")))
	assert.False(t, two(t, canonical.Invoice, known, invoice("0817", "cust_a"), invoice("817", "cust_c")))

	known.DifferentObjects = func(a, b string) bool { return a != b }
	assert.False(t, two(t, canonical.Invoice, known, invoice("0817", "cust_a"), invoice("817", "cust_b")), "a person declared them different")
}

func TestSuggest_LeavesOutWhatAPersonDeclaredDifferent(t *testing.T) {
	site, books := `{"name":"Hallmark Ferro Ltd"}`, `{"name":"Hallmark Ferro"}`
	require.True(t, two(t, canonical.Customer, suggest.Known{}, site, books))
	different := func(a, b suggest.Record) bool { return a.PlatformID != b.PlatformID }
	assert.False(t, two(t, canonical.Customer, suggest.Known{Different: different}, site, books))
}

func TestSuggest_PairsOnlyRecordsOfDifferentPlatforms(t *testing.T) {
	records := []suggest.Record{
		record(t, "procore", "1", `{"name":"Hallmark Ferro"}`), record(t, "procore", "2", `{"name":"Hallmark Ferro Ltd"}`),
		record(t, "dynamics", "1", `{"name":"Hallmark Ferro Inc"}`), record(t, "third", "1", `{"name":"Hallmark Ferro GmbH"}`),
	}
	found, err := suggest.Suggest(context.Background(), canonical.Customer, records, suggest.Known{})
	require.NoError(t, err)
	assert.Len(t, found, 5)
	for _, s := range found {
		assert.NotEqual(t, records[s.Left].Platform, records[s.Right].Platform)
	}
}

func TestSuggest_ARecordHasAtMostTwentyCandidatesTheLikeliest(t *testing.T) {
	records := []suggest.Record{record(t, "procore", "1", `{"name":"Hallmark Ferro","phone":"4455 6611"}`)}
	for i := range 60 {
		phone := ""
		if i%6 == 0 {
			phone = `,"phone":"4455 6611"`
		}
		records = append(records, record(t, "dynamics", fmt.Sprint(i), `{"name":"Hallmark Ferro Ltd"`+phone+`}`))
	}
	found, err := suggest.Suggest(context.Background(), canonical.Customer, records, suggest.Known{})
	require.NoError(t, err)
	require.Len(t, found, suggest.MaxCandidates)
	candidates := suggest.Candidates(found, len(records))
	require.Len(t, candidates[0], suggest.MaxCandidates)
	for i, c := range candidates[0] {
		phone := !records[c.Record].Document.Get("phone").IsAbsent()
		assert.Equal(t, i < 10, phone, "the ten with the telephone come first")
		assert.Equal(t, []suggest.Candidate{{Record: 0, Suggestion: c.Suggestion}}, candidates[c.Record])
	}
}

// A name that hundreds have leads to no comparison, and what tells them apart still does.
func TestSuggest_WhatManyShareIsLeftAside(t *testing.T) {
	var records []suggest.Record
	for i := range 300 {
		email := fmt.Sprintf("hall@branch-%d.example", i)
		records = append(records, record(t, "procore", fmt.Sprint(i), `{"name":"Hallmark Ferro","email":"`+email+`"}`))
		if i == 7 {
			records = append(records, record(t, "dynamics", fmt.Sprint(i), `{"name":"Hallmark Ferro","email":"`+email+`"}`))
		}
	}
	found, err := suggest.Suggest(context.Background(), canonical.Customer, records, suggest.Known{})
	require.NoError(t, err)
	require.Len(t, found, 1)
	assert.Equal(t, records[found[0].Left].PlatformID, records[found[0].Right].PlatformID)
}

func TestSuggest_StopsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	set := labelled.First(canonical.Payment, 300)
	asked := 0
	_, err := suggest.Suggest(ctx, set.EntityType, set.Records, suggest.Known{Object: func(id string) (suggest.Object, bool) {
		if asked++; asked == 50 {
			cancel()
		}
		return set.Object(id)
	}})
	assert.ErrorIs(t, err, context.Canceled)
}

func TestMeasure(t *testing.T) {
	found := []suggest.Suggestion{{Left: 0, Right: 1}, {Left: 2, Right: 3}}
	precision, recall := labelled.Measure(found, map[labelled.Pair]bool{{0, 1}: true, {4, 5}: true, {6, 7}: true, {8, 9}: true})
	assert.Equal(t, 0.5, precision)
	assert.Equal(t, 0.25, recall)
}

func TestSuggest_ComparesCurrenciesAtTheRatesThatAreKnown(t *testing.T) {
	rates, err := canonical.NewRates(map[string]string{"EUR": "0.92"})
	require.NoError(t, err)
	site := `{"amount":{"amount":1234567,"currency":"USD"},"date":"2025-03-02","customer_id":"cust_1"}`
	books := `{"amount":{"amount":1135802,"currency":"EUR"},"date":"2025-03-02","customer_id":"cust_1"}`
	assert.False(t, two(t, canonical.Payment, suggest.Known{}, site, books))
	assert.True(t, two(t, canonical.Payment, suggest.Known{Rates: rates}, site, books))
}
