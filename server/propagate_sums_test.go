package server_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A total is not changed by hand, and nothing is written; with its lines it may be named as it comes.
func TestPropagateChange_422_OfATotal(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	before := a.everything(key)
	change := func(data string) answer {
		return a.do(post("/propagate", `{"format":"canonical","canonical_id":"cor_aQwfQwQCQmsBUxl","entity_type":"contract","data":`+data+`}`).as(key))
	}
	refused := change(`{"amount":{"amount":855000000,"currency":"USD"}}`)
	assert.Equal(t, http.StatusUnprocessableEntity, refused.status)
	assert.Equal(t, "/data/amount: expected the sum of the lines: change those", refused.error(t).Message)
	assert.Equal(t, before, a.everything(key))
	line := `"lines":[{"external_ids":{"procore":{"id":"4896430"}},"amount":{"amount":135000000,"currency":"USD"}}]`
	made := change(`{"amount":{"amount":855000000,"currency":"USD"},` + line + `}`)
	assert.Equal(t, http.StatusOK, made.status, "%s", made.body)
	assert.Contains(t, string(made.body), `"totalAmountExcludingTax":31122000`)
	assert.Contains(t, string(made.body), `"unitPrice":4914000`)
}
