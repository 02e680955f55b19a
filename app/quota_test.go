package app

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestQuotas_BytesOf(t *testing.T) {
	quotas := Quotas{Demo: 1, Customer: 2}
	assert.Equal(t, []int64{1, 2, 2}, []int64{quotas.BytesOf(ModeDemo), quotas.BytesOf(ModeTest), quotas.BytesOf(ModeLive)})
}

func TestQuotas_ExplainSaysWhatTheQuotaIs(t *testing.T) {
	quotas := Quotas{Demo: 1 << 20}
	err := quotas.explain(fmt.Errorf("save: %w", ErrQuota), ModeDemo)
	assert.Equal(t, &QuotaError{Mode: ModeDemo, Bytes: 1 << 20}, err)
	assert.ErrorIs(t, err, ErrQuota)
	assert.EqualError(t, err, "quota exceeded: a demo customer may store 1048576 bytes")

	other := errors.New("other")
	assert.Equal(t, other, quotas.explain(other, ModeDemo))
	assert.NoError(t, quotas.explain(nil, ModeDemo))
}
