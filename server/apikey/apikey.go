// Package apikey makes and reads API keys.
//
// A key is its mode's prefix, 30 random base62 characters, and 6 base62 characters of the CRC-32 (IEEE) of all that precedes:
//
//	sk_demo_ 0aZ…30 characters… 00F3xQ
//
// The checksum refuses a mistyped key without a look at the database, and lets a secret scanner recognise a key. Only the
// SHA-256 of a key is ever stored: 30 base62 characters are 178 bits, out of reach of guessing, so no slow hash is needed.
package apikey

import (
	"crypto/rand"
	"crypto/sha256"
	"hash/crc32"
	"regexp"
	"strings"
)

const (
	alphabet       = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	randomLength   = 30
	checksumLength = 6
)

// New returns a new key of a mode: "demo", "test" or "live".
func New(mode string) string {
	key := make([]byte, 0, len("sk_demo_")+randomLength+checksumLength)
	key = append(key, prefix(mode)...)
	return string(appendChecksum(appendRandom(key)))
}

// WellFormed says whether s has the form of a key of any mode, its checksum included. It does not say that the key exists.
func WellFormed(s string) bool {
	for _, mode := range []string{"demo", "test", "live"} {
		rest, found := strings.CutPrefix(s, prefix(mode))
		if !found || len(rest) != randomLength+checksumLength {
			continue
		}
		body := s[:len(s)-checksumLength]
		return string(appendChecksum([]byte(body))) == s
	}
	return false
}

// Hash returns the SHA-256 by which a key is stored and found.
func Hash(key string) [sha256.Size]byte {
	return sha256.Sum256([]byte(key))
}

// looksLikeKey finds keys, and what was to be one, in a text.
var looksLikeKey = regexp.MustCompile(`(sk_(?:demo|test|live)_)[0-9A-Za-z_-]+`)

// Mask replaces what looks like a key in a text for people by its prefix and an ellipsis: sk_live_….
func Mask(text string) string {
	if !strings.Contains(text, "sk_") {
		return text
	}
	return looksLikeKey.ReplaceAllString(text, "$1…")
}

func prefix(mode string) string { return "sk_" + mode + "_" }

// appendRandom draws each of the 62 characters with the same chance: a byte past the last whole multiple of 62 is passed
// over.
func appendRandom(key []byte) []byte {
	var random [2 * randomLength]byte
	for length := len(key) + randomLength; ; {
		rand.Read(random[:]) // never fails (Go 1.24)
		for _, b := range random {
			if len(key) == length {
				return key
			}
			if b < 256/62*62 {
				key = append(key, alphabet[b%62])
			}
		}
	}
}

func appendChecksum(key []byte) []byte {
	sum := crc32.ChecksumIEEE(key)
	var digits [checksumLength]byte
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = alphabet[sum%62]
		sum /= 62
	}
	return append(key, digits[:]...)
}
