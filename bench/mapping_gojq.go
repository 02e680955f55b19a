package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/itchyny/gojq"
)

// gojqDialect is jq as gojq runs it fastest: paths are deleted all at once.
var gojqDialect = dialect{
	forms: map[kind]form{
		plain:         {"IN", "IN"},
		numberKey:     {"(IN | tostring)", "(IN | if . == null then null else tonumber end)"},
		numberDecimal: {"(IN | if . == null then null else tostring end)", "(IN | if . == null then null else tonumber end)"},
		quotedMoney: {
			"(IN | if . == null then null else {amount: (tonumber * $scale | round), currency: $currency} end)",
			`(IN | if . == null then null else (.amount | tostring | .[:-$digits] + "." + .[-$digits:]) end)`,
		},
		numberMoney: {
			"(IN | if . == null then null else {amount: (. * $scale | round), currency: $currency} end)",
			"(IN | if . == null then null else .amount / $scale end)",
		},
		creditMoney: {
			"(IN | if . == null then null else {amount: (. * $scale | fabs | round), currency: $currency} end)",
			"(IN | if . == null then null else -.amount / $scale end)",
		},
		word:      {`TABLE[IN // ""]`, `TABLE[IN // ""]`},
		reference: {"$ids[IN | tostring]", `$keys[IN // ""]`},
	},
	path:   func(path string) string { return "." + path },
	or:     func(a, b string) string { return "(" + a + " // " + b + ")" },
	text:   strconv.Quote,
	object: gojqObject,
	rest:   gojqRest,
	each: func(array, do string) string {
		return "(" + array + " | if . == null then null else map(" + do + ") end)"
	},
	withCurrency: func(currency, expression string) string {
		return currency + " as $currency | $scales[$currency] as $scale | $exponents[$currency] as $digits | " + expression
	},
	both: func(document, data string) string {
		return document + " as $document | {canonical: $document, data: ($document | " + data + ")}"
	},
}

func gojqObject(members []member, inner bool) string {
	list := make([]string, len(members))
	for i, m := range members {
		if m.kids != nil {
			m.value = gojqObject(m.kids, true)
		}
		list[i] = strconv.Quote(m.key) + ": " + m.value
	}
	object := "({" + strings.Join(list, ", ") + "} | del(.[] | nulls)"
	if inner {
		object += " | if . == {} then null else . end"
	}
	return object + ")"
}

// gojqRest takes away everything at once, and then the objects in which nothing is left.
func gojqRest(w *programWriter, mapped []string) string {
	var paths []any
	rest := ""
	for _, path := range mapped {
		var keys []any
		for key := range strings.SplitSeq(path, ".") {
			keys = append(keys, key)
		}
		paths = append(paths, keys)
		if above, _, inner := strings.Cut(path, "."); inner && !strings.Contains(rest, "."+above+" ") {
			rest += fmt.Sprintf(" | if .%[1]s == {} then del(.%[1]s) else . end", above)
		}
	}
	table := fmt.Sprintf("mapped_%d", len(w.tables))
	w.tables[table] = paths
	return "(delpaths($" + table + ")" + rest + ")"
}

// newGojq makes a function that does the whole of a mapping, from bytes to bytes.
func newGojq(p program, data []byte) (func() ([]byte, error), error) {
	query, err := gojq.Parse(p.source)
	if err != nil {
		return nil, fmt.Errorf("%w in\n%s", err, p.source)
	}
	var names []string
	var values []any
	for _, name := range slices.Sorted(maps.Keys(p.tables)) {
		names, values = append(names, "$"+name), append(values, p.tables[name])
	}
	code, err := gojq.Compile(query, gojq.WithVariables(names))
	if err != nil {
		return nil, fmt.Errorf("%w in\n%s", err, p.source)
	}
	return func() ([]byte, error) {
		var record any
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.UseNumber() // else an amount may lose digits before gojq sees it
		if err := decoder.Decode(&record); err != nil {
			return nil, err
		}
		result, _ := code.Run(record, values...).Next()
		if err, failed := result.(error); failed {
			return nil, err
		}
		return gojq.Marshal(result)
	}, nil
}
