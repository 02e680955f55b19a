package platform

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"structural.app/structural/jsontext"
	"structural.app/structural/mapping/books"
)

// Request is one request to a platform's API.
type Request struct {
	Method    string // POST or PATCH
	Path      string // parameters that are not known stay in braces; {id of 0} is the id that request 0 answers with
	Body      jsontext.Value
	DependsOn int    // index of the request that must be answered before; -1: none
	Missing   []Note // what the platform wants and the record does not say, by JSON pointer in Body
	Omitted   []Note // what the record says and the platform does not take, by JSON pointer in the record; * is any line
}

// Note is a field with why it is noted.
type Note struct{ Field, Reason string }

// Why a field is missing in a body.
const (
	NotInRecord   = "not_in_record"   // the record does not say it
	NotInSettings = "not_in_settings" // the connection's settings say it, or nobody
	OtherCurrency = "other_currency"  // the record says it in a currency that the platform does not take there
)

// Why a field of a record is left out of a body.
const (
	IsComputed    = "computed"       // the platform computes it
	IsIdentity    = "identity"       // the platform gives it
	IsCreateOnly  = "create_only"    // the platform takes it of a new record only
	HasNoField    = "no_field"       // the platform's API does not take it
	NoCounterpart = "no_counterpart" // the platform takes other words alone
	IsTooLong     = "too_long"       // the platform refuses so long a text
	IsRenamed     = "renamed"        // a body says it, under another name
)

// Intent says what requests are to do.
type Intent struct {
	// Update is the id of the record to change. Empty: one is made.
	Update string
	// Currency is the platform's own, ISO 4217.
	Currency string
	// Before is the record as the platform has it: only what differs is sent. Absent: all of the record is.
	Before jsontext.Value
	// Settings are the connection's; nil: nobody said.
	Settings *books.Settings
}

// currency is that of the platform's own amounts.
func (i Intent) currency() string {
	if i.Settings == nil || i.Settings.LocalCurrency == "" {
		return i.Currency
	}
	return i.Settings.LocalCurrency
}

// Requests are what to send so that the platform has the record, in the order of sending. A record that differs in nothing needs
// none.
//
//	{"id": 7, "title": "Lifts", "vendor": {"id": 3}, "grand_total": "10.0", "project": {"id": 1}}
//	POST /rest/v1.0/work_order_contracts
//	{"project_id": 1, "work_order_contract": {"title": "Lifts", "vendor_id": 3}}
//	omitted: /id (identity), /grand_total (computed)
func (r *Resource) Requests(record jsontext.Value, intent Intent) []Request {
	if r.Refuses(record) != "" {
		return nil
	}
	if r.Extends != "" {
		return r.additions(record, intent)
	}
	if code := record.At(jsontext.ParsePath(r.Currency)...).Text(); r.Currency != "" && code != "" && code != intent.currency() {
		return r.withoutAmounts(record, intent)
	}
	return r.requests(record, intent)
}

// withoutAmounts are the requests of a record whose amounts are in a currency that the platform would take for its own.
func (r *Resource) withoutAmounts(record jsontext.Value, intent Intent) []Request {
	other := *r
	other.Fields = slices.Clone(r.Fields)
	for i := range other.Fields {
		if slices.Contains(r.Amounts, other.Fields[i].Name) {
			other.Fields[i].Refused = OtherCurrency
		}
	}
	return other.requests(record, intent)
}

func (r *Resource) requests(record jsontext.Value, intent Intent) []Request {
	b := &builder{resource: r, record: record, intent: intent, used: map[string]string{}}
	request := Request{Method: "POST", Path: r.Path, DependsOn: -1}
	if b.updates() {
		request.Method, request.Path = "PATCH", strings.ReplaceAll(r.UpdatePath, "{id}", intent.Update)
	}
	root := b.members(r.Root, record, jsontext.Value{}, "", &request)
	b.changed = false // what a record belongs to does not change it
	prefix := ""
	if r.Wrapper != "" {
		prefix = "/" + r.Wrapper
	}
	inner := b.members(r.Fields, record, intent.Before, prefix, &request)
	changes := b.changed
	if r.Lines != nil && r.Lines.Path == "" && (r.Lines.InBody || !b.updates()) {
		if lines := b.lines(prefix, &request); lines.Len() > 0 {
			inner, changes = append(inner, jsontext.Member{Key: r.Lines.Member, Value: lines}), true
		}
	}
	b.omit(&request)
	if r.Wrapper == "" {
		request.Body = jsontext.NewObject(append(root, inner...)...)
	} else {
		request.Body = jsontext.NewObject(append(root, jsontext.Member{Key: r.Wrapper, Value: jsontext.NewObject(inner...)})...)
	}
	var requests []Request
	if !b.updates() || changes || intent.Before.IsNone() {
		requests = append(requests, request)
	}
	return append(requests, b.lineRequests(len(requests))...)
}

// builder makes the requests of one record.
type builder struct {
	resource *Resource
	record   jsontext.Value
	intent   Intent
	// used are the members of the record that a body says, with the name under which it does; noted ones have none.
	used map[string]string
	// changed says that a body has a member that the platform has otherwise, and not only what it must have.
	changed bool
}

func (b *builder) updates() bool { return b.intent.Update != "" }

// members are those of a body that a record has. Before is what the platform has of them: what is the same is not sent, unless it is
// required.
func (b *builder) members(fields []Taken, record, before jsontext.Value, prefix string, request *Request) []jsontext.Member {
	members := make([]jsontext.Member, 0, len(fields))
	for _, field := range fields {
		value, source := filled(record, field)
		if field.UpdateOnly && !b.updates() {
			continue
		}
		if value.IsAbsent() {
			if said := b.setting(field); said != "" {
				members = append(members, jsontext.Member{Key: field.Name, Value: jsontext.NewString(said)})
				continue
			}
			if b.requires(field) && before.IsNone() && field.isMissing(record, fields) {
				request.Missing = append(request.Missing, Note{prefix + "/" + field.Name, orElse(field.Reason, NotInRecord)})
			}
			if had, at := filled(before, field); !had.IsAbsent() && !record.At(at...).IsAbsent() && field.refuses(had, true) == "" {
				members = append(members, jsontext.Member{Key: field.Name, Value: record.At(at...)}) // it is emptied
				b.changed = true
			}
			continue
		}
		isLine := !record.Same(b.record)
		switch reason := field.refuses(value, b.updates()); {
		case reason != "":
			if !isLine {
				b.used[source[0]] = ""
				request.Omitted = append(request.Omitted, Note{source.Pointer(), reason})
				if reason == OtherCurrency {
					request.Missing = append(request.Missing, Note{prefix + "/" + field.Name, reason})
				}
			}
		case !before.IsNone() && !b.requires(field) && value.Equal(before.At(source...)):
		default:
			if !isLine && b.used[source[0]] != source[0] {
				b.used[source[0]] = field.Name
			}
			b.changed = b.changed || !value.Equal(before.At(source...))
			members = append(members, jsontext.Member{Key: field.Name, Value: field.taken(value)})
		}
	}
	return members
}

// setting is what the settings say of a field of a new record; empty: nothing.
func (b *builder) setting(t Taken) string {
	if t.Setting == nil || b.intent.Settings == nil || b.updates() {
		return ""
	}
	return t.Setting(b.intent.Settings)
}

// requires says whether a body must have a field.
func (b *builder) requires(t Taken) bool {
	return t.Required && !(b.updates() && b.resource.RequiredOfNew)
}

// taken is what is sent of a value.
func (t Taken) taken(v jsontext.Value) jsontext.Value {
	switch {
	case t.As == jsontext.Number && v.Kind() == jsontext.String && jsontext.IsDecimal(v.Text()):
		return jsontext.NewNumber(v.Text())
	case t.As == jsontext.String && v.Kind() == jsontext.Number:
		return jsontext.NewString(v.Literal())
	case t.Members == nil:
		return v
	}
	var kept []jsontext.Member
	for _, m := range v.Members() {
		if slices.Contains(t.Members, m.Key) {
			kept = append(kept, m)
		}
	}
	return jsontext.NewObject(kept...)
}

// refuses says why the platform does not take a value; empty if it does.
func (t Taken) refuses(v jsontext.Value, update bool) string {
	switch {
	case t.Refused != "":
		return t.Refused
	case t.CreateOnly && update:
		return IsCreateOnly
	case t.MaxLength > 0 && v.Kind() == jsontext.String && utf8.RuneCountInString(v.Text()) > t.MaxLength:
		return IsTooLong
	case t.Words != nil && !slices.Contains(t.Words, v.Text()):
		return NoCounterpart
	}
	return ""
}

// filled finds what a record says of a field, and where. Null, the empty text, and what Business Central writes for nothing are
// nothing.
func filled(record jsontext.Value, field Taken) (jsontext.Value, jsontext.Path) {
	for _, path := range field.sources() {
		if v := record.At(path...); !isEmpty(v) {
			return v, path
		}
	}
	return jsontext.Value{}, nil
}

func isEmpty(v jsontext.Value) bool {
	switch v.Kind() {
	case jsontext.Absent, jsontext.Null:
		return true
	case jsontext.String:
		switch v.Text() {
		case "", "_x0020_", "0001-01-01", "0001-01-01T00:00:00Z", "00000000-0000-0000-0000-000000000000":
			return true
		}
	case jsontext.Array, jsontext.Object:
		return v.Len() == 0
	}
	return false
}

// isMissing says whether a field that the record does not say is required all the same.
func (t Taken) isMissing(record jsontext.Value, fields []Taken) bool {
	if !t.Required || t.Unless[0] != "" && record.Get(t.Unless[0]).Text() == t.Unless[1] {
		return false
	}
	for _, other := range fields {
		if slices.Contains(t.Or, other.Name) {
			if v, _ := filled(record, other); !v.IsAbsent() {
				return false
			}
		}
	}
	return true
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// omit notes the members of the record that nothing of the body says.
func (b *builder) omit(request *Request) {
	for _, m := range b.record.Members() {
		if isEmpty(m.Value) || b.resource.Lines != nil && m.Key == b.resource.Lines.Member {
			continue
		}
		if !b.intent.Before.IsNone() && m.Value.Equal(b.intent.Before.Get(m.Key)) {
			continue
		}
		reason := b.resource.whyNot(m.Key)
		if name, used := b.used[m.Key]; used {
			if name == "" || name == m.Key || name == m.Key+"_id" {
				continue
			}
			reason = IsRenamed
		}
		request.Omitted = append(request.Omitted, Note{jsontext.AppendPointer("", m.Key), reason})
	}
}

func (r *Resource) whyNot(member string) string {
	switch {
	case member == "id":
		return IsIdentity
	case slices.Contains(r.Computed, member):
		return IsComputed
	}
	return HasNoField
}

// lines are the lines of a new record in its body.
func (b *builder) lines(prefix string, request *Request) jsontext.Value {
	lines := b.resource.Lines
	all := b.record.Get(lines.Member)
	if all.Len() == 0 {
		if lines.Required {
			request.Missing = append(request.Missing, Note{prefix + "/" + lines.Member, NotInRecord})
		}
		return jsontext.Value{}
	}
	elements := make([]jsontext.Member, 0, all.Len())
	omitted := map[string]bool{}
	had := b.intent.Before.Get(lines.Member).Members()
	for i, line := range all.Members() {
		var previous jsontext.Value
		if i < len(had) {
			previous = had[i].Value
		}
		if !previous.IsNone() && previous.Equal(line.Value) {
			continue
		}
		body := b.members(lines.Fields, line.Value, previous, prefix+"/"+lines.Member+"/"+strconv.Itoa(len(elements)), request)
		elements = append(elements, jsontext.Member{Value: jsontext.NewObject(body...)})
		lines.omit(line.Value, omitted, request)
	}
	return jsontext.ArrayOf(elements)
}

// omit notes, once for all lines, the members of a line that its body does not say.
func (l *LineResource) omit(line jsontext.Value, noted map[string]bool, request *Request) {
	for _, m := range line.Members() {
		if noted[m.Key] || isEmpty(m.Value) || l.takes(m.Key) {
			continue
		}
		noted[m.Key] = true
		reason := HasNoField
		switch {
		case m.Key == "id":
			reason = IsIdentity
		case slices.Contains(l.Computed, m.Key):
			reason = IsComputed
		}
		request.Omitted = append(request.Omitted, Note{"/" + l.Member + "/*" + jsontext.AppendPointer("", m.Key), reason})
	}
}

func (l *LineResource) takes(member string) bool {
	return slices.ContainsFunc(l.Fields, func(t Taken) bool {
		return slices.ContainsFunc(t.sources(), func(p jsontext.Path) bool { return p[0] == member })
	})
}

// lineRequests are what to send for each line, after the first so many requests.
func (b *builder) lineRequests(before int) []Request {
	lines := b.resource.Lines
	if lines == nil || lines.InBody || lines.Path == "" && !b.updates() {
		return nil
	}
	var requests []Request
	had := b.intent.Before.Get(lines.Member).Members()
	omitted := map[string]bool{}
	for i, line := range b.record.Get(lines.Member).Members() {
		var previous jsontext.Value
		if i < len(had) {
			previous = had[i].Value
		}
		if !previous.IsNone() && previous.Equal(line.Value) {
			continue
		}
		request, ok := b.lineRequest(lines, line.Value, previous, before > 0)
		if !ok {
			continue
		}
		lines.omit(line.Value, omitted, &request)
		requests = append(requests, request)
	}
	return requests
}

// lineRequest makes or changes one line.
func (b *builder) lineRequest(lines *LineResource, line, previous jsontext.Value, first bool) (Request, bool) {
	request := Request{Method: "POST", Path: lines.Path, DependsOn: -1}
	id := line.Get("id")
	switch {
	case b.updates() && !id.IsNone() && lines.UpdatePath != "":
		request.Method, request.Path = "PATCH", strings.ReplaceAll(lines.UpdatePath, "{line}", idText(id))
		request.Path = strings.ReplaceAll(request.Path, "{id}", b.intent.Update)
	case b.updates():
		request.Path = strings.ReplaceAll(orElse(lines.AddPath, lines.Path), "{id}", b.intent.Update)
	case first:
		request.DependsOn = 0
		request.Path = strings.ReplaceAll(lines.Path, "{id}", "{id of 0}")
	}
	if request.Path == "" {
		return Request{}, false
	}
	prefix := ""
	if lines.Wrapper != "" {
		prefix = "/" + lines.Wrapper
	}
	root := b.members(lines.Root, b.record, jsontext.Value{}, "", &request)
	body := b.members(lines.Fields, line, previous, prefix, &request)
	if len(body) == 0 && !previous.IsNone() {
		return Request{}, false
	}
	inner := jsontext.NewObject(body...)
	if lines.Wrapper == "" {
		request.Body = inner
	} else {
		request.Body = jsontext.NewObject(append(root, jsontext.Member{Key: lines.Wrapper, Value: inner})...)
	}
	return request, true
}

func idText(id jsontext.Value) string {
	if id.Kind() == jsontext.String {
		return id.Text()
	}
	return id.Literal()
}
