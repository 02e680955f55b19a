package server

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"strings"

	"structural.app/structural/app"
	"structural.app/structural/app/plan"
	"structural.app/structural/gen"
)

const headerIdempotencyKey = "Idempotency-Key"

// readIdempotencyKey reads what a request's Idempotency-Key asks for (draft-ietf-httpapi-idempotency-key-header), and makes the
// request's fingerprint: of its body, and of how it wants to be handled. The draft's key is a quoted string; a bare one is the same key. Empty: there is none.
func readIdempotencyKey(header *string, body any, handling plan.Handling) (key string, fingerprint [32]byte, err error) {
	key = value(header)
	if n := len(key); n > 2 && strings.HasPrefix(key, `"`) && strings.HasSuffix(key, `"`) {
		key = key[1 : n-1]
	}
	text, err := json.Marshal(body)
	if handling != plan.Usual {
		text = append(text, " handling="+handling...)
	}
	return key, sha256.Sum256(text), err
}

// replay gives an answer again: as an error if it was one.
func (s *Server) replay(ctx context.Context, change *app.ChangeRequest, a *app.Answer) (gen.PropagateChangeResponseObject, error) {
	s.metrics.ChangeReplayed()
	if a.Fingerprint != change.Fingerprint {
		return nil, &Error{Kind: KindIdempotency}
	}
	exchangeOf(ctx).replayed = true
	if a.Status != http.StatusOK {
		return nil, &Error{Kind: kindOfStatus(a.Status), Message: string(a.Body)}
	}
	return propagateResponse{version: a.Version, body: a.Body}, nil
}

// keeps reports whether an error is kept as the answer to an idempotency key: not if the same request may succeed later.
func keeps(e *Error) bool {
	switch e.Kind {
	case KindValidation, KindNotFound, KindPreconditionFailed, KindTransform:
		return true
	}
	return false
}
