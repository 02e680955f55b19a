package structural

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"structural.app/structural/sdk/go/internal/operations"
)

// PropagateOption is a setting of one PropagateChange.
type PropagateOption func(*operations.PropagateChangeParams)

// IfMatch has the change refused with 412 if the object is not of this version any more.
func IfMatch(version Version) PropagateOption {
	return func(params *operations.PropagateChangeParams) {
		tag := entityTag(version)
		params.IfMatch = &tag
	}
}

// IdempotencyKey sets the key by which the server knows a repeated request, for a change that must be made once even if this
// program is started again in between. Without this option each PropagateChange has a new key, which its retries share.
func IdempotencyKey(key string) PropagateOption {
	return func(params *operations.PropagateChangeParams) { params.IdempotencyKey = &key }
}

// PropagateResult is what a change came to.
type PropagateResult struct {
	Propagation
	// Version is that of the object after the change; of a dry run, the present one.
	Version Version
	// Replayed says that the change was made before, by another request with the same idempotency key.
	Replayed bool
}

// PropagateChange changes an object and its record on every platform. At most 300 a minute for each customer.
func (c *Client) PropagateChange(ctx context.Context, request PropagateRequest, options ...PropagateOption) (*PropagateResult, error) {
	var params operations.PropagateChangeParams
	IdempotencyKey(uuid.NewString())(&params)
	for _, option := range options {
		option(&params)
	}
	body, header, err := decode[PropagateResponse](c.repeated.PropagateChange(ctx, &params, request))
	if err != nil {
		return nil, err
	}
	return &PropagateResult{Propagation: body.Data, Version: versionOf(header), Replayed: header.Get("Idempotent-Replayed") != ""}, nil
}

// entityTag is a version as the server writes it.
func entityTag(version Version) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// versionOf is the version that an answer names. A proxy that compresses makes the tag a weak one.
func versionOf(header http.Header) Version {
	version, _ := strconv.ParseInt(strings.Trim(header.Get("ETag"), `W/"`), 10, 64)
	return version
}
