package app

import (
	"encoding/json"
	"fmt"

	"structural.app/structural/mapping/books"
)

// ParseSettings reads the settings of a connection, which the contract let pass, and makes them ready. Without a text they are those of
// a connection that has none of its own. The error is a *[books.SettingsError] if they are wrong.
func ParseSettings(text []byte) (*books.Settings, error) {
	settings := &books.Settings{}
	if len(text) > 0 {
		if err := json.Unmarshal(text, settings); err != nil {
			return nil, fmt.Errorf("parse settings: %w", err)
		}
	}
	return settings, settings.Prepare()
}
