package plan

import (
	"strconv"

	"structural.app/structural/app/reconcile"
	"structural.app/structural/jsontext"
)

// lineIndex finds lines of a document.
type lineIndex struct {
	lines  []jsontext.Member
	byID   map[lineID]int // the first line of each id
	byText map[string]int // by description; -1: of several
}

// lineID is the id of a line on a platform.
type lineID struct{ platform, id string }

func newLineIndex(document jsontext.Value) *lineIndex {
	return &lineIndex{lines: document.Get("lines").Members()}
}

// withID finds the first line that has one of some external_ids, -1 if there is none.
func (x *lineIndex) withID(ids jsontext.Value) int {
	if x.byID == nil {
		x.byID = make(map[lineID]int, len(x.lines))
		for i := range x.lines {
			eachID(x.lines[i].Value.Get("external_ids"), func(id lineID) {
				if _, known := x.byID[id]; !known {
					x.byID[id] = i
				}
			})
		}
	}
	found := -1
	eachID(ids, func(id lineID) {
		if i, ok := x.byID[id]; ok && (found < 0 || i < found) {
			found = i
		}
	})
	return found
}

func eachID(ids jsontext.Value, do func(lineID)) {
	for _, m := range ids.Members() {
		if id := m.Value.Get("id"); id.Kind() == jsontext.String {
			do(lineID{m.Key, id.Text()})
		}
	}
}

// withText finds the one line with a description, as business keys are compared; -1 if there is none, or several.
func (x *lineIndex) withText(key string) int {
	if x.byText == nil {
		x.byText = make(map[string]int, len(x.lines))
		for i := range x.lines {
			own := reconcile.NormalizedKey(x.lines[i].Value.Get("description").Text())
			if _, twice := x.byText[own]; twice {
				x.byText[own] = -1
			} else {
				x.byText[own] = i
			}
		}
	}
	if i, ok := x.byText[key]; ok {
		return i
	}
	return -1
}

// correspond finds the line of another document for each line that is changed: by a platform's id, else by description where
// that is unique on both sides. The result is by the line's index; -1: there is none.
func (x *lineIndex) correspond(other *lineIndex, changed []lineEdits) []int {
	if len(changed) == 0 {
		return nil
	}
	found := make([]int, len(x.lines))
	for i := range found {
		found[i] = -1
	}
	for _, c := range changed {
		i := c.line
		if x == other {
			found[i] = i
			continue
		}
		line := x.lines[i].Value
		if found[i] = other.withID(line.Get("external_ids")); found[i] >= 0 {
			continue
		}
		key := reconcile.NormalizedKey(line.Get("description").Text())
		if key == "" || x.withText(key) < 0 {
			continue
		}
		if j := other.withText(key); j >= 0 && !sharesPlatform(other.lines[j].Value, line) {
			found[i] = j
		}
	}
	return found
}

// sharesPlatform reports whether two lines are of one platform, and so two.
func sharesPlatform(line, other jsontext.Value) bool {
	for _, m := range line.Get("external_ids").Members() {
		if !other.At("external_ids", m.Key, "id").IsNone() && !m.Value.Get("id").IsNone() {
			return true
		}
	}
	return false
}

// linePointer is the JSON pointer of a field of a line.
func linePointer(line int, f *field) string { return "/lines/" + strconv.Itoa(line) + f.pointer }
