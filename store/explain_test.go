package store

import "testing"

func (s *Store) Explain(t *testing.T, name string, q FilterQuery) {
	statement, args := q.statement(nil)
	rows, err := s.db.Query("EXPLAIN (ANALYZE, BUFFERS) "+statement, args...)
	if err != nil {
		t.Log(statement)
		t.Fatal(err)
	}
	defer rows.Close()
	text := name
	for rows.Next() {
		var line string
		_ = rows.Scan(&line)
		text += "\n" + line
	}
	t.Log(text)
}
