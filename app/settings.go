package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"structural.app/structural/app/posting"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping/books"
)

// StoredSettings are the settings of a connection as they are stored.
type StoredSettings struct {
	Settings []byte // JSON; nil: the connection has none of its own
	Version  int64  // 0: it has none of its own
}

// SettingsStorage is the storage that settings need.
type SettingsStorage interface {
	// FindSettings finds the settings of a connection. [ErrNotFound] if the platform is not connected.
	FindSettings(ctx context.Context, customerID, platform string) (StoredSettings, error)
	// SaveSettings replaces settings that have this version, and returns the new one. [ErrChanged] if they have another one by now, or
	// the platform is not connected any more: nothing was written.
	SaveSettings(ctx context.Context, customerID, platform string, settings []byte, version int64) (int64, error)
	// EachDocument reads the documents of a customer's objects of some types. begin gives what takes them, one after the other, and is
	// asked again when all are read again. A text is its own until it returns; its error ends the list.
	EachDocument(ctx context.Context, customerID string, types []canonical.EntityType, begin func() (take func(document []byte) error)) error
}

// Settler keeps the settings of connections. Safe for concurrent use.
type Settler struct{ storage SettingsStorage }

// NewSettler makes a Settler.
func NewSettler(storage SettingsStorage) *Settler { return &Settler{storage} }

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

// Settings finds the settings of a connection, as JSON with all that they leave to the default, and their version; 0 as long as nobody
// has set any. [ErrNotFound] if the platform is not connected.
func (s *Settler) Settings(ctx context.Context, customerID, platform string) (text []byte, version int64, err error) {
	stored, err := s.storage.FindSettings(ctx, customerID, platform)
	if err != nil {
		return nil, 0, err
	}
	settings, err := stored.read()
	if err != nil {
		return nil, 0, err
	}
	text, err = json.Marshal(settings)
	return text, stored.Version, err
}

func (s *StoredSettings) read() (*books.Settings, error) {
	settings, err := ParseSettings(s.Settings)
	if err != nil {
		return nil, fmt.Errorf("stored settings: %w", err)
	}
	return settings, nil
}

// Set replaces the settings of a connection, if they may be replaced in their version; nil: in any. It returns them as they are
// stored, with their new version. The error is a *[books.SettingsError], [ErrPrecondition], [ErrNotFound] if the platform is not
// connected, or [ErrContended].
func (s *Settler) Set(ctx context.Context, customerID, platform string, text []byte, isWanted func(version int64) bool) ([]byte, int64, error) {
	settings, err := ParseSettings(text)
	if err != nil {
		return nil, 0, err
	}
	if settings.Writes != "auto" { // every connection is a sandbox today, and its records are written at once
		return nil, 0, &books.SettingsError{Pointer: "/writes", Wrong: "must be auto: this connection is a sandbox"}
	}
	return s.replace(ctx, customerID, platform, isWanted, func(*StoredSettings) (*books.Settings, error) { return settings, nil })
}

// SetPosting replaces the posting rules of a connection by those of a table, as [Settler.Set] replaces all of its settings.
func (s *Settler) SetPosting(ctx context.Context, customerID, platform string, table []byte, isWanted func(version int64) bool) ([]byte, int64, error) {
	rules, err := posting.Parse(table)
	if err != nil {
		return nil, 0, err
	}
	return s.replace(ctx, customerID, platform, isWanted, func(stored *StoredSettings) (*books.Settings, error) {
		settings, err := stored.read()
		if err != nil {
			return nil, err
		}
		settings.Posting = rules
		return settings, nil
	})
}

// PostingTable is the posting rules of a connection as a table, and the version of its settings. [ErrNotFound] if the platform is not
// connected.
func (s *Settler) PostingTable(ctx context.Context, customerID, platform string) (table []byte, version int64, err error) {
	stored, err := s.storage.FindSettings(ctx, customerID, platform)
	if err != nil {
		return nil, 0, err
	}
	settings, err := stored.read()
	if err != nil {
		return nil, 0, err
	}
	return posting.Format(settings.Posting), stored.Version, nil
}

// replace replaces the settings of a connection by those that are made of the stored ones.
func (s *Settler) replace(
	ctx context.Context, customerID, platform string, isWanted func(version int64) bool, change func(*StoredSettings) (*books.Settings, error),
) ([]byte, int64, error) {
	const attempts = 10
	for range attempts {
		stored, err := s.storage.FindSettings(ctx, customerID, platform)
		if err != nil {
			return nil, 0, err
		}
		if isWanted != nil && !isWanted(stored.Version) {
			return nil, 0, ErrPrecondition
		}
		settings, err := change(&stored)
		if err != nil {
			return nil, 0, err
		}
		text, err := json.Marshal(settings)
		if err != nil {
			return nil, 0, err
		}
		version, err := s.storage.SaveSettings(ctx, customerID, platform, text, stored.Version)
		if !errors.Is(err, ErrChanged) {
			return text, version, err
		}
	}
	return nil, 0, ErrContended
}

// codedTypes are the kinds of records whose lines have cost codes.
var codedTypes = []canonical.EntityType{canonical.Contract, canonical.ChangeOrder, canonical.Invoice}

// Coverage finds which lines of the customer's records the rules of a connection cover. reserve is asked before a document of so many
// bytes is worked on. [ErrNotFound] if the platform is not connected.
func (s *Settler) Coverage(ctx context.Context, customerID, platform string, reserve func(bytes int) error) (books.Coverage, error) {
	var coverage books.Coverage
	stored, err := s.storage.FindSettings(ctx, customerID, platform)
	if err != nil {
		return coverage, err
	}
	settings, err := stored.read()
	if err != nil {
		return coverage, err
	}
	err = s.storage.EachDocument(ctx, customerID, codedTypes, func() func([]byte) error {
		coverage = books.Coverage{}
		return func(text []byte) error {
			if err := reserve(len(text)); err != nil {
				return err
			}
			document, err := jsontext.Parse(text)
			if err != nil {
				return fmt.Errorf("stored document: %w", err)
			}
			for _, line := range document.Get("lines").Members() {
				coverage.Add(settings, line.Value)
			}
			return ctx.Err()
		}
	})
	return coverage, err
}
