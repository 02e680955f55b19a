package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// fuzzOperation is an operation of the document, as its author wrote it.
type fuzzOperation struct {
	id, method, path string // path as the document has it
	parameters       []*openapi3.Parameter
	body             *openapi3.MediaType // nil: none
	lines            bool                // the body is records, one a line
}

// fuzzOperations reads the document anew: an operation that is new in it is tried without another word here.
func fuzzOperations(document []byte) []fuzzOperation {
	parsed, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		panic(err)
	}
	var operations []fuzzOperation
	for _, path := range slices.Sorted(maps.Keys(parsed.Paths.Map())) {
		item := parsed.Paths.Value(path)
		for _, method := range slices.Sorted(maps.Keys(item.Operations())) {
			op := item.Operations()[method]
			found := fuzzOperation{id: op.OperationID, method: method, path: path}
			for _, p := range slices.Concat(item.Parameters, op.Parameters) {
				found.parameters = append(found.parameters, p.Value)
			}
			if op.RequestBody != nil {
				found.body = op.RequestBody.Value.Content.Get("application/json")
				found.lines = op.RequestBody.Value.Content.Get("application/x-ndjson") != nil
			}
			operations = append(operations, found)
		}
	}
	return operations
}

// fuzzRequest is a request as it is sent.
type fuzzRequest struct {
	operation fuzzOperation
	plain     bool // the path is one of the operation's, whatever is in it
	method    string
	target    string // path and query, as they are written
	header    http.Header
	body      []byte
	chunked   bool
	caller    *fuzzCustomer // nil: a key that is none, or no key
}

func (r fuzzRequest) String() string {
	body, header := r.body, r.header.Clone()
	if len(body) > 600 {
		body = fmt.Appendf(nil, "%s … (%d bytes)", body[:600], len(body))
	}
	header.Del("Authorization")
	target := r.target
	if len(target) > 400 {
		target = target[:400] + "…"
	}
	return fmt.Sprintf("%s %s %v %q", r.method, target, header, body)
}

// fuzzFocus is the record that a sequence of requests is about, so that its requests meet.
type fuzzFocus struct {
	entityType, platform, platformID, canonicalID string
	record, document                              *jsonNode
}

// author writes requests.
type author struct {
	*choices
	world    *fuzzWorld
	focus    fuzzFocus
	versions []string // ETags that were answered
}

func (a *author) request() fuzzRequest {
	op := pick(a.choices, a.world.operations...)
	if op.method == http.MethodDelete && !a.chance(20) {
		op = pick(a.choices, a.world.operations...)
	}
	r := fuzzRequest{operation: op, method: op.method, header: http.Header{}, plain: true}
	a.writeBody(&r)
	r.target = a.path(&r) + a.query(&r)
	a.writeHeaders(&r)
	if a.chance(5) {
		r.method = pick(a.choices, http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodPatch, http.MethodTrace, "get", "PROPFIND", http.MethodGet, http.MethodPost)
	}
	return r
}

func (a *author) path(r *fuzzRequest) string {
	path := r.operation.path
	for _, p := range r.operation.parameters {
		if p.In == openapi3.ParameterInPath {
			path = strings.ReplaceAll(path, "{"+p.Name+"}", a.segment(r, p))
		}
	}
	if a.chance(2) {
		r.plain = false
		path = pick(a.choices, path+"/", "/"+path, path+"%00", strings.ToUpper(path), path+"/../health", path+"%2f", "/."+path, path+";a=b", path+"%", path+"/%ff")
	}
	return loadDocument().BasePath() + path
}

// segment is the value of a path parameter, escaped.
func (a *author) segment(r *fuzzRequest, p *openapi3.Parameter) string {
	if !a.chance(15) {
		return url.PathEscape(a.parameter(p))
	}
	r.plain = false
	return pick(a.choices, "%00", "pay%00", "%ff", "%c3%28", "..%2f..", "%2e%2e", "%", "%zz", strings.Repeat("a", 256), strings.Repeat("%E2%82%AC", 300), "+", "a%20b",
		"pay_NvmMc888X6CLDx", "PAY_NvmMc888X6CLDxl", "*", "'", url.PathEscape(a.world.first.key))
}

func (a *author) query(r *fuzzRequest) string {
	var pairs []string
	for _, p := range r.operation.parameters {
		if p.In != openapi3.ParameterInQuery || !p.Required && !a.chance(40) {
			continue
		}
		value := url.QueryEscape(a.parameter(p))
		if a.chance(20) {
			value = pick(a.choices, "", "%00", "%ff", "1e1", "1.0", "-1", "0", "+1", "1001", "99999999999999999999", "%zz", "a;b", "%ed%a0%80", "true", "%5B1%5D", hostileCursor(a.choices))
		}
		pairs = append(pairs, p.Name+"="+value)
		if a.chance(3) {
			pairs = append(pairs, p.Name+"="+value)
		}
	}
	if a.chance(6) {
		pairs = append(pairs, pick(a.choices, "unknown=1", "=", "&&", "a;b=1", "%zz=1", "%00=1", "%ff=1", a.world.first.key+"=1", strings.Repeat("n", 9000)+"=1", "<b>=1"))
	}
	if a.chance(2) {
		for i := range 1500 {
			pairs = append(pairs, "p"+strconv.Itoa(i)+"=1")
		}
	}
	if len(pairs) == 0 {
		return ""
	}
	return "?" + strings.Join(pairs, "&")
}

// parameter is a value that a careful client may send.
func (a *author) parameter(p *openapi3.Parameter) string {
	if p.Name == "cursor" {
		return hostileCursor(a.choices)
	}
	if known, ok := a.known(p.Name); ok {
		return strings.Trim(known.raw, `"`)
	}
	if p.Example != nil && a.chance(30) {
		return fmt.Sprint(p.Example)
	}
	if p.Schema.Value.Min != nil { // a number, such as a limit
		return strconv.Itoa(int(*p.Schema.Value.Min) + a.upTo(5))
	}
	value := a.value(p.Schema.Value, p.Name, 0)
	var text string
	if json.Unmarshal([]byte(value.raw), &text) != nil {
		text = value.raw
	}
	return text
}

// known is a value that means something, for names that have one.
func (a *author) known(name string) (*jsonNode, bool) {
	switch name {
	case "canonical_id":
		return textNode(a.focus.canonicalID), true
	case "platform_id":
		return textNode(a.focus.platformID), true
	case "platform", "source":
		return textNode(a.focus.platform), true
	case "entity_type":
		return textNode(a.focus.entityType), true
	case "currency", "sourceCurrency":
		return textNode(pick(a.choices, "QAR", "USD", "KWD", "JPY", "XXX")), true
	case "commitmentType":
		return textNode(pick(a.choices, "WorkOrderContract", "PurchaseOrderContract", "PrimeContract")), true
	}
	return nil, false
}

func (a *author) writeBody(r *fuzzRequest) {
	if r.operation.lines {
		var b bytes.Buffer
		for range a.upTo(5) {
			record := a.record()
			if a.chance(30) {
				record = mutate(a.choices, record, a.world.keys())
			}
			record.write(&b)
			b.WriteString(pick(a.choices, "\n", "\r\n", "\n\n", " \n", "\x00\n"))
		}
		r.body = b.Bytes()
		return
	}
	if r.operation.body == nil {
		if a.chance(10) {
			r.body = []byte(pick(a.choices, "{}", " {} ", "null", "[]", `{"a":1}`, `"x"`, "{", "\xff"))
		}
		return
	}
	value := a.body(r.operation.body)
	if a.chance(45) {
		value = mutate(a.choices, value, a.world.keys())
	}
	var b bytes.Buffer
	value.write(&b)
	r.body = b.Bytes()
	if a.chance(4) {
		r.body = spoil(a.choices, r.body)
	}
	if a.chance(2) {
		r.body = nil
	}
}

// body is one of the examples, or made of the schema.
func (a *author) body(content *openapi3.MediaType) *jsonNode {
	var examples []any
	if content.Example != nil {
		examples = append(examples, content.Example)
	}
	for _, name := range slices.Sorted(maps.Keys(content.Examples)) {
		examples = append(examples, content.Examples[name].Value.Value)
	}
	if len(examples) > 0 && a.chance(25) {
		return nodeOf(pick(a.choices, examples...))
	}
	return a.value(content.Schema.Value, "", 0)
}

// value makes a value that satisfies a schema, most often. Where the schema leaves all open, it is a real record, or some
// fields of one.
func (a *author) value(s *openapi3.Schema, name string, depth int) *jsonNode {
	if known, ok := a.known(name); ok && !a.chance(6) {
		return known
	}
	switch {
	case name == "data":
		return a.record()
	case s.Const != nil:
		return nodeOf(s.Const)
	case len(s.Enum) > 0:
		return nodeOf(pick(a.choices, s.Enum...))
	case s.Example != nil && a.chance(50):
		return nodeOf(s.Example)
	case len(s.AllOf) == 1 && s.Type == nil:
		return a.value(s.AllOf[0].Value, name, depth+1)
	case len(s.OneOf) > 0 && depth < 8:
		return a.value(pick(a.choices, s.OneOf...).Value, name, depth+1)
	case len(s.AnyOf) > 0 && depth < 8:
		return a.value(pick(a.choices, s.AnyOf...).Value, name, depth+1)
	case s.Type.Includes(openapi3.TypeObject) || len(s.Properties) > 0:
		return a.object(s, depth)
	case s.Type.Includes(openapi3.TypeArray) && s.Items != nil && depth < 8:
		list := &jsonNode{kind: '['}
		for range int(s.MinItems) + a.upTo(4) {
			list.add("", a.value(s.Items.Value, "", depth+1), false)
		}
		return list
	case s.Type.Includes(openapi3.TypeBoolean):
		return scalarNode(pick(a.choices, "false", "true"))
	case s.Type.Includes(openapi3.TypeInteger), s.Type.Includes(openapi3.TypeNumber):
		return scalarNode(strconv.Itoa(a.upTo(200)))
	}
	return scalarNode(pick(a.choices, `"text"`, `"QAR"`, `"WorkOrderContract"`, `"2026-02-01"`, `"PurchaseOrderContract"`, `"USD"`, `"KWD"`, `"a3"`, `"341276"`))
}

func (a *author) object(s *openapi3.Schema, depth int) *jsonNode {
	object := &jsonNode{kind: '{'}
	inWords := ""
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		property := s.Properties[name].Value
		if name == "format" { // what else there is depends on it
			inWords = pick(a.choices, "canonical", "platform")
			object.set(name, textNode(inWords))
			continue
		}
		if !slices.Contains(s.Required, name) && (depth > 6 || !a.chance(50)) {
			continue
		}
		object.set(name, a.value(property, name, depth+1))
	}
	switch inWords {
	case "canonical":
		object.remove("platform", "platform_id")
		object.set("canonical_id", textNode(a.focus.canonicalID))
		object.set("data", a.patch(a.focus.document))
	case "platform":
		object.remove("canonical_id")
		object.set("platform", textNode(a.focus.platform))
		object.set("platform_id", textNode(a.focus.platformID))
		object.set("data", a.patch(a.focus.record))
	}
	if open := s.AdditionalProperties.Schema; open != nil && len(s.Properties) == 0 {
		for range a.upTo(3) {
			object.set(a.focus.canonicalID, a.value(open.Value, "", depth+1))
		}
	}
	return object
}

// record is the focus' record, whole or in part.
func (a *author) record() *jsonNode {
	if a.chance(30) {
		return a.patch(a.focus.record)
	}
	return a.focus.record.copy()
}

// fixedName are names whose values most often cannot be changed.
var fixedName = regexp.MustCompile(`(?i)^(id|object|external_ids|provider_metadata|currency.*|created.*|updated.*|last.*|@.*|number|.*_id|.*Id)$`)

// textName are names of fields that take any text.
var textName = regexp.MustCompile(`(?i)(notes|comment|description|title)$`)

// patch is some members of a value, some of them with a value of another.
func (a *author) patch(of *jsonNode) *jsonNode {
	patch := &jsonNode{kind: '{'}
	for range 1 + a.upTo(3) {
		i := a.upTo(len(of.nodes))
		if fixedName.MatchString(of.names[i]) && !a.chance(10) {
			i = a.upTo(len(of.nodes))
		}
		if a.chance(25) {
			i = max(0, slices.IndexFunc(of.names, textName.MatchString))
		}
		value := of.nodes[i].copy()
		switch {
		case strings.HasPrefix(value.raw, `"`) && a.chance(15):
			value = scalarNode(pick(a.choices, unreadableTexts...))
		case a.chance(20):
			value = hostile(a.choices, value)
		case value.kind == 0 && a.chance(50):
			value = scalarNode(pick(a.choices, `"text"`, "null", "1", `"1250.50"`, "1250.5", "true", `"2026-03-01"`, `"2026-03-01T10:00:00Z"`, `"draft"`, `"approved"`))
		case value.kind == '{' && len(value.nodes) > 0 && a.chance(50):
			value = a.patch(value)
		}
		patch.set(of.names[i], value)
	}
	return patch
}
