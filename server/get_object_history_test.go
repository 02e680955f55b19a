package server_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestGetObjectHistory_400_BadCursor(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	for _, cursor := range []string{"0", "00", "-1", "1.0", "1e1", "9223372036854775808", "1000000000000000000", "AA", "", "%00", "%ff", "+1", "01"} {
		answer := a.do(get("/objects/" + paymentID + "/history?cursor=" + cursor).as(key))
		assert.Equal(t, http.StatusBadRequest, answer.status, cursor)
		assert.Contains(t, answer.error(t).Message, "query.cursor: ", cursor)
		assertMeetsContract(t, "getObjectHistory", answer)
	}
	for _, cursor := range []string{"1", "999999999999999999"} {
		assert.Equal(t, http.StatusOK, a.do(get("/objects/"+paymentID+"/history?cursor="+cursor).as(key)).status, cursor)
	}
	answer := a.do(get("/objects/" + paymentID + "/history?limit=1e1").as(key))
	assert.Equal(t, http.StatusBadRequest, answer.status)
	assert.Equal(t, "query.limit: must be an integer such as 10, without fraction or exponent", answer.error(t).Message)
}
