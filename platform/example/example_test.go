package example_test

import (
	"testing"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/mapping/mappingtest"
	"structural.app/structural/platform/example"
)

var suite = mappingtest.Suite{Name: example.Name, Local: example.Currency, Tables: example.Tables(), Forms: forms()}

func TestFixtures(t *testing.T) { suite.Run(t) }

func TestFormsSpeakEveryWord(t *testing.T) { suite.Covered(t) }

func TestMutantsAreNoticed(t *testing.T) { suite.Mutants(t) }

func TestLaws(t *testing.T) { suite.Properties(t) }

func forms() []mappingtest.Form {
	none, id := mapping.Context{}, jsontext.NewInt(71)
	forms := mappingtest.Words(canonical.Payment, "state", "status", none, [2]string{"Entered", "pending"},
		[2]string{"Authorised", "approved"}, [2]string{"Paid", "paid"}, [2]string{"Reconciled", "paid"})
	forms = append(forms, mappingtest.Same(canonical.Payment, none, id, "job.ref", "jobRef")...)
	return append(forms, mappingtest.Form{Entity: canonical.Payment, Record: `{"gross":1.005,"state":"Lost"}`, Refused: "/gross /state"})
}
