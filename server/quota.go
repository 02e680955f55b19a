package server

import (
	"errors"
	"fmt"

	"structural.app/structural/app"
	"structural.app/structural/jsontext"
	"structural.app/structural/store"
)

// maxTextBytes is how long a text is that a change sets.
const maxTextBytes = 64 << 10

// Quotas is what customers may store, in bytes, and how many demo customers there may be. 0 is without a limit.
type Quotas struct {
	Demo       int64 // of a demo customer
	Customer   int64 // of a test or live customer
	Sessions   int   // demo customers in all
	PerNetwork int   // demo customers of one network: an IPv4 /24, an IPv6 /48
}

// quotaOf returns how many bytes a caller's customer may store; 0 is without a limit.
func (s *Server) quotaOf(caller store.Key) int64 {
	if caller.Mode == store.ModeDemo {
		return s.quotas.Demo
	}
	return s.quotas.Customer
}

// quotaError is the answer to a customer that would store more than it may.
func (s *Server) quotaError(caller store.Key, err error) error {
	if !errors.Is(err, app.ErrQuota) {
		return err
	}
	message := fmt.Sprintf("This would be more than the %d MB that this customer may store; nothing was written", s.quotaOf(caller)>>20)
	if caller.Mode == store.ModeDemo {
		message += ". Delete the session and open another"
	}
	return &Error{Kind: KindQuotaExceeded, Message: message, Cause: err}
}

// checkTexts refuses a change that sets a text of more than 64 KB.
func checkTexts(patch jsontext.Value) error {
	pointer, found := jsontext.FindText(patch, func(text string) bool { return len(text) > maxTextBytes })
	if !found {
		return nil
	}
	return &Error{Kind: KindQuotaExceeded, Message: fmt.Sprintf("/data%s: a text of more than %d KB cannot be stored", pointer, maxTextBytes>>10)}
}
