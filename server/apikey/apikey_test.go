package apikey_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"

	"structural.app/structural/server/apikey"
)

func TestNewKeysAreWellFormedAndDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, mode := range []string{"demo", "test", "live"} {
		for range 1000 {
			key := apikey.New(mode)
			assert.Regexp(t, regexp.MustCompile(`^sk_`+mode+`_[0-9A-Za-z]{36}$`), key)
			assert.True(t, apikey.WellFormed(key))
			assert.False(t, seen[key])
			seen[key] = true
		}
	}
}

// CRC-32 finds every change of a single character: an error burst of at most 8 bits.
func TestAnyMistypedCharacterIsRefused(t *testing.T) {
	key := apikey.New("demo")
	for i := range key {
		for _, c := range []byte("0Az_") {
			if key[i] == c {
				continue
			}
			mistyped := key[:i] + string(c) + key[i+1:]
			assert.False(t, apikey.WellFormed(mistyped), mistyped)
		}
	}
}

func TestWhatIsNoKeyIsRefused(t *testing.T) {
	key := apikey.New("demo")
	for _, s := range []string{
		"", "sk_demo_", "sk_demo_invalid_key", "sk_demo_a1b2c3d4e5f6g7h8",
		key[:len(key)-1], key + "0", " " + key, key + "\n", "SK_DEMO_" + key[8:], "sk_prod_" + key[8:],
		"sk_live_" + key[8:], // the checksum covers the prefix
	} {
		assert.False(t, apikey.WellFormed(s), "%q", s)
	}
}

// Keys in use and secret scanners rely on the format, so it must never change unnoticed. The checksum in base 10 is that of
// printf 'sk_test_000000000000000000000000000000' | gzip -c | tail -c8 | od -An -N4 -tu4
func TestChecksumIsStable(t *testing.T) {
	assert.True(t, apikey.WellFormed("sk_test_000000000000000000000000000000"+"2OMZgq"))
}

func TestMask(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "",
		"/data/notes: unknown field":      "/data/notes: unknown field",
		"query.sk_live_0aZ: unknown":      "query.sk_live_…: unknown",
		"/a~1sk_test_ab-c_d~1b, sk_demo_": "/a~1sk_test_…~1b, sk_demo_",
		"sk_demo_x; sk_demo_y; sk_prod_z": "sk_demo_…; sk_demo_…; sk_prod_z",
	} {
		assert.Equal(t, want, apikey.Mask(text))
	}
	assert.NotContains(t, apikey.Mask("x"+apikey.New("live")+"y"), "y")
}
