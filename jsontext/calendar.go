package jsontext

import "time"

// IsDate reports whether a text is a day of the calendar, YYYY-MM-DD (RFC 3339 full-date). The year 0000 is one.
func IsDate(s string) bool {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return false
	}
	century, year, month, day := twoDigits(s), twoDigits(s[2:]), twoDigits(s[5:]), twoDigits(s[8:])
	if century < 0 || year < 0 || month < 1 || month > 12 || day < 1 {
		return false
	}
	days := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
	if y := century*100 + year; month == 2 && y%4 == 0 && (y%100 != 0 || y%400 == 0) {
		days = 29
	}
	return day <= days
}

// IsClock reports whether a text is a time of day without an offset, HH:MM:SS.
func IsClock(s string) bool {
	_, second, ok := clock(s)
	return ok && len(s) == 8 && second < 60
}

// IsTime reports whether a text is a time with an offset (RFC 3339 full-time): "12:00:00.5+03:00". A leap second is one where it
// can be, at 23:59:60 UTC.
func IsTime(s string) bool {
	minutes, second, ok := clock(s)
	if !ok || len(s) < 9 {
		return false
	}
	s = s[8:]
	if s[0] == '.' {
		n := skipDigits(s, 1)
		if n == 1 {
			return false
		}
		s = s[n:]
	}
	switch {
	case len(s) == 1 && (s[0] == 'Z' || s[0] == 'z'):
	case len(s) == 6 && (s[0] == '+' || s[0] == '-') && s[3] == ':':
		h, m := twoDigits(s[1:]), twoDigits(s[4:])
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

// clock reads the HH:MM:SS that a text starts with; a second may be 60.
func clock(s string) (minutes, second int, ok bool) {
	if len(s) < 8 || s[2] != ':' || s[5] != ':' {
		return 0, 0, false
	}
	hour, minute, second := twoDigits(s), twoDigits(s[3:]), twoDigits(s[6:])
	ok = hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 && second <= 60
	return hour*60 + minute, second, ok
}

// IsDateTime reports whether a text is a moment (RFC 3339 date-time): "2026-04-11T12:00:00Z".
func IsDateTime(s string) bool {
	return len(s) >= 20 && s[10]|0x20 == 't' && IsDate(s[:10]) && IsTime(s[11:])
}

// NormalDateTime reads a moment and writes it in UTC, its fraction of a second without trailing zeros and to nine digits. It
// refuses what is no date-time, leap seconds, and what is not in the years 1 to 9999 of UTC.
//
//	"2026-04-11T12:00:00.50+03:00"    "2026-04-11T09:00:00.5Z"
func NormalDateTime(s string) (string, bool) {
	if !IsDateTime(s) || s[10] != 'T' {
		return "", false
	}
	last := len(s) - 1
	if s[last] == 'Z' && IsClock(s[11:19]) && isNormalFraction(s[19:last]) && s[:4] != "0000" {
		return s, true
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return "", false
	}
	t = t.UTC()
	if t.Year() < 1 || t.Year() > 9999 {
		return "", false
	}
	return t.Format(time.RFC3339Nano), true
}

// isNormalFraction reports whether a text, nothing or a fraction of a second, is in its normal form.
func isNormalFraction(s string) bool {
	return s == "" || len(s) <= 10 && s[len(s)-1] != '0'
}

// twoDigits is the value of the two digits that a text starts with, -1 if they are none.
func twoDigits(s string) int {
	if !isDigit(s[0]) || !isDigit(s[1]) {
		return -1
	}
	return int(s[0]-'0')*10 + int(s[1]-'0')
}
