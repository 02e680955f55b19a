package jsontext_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"structural.app/structural/jsontext"
)

// Whatever is asked of a decimal, big.Rat says the same.
func TestDecimalAgreesWithFractions(t *testing.T) {
	number := rapid.StringMatching(`-?(0|[1-9][0-9]{0,20})(\.[0-9]{0,12}[0-9])?(e[+-]?0{0,2}[0-9])?`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := number.Draw(t, "a"), number.Draw(t, "b")
		if rapid.IntRange(0, 3).Draw(t, "near") == 0 {
			b = a + "0"
		}
		if !jsontext.IsDecimal(b) {
			t.Skip()
		}
		d, ok := jsontext.ParseDecimal(a)
		e, alsoOK := jsontext.ParseDecimal(b)
		if !ok || !alsoOK {
			t.Skip("too large")
		}
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		require.Zero(t, x.Cmp(d.Rat()), a)
		require.Equal(t, x.Cmp(y), d.Compare(e), "%s %s", a, b)
		require.Equal(t, x.Sign(), d.Sign())
		require.Equal(t, x.IsInt(), d.IsInteger())
		if y.Sign() > 0 {
			require.Equal(t, new(big.Rat).Quo(x, y).IsInt(), d.IsMultipleOf(e), "%s %s", a, b)
		}
		written, ok := new(big.Rat).SetString(d.String())
		require.True(t, ok)
		require.Zero(t, x.Cmp(written), "%s is %s", a, d)
		hundredfold := new(big.Rat).Mul(x, big.NewRat(100, 1))
		n, ok := d.Scaled(2)
		fits := hundredfold.IsInt() && hundredfold.Num().IsInt64()
		require.Equal(t, fits, ok, a)
		if ok {
			require.Zero(t, hundredfold.Cmp(new(big.Rat).SetInt64(n)), a)
		}
	})
}

func TestDecimalAllocatesNothing(t *testing.T) {
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		d, ok := jsontext.ParseDecimal("-12345678901234567890.10e-3")
		e, _ := jsontext.ParseDecimal("0.05")
		if _, fits := d.Scaled(2); !ok || fits || d.Compare(e) != -1 || d.IsInteger() || d.IsMultipleOf(e) {
			t.Fatal("wrong")
		}
	}))
}
