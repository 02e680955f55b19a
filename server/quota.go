package server

import (
	"errors"
	"fmt"

	"structural.app/structural/app"
)

// quotaError is the answer to a customer that would store more than it may.
func quotaError(err error) error {
	quota, ok := errors.AsType[*app.QuotaError](err)
	if !ok {
		return err
	}
	message := fmt.Sprintf("This would be more than the %d MB that this customer may store; nothing was written", quota.Bytes>>20)
	if quota.Mode == app.ModeDemo {
		message += ". Delete the session and open another"
	}
	return &Error{Kind: KindQuotaExceeded, Message: message, Cause: err}
}
