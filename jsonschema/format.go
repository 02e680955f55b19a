package jsonschema

import (
	"encoding/base64"
	"encoding/json"
	"net/netip"
	"net/url"
	"strings"

	"structural.app/structural/jsontext"
)

// A format is a rule about the strings, or about the numbers, that carry it; values of other types pass.
type format struct {
	name   string
	text   func(s string) bool
	number func(d jsontext.Decimal) bool
	want   string // what the caller is told
}

// formats are the asserted ones; any other name is an annotation. The checker and the reference use the same functions.
var formats = []format{
	{name: "date-time", text: jsontext.IsDateTime, want: "must be a date-time (RFC 3339), such as 2026-04-11T12:00:00Z"},
	{name: "date", text: jsontext.IsDate, want: "must be a date, such as 2026-04-11"},
	{name: "time", text: jsontext.IsTime, want: "must be a time with offset (RFC 3339), such as 12:00:00Z"},
	{name: "uuid", text: isUUID, want: "must be a UUID"},
	{name: "email", text: isEmail, want: "must be an email address"},
	{name: "uri", text: isURI, want: "must be an absolute URI"},
	{name: "ipv4", text: isIPv4, want: "must be an IPv4 address"},
	{name: "ipv6", text: isIPv6, want: "must be an IPv6 address"},
	{name: "byte", text: isBase64, want: "must be base64"},
	{name: "int32", number: within("-2147483648", "2147483647"), want: "must be a 32-bit integer"},
	{name: "int64", number: within("-9223372036854775808", "9223372036854775807"), want: "must be a 64-bit integer"},
}

func formatNamed(name string) *format {
	for i := range formats {
		if formats[i].name == name {
			return &formats[i]
		}
	}
	return nil
}

// accepts is the rule for a decoded value.
func (f *format) accepts(v any) bool {
	switch v := v.(type) {
	case string:
		return f.text == nil || f.text(v)
	case json.Number:
		return f.number == nil || f.number(jsontext.DecimalOf(string(v)))
	}
	return true
}

func within(low, high string) func(jsontext.Decimal) bool {
	min, max := jsontext.DecimalOf(low), jsontext.DecimalOf(high)
	return func(d jsontext.Decimal) bool { return d.IsInteger() && d.Compare(min) >= 0 && d.Compare(max) <= 0 }
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range []byte(s) {
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if !isDigit(c) && !(('a' <= c && c <= 'f') || ('A' <= c && c <= 'F')) {
				return false
			}
		}
	}
	return true
}

// isEmail takes the addresses that people have: a dot-atom, "@", a host name. Quoted local parts and address literals,
// which RFC 5321 also knows, are refused.
func isEmail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || len(local) > 64 || len(domain) > 253 {
		return false
	}
	for atom := range strings.SplitSeq(local, ".") {
		if len(atom) == 0 {
			return false
		}
		for _, c := range []byte(atom) {
			if !isAlphanumeric(c) && strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) < 0 {
				return false
			}
		}
	}
	for label := range strings.SplitSeq(domain, ".") {
		if len(label) == 0 || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, c := range []byte(label) {
			if !isAlphanumeric(c) && c != '-' {
				return false
			}
		}
	}
	return true
}

func isAlphanumeric(c byte) bool {
	return isDigit(c) || ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z')
}

// isURI wants a scheme, and only characters that RFC 3986 has: net/url alone would take spaces and more.
func isURI(s string) bool {
	for i, c := range []byte(s) {
		switch {
		case isAlphanumeric(c), strings.IndexByte("-._~:/?#[]@!$&'()*+,;=", c) >= 0:
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
		default:
			return false
		}
	}
	u, err := url.Parse(s)
	return err == nil && u.IsAbs()
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || ('a' <= c|0x20 && c|0x20 <= 'f') }

func isIPv4(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is4()
}

func isIPv6(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is6() && a.Zone() == ""
}

// isBase64 is RFC 4648 section 4: the standard alphabet, padded, nothing else.
func isBase64(s string) bool {
	if strings.ContainsAny(s, "\r\n") { // which encoding/base64 passes over
		return false
	}
	const part = 128 // in parts, so that nothing is allocated; only the last one may be padded
	var in [part]byte
	var out [part / 4 * 3]byte
	for len(s) > part {
		copy(in[:], s)
		if n, err := base64.StdEncoding.Strict().Decode(out[:], in[:]); err != nil || n != len(out) {
			return false
		}
		s = s[part:]
	}
	_, err := base64.StdEncoding.Strict().Decode(out[:], in[:copy(in[:], s)])
	return err == nil
}
