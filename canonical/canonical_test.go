package canonical_test

import (
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/currency"
	"pgregory.net/rapid"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

func parse(t testing.TB, s string) jsontext.Value {
	t.Helper()
	v, err := jsontext.Parse([]byte(s))
	require.NoError(t, err)
	return v
}

// PostgreSQL reads neither U+0000 nor half of a surrogate pair: such a text is refused, and the error says what stands where.
// What is written is read again.
// What is JSON for encoding/json is JSON here, with the same meaning, unless a member is named twice or text cannot be stored.
func TestMoney(t *testing.T) {
	for _, c := range []struct {
		token, currency string
		minor           int64
		decimal         string
	}{
		{"1700000.00", "USD", 170000000, "1700000.00"},
		{"12000.0", "USD", 1200000, "12000.00"},
		{"20000.0", "JPY", 20000, "20000"},
		{"1.5", "KWD", 1500, "1.500"},
		{"-0.05", "QAR", -5, "-0.05"},
		{"0", "BHD", 0, "0.000"},
		{"-0.00", "USD", 0, "0.00"},
		{"1e3", "USD", 100000, "1000.00"},
		{"1.25e-1", "CLF", 1250, "0.1250"},
		{"0.000000000000000000000000000000", "USD", 0, "0.00"},
		{"92233720368547758.07", "USD", 9223372036854775807, "92233720368547758.07"},
		{"-92233720368547758.07", "USD", -9223372036854775807, "-92233720368547758.07"},
	} {
		m, err := canonical.ParseMoney(c.token, c.currency)
		require.NoError(t, err, c.token)
		require.Equal(t, canonical.Money{AmountMinor: c.minor, Currency: c.currency}, m, c.token)
		require.Equal(t, c.decimal, m.Decimal())
		again, ok := canonical.MoneyOf(m.Value())
		require.True(t, ok)
		require.Equal(t, m, again)
	}
	for _, c := range []struct {
		token, currency string
		err             error
	}{
		{"1.005", "USD", canonical.ErrPrecision}, {"0.5", "JPY", canonical.ErrPrecision}, {"1.0005", "KWD", canonical.ErrPrecision},
		{"92233720368547758.08", "USD", canonical.ErrOverflow}, {"1e30", "USD", canonical.ErrOverflow},
		{"1e999999999", "USD", canonical.ErrDigits}, {"", "USD", canonical.ErrNotDecimal}, {"1,000.00", "USD", canonical.ErrNotDecimal},
		{"$5", "USD", canonical.ErrNotDecimal}, {"NaN", "USD", canonical.ErrNotDecimal}, {"1.", "USD", canonical.ErrNotDecimal}, {"1", "XXX", canonical.ErrCurrency},
		{strings.Repeat("9", 1<<16), "USD", canonical.ErrDigits},
	} {
		_, err := canonical.ParseMoney(c.token, c.currency)
		require.ErrorIs(t, err, c.err, c.token)
	}
}

// Every amount is written and read again, and is what rational arithmetic says.
func TestMoneyIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := canonical.Money{
			AmountMinor: rapid.Int64().Draw(t, "minor"),
			Currency:    rapid.SampledFrom([]string{"JPY", "USD", "KWD", "CLF"}).Draw(t, "currency"),
		}
		exponent, _ := canonical.Exponent(m.Currency)
		want := new(big.Rat).SetFrac(big.NewInt(m.AmountMinor), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(exponent)), nil))
		got, ok := new(big.Rat).SetString(m.Decimal())
		require.True(t, ok)
		require.Zero(t, want.Cmp(got))
		if m.AmountMinor == -1<<63 {
			return
		}
		again, err := canonical.ParseMoney(m.Decimal(), m.Currency)
		require.NoError(t, err)
		require.Equal(t, m, again)
	})
}

// The table has every currency of ISO 4217 that golang.org/x/text knows as current, and its figures where CLDR's agree with
// ISO; where they do not, ISO's stand.
func TestExponents(t *testing.T) {
	differs := map[string]int{}
	for it := currency.Query(); it.Next(); {
		code := it.Unit().String()
		exponent, ok := canonical.Exponent(code)
		if !ok {
			require.Contains(t, "MRO VEF", code, "no exponent for a currency that has not been replaced")
			continue
		}
		if digits, _ := currency.Standard.Rounding(it.Unit()); digits != exponent {
			differs[code] = exponent
		}
	}
	require.Equal(t, 3, differs["IQD"])
	for code, exponent := range map[string]int{"USD": 2, "QAR": 2, "AED": 2, "SAR": 2, "BHD": 3, "KWD": 3, "OMR": 3, "JOD": 3, "JPY": 0, "ISK": 0, "CLF": 4, "MGA": 2, "MRU": 2} {
		got, ok := canonical.Exponent(code)
		require.True(t, ok)
		require.Equal(t, exponent, got, code)
	}
	require.GreaterOrEqual(t, len(canonical.Currencies()), 170)
}

func TestExchange(t *testing.T) {
	rates, err := canonical.NewRates(nil)
	require.NoError(t, err)
	for _, c := range []struct {
		from  canonical.Money
		to    string
		minor int64
		rate  string
	}{
		{canonical.Money{AmountMinor: 170000000, Currency: "USD"}, "QAR", 618800000, "3.64"},
		{canonical.Money{AmountMinor: 618800000, Currency: "QAR"}, "USD", 170000000, "0.274725274725"},
		{canonical.Money{AmountMinor: 100, Currency: "USD"}, "BHD", 376, "0.376"},
		{canonical.Money{AmountMinor: 36725, Currency: "AED"}, "SAR", 37500, "1.021102791014"},
		{canonical.Money{AmountMinor: 1, Currency: "USD"}, "SAR", 4, "3.75"},  // 3.75
		{canonical.Money{AmountMinor: 2, Currency: "USD"}, "SAR", 8, "3.75"},  // 7.5, half away from zero
		{canonical.Money{AmountMinor: 6, Currency: "USD"}, "SAR", 23, "3.75"}, // 22.5
		{canonical.Money{AmountMinor: -6, Currency: "USD"}, "SAR", -23, "3.75"},
		{canonical.Money{AmountMinor: 5, Currency: "USD"}, "USD", 5, "1"},
	} {
		m, rate, err := rates.Convert(c.from, c.to)
		require.NoError(t, err)
		require.Equal(t, canonical.Money{AmountMinor: c.minor, Currency: c.to}, m)
		require.Equal(t, c.rate, rate)
	}
	_, _, err = rates.Convert(canonical.Money{AmountMinor: 1, Currency: "USD"}, "KWD")
	require.ErrorIs(t, err, canonical.ErrNoRate)
	_, _, err = rates.Convert(canonical.Money{AmountMinor: 1 << 62, Currency: "USD"}, "QAR")
	require.ErrorIs(t, err, canonical.ErrOverflow)

	price, err := rates.ConvertPrice("648.21567", "USD", "QAR", 5)
	require.NoError(t, err)
	require.Equal(t, "2359.50504", price)

	for _, bad := range []map[string]string{{"QAR": "0"}, {"QAR": "-1"}, {"QAR": "x"}, {"ZZZ": "1"}, {"USD": "2"}, {"QAR": ""}} {
		_, err := canonical.NewRates(bad)
		require.Error(t, err, "%v", bad)
	}
	own, err := canonical.NewRates(map[string]string{"QAR": "3.65", "KWD": "0.307"})
	require.NoError(t, err)
	m, _, err := own.Convert(canonical.Money{AmountMinor: 100, Currency: "USD"}, "QAR")
	require.NoError(t, err)
	require.Equal(t, int64(365), m.AmountMinor)
}

// Money that goes to another currency and back is off by less than one minor unit of the coarser currency.
func TestExchangeRoundsOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		codes := []string{"USD", "QAR", "AED", "SAR", "BHD", "OMR", "JOD"}
		from := rapid.SampledFrom(codes).Draw(t, "from")
		to := rapid.SampledFrom(codes).Draw(t, "to")
		m := canonical.Money{AmountMinor: rapid.Int64Range(-1e14, 1e14).Draw(t, "minor"), Currency: from}
		there, _, err := canonical.Rates{}.Convert(m, to)
		require.NoError(t, err)
		back, _, err := canonical.Rates{}.Convert(there, from)
		require.NoError(t, err)
		require.InDelta(t, m.AmountMinor, back.AmountMinor, 30)
	})
}

func TestIDs(t *testing.T) {
	prefixes := map[canonical.EntityType]string{
		"project": "proj_", "customer": "cust_", "contract": "cor_", "invoice": "inv_", "payment": "pay_",
		"employee": "emp_", "time_entry": "time_", "change_order": "chg_", "budget_line_item": "bli_",
	}
	seen := map[string]bool{}
	for _, entity := range canonical.EntityTypes() {
		for _, platform := range []string{"procore", "dynamics"} {
			for _, key := range []string{"1", "11", "341276"} {
				id := canonical.MintID(platform, entity, key)
				require.Regexp(t, "^"+prefixes[entity]+"[0-9A-Za-z]{15}$", id)
				require.True(t, canonical.IsID(entity, id))
				require.False(t, seen[id])
				seen[id] = true
				require.Equal(t, id, canonical.MintID(platform, entity, key))
			}
		}
	}
	require.Equal(t, "pay_NvmMc888X6CLDxl", canonical.MintID("procore", canonical.Payment, "1823456"), "ids never change")
	for _, id := range []string{"", "pay_", "pay_xK9mN2vL8gM3y6", "pay_xK9mN2vL8gM3y6P1", "inv_xK9mN2vL8gM3y6P", "pay_xK9mN2vL8gM3y6-"} {
		require.False(t, canonical.IsID(canonical.Payment, id), id)
	}
	_, ok := canonical.ParseEntityType("vendor")
	require.False(t, ok)
}

func TestDatesAndTimes(t *testing.T) {
	for _, s := range []string{"2024-02-29", "1900-12-31", "0001-01-01", "9999-12-31"} {
		require.True(t, canonical.IsDate(s), s)
	}
	for _, s := range []string{"", "2023-02-29", "2024-13-01", "2024-00-10", "2024-01-32", "2024-1-1", "24-01-01", "2024/01/01", "2024-01-01T00:00:00Z", "0000-01-01"} {
		require.False(t, canonical.IsDate(s), s)
	}
	for s, want := range map[string]string{
		"2020-10-19T12:17:31-07:00": "2020-10-19T19:17:31Z", "2023-09-02T17:49:38.5Z": "2023-09-02T17:49:38.5Z",
		"2020-08-21T15:13:58.870Z": "2020-08-21T15:13:58.87Z", "2012-10-23T21:39:40Z": "2012-10-23T21:39:40Z",
	} {
		got, ok := jsontext.NormalDateTime(s)
		require.True(t, ok, s)
		require.Equal(t, want, got)
	}
	for _, s := range []string{"", "2020-10-19", "2020-10-19 12:17:31Z", "2020-10-19T25:00:00Z", "2020-02-30T00:00:00Z", "2020-10-19T12:17:31", "2020-10-19T12:17:60Z"} {
		_, ok := jsontext.NormalDateTime(s)
		require.False(t, ok, s)
	}
	clock, ok := canonical.NormalClock("08:05:00")
	require.True(t, ok)
	require.Equal(t, "08:05", clock)
	_, ok = canonical.NormalClock("24:00")
	require.False(t, ok)
}

func TestMerge(t *testing.T) {
	procore := parse(t, `{"id":"pay_p","object":"payment","external_ids":{"procore":{"id":"1"}},"amount":{"amount":1,"currency":"USD"},"notes":null,
		"address":{"line1":"a"},"provider_metadata":{"procore":{"x":1}}}`)
	dynamics := parse(t, `{"id":"pay_d","object":"payment","external_ids":{"dynamics":{"id":"g"}},"amount":{"amount":4,"currency":"QAR"},"notes":"n",
		"address":{"line1":"b","line2":"c"},"method":"BANK","provider_metadata":{"dynamics":{"y":2}}}`)
	require.Equal(t, `{"id":"pay_p","object":"payment","external_ids":{"procore":{"id":"1"},"dynamics":{"id":"g"}},"amount":{"amount":1,"currency":"USD"},`+
		`"notes":"n","address":{"line1":"a"},"method":"BANK","provider_metadata":{"procore":{"x":1},"dynamics":{"y":2}}}`,
		canonical.Merge(procore, dynamics).String())
	require.True(t, canonical.Merge(procore, procore).Equal(procore))
}

func TestPatchAndChanged(t *testing.T) {
	before := parse(t, `{"id":"pay_p","object":"payment","amount":{"amount":1,"currency":"USD"},"notes":"a","status":"pending","provider_metadata":{}}`)
	after := canonical.Patch(before, parse(t, `{"id":"other","notes":null,"status":"pending","method":"check","amount":{"amount":2,"currency":"USD"}}`))
	require.Equal(t, `{"id":"pay_p","object":"payment","amount":{"amount":2,"currency":"USD"},"notes":null,"status":"pending","method":"check","provider_metadata":{}}`,
		after.String())
	require.Equal(t, []string{"amount", "notes", "method"}, canonical.Changed(before, after))
	require.Empty(t, canonical.Changed(before, before))
	require.Equal(t, []string{"amount"}, canonical.Changed(before, before.Without("amount")))
}

func TestErrorsNameEveryField(t *testing.T) {
	err := &canonical.TranslationError{Problems: []canonical.Problem{
		{In: canonical.InPayload, Pointer: "/a~1b", Expected: "a date (YYYY-MM-DD)"},
		{In: canonical.InContext, Pointer: "/commitmentType", Expected: "one of A, B"},
		{In: canonical.InCanonical, Pointer: "", Expected: "an object"},
	}}
	require.Equal(t, "/a~1b: expected a date (YYYY-MM-DD); context /commitmentType: expected one of A, B; canonical the document: expected an object", err.Error())
	require.Equal(t, "/a~1b~0", jsontext.AppendPointer("", "a/b~"))
}

func TestMergeTakesTheCurrencyWithTheAmounts(t *testing.T) {
	dollars := parse(t, `{"object":"payment","amount":{"amount":1,"currency":"USD"}}`)
	riyals := parse(t, `{"object":"payment","amount":{"amount":2,"currency":"QAR"},"currency":"QAR","method":"BANK"}`)
	require.Equal(t, `{"object":"payment","amount":{"amount":1,"currency":"USD"},"method":"BANK"}`, canonical.Merge(dollars, riyals).String())
	require.Equal(t, riyals.String(), canonical.Merge(parse(t, `{"object":"payment"}`), riyals).String())
}
