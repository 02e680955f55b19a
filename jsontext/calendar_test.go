package jsontext_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"structural.app/structural/jsontext"
)

func TestCalendar(t *testing.T) {
	for _, s := range []string{"2026-02-28", "2024-02-29", "2000-02-29", "0000-01-01", "9999-12-31"} {
		assert.True(t, jsontext.IsDate(s), s)
	}
	for _, s := range []string{"", "2026-02-29", "1900-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "2026-04-31", "2026-1-01", "2026/01/01", "2026-01-01 ", "-026-01-01", "２026-01"} {
		assert.False(t, jsontext.IsDate(s), s)
	}
	for _, s := range []string{"00:00:00", "23:59:59"} {
		assert.True(t, jsontext.IsClock(s), s)
	}
	for _, s := range []string{"", "24:00:00", "12:60:00", "23:59:60", "12:00", "12:00:00Z", "1:00:000"} {
		assert.False(t, jsontext.IsClock(s), s)
	}
	for _, s := range []string{"12:00:00Z", "12:00:00z", "12:00:00.5+03:00", "23:59:60Z", "01:59:60+02:00", "20:59:60-03:00", "00:00:00.0000000001Z"} {
		assert.True(t, jsontext.IsTime(s), s)
		assert.True(t, jsontext.IsDateTime("2026-04-11T"+s), s)
	}
	for _, s := range []string{"12:00:00", "12:00:00.Z", "12:00:00+3:00", "12:00:00+24:00", "12:00:60Z", "12:00:00,5Z", "1:00:00.5Z", "12:00:00Zz", "12:00:00+03:00:"} {
		assert.False(t, jsontext.IsTime(s), s)
		assert.False(t, jsontext.IsDateTime("2026-04-11T"+s), s)
		_, ok := jsontext.NormalDateTime("2026-04-11T" + s)
		assert.False(t, ok, s)
	}
	for s, want := range map[string]string{
		"2026-04-11T12:00:00Z": "2026-04-11T12:00:00Z", "2026-04-11T12:00:00.50+03:00": "2026-04-11T09:00:00.5Z", "2026-04-11T12:00:00.000Z": "2026-04-11T12:00:00Z",
		"0001-01-01T00:00:00Z": "0001-01-01T00:00:00Z", "0000-12-31T23:00:00-01:00": "0001-01-01T00:00:00Z",
		"2026-04-11T23:59:60Z": "", "0000-01-01T00:00:00Z": "", "9999-12-31T23:00:00-01:00": "", "2026-04-11t12:00:00Z": "",
	} {
		got, ok := jsontext.NormalDateTime(s)
		assert.Equal(t, want, got, s)
		assert.Equal(t, want != "", ok, s)
	}
}

// Days and moments are those of the standard library, in every year.
func TestCalendarAgreesWithTheStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		date := rapid.StringMatching(`(0000|1900|2000|20[0-9]{2}|[0-9]{4})-(0[0-9]|1[0-3])-([0-3][0-9])`).Draw(t, "date")
		_, err := time.Parse(time.DateOnly, date)
		assert.Equal(t, err == nil, jsontext.IsDate(date), date)
		moment := date + rapid.StringMatching(`T[012][0-9]:[0-6][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-][01][0-9]:[0-5][0-9])`).Draw(t, "time")
		_, err = time.Parse(time.RFC3339, moment)
		assert.Equal(t, err == nil, jsontext.IsDateTime(moment), moment)
	})
}
