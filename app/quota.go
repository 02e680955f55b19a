package app

import (
	"errors"
	"fmt"
)

// Quotas is what customers may store, in bytes, and how many demo customers there may be. 0 is without a limit.
type Quotas struct {
	Demo       int64 // bytes of a demo customer
	Customer   int64 // bytes of a test or live customer
	Sessions   int   // demo customers in all
	PerNetwork int   // demo customers of one network: an IPv4 /24, an IPv6 /48
}

// BytesOf is how many bytes a customer of a mode may store; 0: without a limit.
func (q Quotas) BytesOf(mode Mode) int64 {
	if mode == ModeDemo {
		return q.Demo
	}
	return q.Customer
}

// QuotaError says that a customer would store more than it may, and that nothing was written. It is [ErrQuota].
type QuotaError struct {
	Mode  Mode  // of the customer
	Bytes int64 // that it may store
}

// Error says how much the customer may store.
func (e *QuotaError) Error() string {
	return fmt.Sprintf("%v: a %s customer may store %d bytes", ErrQuota, e.Mode, e.Bytes)
}

// Unwrap returns [ErrQuota].
func (e *QuotaError) Unwrap() error { return ErrQuota }

// explain says of a storage's [ErrQuota] what the quota is. Other errors stay as they are.
func (q Quotas) explain(err error, mode Mode) error {
	if errors.Is(err, ErrQuota) {
		return &QuotaError{Mode: mode, Bytes: q.BytesOf(mode)}
	}
	return err
}
