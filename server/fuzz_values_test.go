package server_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// choices turns the bytes of a fuzzer into decisions. Where they end, each decision is the first, which is the plain one.
type choices struct {
	data []byte
	at   int
}

func (c *choices) next() int {
	if c.at >= len(c.data) {
		return 0
	}
	c.at++
	return int(c.data[c.at-1])
}

// upTo decides for a number from 0 to n-1.
func (c *choices) upTo(n int) int {
	switch {
	case n <= 1:
		return 0
	case n <= 256:
		return c.next() % n
	}
	return (c.next()<<8 | c.next()) % n
}

// chance says yes in so many of a hundred cases.
func (c *choices) chance(percent int) bool { return c.next()*100 >= (100-percent)*256 }

// pick decides for one of some values, which must be at least one.
func pick[T any](c *choices, values ...T) T { return values[c.upTo(len(values))] }

// jsonNode is JSON that may be broken: what the fuzzer sends.
type jsonNode struct {
	raw     string // of a scalar, or of a hostile text that is written as it stands
	kind    byte   // '{', '[' or 0
	names   []string
	nodes   []*jsonNode
	literal []bool // names that are written as they stand, with their quotes
}

func scalarNode(raw string) *jsonNode { return &jsonNode{raw: raw} }

func textNode(s string) *jsonNode {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return scalarNode(string(text))
}

func (n *jsonNode) set(name string, value *jsonNode) {
	if i := slices.Index(n.names, name); i >= 0 {
		n.nodes[i] = value
		return
	}
	n.add(name, value, false)
}

func (n *jsonNode) add(name string, value *jsonNode, literal bool) {
	n.names, n.nodes, n.literal = append(n.names, name), append(n.nodes, value), append(n.literal, literal)
}

func (n *jsonNode) remove(names ...string) {
	for i := len(n.names) - 1; i >= 0; i-- {
		if slices.Contains(names, n.names[i]) {
			n.names, n.nodes, n.literal = slices.Delete(n.names, i, i+1), slices.Delete(n.nodes, i, i+1), slices.Delete(n.literal, i, i+1)
		}
	}
}

// maxWritten is how much of a body is written: several times what the API reads. A node that stands in many places makes far more.
const maxWritten = 8 << 20

func (n *jsonNode) write(b *bytes.Buffer) {
	if n.kind == 0 {
		b.WriteString(n.raw)
		return
	}
	b.WriteByte(n.kind)
	for i, child := range n.nodes {
		if b.Len() > maxWritten {
			return
		}
		if i > 0 {
			b.WriteByte(',')
		}
		if n.kind == '{' {
			if n.literal[i] {
				b.WriteString(n.names[i])
			} else {
				b.WriteString(textNode(n.names[i]).raw)
			}
			b.WriteByte(':')
		}
		child.write(b)
	}
	b.WriteByte(n.kind + 2) // } follows { by two in ASCII, ] follows [
}

func (n *jsonNode) copy() *jsonNode {
	c := *n
	c.names, c.literal, c.nodes = slices.Clone(n.names), slices.Clone(n.literal), make([]*jsonNode, len(n.nodes))
	for i, child := range n.nodes {
		c.nodes[i] = child.copy()
	}
	return &c
}

// all lists a node and all below it.
func (n *jsonNode) all(list []*jsonNode) []*jsonNode {
	list = append(list, n)
	for _, child := range n.nodes {
		list = child.all(list)
	}
	return list
}

// parseNode reads a sample. It panics when that is not JSON.
func parseNode(text []byte) *jsonNode {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return readNode(d)
}

func nodeOf(v any) *jsonNode {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return parseNode(text)
}

func readNode(d *json.Decoder) *jsonNode {
	token, err := d.Token()
	if err != nil {
		panic(err)
	}
	switch token := token.(type) {
	case json.Delim:
		n := &jsonNode{kind: byte(token)}
		for d.More() {
			name := ""
			if n.kind == '{' {
				key, err := d.Token()
				if err != nil {
					panic(err)
				}
				name = key.(string)
			}
			n.add(name, readNode(d), false)
		}
		if _, err := d.Token(); err != nil {
			panic(err)
		}
		return n
	case json.Number:
		return scalarNode(token.String())
	case string:
		return textNode(token)
	case bool:
		return scalarNode(strconv.FormatBool(token))
	default:
		return scalarNode("null")
	}
}

// hostileTexts are JSON strings, quotes included.
var hostileTexts = []string{
	`""`, `" "`, `"\u0000"`, `"a\u0000b"`, `"\ud800"`, `"\udc00x"`, `"x\ud83d"`, `"\ud83d\ude00"`, `"\u0001\u001f"`, `"\uffff"`, `"\u202e"`,
	"\"\xff\"", "\"\xc3\x28\"", "\"\xed\xa0\x80\"", "\"\x00\"", "\"tab\there\"", `"\x"`, `"'; DROP TABLE changes; --"`, `"<script>&"`,
	`"1e1"`, `"1e999999999"`, `"-1e-999999999"`, `"0.1e40"`, `"9223372036854775807"`, `"9223372036854775808"`, `"-0"`, `"1,5"`, `"١"`, `"NaN"`,
	`"0001-01-01"`, `"2026-02-30"`, `"9999-12-31T23:59:60Z"`, `"2026-01-01T00:00:00+23:59"`, `"0000-00-00"`, `"24:00"`,
	`"N/A"`, `"00000000-0000-0000-0000-000000000000"`, `"USD"`, `"XXX"`, `"null"`, `"true"`, `"%00"`, `"../../"`, `"_x0000_"`, `"_xD800_"`,
}

// unreadableTexts are texts of JSON that PostgreSQL, and some readers of JSON, cannot read.
var unreadableTexts = []string{`"\u0000"`, `"a\u0000b"`, `"\ud800"`, `"\udc00x"`, `"x\ud83d"`, `"\ud800\ud800"`, `"\\u0000"`}

var hostileNumbers = []string{
	"0", "-0", "1e1", "1E+1", "1.0", "1.10", "10e-1", "1e400", "-1e400", "1e-400", "1e401", "1e999999999", "-1e-999999999", "0.1e-40", "1e40",
	"9223372036854775807", "9223372036854775808", "-9223372036854775809", "18446744073709551616", "0.000000000000000000001",
	"01", "+1", "1.", ".5", "0x10", "NaN", "Infinity", "-",
}

// hostileNames are member names, quotes included. None has a semicolon followed by a space: that is what problems are counted by.
var hostileNames = []string{
	`""`, `"\u0000"`, `"a\u0000b"`, `"\ud800"`, `"project.name"`, `"address.city"`, `"amount.amount"`, `"lines.0"`, `"external_ids.procore.id"`,
	`"a/b"`, `"~"`, `"~0"`, `"__proto__"`, `"provider_metadata"`, `"external_ids"`, `"id"`, `"object"`, `"lines"`, `"currency"`, `"dry_run"`,
	`"$ref"`, `"@odata.etag"`, `"Amount"`, `"amount "`, "\"\xff\"", `"\u202e"`, `"<b>"`, `"amount\u0000"`,
}

// hostile makes a value that no careful client sends; like is what stands there.
func hostile(c *choices, like *jsonNode) *jsonNode {
	switch c.upTo(16) {
	case 0, 1, 2, 3:
		return scalarNode(pick(c, hostileTexts...))
	case 4, 5, 6:
		return scalarNode(pick(c, hostileNumbers...))
	case 7:
		return scalarNode(pick(c, "null", "true", "false", "{}", "[]", `[{}]`, `[null]`, `{"":{}}`, "nul", ""))
	case 8:
		return scalarNode(nested(1+c.upTo(700), pick(c, "[", `{"a":`, `[{"b":`)))
	case 9:
		return scalarNode(strings.Repeat("9", 1+c.upTo(400)) + pick(c, "", ".5", "e3"))
	case 10:
		return scalarNode(`"` + strings.Repeat(pick(c, "x", "é", `\u0001`, "<", "1"), sizeOf(c)) + `"`)
	case 11:
		return repeated(like, c.upTo(201))
	case 12:
		return manyMembers(c, like)
	case 13:
		return scalarNode(`"0.` + strings.Repeat(pick(c, "0", "9", "3"), 1+c.upTo(400)) + `1"`)
	case 14:
		if c.chance(50) {
			like = manyMembers(c, like)
		}
		return &jsonNode{kind: '{', names: []string{`"` + strings.Repeat("k", sizeOf(c)) + `"`}, literal: []bool{true}, nodes: []*jsonNode{like}}
	}
	return &jsonNode{kind: '[', names: []string{""}, literal: []bool{false}, nodes: []*jsonNode{like}}
}

// sizeOf decides for a length: most often a small one, now and then as much as a request may have.
func sizeOf(c *choices) int {
	return pick(c, 1, 65, 256, 1000, 3000, 9000, 70_000, 9000, 1000, 65, 256, 500_000) + c.upTo(64)
}

func nested(depth int, open string) string {
	var b strings.Builder
	b.WriteString(strings.Repeat(open, depth))
	b.WriteString("1")
	closing := strings.NewReplacer("[", "]", "{", "}", `"a":`, "", `"b":`, "").Replace(open)
	if len(closing) == 2 {
		closing = "}]"
	}
	b.WriteString(strings.Repeat(closing, depth))
	return b.String()
}

// repeated is an array of so many of the same.
func repeated(like *jsonNode, n int) *jsonNode {
	list := &jsonNode{kind: '['}
	if like.kind == '[' && len(like.nodes) > 0 {
		like = like.nodes[0]
	}
	for range n {
		list.add("", like, false)
	}
	return list
}

func manyMembers(c *choices, like *jsonNode) *jsonNode {
	object := &jsonNode{kind: '{'}
	name := pick(c, "k", "custom_", strings.Repeat("n", 70), strings.Repeat("n", 700))
	for i := range pick(c, 3, 20, 60, 200, 1500) {
		object.add(name+strconv.Itoa(i), like, false)
	}
	return object
}

// mutate changes some places of a value. keys are API keys, which must not come back wherever they are written.
func mutate(c *choices, root *jsonNode, keys []string) *jsonNode {
	for range 1 + c.upTo(3) {
		places := root.all(nil)
		n := places[c.upTo(len(places))]
		if n.kind != '{' || len(n.nodes) == 0 || c.chance(35) {
			*n = *hostile(c, n.copy())
			continue
		}
		i := c.upTo(len(n.nodes))
		switch c.upTo(6) {
		case 0:
			n.add(pick(c, hostileNames...), n.nodes[i].copy(), true)
		case 1:
			n.names[i], n.literal[i] = pick(c, hostileNames...), true
		case 2:
			n.add(n.names[i], hostile(c, n.nodes[i].copy()), n.literal[i]) // named twice
		case 3:
			n.names, n.nodes, n.literal = slices.Delete(n.names, i, i+1), slices.Delete(n.nodes, i, i+1), slices.Delete(n.literal, i, i+1)
		case 4:
			if key := pick(c, keys...); c.chance(50) {
				n.add(key, scalarNode("1"), false)
			} else {
				n.nodes[i] = textNode(key)
			}
		default:
			n.nodes[i] = hostile(c, n.nodes[i].copy())
		}
	}
	return root
}

// spoil breaks a text, JSON or not.
func spoil(c *choices, text []byte) []byte {
	if len(text) == 0 {
		return []byte(pick(c, " ", "{", "[1", "\ufeff{}", "\x00"))
	}
	at := c.upTo(len(text))
	switch c.upTo(6) {
	case 0:
		return text[:at]
	case 1:
		return append(text, text...)
	case 2:
		return slices.Concat([]byte("\ufeff"), text)
	case 3:
		return slices.Insert(text, at, '\xff')
	case 4:
		return slices.Insert(text, at, '\x00')
	}
	return slices.Concat(bytes.Repeat([]byte(" "), sizeOf(c)), text)
}

// hostileCursor makes what no Link header gave.
func hostileCursor(c *choices) string {
	raw := make([]byte, c.upTo(20))
	for i := range raw {
		raw[i] = byte(c.next())
	}
	return pick(c, base64.RawURLEncoding.EncodeToString(raw), "AA", "gA", "0", "-1", "9999999999999999999", "1e1", "____", "A", strings.Repeat("A", 1000))
}
