package server_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/ulule/limiter/v3"

	"structural.app/structural/app"
	"structural.app/structural/platform/registry"
	"structural.app/structural/server"
	"structural.app/structural/store"
)

// scenario reaches one documented status of one operation, through the real server.
type scenario struct {
	operation string
	status    int
	options   []func(*server.Config)
	// on makes the server. Nil: newAPI.
	on func(*testing.T, ...func(*server.Config)) *api
	// request prepares the server and says what to send.
	request func(*api) request
	message string // error.message, where the wording is part of the promise
}

// scenarios has an entry for each status that the document names; TestEveryDocumentedStatusIsReached sees to it.
var scenarios = []scenario{
	{operation: "getHealth", status: 200, request: func(a *api) request { return get("/health") }},
	{operation: "getHealth", status: 400, request: func(a *api) request { return get("/health?verbose=true") },
		message: "query.verbose: unknown parameter"},
	{operation: "getHealth", status: 500, options: []func(*server.Config){withClock(brokenClock)},
		request: func(a *api) request { return get("/health") }, message: "Unexpected server error; quote the request_id to support"},
	{operation: "getHealth", status: 503, on: newAPILinked, request: func(a *api) request {
		a.link.Cut()
		return get("/health")
	}},

	{operation: "getPlatforms", status: 200, request: func(a *api) request { return get("/platforms") }},
	{operation: "getPlatforms", status: 304, request: func(a *api) request { return get("/platforms").with("If-None-Match", "*") }},
	{operation: "getPlatforms", status: 400, request: func(a *api) request { return get("/platforms?platform=procore") },
		message: "query.platform: unknown parameter"},
	{operation: "getPlatforms", status: 500, options: []func(*server.Config){limited(2), func(cfg *server.Config) { cfg.Limits = brokenLimits{} }},
		request: func(a *api) request { return get("/platforms") }, message: "Unexpected server error; quote the request_id to support"},

	{operation: "createDemoSession", status: 201, request: func(a *api) request { return post("/demo/session", "") }},
	{operation: "createDemoSession", status: 400, request: func(a *api) request { return post("/demo/session", `{"name":"Doha Builders"}`) },
		message: "this operation takes no request body; send none, or {}"},
	{operation: "createDemoSession", status: 413, request: func(a *api) request { return post("/demo/session", twoMiB) }},
	{operation: "createDemoSession", status: 415, request: func(a *api) request {
		return post("/demo/session", "name=x").with("Content-Type", "application/x-www-form-urlencoded")
	}},
	{operation: "createDemoSession", status: 429, request: func(a *api) request {
		for range 5 {
			a.demoSession()
		}
		return post("/demo/session", "")
	}, message: "Too many requests"},
	{operation: "createDemoSession", status: 500, on: newAPIAlone, request: func(a *api) request {
		a.db.MustExec(`ALTER TABLE api_keys RENAME TO lost`)
		return post("/demo/session", "")
	}, message: "Unexpected server error; quote the request_id to support"},
	{operation: "createDemoSession", status: 502, on: newAPILinked, request: func(a *api) request {
		a.link.Cut()
		return post("/demo/session", "")
	}, message: "The database is not available; try again shortly"},

	{operation: "deleteDemoSession", status: 204, request: func(a *api) request {
		key, _ := a.demoSession()
		return del("/demo/session", key)
	}},
	{operation: "deleteDemoSession", status: 400, request: func(a *api) request {
		key, _ := a.demoSession()
		return del("/demo/session?force=true", key)
	}, message: "query.force: unknown parameter"},
	{operation: "deleteDemoSession", status: 401, request: func(a *api) request { return del("/demo/session", "sk_demo_invalid_key") },
		message: "Invalid or missing API key"},
	{operation: "deleteDemoSession", status: 403, request: func(a *api) request { return del("/demo/session", a.issuedKey(store.ModeLive)) },
		message: "Only a demo session can be deleted; this is not a demo key"},
	{operation: "deleteDemoSession", status: 413, request: func(a *api) request {
		key, _ := a.demoSession()
		return request{method: http.MethodDelete, path: "/demo/session", key: key, body: twoMiB}
	}},
	{operation: "deleteDemoSession", status: 415, request: func(a *api) request {
		key, _ := a.demoSession()
		return request{method: http.MethodDelete, path: "/demo/session", key: key, body: "{}"}.with("Content-Type", "text/json")
	}},
	{operation: "deleteDemoSession", status: 500, on: newAPIAlone, request: func(a *api) request {
		key, _ := a.demoSession()
		a.db.MustExec(`ALTER TABLE customers RENAME TO lost`)
		return del("/demo/session", key)
	}},
	{operation: "deleteDemoSession", status: 502, on: newAPILinked, request: func(a *api) request {
		key, _ := a.demoSession()
		a.link.Cut()
		return del("/demo/session", key)
	}},

	{operation: "transformData", status: 200, request: func(a *api) request {
		key, _ := a.demoSession()
		return post("/transform", transformPayment).as(key)
	}},
	{operation: "transformData", status: 400, request: func(a *api) request {
		key, _ := a.demoSession()
		return post("/transform", `{"source":"nowhere","target":"dynamics","entity_type":"payment","data":{},"dta":1}`).as(key)
	}, message: "/source: must be one of " + quotedPlatforms() + "; /dta: unknown property"},
	{operation: "transformData", status: 401, request: func(a *api) request { return post("/transform", transformPayment) }},
	{operation: "transformData", status: 413, request: func(a *api) request {
		key, _ := a.demoSession()
		return post("/transform", twoMiB).as(key)
	}},
	{operation: "transformData", status: 415, request: func(a *api) request {
		key, _ := a.demoSession()
		return post("/transform", transformPayment).as(key).with("Content-Type", "text/plain")
	}},
	{operation: "transformData", status: 422, request: func(a *api) request {
		key, _ := a.demoSession()
		return post("/transform", `{"source":"procore","target":"dynamics","entity_type":"contract","data":{"id":1,"contract_date":"soon"}}`).as(key)
	}, message: "/context/commitmentType: expected one of WorkOrderContract, PurchaseOrderContract; /data/contract_date: expected a date (YYYY-MM-DD)"},
	{operation: "transformData", status: 500, on: newAPIAlone, request: func(a *api) request {
		key, _ := a.demoSession()
		a.db.MustExec(`ALTER TABLE api_keys RENAME TO lost`)
		return post("/transform", transformPayment).as(key)
	}},
	{operation: "transformData", status: 502, on: newAPILinked, request: func(a *api) request {
		key, _ := a.demoSession()
		a.link.Cut()
		return post("/transform", transformPayment).as(key)
	}},

	{operation: "connectPlatform", status: 200, request: func(a *api) request {
		key, _ := a.demoSession()
		return post("/connect", `{"platform":"procore"}`).as(key)
	}},
	{operation: "connectPlatform", status: 400, request: func(a *api) request {
		key, _ := a.demoSession()
		return post("/connect", `{"platform":"nowhere"}`).as(key)
	}, message: "/platform: must be one of " + quotedPlatforms()},
	{operation: "connectPlatform", status: 401, request: func(a *api) request { return post("/connect", `{"platform":"procore"}`) }},
	{operation: "connectPlatform", status: 409, request: func(a *api) request {
		return post("/connect", `{"platform":"procore"}`).as(a.issuedKey(store.ModeLive))
	}},
	{operation: "connectPlatform", status: 413, request: func(a *api) request {
		key, _ := a.demoSession()
		return post("/connect", twoMiB).as(key)
	}},
	{operation: "connectPlatform", status: 422, options: []func(*server.Config){withQuotas(app.Quotas{Demo: 100 << 10})}, request: func(a *api) request {
		key, _ := a.demoSession()
		return post("/connect", `{"platform":"procore"}`).as(key)
	}},
	{operation: "connectPlatform", status: 415, request: func(a *api) request {
		key, _ := a.demoSession()
		return post("/connect", `{"platform":"procore"}`).as(key).with("Content-Type", "text/plain")
	}},
	{operation: "connectPlatform", status: 500, on: newAPIAlone, request: func(a *api) request {
		key, _ := a.demoSession()
		a.db.MustExec(`ALTER TABLE platform_objects RENAME TO lost`)
		return post("/connect", `{"platform":"procore"}`).as(key)
	}},
	{operation: "connectPlatform", status: 502, on: newAPILinked, request: func(a *api) request {
		key, _ := a.demoSession()
		a.link.Cut()
		return post("/connect", `{"platform":"procore"}`).as(key)
	}},

	{operation: "getConnections", status: 200, request: func(a *api) request {
		key, _ := a.demoSession()
		a.connect(key, "procore")
		return get("/connections").as(key)
	}},
	{operation: "getConnections", status: 400, request: func(a *api) request {
		key, _ := a.demoSession()
		return get("/connections?status=error").as(key)
	}, message: "query.status: unknown parameter"},
	{operation: "getConnections", status: 401, request: func(a *api) request { return get("/connections").as("sk_demo_invalid_key") }},
	{operation: "getConnections", status: 500, on: newAPIAlone, request: func(a *api) request {
		key, _ := a.demoSession()
		a.db.MustExec(`ALTER TABLE connections RENAME TO lost`)
		return get("/connections").as(key)
	}},
	{operation: "getConnections", status: 502, on: newAPILinked, request: func(a *api) request {
		key, _ := a.demoSession()
		a.link.Cut()
		return get("/connections").as(key)
	}},

	{operation: "getConnectionSettings", status: 200, request: func(a *api) request { return get("/connections/procore/settings").as(a.connected()) }},
	{operation: "getConnectionSettings", status: 400, request: func(a *api) request {
		key, _ := a.demoSession()
		return get("/connections/nowhere/settings").as(key)
	}, message: "path.platform: must be one of " + quotedPlatforms()},
	{operation: "getConnectionSettings", status: 401, request: func(a *api) request { return get("/connections/procore/settings") }},
	{operation: "getConnectionSettings", status: 404, request: func(a *api) request {
		key, _ := a.demoSession()
		return get("/connections/procore/settings").as(key)
	}, message: "This platform is not connected; connect it first"},
	{operation: "getConnectionSettings", status: 500, on: newAPIAlone, request: func(a *api) request {
		key := a.connected()
		a.db.MustExec(`ALTER TABLE connection_settings RENAME TO lost`)
		return get("/connections/procore/settings").as(key)
	}},
	{operation: "getConnectionSettings", status: 502, on: newAPILinked, request: func(a *api) request {
		key, _ := a.demoSession()
		a.link.Cut()
		return get("/connections/procore/settings").as(key)
	}},

	{operation: "getConnectionSettingsCoverage", status: 200, request: func(a *api) request { return get("/connections/procore/settings/coverage").as(a.connected()) }},
	{operation: "getConnectionSettingsCoverage", status: 400, request: func(a *api) request {
		key, _ := a.demoSession()
		return get("/connections/nowhere/settings/coverage").as(key)
	}, message: "path.platform: must be one of " + quotedPlatforms()},
	{operation: "getConnectionSettingsCoverage", status: 401, request: func(a *api) request { return get("/connections/procore/settings/coverage") }},
	{operation: "getConnectionSettingsCoverage", status: 404, request: func(a *api) request {
		key, _ := a.demoSession()
		return get("/connections/procore/settings/coverage").as(key)
	}, message: "This platform is not connected; connect it first"},
	{operation: "getConnectionSettingsCoverage", status: 500, on: newAPIAlone, request: func(a *api) request {
		key := a.connected()
		a.db.MustExec(`ALTER TABLE canonical_objects RENAME TO lost`)
		return get("/connections/procore/settings/coverage").as(key)
	}},
	{operation: "getConnectionSettingsCoverage", status: 502, on: newAPILinked, request: func(a *api) request {
		key, _ := a.demoSession()
		a.link.Cut()
		return get("/connections/procore/settings/coverage").as(key)
	}},

	{operation: "setConnectionSettings", status: 200, request: func(a *api) request { return setSettings(`{}`).as(a.connected()) }},
	{operation: "setConnectionSettings", status: 400, request: func(a *api) request {
		return setSettings(`{"tax_on":"both","posting":[{"cost_code":"0*3"}]}`).as(a.connected())
	}, message: `/tax_on: must be one of 'gross', 'net'; /posting/0/cost_code: must match the pattern ^[^*]*\*?$; /posting/0/account: is required`},
	{operation: "setConnectionSettings", status: 401, request: func(a *api) request { return setSettings(`{}`) }},
	{operation: "setConnectionSettings", status: 404, request: func(a *api) request {
		key, _ := a.demoSession()
		return setSettings(`{}`).as(key)
	}, message: "This platform is not connected; connect it first"},
	{operation: "setConnectionSettings", status: 412, request: func(a *api) request {
		return setSettings(`{}`).as(a.connected()).with("If-Match", `"1"`)
	}, message: "The settings have changed since; read them again and send their ETag as If-Match"},
	{operation: "setConnectionSettings", status: 413, request: func(a *api) request {
		key, _ := a.demoSession()
		return setSettings(twoMiB).as(key)
	}},
	{operation: "setConnectionSettings", status: 415, request: func(a *api) request {
		key, _ := a.demoSession()
		return setSettings(`{}`).as(key).with("Content-Type", "text/plain")
	}},
	{operation: "setConnectionSettings", status: 422, request: func(a *api) request {
		return setSettings(`{"posting":[{"cost_code":"03-*","account":"1"},{"cost_code":"03-*","account":"2"}]}`).as(a.connected())
	}, message: "/posting/1: is for the same lines as /posting/0"},
	{operation: "setConnectionSettings", status: 500, on: newAPIAlone, request: func(a *api) request {
		key := a.connected()
		a.db.MustExec(`ALTER TABLE connection_settings RENAME TO lost`)
		return setSettings(`{}`).as(key)
	}},
	{operation: "setConnectionSettings", status: 502, on: newAPILinked, request: func(a *api) request {
		key, _ := a.demoSession()
		a.link.Cut()
		return setSettings(`{}`).as(key)
	}},

	{operation: "importRecords", status: 202, request: func(a *api) request { return importPayments(`{"id":1}`).as(a.issuedKey(store.ModeLive)) }},
	{operation: "importRecords", status: 400, request: func(a *api) request { return importPayments("\n").as(a.issuedKey(store.ModeLive)) },
		message: "request body has no records"},
	{operation: "importRecords", status: 401, request: func(a *api) request { return importPayments(`{"id":1}`) }},
	{operation: "importRecords", status: 409, request: func(a *api) request {
		return post("/connections/procore/records?entity_type=payment&ledger=payable", `{"id":1}`).with("Content-Type", ndjson).as(a.connected())
	}, message: "The customer's records are of another ledger; leave ledger out to use theirs"},
	{operation: "importRecords", status: 413, options: []func(*server.Config){func(cfg *server.Config) { cfg.ImportBytes = 1 << 20 }}, request: func(a *api) request {
		return importPayments(twoMiB).as(a.issuedKey(store.ModeLive))
	}, message: "Request body is larger than 1 MiB"},
	{operation: "importRecords", status: 415, request: func(a *api) request {
		return importPayments(`{"id":1}`).as(a.issuedKey(store.ModeLive)).with("Content-Type", "application/json")
	}, message: "A request body must be sent with Content-Type: application/x-ndjson"},
	{operation: "importRecords", status: 422, options: []func(*server.Config){withQuotas(app.Quotas{Demo: 1 << 10})}, request: func(a *api) request {
		key, _ := a.demoSession()
		return importPayments(`{"id":1,"notes":"` + strings.Repeat("x", 2000) + `"}`).as(key)
	}},
	{operation: "importRecords", status: 500, on: newAPIAlone, request: func(a *api) request {
		key, _ := a.demoSession()
		a.db.MustExec(`ALTER TABLE record_keys RENAME TO lost`)
		return importPayments(`{"id":1}`).as(key)
	}},
	{operation: "importRecords", status: 502, on: newAPILinked, request: func(a *api) request {
		key, _ := a.demoSession()
		a.link.Cut()
		return importPayments(`{"id":1}`).as(key)
	}},

	{operation: "getObjects", status: 200, request: func(a *api) request {
		key, _ := a.demoSession()
		a.connect(key, "procore")
		return get("/objects?platform=procore&entity_type=payment&limit=2").as(key)
	}},
	{operation: "getObjects", status: 400, request: func(a *api) request {
		key, _ := a.demoSession()
		return get("/objects").as(key)
	}, message: "platform and entity_type query params required"},
	{operation: "getObjects", status: 401, request: func(a *api) request { return get("/objects?platform=procore&entity_type=payment") }},
	{operation: "getObjects", status: 500, on: newAPIAlone, request: func(a *api) request {
		key, _ := a.demoSession()
		a.db.MustExec(`ALTER TABLE platform_objects RENAME TO lost`)
		return get("/objects?platform=procore&entity_type=payment").as(key)
	}},
	{operation: "getObjects", status: 502, on: newAPILinked, request: func(a *api) request {
		key, _ := a.demoSession()
		a.link.Cut()
		return get("/objects?platform=procore&entity_type=payment").as(key)
	}},

	{operation: "getObject", status: 200, request: func(a *api) request { return get("/objects/" + paymentID).as(a.connected()) }},
	{operation: "getObject", status: 304, request: func(a *api) request {
		key := a.connected()
		tag := a.do(get("/objects/" + paymentID).as(key)).header.Get("ETag")
		return get("/objects/"+paymentID).as(key).with("If-None-Match", tag)
	}},
	{operation: "getObject", status: 400, request: func(a *api) request {
		key, _ := a.demoSession()
		return get("/objects/" + paymentID + "?platform=procore").as(key)
	}, message: "query.platform: unknown parameter"},
	{operation: "getObject", status: 401, request: func(a *api) request { return get("/objects/" + paymentID) }},
	{operation: "getObject", status: 404, request: func(a *api) request {
		key, _ := a.demoSession()
		return get("/objects/" + paymentID).as(key)
	}, message: "No such object"},
	{operation: "getObject", status: 500, on: newAPIAlone, request: func(a *api) request {
		key, _ := a.demoSession()
		a.db.MustExec(`ALTER TABLE canonical_objects RENAME TO lost`)
		return get("/objects/" + paymentID).as(key)
	}},
	{operation: "getObject", status: 502, on: newAPILinked, request: func(a *api) request {
		key, _ := a.demoSession()
		a.link.Cut()
		return get("/objects/" + paymentID).as(key)
	}},

	{operation: "getObjectHistory", status: 200, request: func(a *api) request {
		key := a.connected()
		a.propagate(post("/propagate", canonicalExample).as(key))
		a.propagate(post("/propagate", backAgain).as(key))
		return get("/objects/" + paymentID + "/history?limit=1").as(key)
	}},
	{operation: "getObjectHistory", status: 400, request: func(a *api) request {
		key, _ := a.demoSession()
		return get("/objects/" + paymentID + "/history?limit=0&cursor=first").as(key)
	}, message: "query.limit: must be at least 1; query.cursor: must match the pattern ^[1-9][0-9]{0,17}$"},
	{operation: "getObjectHistory", status: 401, request: func(a *api) request { return get("/objects/" + paymentID + "/history") }},
	{operation: "getObjectHistory", status: 404, request: func(a *api) request {
		key, _ := a.demoSession()
		return get("/objects/" + paymentID + "/history").as(key)
	}, message: "No such object"},
	{operation: "getObjectHistory", status: 500, on: newAPIAlone, request: func(a *api) request {
		key := a.connected()
		a.db.MustExec(`ALTER TABLE changes RENAME TO lost`)
		return get("/objects/" + paymentID + "/history").as(key)
	}},
	{operation: "getObjectHistory", status: 502, on: newAPILinked, request: func(a *api) request {
		key, _ := a.demoSession()
		a.link.Cut()
		return get("/objects/" + paymentID + "/history").as(key)
	}},

	{operation: "getReconciliation", status: 200, request: func(a *api) request { return get("/reconciliation").as(a.connected()) }},
	{operation: "getReconciliation", status: 400, request: func(a *api) request {
		key, _ := a.demoSession()
		return get("/reconciliation?from=2026-02-30").as(key)
	}, message: "query.from: must be a day of the calendar (YYYY-MM-DD)"},
	{operation: "getReconciliation", status: 401, request: func(a *api) request { return get("/reconciliation") }},
	{operation: "getReconciliation", status: 422, request: func(a *api) request {
		key := a.connected()
		a.db.MustExec(`UPDATE canonical_objects SET compared = '{"r":[["procore","",9000000000000000000,"USD"]]}' WHERE customer_id = $1 AND id = $2`, a.customer(key), paymentID)
		return get("/reconciliation").as(key)
	}, message: "The amounts are too large to be summed up; ask for a part of them, or in another currency"},
	{operation: "getReconciliation", status: 500, on: newAPIAlone, request: func(a *api) request {
		key := a.connected()
		a.db.MustExec(`ALTER TABLE canonical_objects RENAME TO lost`)
		return get("/reconciliation").as(key)
	}},
	{operation: "getReconciliation", status: 502, on: newAPILinked, request: func(a *api) request {
		key, _ := a.demoSession()
		a.link.Cut()
		return get("/reconciliation").as(key)
	}},

	{operation: "getReconciliationDifferences", status: 200, request: func(a *api) request {
		return get("/reconciliation/differences?limit=2").as(a.connected())
	}},
	{operation: "getReconciliationDifferences", status: 400, request: func(a *api) request {
		key, _ := a.demoSession()
		return get("/reconciliation/differences?cursor=first").as(key)
	}, message: "query.cursor: must be one that a Link header gave"},
	{operation: "getReconciliationDifferences", status: 401, request: func(a *api) request { return get("/reconciliation/differences") }},
	{operation: "getReconciliationDifferences", status: 422, options: []func(*server.Config){func(cfg *server.Config) { cfg.WorkbookRows = 2 }},
		request: func(a *api) request { return get("/reconciliation/differences").as(a.connected()).with("Accept", xlsx) },
		message: "A workbook has no room for so many differences; filter them, or take them as text/csv"},
	{operation: "getReconciliationDifferences", status: 500, on: newAPIAlone, request: func(a *api) request {
		key := a.connected()
		a.db.MustExec(`ALTER TABLE canonical_objects RENAME TO lost`)
		return get("/reconciliation/differences").as(key)
	}},
	{operation: "getReconciliationDifferences", status: 502, on: newAPILinked, request: func(a *api) request {
		key, _ := a.demoSession()
		a.link.Cut()
		return get("/reconciliation/differences").as(key)
	}},

	{operation: "acceptDifference", status: 201, request: func(a *api) request { return post("/reconciliation/accepted", acceptBank).as(a.connected()) }},
	{operation: "acceptDifference", status: 400, request: func(a *api) request {
		return post("/reconciliation/accepted", `{"canonical_id":"pay_aV4hMoBcGZ2ntuW","field":"","why":1}`).as(a.connected())
	}, message: "/field: must have at least 1 character; /why: unknown property"},
	{operation: "acceptDifference", status: 401, request: func(a *api) request { return post("/reconciliation/accepted", acceptBank) }},
	{operation: "acceptDifference", status: 404, request: func(a *api) request {
		return post("/reconciliation/accepted", `{"canonical_id":"pay_aV4hMoBcGZ2ntuW","field":"/date"}`).as(a.connected())
	}, message: "The platforms say the same of this field, or only one says anything"},
	{operation: "acceptDifference", status: 409, request: func(a *api) request {
		key := a.connected()
		a.connecting(key)
		return post("/reconciliation/accepted", acceptBank).as(key)
	}, message: "A platform is being connected; try again when that has finished"},
	{operation: "acceptDifference", status: 413, request: func(a *api) request {
		key, _ := a.demoSession()
		return post("/reconciliation/accepted", twoMiB).as(key)
	}},
	{operation: "acceptDifference", status: 415, request: func(a *api) request {
		key, _ := a.demoSession()
		return post("/reconciliation/accepted", acceptBank).as(key).with("Content-Type", "text/plain")
	}},
	{operation: "acceptDifference", status: 422, request: func(a *api) request {
		key := a.connected()
		a.db.MustExec(`INSERT INTO accepted_differences (customer_id, canonical_id, field, stamp, key_id)
			SELECT $1, 'pay_000000000000001', '/' || n, '', $1 FROM generate_series(1, 100000) AS n`, a.customer(key))
		return post("/reconciliation/accepted", acceptBank).as(key)
	}, message: "This customer has accepted 100,000 differences; take back those that are not needed any more"},
	{operation: "acceptDifference", status: 500, on: newAPIAlone, request: func(a *api) request {
		key := a.connected()
		a.db.MustExec(`ALTER TABLE accepted_differences RENAME TO lost`)
		return post("/reconciliation/accepted", acceptBank).as(key)
	}},
	{operation: "acceptDifference", status: 502, on: newAPILinked, request: func(a *api) request {
		key, _ := a.demoSession()
		a.link.Cut()
		return post("/reconciliation/accepted", acceptBank).as(key)
	}},

	{operation: "deleteAcceptedDifference", status: 204, request: func(a *api) request {
		key := a.connected()
		return del("/reconciliation/accepted/"+a.accept(key, acceptBank).ID, key)
	}},
	{operation: "deleteAcceptedDifference", status: 400, request: func(a *api) request {
		key, _ := a.demoSession()
		return del("/reconciliation/accepted/1", key)
	}},
	{operation: "deleteAcceptedDifference", status: 401, request: func(a *api) request { return del(noAcceptance, "") }},
	{operation: "deleteAcceptedDifference", status: 404, request: func(a *api) request {
		key, _ := a.demoSession()
		return del(noAcceptance, key)
	}, message: "No such accepted difference"},
	{operation: "deleteAcceptedDifference", status: 413, request: func(a *api) request {
		key, _ := a.demoSession()
		return request{method: http.MethodDelete, path: noAcceptance, key: key, body: twoMiB}
	}},
	{operation: "deleteAcceptedDifference", status: 415, request: func(a *api) request {
		key, _ := a.demoSession()
		return request{method: http.MethodDelete, path: noAcceptance, key: key, body: "{}"}.with("Content-Type", "text/json")
	}},
	{operation: "deleteAcceptedDifference", status: 500, on: newAPIAlone, request: func(a *api) request {
		key, _ := a.demoSession()
		a.db.MustExec(`ALTER TABLE accepted_differences RENAME TO lost`)
		return del(noAcceptance, key)
	}},
	{operation: "deleteAcceptedDifference", status: 502, on: newAPILinked, request: func(a *api) request {
		key, _ := a.demoSession()
		a.link.Cut()
		return del(noAcceptance, key)
	}},

	{operation: "getRetainageReport", status: 200, request: func(a *api) request { return get("/reconciliation/retainage").as(a.connected()) }},
	{operation: "getRetainageReport", status: 400, request: func(a *api) request {
		key, _ := a.demoSession()
		return get("/reconciliation/retainage?currency=XYZ").as(key)
	}},
	{operation: "getRetainageReport", status: 401, request: func(a *api) request { return get("/reconciliation/retainage") }},
	{operation: "getRetainageReport", status: 422, request: func(a *api) request {
		key := a.connected()
		a.db.MustExec(`UPDATE canonical_objects SET compared = '{"g":[1,9000000000000000000,0,"USD"]}' WHERE customer_id = $1 AND entity_type = 'invoice'`, a.customer(key))
		return get("/reconciliation/retainage").as(key)
	}},
	{operation: "getRetainageReport", status: 500, on: newAPIAlone, request: func(a *api) request {
		key := a.connected()
		a.db.MustExec(`ALTER TABLE canonical_objects RENAME TO lost`)
		return get("/reconciliation/retainage").as(key)
	}},
	{operation: "getRetainageReport", status: 502, on: newAPILinked, request: func(a *api) request {
		key, _ := a.demoSession()
		a.link.Cut()
		return get("/reconciliation/retainage").as(key)
	}},

	{operation: "propagateChange", status: 200, request: func(a *api) request { return post("/propagate", canonicalExample).as(a.connected()) }},
	{operation: "propagateChange", status: 400, request: func(a *api) request {
		return post("/propagate", `{"format":"canonical","canonical_id":"pay_NvmMc888X6CLDxl","entity_type":"payment",
			"data":{"amout":1,"id":"pay_000000000000000","address":{}}}`).as(a.connected())
	}, message: "/data/amout: unknown field; /data/id: cannot be changed; /data/address: unknown field"},
	{operation: "propagateChange", status: 401, request: func(a *api) request { return post("/propagate", canonicalExample) }},
	{operation: "propagateChange", status: 404, request: func(a *api) request {
		key, _ := a.demoSession()
		return post("/propagate", platformExample).as(key)
	}, message: "No payment with this id"},
	{operation: "propagateChange", status: 409, request: func(a *api) request {
		key := a.connected()
		a.connecting(key)
		return post("/propagate", canonicalExample).as(key)
	}, message: "A platform is being connected, or records of it are applied; try again when that has finished"},
	{operation: "propagateChange", status: 412, request: func(a *api) request {
		return post("/propagate", canonicalExample).as(a.connected()).with("If-Match", `"1"`)
	}, message: "The object has changed since; read it again and send its ETag as If-Match"},
	{operation: "propagateChange", status: 413, request: func(a *api) request {
		key, _ := a.demoSession()
		return post("/propagate", twoMiB).as(key)
	}},
	{operation: "propagateChange", status: 415, request: func(a *api) request {
		key, _ := a.demoSession()
		return post("/propagate", canonicalExample).as(key).with("Content-Type", "text/plain")
	}},
	{operation: "propagateChange", status: 422, request: func(a *api) request {
		return post("/propagate", `{"format":"platform","platform":"procore","platform_id":"1823456","entity_type":"payment",
			"data":{"amount":"much","date":"tomorrow"}}`).as(a.connected())
	}, message: "/data/amount: expected an amount as a decimal number; /data/date: expected a date (YYYY-MM-DD)"},
	{operation: "propagateChange", status: 429, request: func(a *api) request {
		key, _ := a.demoSession()
		for range 300 {
			a.do(post("/propagate", "{}").as(key))
		}
		return post("/propagate", canonicalExample).as(key)
	}, message: "Too many requests"},
	{operation: "propagateChange", status: 500, on: newAPIAlone, request: func(a *api) request {
		key := a.connected()
		a.db.MustExec(`ALTER TABLE platform_objects RENAME TO lost`)
		return post("/propagate", canonicalExample).as(key)
	}},
	{operation: "propagateChange", status: 502, on: newAPILinked, request: func(a *api) request {
		key := a.connected()
		a.link.Cut()
		return post("/propagate", canonicalExample).as(key)
	}},
}

// Every operation with a key can be refused by the general limit, and every one but health for want of memory.
func init() {
	requests := map[string]func(key string) request{
		"getHealth":                     func(string) request { return get("/health") },
		"getPlatforms":                  func(string) request { return get("/platforms") },
		"createDemoSession":             func(string) request { return post("/demo/session", "") },
		"deleteDemoSession":             func(key string) request { return del("/demo/session", key) },
		"transformData":                 func(key string) request { return post("/transform", transformPayment).as(key) },
		"connectPlatform":               func(key string) request { return post("/connect", `{"platform":"procore"}`).as(key) },
		"importRecords":                 func(key string) request { return importPayments(`{"id":1}`).as(key) },
		"getConnections":                func(key string) request { return get("/connections").as(key) },
		"getConnectionSettings":         func(key string) request { return get(settingsPath).as(key) },
		"setConnectionSettings":         func(key string) request { return setSettings(`{}`).as(key) },
		"getConnectionSettingsCoverage": func(key string) request { return get(settingsPath + "/coverage").as(key) },
		"getObjects":                    func(key string) request { return get("/objects?platform=procore&entity_type=payment").as(key) },
		"getObject":                     func(key string) request { return get("/objects/" + paymentID).as(key) },
		"getObjectHistory":              func(key string) request { return get("/objects/" + paymentID + "/history").as(key) },
		"propagateChange":               func(key string) request { return post("/propagate", canonicalExample).as(key) },
		"getReconciliation":             func(key string) request { return get("/reconciliation").as(key) },
		"getReconciliationDifferences":  func(key string) request { return get("/reconciliation/differences").as(key) },
		"getRetainageReport":            func(key string) request { return get("/reconciliation/retainage").as(key) },
		"acceptDifference":              func(key string) request { return post("/reconciliation/accepted", acceptBank).as(key) },
		"deleteAcceptedDifference":      func(key string) request { return del(noAcceptance, key) },
	}
	maps.Copy(requests, matchRequests)
	for operation, of := range requests {
		if operation != "createDemoSession" && operation != "propagateChange" { // they have limits of their own, above
			scenarios = append(scenarios, scenario{operation: operation, status: 429, message: "Too many requests",
				options: []func(*server.Config){limited(2)}, request: func(a *api) request {
					key, _ := a.demoSession()
					for range 2 {
						a.do(get("/connections").as(key))
						a.do(get("/health"))
						a.do(get("/platforms"))
					}
					return of(key)
				}})
		}
		if operation != "getHealth" {
			scenarios = append(scenarios, scenario{operation: operation, status: 503, message: "Too much to do at this moment; try again shortly",
				request: func(a *api) request {
					key, _ := a.demoSession()
					a.exhaust()
					return of(key)
				}})
		}
	}
}

// transformPayment is the contract's own example.
const transformPayment = `{"source":"procore","target":"dynamics","entity_type":"payment","data":{"id":1823456,"amount":"1700000.00",
	"status":"pending","check_number":"CHK-2026-0101","date":"2026-02-01","project_id":341276},"context":{"currency":"QAR"}}`

var twoMiB = `"` + strings.Repeat("x", 2<<20) + `"`

// brokenClock stands for any fault that a handler does not expect.
func brokenClock() time.Time { panic("no time") }

// brokenLimits stands for the same in an operation that reads no clock.
type brokenLimits struct{ limiter.Store }

func (brokenLimits) Get(context.Context, string, limiter.Rate) (limiter.Context, error) {
	panic("no counts")
}

func (s scenario) newAPI(t *testing.T) *api {
	t.Helper()
	if s.on != nil {
		return s.on(t, s.options...)
	}
	return newAPI(t, s.options...)
}

func (s scenario) name() string { return fmt.Sprintf("%s_%d", s.operation, s.status) }

func TestContract(t *testing.T) {
	for _, s := range scenarios {
		t.Run(s.name(), func(t *testing.T) {
			t.Parallel()
			a := s.newAPI(t)
			answer := a.do(s.request(a))
			assert.Equal(t, s.status, answer.status, "%s", answer.body)
			assertMeetsContract(t, s.operation, answer)
			if s.message != "" {
				assert.Equal(t, s.message, answer.error(t).Message)
			}
		})
	}
}

func TestEveryDocumentedStatusIsReached(t *testing.T) {
	reached := map[string]bool{}
	for _, s := range scenarios {
		reached[s.name()] = true
	}
	documented := map[string]bool{}
	for _, op := range loadDocument().Operations() {
		for _, status := range op.Statuses() {
			documented[fmt.Sprintf("%s_%d", op.ID, status)] = true
		}
	}
	assert.Equal(t, documented, reached)
}

// quotedPlatforms lists the platforms as messages do.
func quotedPlatforms() string {
	var quoted []string
	for _, name := range registry.New().Names() {
		quoted = append(quoted, "'"+string(name)+"'")
	}
	return strings.Join(quoted, ", ")
}
