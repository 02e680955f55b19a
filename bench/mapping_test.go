package main

import "testing"

// BenchmarkMapping is measureMapping for profiles: go test -bench 'Mapping/ours/contract' -cpuprofile cpu.out
func BenchmarkMapping(b *testing.B) {
	for _, s := range mappingSubjects {
		r, known, err := s.record()
		if err != nil {
			b.Fatal(err)
		}
		theirs, err := s.gojq()
		if err != nil {
			b.Fatal(err)
		}
		for name, do := range map[string]func() ([]byte, error){
			"ours": r.translator(known),
			"gojq": theirs,
		} {
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
