package platform

import (
	"fmt"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
)

// Record is a record as a platform has it, with what its payload does not say.
type Record struct {
	EntityType canonical.EntityType
	Payload    jsontext.Value
	Context    mapping.Context // Variant, where the records have one
}

// ParseRecords reads a JSON array of the payloads of one entity type, which share a context.
func ParseRecords(t canonical.EntityType, ctx mapping.Context, data []byte) ([]Record, error) {
	array, err := jsontext.ParseInput(data)
	if err != nil {
		return nil, fmt.Errorf("records of %s: %w", t, err)
	}
	if array.Kind() != jsontext.Array {
		return nil, fmt.Errorf("records of %s: expected an array", t)
	}
	records := make([]Record, 0, array.Len())
	for _, element := range array.Members() {
		records = append(records, Record{EntityType: t, Payload: element.Value, Context: ctx})
	}
	return records, nil
}
