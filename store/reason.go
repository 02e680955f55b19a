package store

import (
	"encoding/json"
	"fmt"

	"structural.app/structural/app/reconcile"
)

// reasonText is the text of the column reason; null if the object has one record.
func reasonText(r reconcile.Reason) any {
	if r.Kind == "" {
		return nil
	}
	text, err := json.Marshal(r)
	if err != nil {
		return nil // it has strings alone
	}
	return string(text)
}

// readReason is the opposite of reasonText.
func readReason(text []byte) (r reconcile.Reason, err error) {
	if text == nil {
		return r, nil
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("stored reason: %w", err)
	}
	return r, nil
}
