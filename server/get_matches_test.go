package server_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"structural.app/structural/gen"
	"structural.app/structural/store"
)

// matches lists all matches, page by page.
func (a *api) matches(key, query string) (list []gen.Match) {
	a.t.Helper()
	for path := "/matches?limit=7&" + query; path != ""; {
		answer := a.do(get(path).as(key))
		require.Equal(a.t, http.StatusOK, answer.status, "%s", answer.body)
		assertMeetsContract(a.t, "getMatches", answer)
		var page gen.MatchesResponse
		require.NoError(a.t, json.Unmarshal(answer.body, &page))
		assert.True(a.t, page.Suggestions.Current)
		list = append(list, page.Data...)
		path = nextPath(a.t, answer)
	}
	return list
}

// nextPath is the path of the next page; empty behind the last.
func nextPath(t *testing.T, answer answer) string {
	link := answer.header.Get("Link")
	if link == "" {
		return ""
	}
	target, _, ok := strings.Cut(strings.TrimPrefix(link, "<"), ">")
	require.True(t, ok, link)
	return strings.TrimPrefix(target, loadDocument().BasePath())
}

// match finds the match of a record.
func (a *api) match(key, platform, platformID string) gen.Match {
	a.t.Helper()
	list := a.matches(key, "")
	i := slices.IndexFunc(list, func(m gen.Match) bool {
		return slices.Contains(m.Records, gen.MatchedRecord{Platform: gen.PlatformName(platform), PlatformID: platformID})
	})
	require.GreaterOrEqual(a.t, i, 0, "no match has %s %s", platform, platformID)
	return list[i]
}

// decide sends a decision about two records.
func (a *api) decide(key, entityType, decision, procoreID, dynamicsID string) answer {
	a.t.Helper()
	return a.do(post("/matches/decisions", fmt.Sprintf(
		`{"entity_type":%q,"decision":%q,"records":[{"platform":"procore","platform_id":%q},{"platform":"dynamics","platform_id":%q}]}`,
		entityType, decision, procoreID, dynamicsID)).as(key))
}

func (a *api) decided(key, entityType, decision, procoreID, dynamicsID string) gen.MatchDecision {
	a.t.Helper()
	answer := a.decide(key, entityType, decision, procoreID, dynamicsID)
	require.Equal(a.t, http.StatusCreated, answer.status, "%s", answer.body)
	assertMeetsContract(a.t, "createMatchDecision", answer)
	var response gen.MatchDecisionResponse
	require.NoError(a.t, json.Unmarshal(answer.body, &response))
	return response.Data
}

// pairOf is the records of an object of a type that has some on both platforms.
func pairOf(t *testing.T, list []gen.Match, entityType string) (m gen.Match, procoreID, dynamicsID string) {
	t.Helper()
	i := slices.IndexFunc(list, func(m gen.Match) bool { return string(m.EntityType) == entityType && len(m.Records) == 2 })
	require.GreaterOrEqual(t, i, 0)
	return list[i], list[i].Records[0].PlatformID, list[i].Records[1].PlatformID
}

func TestGetMatches_TheSandboxes(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	states := map[gen.MatchState]int{}
	list := a.matches(key, "")
	for _, m := range list {
		states[m.State]++
		if m.State == gen.MatchStateMatched {
			assert.Equal(t, "key", m.Reason.Kind)
			assert.NotEmpty(t, m.Reason.Value)
			assert.Len(t, m.Records, 2)
			assert.Empty(t, m.Candidates)
		}
	}
	assert.Equal(t, 31, states[gen.MatchStateMatched], "the pairs that the documentation promises")
	assert.Len(t, list, 43)
	for _, state := range []string{"matched", "suggested", "ambiguous", "one_sided"} {
		assert.Len(t, a.matches(key, "state="+state), states[gen.MatchState(state)], state)
	}
	contracts := a.matches(key, "entity_type=contract")
	assert.NotEmpty(t, contracts)
	project, _, _ := pairOf(t, list, "project")
	inProject := a.matches(key, "project_id="+url.QueryEscape(project.ID))
	assert.Greater(t, len(inProject), 1)
	assert.Less(t, len(inProject), len(list))
}

func TestMatchDecisions_PartAndJoin(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	before, everything := a.matches(key, ""), a.everything(key)
	customer, procoreID, dynamicsID := pairOf(t, before, "customer")

	different := a.decided(key, "customer", "different", procoreID, dynamicsID)
	assert.Len(t, different.CanonicalIds, 2)
	assert.NotEqual(t, gen.MatchStateMatched, a.match(key, "procore", procoreID).State)
	assert.NotEqual(t, everything, a.everything(key))
	history := a.history(key, customer.ID)
	require.NotEmpty(t, history)
	require.NotNil(t, history[0].Decision)
	assert.Equal(t, different.ID, history[0].Decision.ID)
	assert.False(t, history[0].Decision.Withdrawn)

	conflict := a.decide(key, "customer", "same", procoreID, dynamicsID)
	assertMeetsContract(t, "createMatchDecision", conflict)
	assert.Equal(t, http.StatusConflict, conflict.status)
	assert.Contains(t, conflict.error(t).Message, different.ID)
	assert.Equal(t, different.ID, a.decided(key, "customer", "different", procoreID, dynamicsID).ID, "it stands already")

	a.connect(key, "procore")
	a.connect(key, "dynamics")
	assert.NotEqual(t, gen.MatchStateMatched, a.match(key, "procore", procoreID).State, "a decision outlives a reload")

	answer := a.do(del("/matches/decisions/"+different.ID, key))
	assertMeetsContract(t, "deleteMatchDecision", answer)
	require.Equal(t, http.StatusNoContent, answer.status, "%s", answer.body)
	assert.Equal(t, everything, a.everything(key), "as if nobody had decided")
	assert.True(t, a.history(key, customer.ID)[0].Decision.Withdrawn)
	assert.Equal(t, http.StatusNotFound, a.do(del("/matches/decisions/"+different.ID, key)).status)
}

// A customer that is joined by hand has the documents of both, and what refers to them follows.
func TestMatchDecisions_AgainstTheKeys(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	pairs := a.matches(key, "entity_type=customer&state=matched")
	require.GreaterOrEqual(t, len(pairs), 2)
	first, second := pairs[0], pairs[1]
	a.decided(key, "customer", "different", first.Records[0].PlatformID, first.Records[1].PlatformID)
	a.decided(key, "customer", "different", second.Records[0].PlatformID, second.Records[1].PlatformID)
	joined := a.decided(key, "customer", "same", first.Records[0].PlatformID, second.Records[1].PlatformID)
	require.Len(t, joined.CanonicalIds, 1)
	m := a.match(key, "procore", first.Records[0].PlatformID)
	assert.Equal(t, gen.MatchStateMatched, m.State)
	assert.Equal(t, "decision", m.Reason.Kind)
	require.NotNil(t, m.Reason.DecidedBy)
	assert.Equal(t, "demo", m.Reason.DecidedBy.Mode)
	for _, decision := range a.decisions(key) {
		require.Equal(t, http.StatusNoContent, a.do(del("/matches/decisions/"+decision.ID, key)).status)
	}
	assert.Empty(t, a.decisions(key))
	assert.Len(t, a.matches(key, "state=matched"), 31)
}

func (a *api) decisions(key string) (list []gen.MatchDecision) {
	a.t.Helper()
	for path := "/matches/decisions?limit=2"; path != ""; {
		answer := a.do(get(path).as(key))
		require.Equal(a.t, http.StatusOK, answer.status, "%s", answer.body)
		assertMeetsContract(a.t, "getMatchDecisions", answer)
		var page gen.MatchDecisionsResponse
		require.NoError(a.t, json.Unmarshal(answer.body, &page))
		list = append(list, page.Data...)
		path = nextPath(a.t, answer)
	}
	return list
}

func TestMatchDecisions_Refused(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	other, _ := a.demoSession()
	_, procoreID, dynamicsID := pairOf(t, a.matches(key, ""), "customer")
	decision := a.decided(key, "customer", "different", procoreID, dynamicsID)
	for name, test := range map[string]struct {
		request request
		status  int
	}{
		"another customer's records":  {post("/matches/decisions", fmt.Sprintf(`{"entity_type":"customer","decision":"same","records":[{"platform":"procore","platform_id":%q},{"platform":"dynamics","platform_id":%q}]}`, procoreID, dynamicsID)).as(other), http.StatusNotFound},
		"another customer's decision": {del("/matches/decisions/"+decision.ID, other), http.StatusNotFound},
		"records of another type":     {post("/matches/decisions", fmt.Sprintf(`{"entity_type":"payment","decision":"same","records":[{"platform":"procore","platform_id":%q},{"platform":"dynamics","platform_id":%q}]}`, procoreID, dynamicsID)).as(key), http.StatusNotFound},
		"two records of one platform": {post("/matches/decisions", `{"entity_type":"customer","decision":"same","records":[{"platform":"procore","platform_id":"1"},{"platform":"procore","platform_id":"2"}]}`).as(key), http.StatusBadRequest},
		"one record":                  {post("/matches/decisions", `{"entity_type":"customer","decision":"same","records":[{"platform":"procore","platform_id":"1"}]}`).as(key), http.StatusBadRequest},
		"another word":                {post("/matches/decisions", `{"entity_type":"customer","decision":"maybe","records":[{"platform":"procore","platform_id":"1"},{"platform":"dynamics","platform_id":"2"}]}`).as(key), http.StatusBadRequest},
		"no key":                      {get("/matches/decisions"), http.StatusUnauthorized},
		"a state that there is not":   {get("/matches?state=maybe").as(key), http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.status, a.of(t).do(test.request).status)
		})
	}
	assert.Len(t, a.decisions(key), 1)
}

// Callers who decide at once do so one after the other: each decision stands, or its caller is told.
func TestMatchDecisions_AtOnce(t *testing.T) {
	t.Parallel()
	a := newAPI(t, limited(0))
	key := a.issuedKey(store.ModeTest)
	a.connect(key, "procore")
	a.connect(key, "dynamics")
	pairs := a.matches(key, "state=matched")
	var wg sync.WaitGroup
	statuses := make([]int, 64)
	for i := range statuses {
		wg.Go(func() {
			m := pairs[i%len(pairs)]
			word := []string{"different", "same"}[i/len(pairs)%2]
			statuses[i] = a.decide(key, string(m.EntityType), word, m.Records[0].PlatformID, m.Records[1].PlatformID).status
		})
	}
	wg.Wait()
	stand := map[string]gen.DecisionWord{}
	for _, d := range a.decisions(key) {
		id := d.Records[0].PlatformID + string(d.EntityType)
		assert.NotContains(t, stand, id)
		stand[id] = d.Decision
	}
	assert.Len(t, stand, len(pairs))
	for i, status := range statuses {
		m := pairs[i%len(pairs)]
		word := []gen.DecisionWord{"different", "same"}[i/len(pairs)%2]
		want := http.StatusConflict
		if stand[m.Records[0].PlatformID+string(m.EntityType)] == word {
			want = http.StatusCreated
		}
		assert.Equal(t, want, status, "%s %s", m.Label, word)
	}
}

// Whatever people decide, take back, connect and reload, in whatever order: what stands in the end is what the records and the
// decisions that stand make.
func TestMatchDecisions_AnyOrder(t *testing.T) {
	t.Parallel()
	a := newAPI(t, limited(0))
	reference := a.issuedKey(store.ModeTest)
	a.connect(reference, "procore")
	a.connect(reference, "dynamics")
	list := a.matches(reference, "entity_type=customer")
	ids := map[gen.PlatformName][]string{}
	for _, m := range list {
		for _, r := range m.Records {
			ids[r.Platform] = append(ids[r.Platform], r.PlatformID)
		}
	}
	most, _ := strconv.Atoi(cmp.Or(os.Getenv("STRUCTURAL_DECISIONS"), "5")) // a check takes a second
	checks := 0
	rapid.Check(t, func(rt *rapid.T) {
		if checks++; checks > most {
			return
		}
		key := a.issuedKey(store.ModeTest)
		a.connect(key, "procore")
		a.connect(key, "dynamics")
		for range rapid.IntRange(1, 6).Draw(rt, "steps") {
			switch step := rapid.SampledFrom([]string{"same", "different", "same", "different", "withdraw", "procore", "dynamics"}).Draw(rt, "step"); step {
			case "procore", "dynamics":
				a.connect(key, step)
			case "withdraw":
				if standing := a.decisions(key); len(standing) > 0 {
					d := rapid.SampledFrom(standing).Draw(rt, "decision")
					require.Equal(rt, http.StatusNoContent, a.do(del("/matches/decisions/"+d.ID, key)).status)
				}
			default:
				status := a.decide(key, "customer", step, rapid.SampledFrom(ids["procore"]).Draw(rt, "site"), rapid.SampledFrom(ids["dynamics"]).Draw(rt, "books")).status
				require.Contains(rt, []int{http.StatusCreated, http.StatusConflict}, status)
			}
		}
		other := a.issuedKey(store.ModeTest)
		a.connect(other, "dynamics")
		a.connect(other, "procore")
		standing := rapid.Permutation(a.decisions(key)).Draw(rt, "order")
		for _, d := range standing {
			require.Equal(rt, http.StatusCreated, a.decide(other, "customer", string(d.Decision), d.Records[0].PlatformID, d.Records[1].PlatformID).status)
		}
		require.Equal(rt, a.everything(key), a.everything(other))
	})
}
