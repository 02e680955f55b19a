package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/app"
	"structural.app/structural/canonical"
	"structural.app/structural/gen"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/platform"
	"structural.app/structural/platform/dynamics"
	"structural.app/structural/platform/procore"
	"structural.app/structural/server"
	"structural.app/structural/store/storetest"
)

// connect connects a platform, which must succeed.
func (a *api) connect(key, platform string) gen.ConnectResponse {
	a.t.Helper()
	answer := a.do(post("/connect", fmt.Sprintf(`{"platform":%q}`, platform)).as(key))
	require.Equal(a.t, http.StatusOK, answer.status, "%s", answer.body)
	var response gen.ConnectResponse
	require.NoError(a.t, json.Unmarshal(answer.body, &response))
	return response
}

// objects lists all records of a type.
func (a *api) objects(key, platform, entityType string) []gen.Object {
	a.t.Helper()
	answer := a.do(get("/objects?platform=" + platform + "&entity_type=" + entityType).as(key))
	require.Equal(a.t, http.StatusOK, answer.status, "%s", answer.body)
	var response gen.ObjectsResponse
	require.NoError(a.t, json.Unmarshal(answer.body, &response))
	return response.Data
}

var (
	platforms         = []string{"procore", "dynamics"}
	storedEntityTypes = []string{"project", "customer", "contract", "invoice", "payment"}
)

// everything is all that /objects has to say to a customer, byte for byte.
func (a *api) everything(key string) string {
	a.t.Helper()
	var b strings.Builder
	for _, platform := range platforms {
		for _, entityType := range storedEntityTypes {
			answer := a.do(get("/objects?platform=" + platform + "&entity_type=" + entityType).as(key))
			require.Equal(a.t, http.StatusOK, answer.status)
			b.Write(answer.body)
		}
	}
	return b.String()
}

// The quickstart, step by step.
func TestConnectPlatform_200_TheSamePaymentStandsThereOnce(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, customerID := a.demoSession()

	procore := a.connect(key, "procore")
	entities := procore.Data.Entities
	assert.Equal(t, []int{5, 4, 13, 8, 8}, []int{entities.Projects, entities.Customers, entities.Contracts, entities.Invoices, entities.Payments})
	alone := a.objects(key, "procore", "payment")
	require.Len(t, alone, 8)
	for _, o := range alone {
		assert.Len(t, o.Mappings, 1)
	}

	dynamics := a.connect(key, "dynamics").Data.Entities
	assert.Equal(t, 36, dynamics.Projects+dynamics.Customers+dynamics.Contracts+dynamics.Invoices+dynamics.Payments)
	answer := a.do(get("/connections").as(key))
	var connections gen.ConnectionsResponse
	require.NoError(t, json.Unmarshal(answer.body, &connections))
	require.Len(t, connections.Data.Connections, 2)
	assert.Equal(t, []int{38, 36}, []int{connections.Data.Connections[0].EntitiesSynced, connections.Data.Connections[1].EntitiesSynced})
	assert.Equal(t, []gen.Platform{"procore", "dynamics"}, []gen.Platform{connections.Data.Connections[0].Platform, connections.Data.Connections[1].Platform})

	first := a.objects(key, "procore", "payment")[0]
	assert.Equal(t, "1823456", first.ID)
	assert.Equal(t, []gen.Mapping{
		{Platform: "procore", PlatformID: "1823456"}, {Platform: "dynamics", PlatformID: "a34e74db-53c7-4368-8fe7-bb87c83c7902"},
	}, first.Mappings)
	assert.Equal(t, alone[0].CanonicalID, first.CanonicalID, "the id is that of the Procore record")
	for _, o := range a.objects(key, "dynamics", "payment") {
		if o.ID == "a34e74db-53c7-4368-8fe7-bb87c83c7902" {
			assert.Equal(t, first.CanonicalID, o.CanonicalID)
			assert.JSONEq(t, string(first.Data), string(o.Data))
			assert.Contains(t, string(o.PlatformData), `"QAR"`)
		}
	}
	assert.Contains(t, string(first.PlatformData), `"1700000.00"`)

	// References lead to objects that are there.
	ids := map[string]bool{}
	for _, platform := range platforms {
		for _, entityType := range storedEntityTypes {
			for _, o := range a.objects(key, platform, entityType) {
				ids[o.CanonicalID] = true
			}
		}
	}
	for _, id := range regexp.MustCompile(`"(?:project|customer|contract|invoice|bill_to_customer)_id":"(\w+_\w{15})"`).FindAllStringSubmatch(a.everything(key), -1) {
		assert.True(t, ids[id[1]], id[0])
	}
	assert.Positive(t, storetest.CountRows(t, a.db, "canonical_objects", customerID))
}

// Whatever the order, and however often: what counts is what is connected in the end.
func TestConnectPlatform_200_TheOrderMakesNoDifference(t *testing.T) {
	t.Parallel()
	a := newAPI(t, trustLoopback)
	var sessions atomic.Int64
	session := func(a *api) string {
		answer := a.do(post("/demo/session", "").with("X-Forwarded-For", fmt.Sprintf("10.1.0.%d", sessions.Add(1))))
		var created gen.CreateDemoSession201JSONResponseBody
		require.NoError(a.t, json.Unmarshal(answer.body, &created))
		return created.Data.APIKey
	}
	want := map[string]string{}
	for _, connected := range []string{"procore", "dynamics", "procore+dynamics"} {
		key := session(a)
		for platform := range strings.SplitSeq(connected, "+") {
			a.connect(key, platform)
		}
		want[connected] = a.everything(key)
	}
	// Every sequence of up to four.
	for n := 1; n <= 4; n++ {
		for bits := range 1 << n {
			var sequence []string
			for i := range n {
				sequence = append(sequence, platforms[bits>>i&1])
			}
			t.Run(strings.Join(sequence, "+"), func(t *testing.T) {
				t.Parallel()
				a := a.of(t)
				key := session(a)
				for _, platform := range sequence {
					a.connect(key, platform)
				}
				connected := sequence[0]
				if slices.ContainsFunc(sequence, func(platform string) bool { return platform != sequence[0] }) {
					connected = "procore+dynamics"
				}
				require.Equal(t, want[connected], a.everything(key))
				require.Equal(t, http.StatusNoContent, a.do(del("/demo/session", key)).status)
			})
		}
	}
}

// connectLedger asks for a platform with a ledger.
func (a *api) connectLedger(key, platform, ledger string) answer {
	return a.do(post("/connect", fmt.Sprintf(`{"platform":%q,"ledger":%q}`, platform, ledger)).as(key))
}

// ledgers are those of a customer's connections.
func (a *api) ledgers(key string) (ledgers []string) {
	var connections gen.ConnectionsResponse
	require.NoError(a.t, json.Unmarshal(a.do(get("/connections").as(key)).body, &connections))
	for _, c := range connections.Data.Connections {
		ledgers = append(ledgers, string(c.Platform)+" "+string(*c.Ledger))
	}
	return ledgers
}

// The purchase side of the books: the same records as vendors, purchase orders, purchase invoices and vendor payments, which are the
// same objects. The second platform has the ledger of the first, and the order makes no difference.
func TestConnectPlatform_200_Payable(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	var all []string
	for _, order := range [][]string{{"procore", "dynamics"}, {"dynamics", "procore"}} {
		key, _ := a.demoSession()
		require.Equal(t, http.StatusOK, a.connectLedger(key, order[0], "payable").status)
		a.connect(key, order[1])
		assert.Equal(t, []string{order[0] + " payable", order[1] + " payable"}, a.ledgers(key))
		all = append(all, a.everything(key))
		pairs, records := 0, 0
		for _, entityType := range storedEntityTypes {
			for _, o := range a.objects(key, "dynamics", entityType) {
				records++
				pairs += len(o.Mappings) - 1
				if entityType != "project" {
					assert.Contains(t, string(o.Data), `"direction":"payable"`)
				}
			}
		}
		assert.Equal(t, []int{36, 31}, []int{records, pairs})
	}
	assert.Equal(t, all[0], all[1])

	key, _ := a.demoSession()
	require.Equal(t, http.StatusOK, a.connectLedger(key, "dynamics", "payable").status)
	for entityType, member := range map[string]string{"contract": "purchaseOrderLines", "invoice": "vendorInvoiceNumber", "payment": "vendorId", "customer": "irs1099Code"} {
		for _, o := range a.objects(key, "dynamics", entityType) {
			assert.Contains(t, string(o.PlatformData), member)
			assert.NotContains(t, string(o.PlatformData), "customer")
		}
	}
}

// A change of an object reaches a record of the purchase side in its own fields, with the sign that a vendor's payment has.
func TestConnectPlatform_200_PayableTakesChanges(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	require.Equal(t, http.StatusOK, a.connectLedger(key, "dynamics", "payable").status)
	a.connect(key, "procore")
	changed := a.do(post("/propagate", `{"format":"platform","platform":"procore","entity_type":"payment","platform_id":"1823456","data":{"amount":"1750000.00","notes":"More"}}`).as(key))
	require.Equal(t, http.StatusOK, changed.status, "%s", changed.body)
	for _, o := range a.objects(key, "dynamics", "payment") {
		if o.ID == "a34e74db-53c7-4368-8fe7-bb87c83c7902" {
			assert.Contains(t, string(o.PlatformData), `"amount":6370000,`)
			assert.Contains(t, string(o.PlatformData), `"comment":"More"`)
		}
	}
}

func TestConnectPlatform_409_AnotherLedger(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	a.connect(key, "procore")
	assert.Equal(t, []string{"procore receivable"}, a.ledgers(key))
	before := a.everything(key)
	refused := a.connectLedger(key, "dynamics", "payable")
	assert.Equal(t, http.StatusConflict, refused.status)
	assert.Contains(t, string(refused.body), "another ledger")
	assert.Equal(t, before, a.everything(key))
	assert.Equal(t, []string{"procore receivable"}, a.ledgers(key))

	// Alone, it may be connected again with another, which the next one then has.
	assert.Equal(t, http.StatusOK, a.connectLedger(key, "procore", "payable").status)
	assert.Equal(t, http.StatusConflict, a.connectLedger(key, "dynamics", "receivable").status)
	a.connect(key, "dynamics")
	assert.Equal(t, []string{"procore payable", "dynamics payable"}, a.ledgers(key))
	assert.Equal(t, http.StatusConflict, a.connectLedger(key, "procore", "receivable").status)
	a.connect(key, "procore") // which keeps it
	assert.ElementsMatch(t, []string{"procore payable", "dynamics payable"}, a.ledgers(key))

	assert.Equal(t, http.StatusBadRequest, a.connectLedger(key, "procore", "both").status)
}

func TestConnectPlatform_409_WhileAnotherRequestConnectsIt(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	a.connect(key, "procore")
	before := a.everything(key)

	var mu sync.Mutex
	var wg sync.WaitGroup
	statuses := map[int]int{}
	for range 8 {
		wg.Go(func() {
			answer := a.do(post("/connect", `{"platform":"procore"}`).as(key))
			mu.Lock()
			defer mu.Unlock()
			statuses[answer.status]++
			if answer.status == http.StatusConflict {
				assert.Contains(t, answer.error(t).Message, "another request")
			}
		})
	}
	wg.Wait()
	assert.Positive(t, statuses[http.StatusOK])
	assert.Equal(t, 8, statuses[http.StatusOK]+statuses[http.StatusConflict], "%v", statuses)
	assert.Equal(t, before, a.everything(key))
}

// A lock that a request holds on the connection, as one that connects it does.
func TestConnectPlatform_409_IsDecidedAtOnce(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, customerID := a.demoSession()
	tx, err := a.db.Beginx()
	require.NoError(t, err)
	tx.MustExec(`SELECT pg_advisory_xact_lock(hashtextextended($1 || '/procore', 0))`, customerID)
	assert.Equal(t, http.StatusConflict, a.do(post("/connect", `{"platform":"procore"}`).as(key)).status)
	a.connect(key, "dynamics")
	require.NoError(t, tx.Rollback()) // as when the program that held it was killed
	a.connect(key, "procore")
}

func TestConnectPlatform_500_LeavesWhatWasThere(t *testing.T) {
	t.Parallel()
	a := newAPIAlone(t)
	key, _ := a.demoSession()
	a.connect(key, "procore")
	before := a.everything(key)
	a.db.MustExec(`ALTER TABLE entity_mappings ADD CONSTRAINT none_of_dynamics CHECK (platform <> 'dynamics')`)
	assert.Equal(t, http.StatusInternalServerError, a.do(post("/connect", `{"platform":"dynamics"}`).as(key)).status)
	assert.Equal(t, before, a.everything(key))
	assert.NotContains(t, string(a.do(get("/connections").as(key)).body), "dynamics", "a failed connection is not listed")
	var status string
	require.NoError(t, a.db.Get(&status, `SELECT status FROM connections WHERE platform = 'dynamics'`))
	assert.Equal(t, "error", status)

	a.db.MustExec(`ALTER TABLE entity_mappings DROP CONSTRAINT none_of_dynamics`)
	a.connect(key, "dynamics")
	assert.Contains(t, string(a.do(get("/connections").as(key)).body), "dynamics")
}

func TestConnectPlatform_200_InAFixedNumberOfStatements(t *testing.T) {
	t.Parallel()
	a := newAPILinked(t)
	key, _ := a.demoSession()
	a.connect(key, "procore") // connections to the database are open by now
	before := a.link.Statements()
	a.connect(key, "dynamics")
	assert.LessOrEqual(t, a.link.Statements()-before, int64(18))
}

// Sessions come, connect both platforms at the same time, and go meanwhile.
func TestConnectPlatform_ManySessionsAtOnce(t *testing.T) {
	t.Parallel()
	a := newAPIAlone(t, trustLoopback)
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			answer := a.do(post("/demo/session", "").with("X-Forwarded-For", fmt.Sprintf("10.2.0.%d", i)))
			var created gen.CreateDemoSession201JSONResponseBody
			if !assert.NoError(t, json.Unmarshal(answer.body, &created)) {
				return
			}
			key := created.Data.APIKey
			var both sync.WaitGroup
			for _, platform := range platforms {
				both.Go(func() {
					status := a.do(post("/connect", fmt.Sprintf(`{"platform":%q}`, platform)).as(key)).status
					assert.Contains(t, []int{http.StatusOK, http.StatusUnauthorized}, status)
				})
			}
			if i%2 == 0 {
				both.Go(func() {
					assert.Equal(t, http.StatusNoContent, a.do(del("/demo/session", key)).status)
				})
			}
			both.Wait()
			if i%2 == 1 {
				assert.Len(t, a.objects(key, "procore", "contract"), 13)
			}
		})
	}
	wg.Wait()
	_, err := a.store.PurgeDeleted(t.Context())
	require.NoError(t, err)
	for _, table := range storetest.CustomerTables(t, a.db) {
		var orphans, customers int
		require.NoError(t, a.db.Get(&orphans, `SELECT count(*) FROM `+table+` WHERE customer_id NOT IN (SELECT id FROM customers)`))
		require.NoError(t, a.db.Get(&customers, `SELECT count(DISTINCT customer_id) FROM `+table))
		assert.Zero(t, orphans, table)
		if table != "changes" && table != "idempotency_keys" && table != "connection_settings" && table != "accepted_differences" && table != "imports" && !strings.HasPrefix(table, "match_") { // nothing was changed, set, accepted, imported or decided
			assert.Equal(t, 50, customers, table)
		}
	}
}

// What an object says beyond the words of its records: Procore knows active and inactive projects alone.
func TestConnectPlatform_200_KeepsWhatAnObjectSaysBeyondItsRecords(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	id := canonical.MintID("procore", canonical.Project, "341276")
	status := func() string {
		answer := a.do(get("/objects/" + id).as(key))
		require.Equal(t, http.StatusOK, answer.status, "%s", answer.body)
		var object struct {
			Data struct{ Data struct{ Status string } }
		}
		require.NoError(t, json.Unmarshal(answer.body, &object))
		return object.Data.Data.Status
	}
	change := func(data string) {
		a.propagate(post("/propagate", fmt.Sprintf(`{"entity_type":"project","format":"canonical","canonical_id":%q,"data":%s}`, id, data)).as(key))
	}
	require.Equal(t, "active", status())
	change(`{"status":"planning"}`)
	require.Equal(t, "planning", status())

	a.connect(key, "dynamics")
	assert.Equal(t, "planning", status(), "the other platform is loaded again")
	a.connect(key, "procore")
	assert.Equal(t, "planning", status(), "its record still says active")
	change(`{"name":"Lusail Boulevard Tower II"}`)
	a.connect(key, "dynamics")
	assert.Equal(t, "planning", status(), "another field was changed")

	// The platform's own word changes: it counts.
	change(`{"status":"inactive"}`)
	a.connect(key, "procore")
	assert.Equal(t, "active", status(), "what the record says after its reset")
}

// A fault in reading a record ends the request, and not the program.
func TestConnectPlatform_500_APanicWhileLoading(t *testing.T) {
	t.Parallel()
	a := newAPI(t, func(cfg *server.Config) {
		cfg.Translator = app.New(platform.NewRegistry(platform.New(procore.Definition()), panicking{platform.New(dynamics.Definition())}), canonical.Rates{})
	})
	key, _ := a.demoSession()
	a.connect(key, "procore")
	before := a.do(get("/objects?platform=procore&entity_type=payment").as(key))
	assert.Equal(t, http.StatusInternalServerError, a.do(post("/connect", `{"platform":"dynamics"}`).as(key)).status)
	assert.Contains(t, a.log.String(), "out of range")
	after := a.do(get("/objects?platform=procore&entity_type=payment").as(key))
	assert.Equal(t, string(before.body), string(after.body))
}

// panicking is a platform whose records cannot be read.
type panicking struct{ platform.Platform }

func (p panicking) ToCanonical(canonical.EntityType, jsontext.Value, mapping.Context) (jsontext.Value, mapping.Report, error) {
	panic("index out of range")
}
