package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// jsonataDialect is JSONata. It leaves members without a value out by itself.
var jsonataDialect = dialect{
	forms: map[kind]form{
		plain:         {"IN", "IN"},
		numberKey:     {"$string(IN)", "$number(IN)"},
		numberDecimal: {"$string(IN)", "$number(IN)"},
		quotedMoney: {
			`IN.{"amount": $round($number($) * $scale), "currency": $currency}`,
			`IN.($minor := $string(amount); $substring($minor, 0, $length($minor) - $digits) & "." & $substring($minor, -$digits))`,
		},
		numberMoney: {`IN.{"amount": $round($ * $scale), "currency": $currency}`, "IN.amount / $scale"},
		creditMoney: {`IN.{"amount": $round($abs($) * $scale), "currency": $currency}`, "-(IN.amount / $scale)"},
		word:        {"$lookup(TABLE, IN)", "$lookup(TABLE, IN)"},
		reference:   {"$lookup($ids, $string(IN))", "$lookup($keys, IN)"},
	},
	path:   func(path string) string { return path },
	or:     func(a, b string) string { return "(" + a + " ?? " + b + ")" },
	text:   func(s string) string { return `"` + s + `"` },
	object: jsonataObject,
	rest:   jsonataRest,
	each:   func(array, do string) string { return array + " ? [" + array + "." + do + "]" },
	withCurrency: func(currency, expression string) string {
		return "($currency := " + currency + "; $scale := $lookup($scales, $currency); $digits := $lookup($exponents, $currency); " +
			expression + ")"
	},
	both: func(document, data string) string {
		return "$document := " + document + `; {"canonical": $document, "data": $document.` + data + "}"
	},
}

func jsonataObject(members []member, inner bool) string {
	list := make([]string, len(members))
	for i, m := range members {
		if m.kids != nil {
			m.value = jsonataObject(m.kids, true)
		}
		list[i] = `"` + m.key + `": ` + m.value
	}
	object := "{" + strings.Join(list, ", ") + "}"
	if inner {
		object += "[$]" // an empty one is false
	}
	return object
}

// jsonataRest takes members away with a transformation, and puts back what is left of the objects in which some are mapped.
func jsonataRest(w *programWriter, mapped []string) string {
	var keys, above []string
	inner := map[string][]string{}
	for _, path := range mapped {
		key, rest, isInner := strings.Cut(path, ".")
		if inner[key] == nil {
			keys = append(keys, key)
		}
		if isInner {
			if inner[key] == nil {
				above = append(above, key)
			}
			inner[key] = append(inner[key], rest)
		}
	}
	add := func(keys []string) string {
		table := fmt.Sprintf("mapped_%d", len(w.tables))
		w.tables[table] = keys
		return "$" + table
	}
	rest := "($ ~> |$|{}, " + add(keys) + "|)"
	if len(above) == 0 {
		return rest
	}
	var left []string
	for _, key := range above {
		left = append(left, fmt.Sprintf(`"%[1]s": (%[1]s ~> |$|{}, %[2]s|)[$]`, key, add(inner[key])))
	}
	return "$merge([" + rest + ", {" + strings.Join(left, ", ") + "}])"
}

// node is a process in which JSONata runs and measures itself.
type node struct {
	command  *exec.Cmd
	commands *json.Encoder
	answers  *json.Decoder
}

// nodeAnswer is what it says to a command.
type nodeAnswer struct {
	Output      string  `json:"output"`
	Nanoseconds float64 `json:"nanoseconds"`
	Error       string  `json:"error"`
}

// errNoNode says that JSONata cannot be run here.
var errNoNode = errors.New("no JSONata")

// startNode installs JSONata if need be. The process ends with ctx or when its input ends.
func startNode(ctx context.Context) (*node, error) {
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			return nil, fmt.Errorf("%w: %w", errNoNode, err)
		}
	}
	if !isInstalled() {
		progress("  npm ci")
		if output, err := exec.CommandContext(ctx, "npm", "ci", "--silent").CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%w: npm ci: %w\n%s", errNoNode, err, output)
		}
	}
	n := &node{command: exec.CommandContext(ctx, "node", "jsonata.mjs")}
	n.command.Stderr = os.Stderr
	in, err := n.command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := n.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	n.commands, n.answers = json.NewEncoder(in), json.NewDecoder(out)
	return n, n.command.Start()
}

// isInstalled compares what is installed with the lock file, as make does with the tools.
func isInstalled() bool {
	wanted, err := os.Stat("package-lock.json")
	if err != nil {
		return false
	}
	installed, err := os.Stat("node_modules/.package-lock.json")
	return err == nil && !installed.ModTime().Before(wanted.ModTime())
}

func (n *node) do(command any) (nodeAnswer, error) {
	var answer nodeAnswer
	if err := n.commands.Encode(command); err != nil {
		return answer, err
	}
	if err := n.answers.Decode(&answer); err != nil {
		return answer, err
	}
	if answer.Error != "" {
		return answer, errors.New(answer.Error)
	}
	return answer, nil
}

// load makes a program the one that is run, and returns its output.
func (n *node) load(p program, data []byte) ([]byte, error) {
	answer, err := n.do(map[string]any{"source": p.source, "tables": p.tables, "input": string(data)})
	if err != nil {
		return nil, fmt.Errorf("%w in\n%s", err, p.source)
	}
	return []byte(answer.Output), nil
}

// nanoseconds is what the function of that name does, in the process, for the program that was loaded last.
func (n *node) nanoseconds(wanted time.Duration) (float64, error) {
	answer, err := n.do(map[string]any{"milliseconds": wanted.Milliseconds()})
	return answer.Nanoseconds, err
}

func (n *node) stop() {
	_ = n.command.Process.Kill() // it holds nothing
	_ = n.command.Wait()
}
