package server_test

import (
	"structural.app/structural/app"
	"structural.app/structural/server"
)

const decisionExample = `{"entity_type":"customer","decision":"different","records":[{"platform":"procore","platform_id":"1"},{"platform":"dynamics","platform_id":"2"}]}`

// matchRequests are the operations on matches.
var matchRequests = map[string]func(key string) request{
	"getMatches":          func(key string) request { return get("/matches").as(key) },
	"getMatchDecisions":   func(key string) request { return get("/matches/decisions").as(key) },
	"createMatchDecision": func(key string) request { return post("/matches/decisions", decisionExample).as(key) },
	"deleteMatchDecision": func(key string) request { return del("/matches/decisions/dec_1", key) },
}

// parting decides against a pair of the sandboxes.
func (a *api) parting() (key string, decision request) {
	key = a.connected()
	_, procoreID, dynamicsID := pairOf(a.t, a.matches(key, ""), "customer")
	return key, post("/matches/decisions", `{"entity_type":"customer","decision":"different","records":[{"platform":"procore","platform_id":"`+
		procoreID+`"},{"platform":"dynamics","platform_id":"`+dynamicsID+`"}]}`).as(key)
}

func withQuota(bytes int64) func(*server.Config) {
	return func(cfg *server.Config) { cfg.Quotas = app.Quotas{Demo: bytes} }
}

// full has a customer store all that it may.
func (a *api) full(key string) {
	a.db.MustExec(`UPDATE customer_state SET history_bytes = 10000000 WHERE customer_id = $1`, a.customer(key))
}

func init() {
	lost := func(table string, of func(key string) request) func(a *api) request {
		return func(a *api) request {
			key := a.connected()
			a.db.MustExec(`ALTER TABLE ` + table + ` RENAME TO lost`)
			return of(key)
		}
	}
	for operation, of := range matchRequests {
		scenarios = append(scenarios,
			scenario{operation: operation, status: 401, request: func(*api) request { return of("") }},
			scenario{operation: operation, status: 500, on: newAPIAlone, request: lost("match_decisions", of)},
			scenario{operation: operation, status: 502, on: newAPILinked, request: func(a *api) request {
				key, _ := a.demoSession()
				a.link.Cut()
				return of(key)
			}})
	}
	key := func(a *api) string {
		key, _ := a.demoSession()
		return key
	}
	scenarios = append(scenarios,
		scenario{operation: "getMatches", status: 200, request: func(a *api) request { return get("/matches").as(a.connected()) }},
		scenario{operation: "getMatches", status: 400, request: func(a *api) request { return get("/matches?state=likely").as(key(a)) },
			message: "query.state: must be one of 'matched', 'suggested', 'ambiguous', 'one_sided'"},
		scenario{operation: "getMatchDecisions", status: 200, request: func(a *api) request {
			key, decision := a.parting()
			a.do(decision)
			return get("/matches/decisions").as(key)
		}},
		scenario{operation: "getMatchDecisions", status: 400, request: func(a *api) request { return get("/matches/decisions?limit=0").as(key(a)) }},
		scenario{operation: "createMatchDecision", status: 201, request: func(a *api) request {
			_, decision := a.parting()
			return decision
		}},
		scenario{operation: "createMatchDecision", status: 400, request: func(a *api) request {
			return post("/matches/decisions", `{"entity_type":"customer","decision":"same","records":[{"platform":"procore","platform_id":"1"},{"platform":"procore","platform_id":"2"}]}`).as(key(a))
		}, message: "records: two of them are of one platform, and an object has one record of each platform at the most"},
		scenario{operation: "createMatchDecision", status: 404, request: func(a *api) request { return post("/matches/decisions", decisionExample).as(key(a)) },
			message: "records: one of them does not exist among this customer's records of this type"},
		scenario{operation: "createMatchDecision", status: 409, request: func(a *api) request {
			_, decision := a.parting()
			a.do(decision)
			decision.body = `{"decision":"same",` + decision.body[len(`{"entity_type":"customer","decision":"different",`):len(decision.body)-1] + `,"entity_type":"customer"}`
			return decision
		}},
		scenario{operation: "createMatchDecision", status: 413, request: func(a *api) request { return post("/matches/decisions", twoMiB).as(key(a)) }},
		scenario{operation: "createMatchDecision", status: 415, request: func(a *api) request {
			return post("/matches/decisions", decisionExample).as(key(a)).with("Content-Type", "text/plain")
		}},
		scenario{operation: "createMatchDecision", status: 422, options: []func(*server.Config){withQuota(10_000_000)}, request: func(a *api) request {
			key, decision := a.parting()
			a.full(key)
			return decision
		}},
		scenario{operation: "deleteMatchDecision", status: 204, request: func(a *api) request {
			key, decision := a.parting()
			a.do(decision)
			return del("/matches/decisions/"+a.decisions(key)[0].ID, key)
		}},
		scenario{operation: "deleteMatchDecision", status: 400, request: func(a *api) request { return del("/matches/decisions/dec%20", key(a)) }},
		scenario{operation: "deleteMatchDecision", status: 404, request: func(a *api) request { return del("/matches/decisions/dec_1", key(a)) },
			message: "No such decision"},
		scenario{operation: "deleteMatchDecision", status: 422, options: []func(*server.Config){withQuota(10_000_000)}, request: func(a *api) request {
			key := a.connected()
			pairs := a.matches(key, "entity_type=customer&state=matched")
			d := a.decided(key, "customer", "different", pairs[0].Records[0].PlatformID, pairs[1].Records[1].PlatformID) // as they are
			a.full(key)
			return del("/matches/decisions/"+d.ID, key)
		}},
	)
}
