package mapping

import (
	"strconv"
	"strings"
	"sync"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// Scope is what the codecs of one translation share.
type Scope struct {
	platform canonical.PlatformName
	ctx      Context
	local    string // the platform's own currency
	own      string // the same, if the record names it; else empty
	currency string // of the amounts of the platform's record
	source   string // of the prices of the document
	record   bool   // the document is written onto a record that the platform has
	onto     bool   // and so is the line that we are at
	foreign  bool   // the document comes from another platform
	report   Report
	refused  canonical.TranslationError
	stopped  error // what the context's Stop has said
	worked   int   // lines

	variant string // the kind of the record

	rateDate string // of the document, if it says a rate of its own

	lines     []place // the lines that we are in, outermost first
	mentioned map[mention]struct{}
	arena     []jsontext.Member
	codeOf    string         // the currency that was last written
	code      jsontext.Value // and its value
}

// place is a line: its array in the payload and in the document, and its index.
type place struct {
	payload, document string
	index             int
	running           map[runningKey]running
}

// mention is something that the report names once, however many lines have it.
type mention struct {
	of  *node
	key string
}

// scopes are those that are not in use.
var scopes = sync.Pool{New: func() any { return new(Scope) }}

// release gives a scope back. Nothing of what was returned refers to it.
func (s *Scope) release() {
	*s = Scope{}
	scopes.Put(s)
}

func (m *Mapping) scope(ctx Context) *Scope {
	s := scopes.Get().(*Scope)
	*s = Scope{platform: m.platform, ctx: ctx, local: m.local, variant: ctx.Variant}
	if ctx.Settings != nil && ctx.Settings.LocalCurrency != "" {
		s.local = ctx.Settings.LocalCurrency
	}
	if _, ok := canonical.Exponent(ctx.Currency); !ok && ctx.Currency != "" {
		s.refuseContext("/currency", "an ISO 4217 currency")
		s.ctx.Currency = ""
	}
	if m.variant >= 0 && ctx.Variant != "" && m.table.Variants.canonical(ctx.Variant) == "" {
		s.refuseContext("/variant", m.table.Variants.expected())
	}
	return s
}

func (s *Scope) refuseContext(pointer, expected string) {
	s.refused.Add(canonical.Problem{In: canonical.InContext, Pointer: pointer, Expected: expected})
}

func (s *Scope) refusePayload(pointer, expected string) {
	if s.refused.IsFull() {
		s.refused.More++
		return
	}
	prefix := s.prefix(func(p place) string { return p.payload })
	s.refused.Add(canonical.Problem{In: canonical.InPayload, Pointer: prefix + pointer, Expected: expected})
}

func (s *Scope) refuseDocument(pointer, expected string) {
	if s.refused.IsFull() {
		s.refused.More++
		return
	}
	prefix := s.prefix(func(p place) string { return p.document })
	s.refused.Add(canonical.Problem{In: canonical.InCanonical, Pointer: prefix + pointer, Expected: expected})
}

// isOver reports, before each line, whether nobody waits for the translation any more.
func (s *Scope) isOver() bool {
	const often = 1024 // lines, a few milliseconds of work
	if s.worked++; s.worked%often == 0 && s.stopped == nil && s.ctx.Stop != nil {
		s.stopped = s.ctx.Stop()
	}
	return s.stopped != nil
}

func (s *Scope) prefix(side func(place) string) string {
	if len(s.lines) == 0 {
		return ""
	}
	var b strings.Builder
	for _, p := range s.lines {
		b.WriteString(side(p))
		b.WriteByte('/')
		b.WriteString(strconv.Itoa(p.index))
	}
	return b.String()
}

// anyLine is a prefix that stands for every line.
func (s *Scope) anyLine(side func(place) string) string {
	prefix := ""
	for _, p := range s.lines {
		prefix += side(p) + "/*"
	}
	return prefix
}

// first reports whether something is mentioned for the first time.
func (s *Scope) first(of *node, key string) bool {
	if len(s.lines) == 0 {
		return true
	}
	m := mention{of, key}
	if _, ok := s.mentioned[m]; ok {
		return false
	}
	if s.mentioned == nil {
		s.mentioned = map[mention]struct{}{}
	}
	s.mentioned[m] = struct{}{}
	return true
}

func (s *Scope) lost(pointer string, why Reason) {
	prefix := s.prefix
	if why == NoField {
		prefix = s.anyLine
	}
	field := prefix(func(p place) string { return p.document }) + pointer
	s.report.Lost = append(s.report.Lost, Loss{Field: field, Reason: why})
}

func (s *Scope) unresolved(pointer string, v jsontext.Value, why Reason) {
	s.report.Unresolved = append(s.report.Unresolved,
		Unresolved{Field: s.documentPointer(pointer), CanonicalID: v.Text(), Reason: why})
}

// documentPointer is the whole pointer of a field in the document.
func (s *Scope) documentPointer(pointer string) string {
	return s.prefix(func(p place) string { return p.document }) + pointer
}

// localCurrency is that of amounts whose currency the record does not say.
func (s *Scope) localCurrency() string {
	if s.own != "" {
		return s.own
	}
	if s.ctx.Currency != "" {
		return s.ctx.Currency
	}
	return s.local
}

func (s *Scope) converted(from, to string) {
	for _, c := range s.report.Conversions {
		if c.From == from && c.To == to {
			return
		}
	}
	if rate, err := s.ctx.Rates.Rate(from, to); err == nil {
		c := Conversion{From: from, To: to, Rate: canonical.RateText(rate), Source: s.ctx.Rates.Source(from, to)}
		if c.Source == canonical.RateOfRecord {
			c.Date = s.rateDate
		}
		s.report.Conversions = append(s.report.Conversions, c)
	}
}

func (s *Scope) mint(t canonical.EntityType, key string) jsontext.Value {
	return canonical.NewID(string(s.platform), t, key)
}

// money writes an amount; as canonical.Money.Value does, in the memory of the translation.
func (s *Scope) money(m canonical.Money) jsontext.Value {
	if s.codeOf != m.Currency {
		s.codeOf, s.code = m.Currency, jsontext.NewString(m.Currency)
	}
	pair := [2]jsontext.Member{
		{Key: "amount", Value: jsontext.NewInt(m.AmountMinor)},
		{Key: "currency", Value: s.code},
	}
	return jsontext.NewObject(s.hold(pair[:])...)
}

// reserve makes room for so many members, which is what the result is expected to have.
func (s *Scope) reserve(members int) { s.arena = make([]jsontext.Member, 0, members) }

// hold copies members to memory that lives as long as the result.
func (s *Scope) hold(members []jsontext.Member) []jsontext.Member {
	return append(s.room(len(members)), members...)
}

// room is memory for so many members, that lives as long as the result.
func (s *Scope) room(members int) []jsontext.Member {
	if cap(s.arena)-len(s.arena) < members {
		s.arena = make([]jsontext.Member, 0, max(members, 128))
	}
	from, to := len(s.arena), len(s.arena)+members
	s.arena = s.arena[:to]
	return s.arena[from:from:to]
}

// err is the error of the translation, nil if there was no problem.
func (s *Scope) err() error {
	switch {
	case s.stopped != nil:
		return s.stopped
	case len(s.refused.Problems) == 0:
		return nil
	}
	refused := s.refused
	return &refused
}
