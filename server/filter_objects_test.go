package server_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/canonical"
	"structural.app/structural/gen"
)

// filterNames are the filters of a list that ask for a field of the document.
var filterNames = []string{"project_id", "contract_id", "customer_id", "status"}

// documented is what tests need to know of a canonical document.
type documented struct {
	ProjectID  string `json:"project_id"`
	ContractID string `json:"contract_id"`
	CustomerID string `json:"customer_id"`
	Status     string `json:"status"`
}

func documentOf(t *testing.T, document json.RawMessage) map[string]string {
	t.Helper()
	var d documented
	require.NoError(t, json.Unmarshal(document, &d))
	return map[string]string{"project_id": d.ProjectID, "contract_id": d.ContractID, "customer_id": d.CustomerID, "status": d.Status}
}

// records follows a list of records to its end.
func (a *api) records(key, query string) []gen.Object {
	a.t.Helper()
	return followed[gen.Object](a, key, query)
}

// canonicalObjects follows a list of objects to its end. No object may be there twice.
func (a *api) canonicalObjects(key, query string) []gen.CanonicalObjectDetails {
	a.t.Helper()
	objects := followed[gen.CanonicalObjectDetails](a, key, "view=canonical&"+query)
	seen := map[string]bool{}
	for _, o := range objects {
		assert.False(a.t, seen[o.CanonicalID], "%s is there twice", o.CanonicalID)
		seen[o.CanonicalID] = true
	}
	return objects
}

func followed[T any](a *api, key, query string) (items []T) {
	a.t.Helper()
	asked, err := url.ParseQuery(query)
	require.NoError(a.t, err)
	for path := "/objects?" + query; path != ""; {
		answer := a.do(get(path).as(key))
		require.Equal(a.t, http.StatusOK, answer.status, "%s: %s", path, answer.body)
		assertMeetsContract(a.t, "getObjects", answer)
		var page struct{ Data []T }
		require.NoError(a.t, json.Unmarshal(answer.body, &page))
		items = append(items, page.Data...)
		address, _, _ := strings.Cut(strings.TrimPrefix(answer.header.Get("Link"), "<"), ">")
		if path = strings.TrimPrefix(address, loadDocument().BasePath()); path != "" {
			next, err := url.Parse(path)
			require.NoError(a.t, err)
			kept := next.Query()
			kept.Del("cursor")
			assert.Equal(a.t, asked, kept, "Link keeps what was asked for")
		}
	}
	return items
}

func TestGetObjects_200_CanonicalViewHasEachObjectOnce(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	for _, entityType := range storedEntityTypes {
		want := map[string]bool{}
		for _, platform := range platforms {
			for _, o := range a.objects(key, platform, entityType) {
				want[o.CanonicalID] = true
			}
		}
		objects := a.canonicalObjects(key, "entity_type="+entityType)
		assert.Len(t, objects, len(want), entityType)
		assert.Equal(t, objects, a.canonicalObjects(key, "entity_type="+entityType+"&limit=3"), "in pages")
		for _, o := range objects {
			assert.True(t, want[o.CanonicalID])
			// The same as by id, to the byte.
			var listed, single json.RawMessage
			listed, err := json.Marshal(o)
			require.NoError(t, err)
			answer := a.do(get("/objects/" + o.CanonicalID).as(key))
			var one gen.ObjectResponse
			require.NoError(t, json.Unmarshal(answer.body, &one))
			single, err = json.Marshal(one.Data)
			require.NoError(t, err)
			assert.Equal(t, string(single), string(listed))
		}
	}
}

func TestGetObjects_200_CanonicalViewWithPlatformHasWhatIsThere(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	for _, platform := range platforms {
		for _, entityType := range storedEntityTypes {
			var want []string
			for _, o := range a.objects(key, platform, entityType) {
				want = append(want, o.CanonicalID)
			}
			var got []string
			for _, o := range a.canonicalObjects(key, "limit=2&entity_type="+entityType+"&platform="+platform) {
				got = append(got, o.CanonicalID)
				assert.Contains(t, o.PlatformData, platform)
			}
			assert.ElementsMatch(t, want, got)
		}
	}
}

// Each filter, and each two of them, lists what one finds who reads the whole list; in both views, in pages, too.
func TestGetObjects_200_FiltersListWhatMeetsThemAll(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	for _, entityType := range storedEntityTypes {
		var filters []string
		all := a.objects(key, "procore", entityType)
		for _, name := range filterNames {
			values := map[string]bool{}
			for _, o := range all {
				if value := documentOf(t, o.Data)[name]; value != "" && len(values) < 3 {
					values[value] = true
				}
			}
			for value := range values {
				filters = append(filters, name+"="+value)
			}
		}
		filters = append(filters, "state=matched", "state=one_sided", "modified_since=2026-01-01T00:00:00Z", "modified_since=2999-01-01T00:00:00%2B03:00")
		meets := func(document json.RawMessage, mappings []gen.Mapping, filter string) bool {
			switch name, value, _ := strings.Cut(filter, "="); name {
			case "state":
				return (len(mappings) > 1) == (value == "matched")
			case "modified_since":
				return value[:4] == "2026"
			default:
				return documentOf(t, document)[name] == value
			}
		}
		for i, first := range filters {
			for _, second := range filters[i:] {
				if name, _, _ := strings.Cut(first, "="); first != second && strings.HasPrefix(second, name+"=") {
					continue // a parameter is given once
				}
				query := "entity_type=" + entityType + "&" + first
				if second != first {
					query += "&" + second
				}
				var want []string
				for _, o := range all {
					if meets(o.Data, o.Mappings, first) && meets(o.Data, o.Mappings, second) {
						want = append(want, o.CanonicalID)
					}
				}
				for _, limit := range []string{"", "&limit=2"} {
					var records, objects []string
					for _, o := range a.records(key, query+"&platform=procore"+limit) {
						records = append(records, o.CanonicalID)
						assert.Equal(t, "procore", string(o.Platform))
						assert.Contains(t, all, o, "the same as in the whole list")
					}
					assert.ElementsMatch(t, want, records, query)
					for _, o := range a.canonicalObjects(key, query+limit) {
						require.True(t, meets(o.Data, o.Mappings, first) && meets(o.Data, o.Mappings, second), query)
						if slices.ContainsFunc(o.Mappings, func(m gen.Mapping) bool { return m.Platform == "procore" }) {
							objects = append(objects, o.CanonicalID)
						}
					}
					assert.ElementsMatch(t, want, objects, query)
				}
			}
		}
	}
}

// The id that a record had on its own leads to what refers to its object.
func TestGetObjects_200_FilterByAnIDOfARecord(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	checked := 0
	for _, project := range a.objects(key, "dynamics", "project") {
		minted := canonical.MintID("dynamics", canonical.Project, project.ID)
		if minted == project.CanonicalID {
			continue
		}
		want := a.canonicalObjects(key, "entity_type=contract&project_id="+project.CanonicalID)
		assert.Equal(t, want, a.canonicalObjects(key, "entity_type=contract&project_id="+minted))
		checked += len(want)
	}
	assert.Positive(t, checked)
}

func TestGetObjects_200_StateSaysWhereTheRecordsAre(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	a.connect(key, "procore")
	all := a.canonicalObjects(key, "entity_type=payment")
	require.NotEmpty(t, all)
	assert.Equal(t, all, a.canonicalObjects(key, "entity_type=payment&state=one_sided"))
	assert.Empty(t, a.canonicalObjects(key, "entity_type=payment&state=matched"))
	a.connect(key, "dynamics")
	matched, oneSided := a.canonicalObjects(key, "entity_type=payment&state=matched"), a.canonicalObjects(key, "entity_type=payment&state=one_sided")
	assert.NotEmpty(t, matched)
	assert.Len(t, a.canonicalObjects(key, "entity_type=payment"), len(matched)+len(oneSided))
	for _, o := range matched {
		assert.Len(t, o.PlatformData, 2)
	}
}

func TestGetObjects_200_ModifiedSinceAChange(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	a.db.MustExec(`UPDATE canonical_objects SET updated_at = '2026-01-01T00:00:00Z' WHERE customer_id = $1`, a.customer(key))
	const since = "modified_since=2026-01-01T00:00:00.000001Z"
	assert.Empty(t, a.canonicalObjects(key, "entity_type=payment&"+since))
	assert.NotEmpty(t, a.canonicalObjects(key, "entity_type=payment&modified_since=2026-01-01T03:00:00%2B03:00"), "at that moment")
	a.propagate(post("/propagate", canonicalExample).as(key))
	changed := a.canonicalObjects(key, "entity_type=payment&"+since)
	require.Len(t, changed, 1)
	assert.Equal(t, paymentID, changed[0].CanonicalID)
	assert.Len(t, a.canonicalObjects(key, "entity_type=payment&modified_since="+changed[0].UpdatedAt.Format(time.RFC3339Nano)), 1, "as the object says")
	assert.Len(t, a.records(key, "platform=dynamics&entity_type=payment&"+since), 1)
}

// What nobody has, and what another customer has, is an empty list.
func TestGetObjects_200_FilterByAnUnknownID(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	other, _ := a.demoSession()
	a.connect(other, "procore")
	a.db.MustExec(`DELETE FROM canonical_objects WHERE customer_id = $1 AND entity_type <> 'payment'`, a.customer(other))
	project := a.objects(key, "procore", "project")[0].CanonicalID
	require.NotEmpty(t, a.canonicalObjects(key, "entity_type=contract&project_id="+project))
	for _, query := range []string{"entity_type=contract&project_id=" + project, "entity_type=contract", "entity_type=invoice&state=one_sided"} {
		assert.Empty(t, a.canonicalObjects(other, query))
	}
	stranger, _ := a.demoSession()
	for _, query := range []string{
		"entity_type=contract&project_id=" + project, "entity_type=contract&project_id=nobody", "entity_type=payment&contract_id=%22",
		"entity_type=payment&modified_since=0001-01-01T00:00:00Z", "entity_type=payment&state=one_sided", "entity_type=payment&status=paid", "entity_type=payment",
	} {
		assert.Empty(t, a.canonicalObjects(stranger, query), query)
		assert.Empty(t, a.records(stranger, query+"&platform=procore"), query)
	}
}

func TestGetObjects_400_FilterWithoutAField(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	for query, message := range map[string]string{
		"entity_type=customer&contract_id=cor_1&project_id=proj_1":       "query.contract_id: customer has no such field; query.project_id: customer has no such field",
		"entity_type=project&project_id=proj_1":                          "query.project_id: project has no such field",
		"entity_type=payment&status=done":                                "query.status: must be one of pending, in_review, approved, processing, paid, failed, void",
		"entity_type=payment&modified_since=2026-01-01T23:59:60Z":        "query.modified_since: ",
		"entity_type=payment&modified_since=2026-01-01":                  "query.modified_since: ",
		"entity_type=payment&modified_since=2026-01-01T00:00:00+03:00":   "query.modified_since: ",
		"entity_type=payment&modified_since=0001-01-01T00:00:00%2B03:00": "query.modified_since: ",
		"entity_type=payment&state=both":                                 "query.state: ",
		"entity_type=payment&project_id=":                                "query.project_id: ",
	} {
		for _, view := range []string{"&view=canonical", "&platform=procore"} {
			answer := a.do(get("/objects?" + query + view).as(key))
			assert.Equal(t, http.StatusBadRequest, answer.status, query)
			assert.Contains(t, answer.error(t).Message, message, query)
		}
	}
	// Every filter has a field on some entity type, and the answer is worked out of the fields.
	for _, entityType := range storedEntityTypes {
		for _, name := range filterNames {
			has := slices.ContainsFunc(canonical.Fields(canonical.EntityType(entityType)), func(f canonical.Field) bool { return f.Path == name })
			answer := a.do(get("/objects?view=canonical&entity_type=" + entityType + "&" + name + "=x").as(key))
			assert.Equal(t, has, answer.status == http.StatusOK || !strings.Contains(answer.error(t).Message, "no such field"), entityType+" "+name)
		}
	}
}

func TestGetObjects_400_WithoutViewThePlatformIsRequired(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	for query, message := range map[string]string{
		"":                                     "platform and entity_type query params required",
		"entity_type=payment":                  "platform query param required",
		"entity_type=payment&state=matched":    "platform query param required",
		"platform=procore":                     "entity_type query param required",
		"view=canonical":                       "entity_type query param required",
		"view=records&entity_type=payment":     "query.view: must be 'canonical'",
		"view=canonical&entity_type=employee":  "query.entity_type: ",
		"view=canonical&platform=&entity_type": "query.platform: ",
	} {
		answer := a.do(get("/objects?" + query).as(key))
		assert.Equal(t, http.StatusBadRequest, answer.status, query)
		assert.Contains(t, answer.error(t).Message, message, query)
	}
}

func TestGetObjects_400_CursorOfOtherFilters(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	lists := []string{
		"platform=procore&entity_type=contract", "platform=procore&entity_type=contract&state=matched", "platform=dynamics&entity_type=contract&state=matched",
		"view=canonical&entity_type=contract", "view=canonical&entity_type=payment", "view=canonical&entity_type=contract&state=matched",
		"view=canonical&entity_type=contract&modified_since=2026-01-01T00:00:00Z", "view=canonical&entity_type=contract&modified_since=2026-01-02T00:00:00Z",
	}
	for _, from := range lists {
		link := a.do(get("/objects?limit=1&" + from).as(key)).header.Get("Link")
		address, _, _ := strings.Cut(strings.TrimPrefix(link, "<"), ">")
		next, err := url.Parse(address)
		require.NoError(t, err)
		cursor := next.Query().Get("cursor")
		require.NotEmpty(t, cursor, from)
		for _, to := range lists {
			answer := a.do(get("/objects?" + to + "&cursor=" + cursor).as(key))
			if from == to {
				assert.Equal(t, http.StatusOK, answer.status, "with another limit")
				continue
			}
			assert.Equal(t, http.StatusBadRequest, answer.status, "%s → %s", from, to)
			assert.Contains(t, answer.error(t).Message, "query.cursor: ")
		}
	}
	for _, cursor := range []string{"AA", "A", "MTgyMzQ1Ng"} {
		answer := a.do(get("/objects?view=canonical&entity_type=payment&cursor=" + cursor).as(key))
		assert.Equal(t, http.StatusBadRequest, answer.status, cursor)
		assert.Contains(t, answer.error(t).Message, "query.cursor: ")
	}
}

// Pages of objects end as those of records do.
func TestGetObjects_200_PagesOfObjectsEndAtEightMiB(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, customerID := a.demoSession()
	a.fill(key, customerID, 20, 1000<<10)
	for _, query := range []string{"view=canonical", "platform=procore&state=one_sided", "view=canonical&modified_since=2026-01-01T00:00:00Z"} {
		// Those that the sandbox gave have no records any more.
		a.db.MustExec(`DELETE FROM canonical_objects o WHERE customer_id = $1 AND NOT EXISTS (
			SELECT FROM entity_mappings m WHERE m.customer_id = o.customer_id AND m.canonical_id = o.id)`, customerID)
		assert.Equal(t, []int{8, 8, 4}, a.pages(key, "getObjects", "/objects?entity_type=payment&"+query, mostPage), query)
	}
}

// Text that an earlier version stored, and PostgreSQL cannot read, does not keep an object out of a list.
func TestGetObjects_200_FilterOfTextThatCannotBeRead(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	before := a.canonicalObjects(key, "entity_type=payment&status=paid")
	require.NotEmpty(t, before)
	a.db.MustExec(`UPDATE canonical_objects SET document = regexp_replace(document::text, '"check_number":"[^"]*"', '"check_number":"\\u0000 \\ud800 \\\\u0000"')::json
		WHERE customer_id = $1 AND id = $2`, a.customer(key), before[0].CanonicalID)
	after := a.canonicalObjects(key, "entity_type=payment&status=paid")
	require.Len(t, after, len(before))
	assert.Contains(t, string(after[slices.IndexFunc(after, func(o gen.CanonicalObjectDetails) bool { return o.CanonicalID == before[0].CanonicalID })].Data), `\ufffd \ufffd`)
}
