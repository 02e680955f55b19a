package server

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"strings"

	"structural.app/structural/store"
)

const headerIdempotencyKey = "Idempotency-Key"

// idempotency is what a request's Idempotency-Key asks for (draft-ietf-httpapi-idempotency-key-header).
type idempotency struct {
	key         string // empty: nothing
	fingerprint [32]byte
}

// newIdempotency reads the header. The draft's key is a quoted string; a bare one is the same key.
func newIdempotency(header *string, body any) (idempotency, error) {
	key := value(header)
	if n := len(key); n > 2 && strings.HasPrefix(key, `"`) && strings.HasSuffix(key, `"`) {
		key = key[1 : n-1]
	}
	text, err := json.Marshal(body)
	return idempotency{key: key, fingerprint: sha256.Sum256(text)}, err
}

// answer is what the store is to keep.
func (i idempotency) answer(status int, version int64, body []byte) store.Answer {
	return store.Answer{Key: i.key, Fingerprint: i.fingerprint, Status: status, Version: version, Body: body}
}

// replay gives an answer again: as an error if it was one.
func (i idempotency) replay(ctx context.Context, a *store.Answer) (propagateResponse, error) {
	if a.Fingerprint != i.fingerprint {
		return propagateResponse{}, &Error{Kind: KindIdempotency}
	}
	exchangeOf(ctx).replayed = true
	if a.Status != http.StatusOK {
		return propagateResponse{}, &Error{Kind: kindOfStatus(a.Status), Message: string(a.Body)}
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
