package plan

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/canonical"
	"structural.app/structural/mapping"
)

// What a platform says of its own record has happened there: the other platform's lack of a word or of room does not undo it.
func TestPlanTakesAPlatformsOwnWordThatTheOtherOneLacks(t *testing.T) {
	s := newSandbox(t)
	for _, test := range []struct {
		entityType canonical.EntityType
		number     string
		platform   string
		patch      string
		key        string // of the record
		field      string // of the object
		other      int    // the record that cannot hold it
		reason     mapping.Reason
	}{
		{canonical.Contract, "C-LEX-001", "procore", `{"status":"Terminated"}`, "status", "status", 1, mapping.NoCounterpart},
		{canonical.Payment, "CHK-2026-0101", "procore", `{"notes":"` + strings.Repeat("x", 251) + `"}`, "notes", "notes", 1, mapping.TooLong},
		{canonical.Invoice, "INV-2025-0061", "dynamics", `{"status":"Canceled"}`, "status", "status", 0, mapping.NoCounterpart},
	} {
		object, before := s.object(test.entityType, test.number)
		got, err := s.plan(object, test.platform, test.patch)
		require.NoError(t, err, test.patch)
		own := got.Records[1-test.other]
		assert.Equal(t, s.parse(test.patch).Get(test.key).Text(), own.Payload.Get(test.key).Text())
		assert.NotEqual(t, before.Get(test.field).Text(), got.Document.Get(test.field).Text(), test.patch)
		assert.Contains(t, got.Records[test.other].Lost, mapping.Loss{Field: "/" + test.field, Reason: test.reason}, test.patch)
		assert.Empty(t, got.Records[test.other].Changes)
	}
}

// The same in canonical words asks for both platforms, and one cannot hold it.
func TestPlanRefusesACanonicalWordThatAPlatformLacks(t *testing.T) {
	s := newSandbox(t)
	contract, _ := s.object(canonical.Contract, "C-LEX-001")
	_, err := s.plan(contract, "", `{"status":"terminated"}`)
	require.EqualError(t, err, "/status: expected a value that dynamics can express")
}
