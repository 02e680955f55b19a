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
	key, customerID := a.demoSession()
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
			a.db.MustExec(`DELETE FROM platform_objects WHERE customer_id = $1 AND platform = $2 AND platform_id = $3`, customerID, platform, paged[0].ID)
		}
		assert.Equal(t, all, paged)
	}
}

func TestGetObjects_200_InTheOrderOfTheirIDs(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, customerID := a.demoSession()
	a.connect(key, "procore")
	a.db.MustExec(`UPDATE platform_objects SET platform_id = '99' WHERE customer_id = $1 AND platform_id = '1823456'`, customerID)
	a.db.MustExec(`UPDATE entity_mappings SET platform_id = '99' WHERE customer_id = $1 AND platform_id = '1823456'`, customerID)
	assert.Equal(t, "99", a.objects(key, "procore", "payment")[0].ID, "numbers in the order of numbers")
}

// fill puts records of so many bytes into the store, in the place of those that the sandbox gave.
func (a *api) fill(key, customerID string, records, bytes int) {
	a.t.Helper()
	a.connect(key, "procore")
	a.db.MustExec(`DELETE FROM platform_objects WHERE customer_id = $1 AND entity_type = 'payment'`, customerID)
	a.db.MustExec(`DELETE FROM entity_mappings WHERE customer_id = $1 AND entity_type = 'payment'`, customerID)
	a.db.MustExec(`INSERT INTO canonical_objects (customer_id, id, entity_type, document)
		SELECT $1, 'pay_' || lpad(n::text, 15, '0'), 'payment', json_build_object('id', 'pay_' || lpad(n::text, 15, '0'), 'object', 'payment')
		FROM generate_series(1, $2) AS n`, customerID, records)
	a.db.MustExec(`INSERT INTO platform_objects (customer_id, platform, entity_type, platform_id, payload)
		SELECT $1, 'procore', 'payment', n, json_build_object('id', n, 'notes', repeat('x', $3)) FROM generate_series(1, $2) AS n`, customerID, records, bytes)
	a.db.MustExec(`INSERT INTO entity_mappings (customer_id, platform, entity_type, platform_id, canonical_id, minted_id)
		SELECT $1, 'procore', 'payment', n, 'pay_' || lpad(n::text, 15, '0'), 'pay_' || lpad(n::text, 15, '0') FROM generate_series(1, $2) AS n`, customerID, records)
}

// pages follows Link from a list to its end, and returns how many items each page has.
func (a *api) pages(key, operation, path string, mostBytes int) (sizes []int) {
	a.t.Helper()
	for path != "" {
		answer := a.do(get(path).as(key))
		require.Equal(a.t, http.StatusOK, answer.status, "%.300s", answer.body)
		assertMeetsContract(a.t, operation, answer)
		var page struct{ Data []json.RawMessage }
		require.NoError(a.t, json.Unmarshal(answer.body, &page))
		sizes = append(sizes, len(page.Data))
		assert.LessOrEqual(a.t, len(answer.body), mostBytes)
		address, _, _ := strings.Cut(strings.TrimPrefix(answer.header.Get("Link"), "<"), ">")
		path = strings.TrimPrefix(address, loadDocument().BasePath())
	}
	return sizes
}

const mostPage = 9 << 20 // 8 MiB of records, and what is around them

func TestGetObjects_200_AtMostAThousandWithoutLimit(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, customerID := a.demoSession()
	a.fill(key, customerID, 2500, 10)
	const list = "/objects?platform=procore&entity_type=payment"
	assert.Equal(t, []int{1000, 1000, 500}, a.pages(key, "getObjects", list, mostPage))
	assert.Equal(t, []int{1000, 1000, 500}, a.pages(key, "getObjects", list+"&limit=1000", mostPage))
}

func TestGetObjects_200_PagesEndAtEightMiB(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, customerID := a.demoSession()
	a.fill(key, customerID, 20, 1000<<10)
	const list = "/objects?platform=procore&entity_type=payment"
	assert.Equal(t, []int{8, 8, 4}, a.pages(key, "getObjects", list, mostPage))
	assert.Equal(t, []int{5, 5, 5, 5}, a.pages(key, "getObjects", list+"&limit=5", mostPage))

	a.db.MustExec(`UPDATE platform_objects SET payload = json_build_object('id', 1, 'notes', repeat('x', 9000000)) WHERE customer_id = $1 AND platform_id = '1'`, customerID)
	assert.Equal(t, []int{1, 8, 8, 3}, a.pages(key, "getObjects", list, 10<<20), "one at least")
}

// While others hold the memory, a page has fewer records, and still leads to all of them.
func TestGetObjects_200_PagesAreShortWhileMemoryIs(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, customerID := a.demoSession()
	a.fill(key, customerID, 20, 1000<<10)
	others := a.inflight.Reservation()
	require.True(t, others.TryGrow(128<<20))
	more := a.inflight.Reservation()
	require.True(t, more.TryGrow(64<<20))
	sizes := a.pages(key, "getObjects", "/objects?platform=procore&entity_type=payment", mostPage)
	assert.Equal(t, []int{4, 4, 4, 4, 4}, sizes)
}

func TestGetObjectHistory_200_PagesEndAtEightMiB(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	a.propagate(post("/propagate", canonicalExample).as(key))
	a.db.MustExec(`INSERT INTO changes (customer_id, canonical_id, version, changed_at, request_id, key_id, mode, platform, changes, platforms)
		SELECT customer_id, canonical_id, version + n, changed_at, request_id, key_id, mode, platform,
			json_build_array(json_build_object('field', '/notes', 'from', 'x', 'to', repeat('x', 1000 * 1024))), platforms
		FROM changes, generate_series(1, 19) AS n WHERE customer_id = $1`, a.customer(key))
	assert.Equal(t, []int{8, 8, 4}, a.pages(key, "getObjectHistory", "/objects/"+paymentID+"/history", mostPage))
}

func TestGetObjects_400_BadCursor(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	for query, parameter := range map[string]string{
		"limit=0": "query.limit", "limit=1001": "query.limit", "limit=1&cursor=%2F": "query.cursor", "limit=1&cursor=A": "query.cursor", "cursor=AA": "query.cursor",
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
