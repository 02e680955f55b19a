package store_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/app"
	"structural.app/structural/store"
	"structural.app/structural/store/storetest"
)

// Wherever an answer breaks off, it is the database that failed, never this program.
func TestAnAnswerThatBreaksOff(t *testing.T) {
	dsn := storetest.NewDatabase(t)
	link, linked := storetest.NewLink(t, dsn)
	s, direct := storetest.Open(t, linked), storetest.Open(t, dsn)
	customerID, err := direct.CreateCustomer(t.Context(), store.ModeTest, "Doha Builders", [32]byte{1})
	require.NoError(t, err)
	storetest.FillCustomerTables(t, storetest.SQL(t, dsn), customerID)
	query := app.ObjectQuery{CustomerID: customerID, CanonicalID: someID}

	find := func() error { _, err := s.FindObject(t.Context(), query); return err }
	save := func() error {
		found, err := direct.FindObject(t.Context(), query)
		require.NoError(t, err)
		_, err = s.SaveChange(t.Context(), changeOf(customerID, found, "new"))
		return err
	}
	list := func() error {
		_, _, err := s.ListChanges(t.Context(), customerID, someID, 0, 10, nil)
		return err
	}
	for name, statement := range map[string]func() error{"an object": find, "a change": save, "a history": list} {
		t.Run(name, func(t *testing.T) {
			failed := 0
			for bytes := int64(0); ; bytes++ {
				require.NoError(t, statement())
				link.CutAfter(bytes)
				err := statement()
				link.Restore()
				if err == nil {
					break // the whole answer has passed
				}
				assert.ErrorIs(t, err, store.ErrUnavailable, "after %d bytes", bytes)
				failed++
			}
			assert.Greater(t, failed, 50)
		})
	}
}
