package server_test

import (
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"testing"
)

// FuzzAPI sends sequences of one to six requests to a real server with a real database. What the bytes are is decisions: which
// operation of the document, what of it as its author meant it, what otherwise. The laws that every answer is held to are in
// fuzz_laws_test.go.
//
// Each process of `go test -fuzz` has a server and a database of its own. Before a sequence the customers are as new, so that one
// that fails does so again on its own.
func FuzzAPI(f *testing.F) {
	random := rand.New(rand.NewPCG(2026, 11))
	for i := range 48 {
		seed := make([]byte, 64+16*i)
		for at := 0; at < len(seed); at += 8 {
			binary.LittleEndian.PutUint64(seed[at:], random.Uint64())
		}
		f.Add(seed)
	}
	f.Add([]byte{}) // all as it is meant
	report := newFuzzReport(f)
	world := newFuzzWorld(f, report)
	f.Fuzz(func(t *testing.T, decisions []byte) {
		if broken := world.run(t, decisions); len(broken) > 0 {
			t.Error(strings.Join(broken, "\n"))
		}
	})
}
