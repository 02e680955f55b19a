package main

import "testing"

// BenchmarkMapping is measureMapping for profiles: go test -bench 'Mapping/ours/contract' -cpuprofile cpu.out
func BenchmarkMapping(b *testing.B) {
	for _, s := range mappingSubjects {
		ours, theirs, err := s.sides()
		if err != nil {
			b.Fatal(err)
		}
		for name, do := range map[string]func() ([]byte, error){"ours": ours, "plain": theirs} {
			b.Run(name+"/"+s.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := do(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
