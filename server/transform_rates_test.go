package server_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Who asks may say what a dollar costs, with every type of record; a rate of the record's own comes before it.
func TestTransformData_Rates(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	const invoice = `{"invoice_number":"7","billing_date":"2026-02-01","summary":{"current_payment_due":"100.0"}%s}`
	const ownRate = `,"currency_configuration":{"currency_iso_code":"USD","base_currency_iso_code":"QAR","currency_exchange_rate":3.5}`
	for name, test := range map[string]struct{ entity, data, context, conversions string }{
		"pegged": {"payment", `{"amount":"100.0"}`, `"currency":"QAR"`,
			`[{"from":"USD","to":"QAR","rate":"3.64","source":"pegged"}]`},
		"context": {"payment", `{"amount":"100.0"}`, `"currency":"QAR","rates":{"QAR":"3.6"}`,
			`[{"from":"USD","to":"QAR","rate":"3.6","source":"context"}]`},
		"context, a currency without a peg": {"payment", `{"amount":"100.0"}`, `"currency":"KWD","rates":{"KWD":"0.307"}`,
			`[{"from":"USD","to":"KWD","rate":"0.307","source":"context"}]`},
		"the record's own": {"invoice", fmt.Sprintf(invoice, ownRate), `"currency":"QAR","rates":{"QAR":"3.6"}`,
			`[{"from":"USD","to":"QAR","rate":"3.5","source":"record","date":"2026-02-01"}]`},
		"the record's own is of another pair": {"invoice", fmt.Sprintf(invoice, ownRate), `"currency":"AED"`,
			`[{"from":"USD","to":"AED","rate":"3.6725","source":"pegged"}]`},
		"the record's own is nothing": {"invoice", fmt.Sprintf(invoice,
			`,"currency_configuration":{"currency_iso_code":"USD","base_currency_iso_code":"QAR","currency_exchange_rate":0}`), `"currency":"QAR"`,
			`[{"from":"USD","to":"QAR","rate":"3.64","source":"pegged"}]`},
		"nothing to convert": {"project", `{"name":"Tower"}`, `"rates":{"QAR":"3.6"}`, `[]`},
	} {
		answer := a.do(post("/transform", fmt.Sprintf(`{"source":"procore","target":"dynamics","entity_type":%q,"data":%s,"context":{%s}}`,
			test.entity, test.data, test.context)).as(key))
		require.Equal(t, http.StatusOK, answer.status, "%s: %s", name, answer.body)
		assertMeetsContract(t, "transformData", answer)
		assert.JSONEq(t, test.conversions, member(t, answer.body, "metadata", "conversions"), name)
	}
}

func TestTransformData_422_Rates(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	for rates, message := range map[string]string{
		`{"QAR":"0"}`:              "/context/rates/QAR: expected a positive decimal number",
		`{"XQR":"1","USD":"1.0"}`:  "/context/rates/USD: expected no rate: rates are prices of a US dollar; /context/rates/XQR: expected an ISO 4217 currency",
		`{"QAR":"0.000","KWD":""}`: "",
		`{"QAR":"-3"}`:             "",
	} {
		answer := a.do(post("/transform", `{"source":"procore","target":"dynamics","entity_type":"payment","data":{"amount":"1.0"},"context":{"rates":`+rates+`}}`).as(key))
		if message == "" {
			assert.Equal(t, http.StatusBadRequest, answer.status, "%s", answer.body)
			continue
		}
		assert.Equal(t, http.StatusUnprocessableEntity, answer.status, "%s", answer.body)
		assert.Equal(t, message, answer.error(t).Message)
	}
}
