package jsonschema

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/netip"
	"net/url"
	"strings"
)

// A format is a rule about the strings, or about the numbers, that carry it; values of other types pass.
type format struct {
	name   string
	text   func(s []byte) bool
	number func(d decimal) bool
	want   string // what the caller is told
}

// formats are the asserted ones; any other name is an annotation. The checker and the reference use the same functions.
var formats = []format{
	{name: "date-time", text: isDateTime, want: "must be a date-time (RFC 3339), such as 2026-04-11T12:00:00Z"},
	{name: "date", text: isDate, want: "must be a date, such as 2026-04-11"},
	{name: "time", text: isTime, want: "must be a time with offset (RFC 3339), such as 12:00:00Z"},
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
		return f.text == nil || f.text([]byte(v))
	case json.Number:
		return f.number == nil || f.number(newDecimal(string(v)))
	}
	return true
}

func within(low, high string) func(decimal) bool {
	min, max := newDecimal(low), newDecimal(high)
	return func(d decimal) bool { return d.isInteger() && d.compare(min) >= 0 && d.compare(max) <= 0 }
}

// number2 is the value of two digits, -1 if they are none.
func number2(s []byte) int {
	if !isDigit(s[0]) || !isDigit(s[1]) {
		return -1
	}
	return int(s[0]-'0')*10 + int(s[1]-'0')
}

// isDate is RFC 3339 full-date, of days that exist.
func isDate(s []byte) bool {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return false
	}
	century, year, month, day := number2(s), number2(s[2:]), number2(s[5:]), number2(s[8:])
	if century < 0 || year < 0 || month < 1 || month > 12 || day < 1 {
		return false
	}
	days := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
	if y := century*100 + year; month == 2 && y%4 == 0 && (y%100 != 0 || y%400 == 0) {
		days = 29
	}
	return day <= days
}

// isTime is RFC 3339 full-time: the offset is part of it. A leap second is taken where one can be, at 23:59:60 UTC.
func isTime(s []byte) bool {
	if len(s) < 9 || s[2] != ':' || s[5] != ':' {
		return false
	}
	hour, minute, second := number2(s), number2(s[3:]), number2(s[6:])
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60 {
		return false
	}
	s = s[8:]
	if s[0] == '.' {
		n := 1
		for n < len(s) && isDigit(s[n]) {
			n++
		}
		if n == 1 {
			return false
		}
		s = s[n:]
	}
	minutes := hour*60 + minute
	switch {
	case len(s) == 1 && (s[0] == 'Z' || s[0] == 'z'):
	case len(s) == 6 && (s[0] == '+' || s[0] == '-') && s[3] == ':':
		h, m := number2(s[1:]), number2(s[4:])
		if h < 0 || h > 23 || m < 0 || m > 59 {
			return false
		}
		if offset := h*60 + m; s[0] == '+' {
			minutes -= offset
		} else {
			minutes += offset
		}
	default:
		return false
	}
	const day = 24 * 60
	return second < 60 || (minutes+day)%day == day-1
}

func isDateTime(s []byte) bool {
	return len(s) >= 20 && (s[10] == 'T' || s[10] == 't') && isDate(s[:10]) && isTime(s[11:])
}

func isUUID(s []byte) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range s {
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
func isEmail(s []byte) bool {
	local, domain, ok := bytes.Cut(s, []byte("@"))
	if !ok || len(local) > 64 || len(domain) > 253 {
		return false
	}
	for atom := range bytes.SplitSeq(local, []byte(".")) {
		if len(atom) == 0 {
			return false
		}
		for _, c := range atom {
			if !isAlphanumeric(c) && strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) < 0 {
				return false
			}
		}
	}
	for label := range bytes.SplitSeq(domain, []byte(".")) {
		if len(label) == 0 || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, c := range label {
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
func isURI(s []byte) bool {
	for i, c := range s {
		switch {
		case isAlphanumeric(c), strings.IndexByte("-._~:/?#[]@!$&'()*+,;=", c) >= 0:
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
		default:
			return false
		}
	}
	u, err := url.Parse(string(s))
	return err == nil && u.IsAbs()
}

func isHex(c byte) bool { return isDigit(c) || ('a' <= c|0x20 && c|0x20 <= 'f') }

func isIPv4(s []byte) bool {
	a, err := netip.ParseAddr(string(s))
	return err == nil && a.Is4()
}

func isIPv6(s []byte) bool {
	a, err := netip.ParseAddr(string(s))
	return err == nil && a.Is6() && a.Zone() == ""
}

// isBase64 is RFC 4648 section 4: the standard alphabet, padded, nothing else.
func isBase64(s []byte) bool {
	var buf [96]byte
	for len(s) > 128 { // in parts, so that nothing is allocated; only the last part may be padded
		n, err := base64.StdEncoding.Strict().Decode(buf[:], s[:128])
		if err != nil || n != 96 || hasNewline(s[:128]) {
			return false
		}
		s = s[128:]
	}
	_, err := base64.StdEncoding.Strict().Decode(buf[:], s)
	return err == nil && !hasNewline(s)
}

// hasNewline: encoding/base64 passes over line breaks.
func hasNewline(s []byte) bool { return bytes.ContainsAny(s, "\r\n") }
