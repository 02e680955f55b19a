package server_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// fuzzReport counts what was sent, and keeps the requests that cost most. The processes that fuzz cannot write to the terminal: each
// writes a file now and then, and the one that handed out the work adds them up.
type fuzzReport struct {
	Answers   map[string]int // by operation and status
	Slowest   []fuzzCost
	Hungriest []fuzzCost
	folder    string
}

type fuzzCost struct {
	Request   string
	Status    int
	Took      time.Duration
	Allocated uint64 // bytes
}

const fuzzReports = "STRUCTURAL_FUZZ_REPORTS" // the folder, for the processes that fuzz

func newFuzzReport(f *testing.F) *fuzzReport {
	r := &fuzzReport{Answers: map[string]int{}, folder: os.Getenv(fuzzReports)}
	if r.folder == "" {
		r.folder = f.TempDir()
		f.Setenv(fuzzReports, r.folder)
		f.Cleanup(func() { r.write(); logReports(f, r.folder) })
	}
	return r
}

func (r *fuzzReport) add(request fuzzRequest, a fuzzAnswer) {
	if request.operation.id == "" {
		return // one of the fuzzer's own
	}
	r.Answers[fmt.Sprintf("%s %s %d", request.operation.id, request.method, a.status)]++
	cost := fuzzCost{Status: a.status, Took: a.took, Allocated: a.allocated}
	r.Slowest = keepWorst(r.Slowest, cost, request, byTime)
	r.Hungriest = keepWorst(r.Hungriest, cost, request, byMemory)
}

func byTime(a, b fuzzCost) int   { return cmp.Compare(b.Took, a.Took) }
func byMemory(a, b fuzzCost) int { return cmp.Compare(b.Allocated, a.Allocated) }

func keepWorst(list []fuzzCost, cost fuzzCost, request fuzzRequest, order func(a, b fuzzCost) int) []fuzzCost {
	const kept = 5
	if len(list) == kept && order(cost, list[kept-1]) >= 0 {
		return list
	}
	cost.Request = fmt.Sprintf("%.300s", request.String())
	list = append(list, cost)
	slices.SortFunc(list, order)
	return list[:min(kept, len(list))]
}

func (r *fuzzReport) write() {
	text, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	// A report that cannot be written is none: the folder goes when the fuzzing ends.
	_ = os.WriteFile(filepath.Join(r.folder, fmt.Sprint(os.Getpid())+".json"), text, 0o600)
}

// logReports adds the processes' reports up.
func logReports(t testing.TB, folder string) {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	sum := &fuzzReport{Answers: map[string]int{}}
	for _, file := range files {
		var one fuzzReport
		text, err := os.ReadFile(file)
		if err != nil || json.Unmarshal(text, &one) != nil {
			continue // written when its process ended
		}
		for answer, n := range one.Answers {
			sum.Answers[answer] += n
		}
		sum.Slowest, sum.Hungriest = append(sum.Slowest, one.Slowest...), append(sum.Hungriest, one.Hungriest...)
	}
	var b strings.Builder
	for _, answer := range slices.Sorted(maps.Keys(sum.Answers)) {
		fmt.Fprintf(&b, "%8d %s\n", sum.Answers[answer], answer)
	}
	slices.SortFunc(sum.Slowest, byTime)
	slices.SortFunc(sum.Hungriest, byMemory)
	for what, list := range map[string][]fuzzCost{"slowest": sum.Slowest, "most memory": sum.Hungriest} {
		for _, c := range list[:min(3, len(list))] {
			fmt.Fprintf(&b, "%s: %v, %d MB, status %d: %s\n", what, c.Took.Round(time.Millisecond), c.Allocated>>20, c.Status, c.Request)
		}
	}
	t.Log("answers:\n" + b.String())
}
