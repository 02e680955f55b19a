package main

import (
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/canonical"
	"structural.app/structural/store/embedded"
)

// Whatever is killed under load, a change is made once and everywhere, or not at all: in the object, in each platform's record,
// in the history and in the answer to its key. STRUCTURAL_KILLS says how often something is killed (default 10), and
// STRUCTURAL_SEED repeats the moments and changes of another run.
func TestPropagate_KilledUnderLoad(t *testing.T) {
	t.Parallel()
	kills, seed := fromEnvironment(t, "STRUCTURAL_KILLS", 10), fromEnvironment(t, "STRUCTURAL_SEED", uint64(time.Now().UnixNano()))
	require.Positive(t, kills)
	t.Logf("STRUCTURAL_KILLS=%d STRUCTURAL_SEED=%d", kills, seed)
	random := rand.New(rand.NewPCG(seed, 0))

	dir := dataDir(t)
	load := &propagating{t: t}
	load.program.Store(start(t, "DATA_DIR="+dir))
	var objects []*propagated
	for i := range 4 {
		objects = append(objects, load.connect(i)...)
	}
	writers := slices.Concat(objects, objects[:4], objects[8:12]) // half of the objects have two
	for round := range int(kills) {
		before := load.answered.Load()
		endRound := load.write(writers, seed, uint64(round+1))
		t.Cleanup(endRound) // in case that the test ends before
		load.awaitAnswers(before + 1 + random.Int64N(150))
		time.Sleep(time.Duration(random.Int64N(int64(5 * time.Millisecond)))) // anywhere in a request
		load.killOne(round, dir)
		// Each writer had one request under way: some of these are new.
		load.awaitAnswers(load.answered.Load() + 2*int64(len(writers)))
		endRound()
		for _, o := range objects {
			load.verify(o)
		}
		if t.Failed() {
			t.Fatalf("after kill %d", round+1)
		}
	}
	load.verifyRows(dir, objects)
	for _, o := range objects {
		load.repeatLast(o)
	}
	assert.NotContains(t, load.program.Load().log(), "panic")
	t.Logf("%d changes, %d of which had been made when they were repeated", load.answered.Load(), load.replayed.Load())
	assert.Positive(t, load.unanswered.Load(), "nothing was under way when something was killed")
}

func fromEnvironment(t *testing.T, variable string, otherwise uint64) uint64 {
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	require.NoError(t, err, variable)
	return n
}

// propagating is a load of changes on a program that is killed and started again.
type propagating struct {
	t                              *testing.T
	program                        atomic.Pointer[program]
	answered, unanswered, replayed atomic.Int64
}

// propagated is an object that is changed, and what it should be by all of its history that was seen.
type propagated struct {
	apiKey, id, entityType string
	ids                    map[string]string // the platforms' own
	texts                  map[string]string // the field that each change writes its key to, by platform; "": canonical
	currency               string            // of the books; empty: the object's amount is left alone

	version  int64
	document map[string]any
	records  map[string]map[string]any

	mu      sync.Mutex
	changes map[string]*change // by key; those that the history was not asked for yet
	last    *change            // of the history
}

// change is a request and its first answer.
type change struct {
	key, body string
	given     canonical.Money // the zero Money: the amount is left alone
	answer    reply
}

type reply struct {
	status int
	header http.Header
	body   string
}

// connect makes a customer with both platforms, and returns three payments, in as many currencies, and a contract.
func (l *propagating) connect(i int) (objects []*propagated) {
	p := l.program.Load()
	status, apiKey := p.createSession(i)
	require.Equal(l.t, http.StatusCreated, status)
	for _, platform := range []string{"procore", "dynamics"} {
		status, body := p.post("/connect", apiKey, `{"platform":"`+platform+`"}`)
		require.Equal(l.t, http.StatusOK, status, body)
	}
	for _, o := range []*propagated{
		{id: "1823456", entityType: "payment", currency: "QAR"},
		{id: "1823467", entityType: "payment", currency: "AED"},
		{id: "1823480", entityType: "payment", currency: "SAR"},
		{id: "1945782", entityType: "contract"},
	} {
		o.apiKey, o.changes = apiKey, map[string]*change{}
		o.texts = map[string]string{"": "notes", "procore": "notes", "dynamics": "comment"}
		if o.entityType == "contract" {
			o.texts = map[string]string{"": "title", "procore": "title", "dynamics": "postingDescription"}
		}
		o.id = canonical.MintID("procore", canonical.EntityType(o.entityType), o.id)
		o.version, o.document, o.records, o.ids = l.read(o)
		require.Len(l.t, o.records, 2)
		objects = append(objects, o)
	}
	return objects
}

// write has a writer for each of the objects named, until the function returned is called, which waits for all answers.
func (l *propagating) write(writers []*propagated, seed, round uint64) (end func()) {
	var ended atomic.Bool
	var running sync.WaitGroup
	for i, o := range writers {
		random := rand.New(rand.NewPCG(seed, round<<32|uint64(i)))
		running.Go(func() {
			for n := 0; !ended.Load() && !l.t.Failed(); n++ {
				c := o.newChange(fmt.Sprintf("kill-%d-writer-%d-change-%d", round, i, n), random)
				o.mu.Lock()
				o.changes[c.key] = c
				o.mu.Unlock()
				l.propagate(o, c)
			}
		})
	}
	return func() { ended.Store(true); running.Wait() }
}

// newChange writes the key, and an amount if the object is to have one, in canonical or in a platform's words.
func (o *propagated) newChange(key string, random *rand.Rand) *change {
	c := &change{key: key}
	platform := []string{"", "procore", "dynamics"}[random.IntN(3)]
	amount := ""
	if o.currency != "" {
		c.given = canonical.Money{AmountMinor: 1000 + random.Int64N(1e9), Currency: "USD"}
		switch platform {
		case "":
			c.given.Currency = []string{"USD", "QAR", "AED", "SAR", "BHD", "OMR"}[random.IntN(6)]
			amount = fmt.Sprintf(`,"amount":{"amount":%d,"currency":%q}`, c.given.AmountMinor, c.given.Currency)
		case "procore":
			amount = fmt.Sprintf(`,"amount":%q`, c.given.Decimal())
		case "dynamics":
			c.given.Currency = o.currency
			amount = `,"amount":-` + c.given.NormalDecimal() // a payment is a credit there
		}
	}
	named := fmt.Sprintf(`"format":"canonical","canonical_id":%q`, o.id)
	if platform != "" {
		named = fmt.Sprintf(`"format":"platform","platform":%q,"platform_id":%q`, platform, o.ids[platform])
	}
	c.body = fmt.Sprintf(`{%s,"entity_type":%q,"data":{%q:%q%s}}`, named, o.entityType, o.texts[platform], key, amount)
	return c
}

// propagate sends a change until it is answered.
func (l *propagating) propagate(o *propagated, c *change) {
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline) && !l.t.Failed(); time.Sleep(25 * time.Millisecond) {
		switch c.answer = l.send(o, c); c.answer.status {
		case http.StatusOK:
			l.answered.Add(1)
			if c.answer.header.Get("Idempotent-Replayed") != "" {
				l.replayed.Add(1)
			}
			return
		case 0, http.StatusBadGateway:
			l.unanswered.Add(1)
		case http.StatusConflict: // the attempt before it is still being worked on
		default:
			l.t.Errorf("%s: %d %s\n%s", c.body, c.answer.status, c.answer.body, l.logOf(c.answer.header.Get("X-Request-ID")))
			return
		}
	}
	l.t.Errorf("no answer: %d %s", c.answer.status, c.answer.body)
}

// logOf is what the program logged of a request.
func (l *propagating) logOf(requestID string) string {
	time.Sleep(100 * time.Millisecond) // the log follows the answer
	var lines []string
	for line := range strings.Lines(l.program.Load().log()) {
		if strings.Contains(line, requestID) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

func (l *propagating) send(o *propagated, c *change) reply {
	req, err := http.NewRequest(http.MethodPost, l.program.Load().url+"/propagate", strings.NewReader(c.body))
	if err != nil {
		return reply{body: err.Error()}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+o.apiKey)
	req.Header.Set("Idempotency-Key", c.key)
	resp, err := client.Do(req)
	if err != nil {
		return reply{body: err.Error()}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return reply{body: err.Error()}
	}
	return reply{resp.StatusCode, resp.Header, string(text)}
}

func (l *propagating) awaitAnswers(n int64) {
	l.t.Helper()
	require.Eventually(l.t, func() bool { return l.answered.Load() >= n || l.t.Failed() }, time.Minute, time.Millisecond, "changes are not answered")
}

// killOne kills the program every other time, and starts it again; in between PostgreSQL, which the program starts again, or one
// of its backends, after which PostgreSQL ends all others and recovers.
func (l *propagating) killOne(round int, dir string) {
	switch round % 4 {
	case 0, 2:
		l.program.Load().kill()
		l.program.Store(start(l.t, "DATA_DIR="+dir))
	case 1:
		text, err := os.ReadFile(filepath.Join(dir, "postgres", "postmaster.pid"))
		require.NoError(l.t, err)
		line, _, _ := strings.Cut(string(text), "\n")
		pid, err := strconv.Atoi(line)
		require.NoError(l.t, err)
		require.NoError(l.t, syscall.Kill(pid, syscall.SIGKILL))
	case 3:
		var pid int
		require.NoError(l.t, l.openDatabase(dir).QueryRow(`SELECT pid FROM pg_stat_activity
			WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
			ORDER BY state = 'active' DESC, random() LIMIT 1`).Scan(&pid))
		require.NoError(l.t, syscall.Kill(pid, syscall.SIGKILL))
	}
}

func (l *propagating) openDatabase(dir string) *sql.DB {
	dsn, ok, err := embedded.RunningDSN(dir, embedded.Database)
	require.NoError(l.t, err)
	require.True(l.t, ok)
	db, err := sql.Open("postgres", dsn)
	require.NoError(l.t, err)
	l.t.Cleanup(func() { db.Close() })
	return db
}
