package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/gen"
)

func TestGetObjects_200_EmptyWhenNotConnected(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	assert.JSONEq(t, `{"data":[]}`, string(a.do(get("/objects?platform=procore&entity_type=payment").as(key)).body))
	assert.JSONEq(t, `{"data":{"connections":[]}}`, string(a.do(get("/connections").as(key)).body))
}

func TestGetObjects_200_PagesAreTheWholeList(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	a.connect(key, "procore")
	a.connect(key, "dynamics")
	for _, platform := range platforms {
		all := a.objects(key, platform, "contract")
		var paged []gen.Object
		next := "/objects?platform=" + platform + "&entity_type=contract&limit=4"
		for pages := 1; ; pages++ {
			answer := a.do(get(next).as(key))
			require.Equal(t, http.StatusOK, answer.status, "%s", answer.body)
			assertMeetsContract(t, "getObjects", answer)
			var page gen.ObjectsResponse
			require.NoError(t, json.Unmarshal(answer.body, &page))
			assert.LessOrEqual(t, len(page.Data), 4)
			paged = append(paged, page.Data...)
			link := answer.header.Get("Link")
			if link == "" {
				assert.Equal(t, (len(all)+3)/4, pages)
				break
			}
			address, _, _ := strings.Cut(strings.TrimPrefix(link, "<"), ">")
			next = strings.TrimPrefix(address, loadDocument().BasePath())
			// Others write meanwhile: what comes before the page does not move it.
			a.db.MustExec(`DELETE FROM platform_objects WHERE platform = $1 AND platform_id = $2`, platform, paged[0].ID)
		}
		assert.Equal(t, all, paged)
	}
}

func TestGetObjects_200_InTheOrderOfTheirIDs(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	a.connect(key, "procore")
	a.db.MustExec(`UPDATE platform_objects SET platform_id = '99' WHERE platform_id = '1823456'`)
	a.db.MustExec(`UPDATE entity_mappings SET platform_id = '99' WHERE platform_id = '1823456'`)
	assert.Equal(t, "99", a.objects(key, "procore", "payment")[0].ID, "numbers in the order of numbers")
}

func TestGetObjects_400_BadCursor(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	for query, parameter := range map[string]string{
		"limit=0": "query.limit", "limit=1001": "query.limit", "limit=1&cursor=%2F": "query.cursor", "limit=1&cursor=A": "query.cursor", "cursor=MQ": "query.cursor",
		"limit=1&cursor=AA": "query.cursor", "limit=1&cursor=_w": "query.cursor", "limit=1&cursor=MR": "query.cursor", "limit=1&cursor=": "query.cursor",
		"limit=1e1": "query.limit: must be an integer such as 10", "limit=10.0": "query.limit: must be an integer such as 10", "limit=": "query.limit",
		"limit=99999999999999999999": "query.limit: must be at most 1000", "limit=%00": "query.limit: holds U+0000", "limit=%ff": "query.limit: is not UTF-8",
		"x%00=1": "query.x\ufffd: unknown parameter", "x%ff=1": "query.x\ufffd: unknown parameter",
	} {
		answer := a.do(get("/objects?platform=procore&entity_type=payment&" + query).as(key))
		assert.Equal(t, http.StatusBadRequest, answer.status, query)
		assert.Contains(t, answer.error(t).Message, parameter, query)
	}
	answer := a.do(get("/objects?platform=procore&entity_type=employee").as(key))
	assert.Equal(t, http.StatusBadRequest, answer.status, "not kept")
}

// What one customer has, no other can see.
func TestGetObjects_200_OfNobodyElse(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	other, _ := a.demoSession()
	a.connect(key, "procore")
	assert.Empty(t, a.objects(other, "procore", "payment"))
	assert.JSONEq(t, `{"data":{"connections":[]}}`, string(a.do(get("/connections").as(other)).body))
	before := a.everything(key)
	a.connect(other, "procore")
	a.connect(other, "dynamics")
	require.Equal(t, http.StatusNoContent, a.do(del("/demo/session", other)).status)
	assert.Equal(t, before, a.everything(key))
}
