package server

import (
	"strconv"
	"strings"
)

const (
	headerETag        = "ETag"
	headerIfMatch     = "If-Match"
	headerIfNoneMatch = "If-None-Match"
)

// entityTag is an object's version as an ETag (RFC 9110, section 8.8.3).
func entityTag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// isKnown evaluates If-None-Match (RFC 9110, section 13.1.2) for what exists and has this ETag: whether the client has it
// already. Weak tags count, since a proxy that compresses makes them so.
func isKnown(ifNoneMatch *string, entityTag string) bool {
	if ifNoneMatch == nil {
		return false
	}
	for tag := range strings.SplitSeq(*ifNoneMatch, ",") {
		tag = strings.Trim(tag, " \t")
		if tag == "*" || strings.TrimPrefix(tag, "W/") == entityTag {
			return true
		}
	}
	return false
}

// matches evaluates If-Match (RFC 9110, section 13.1.1) for an object that exists; a weak tag matches nothing.
func matches(ifMatch *string, version int64) bool {
	if ifMatch == nil || *ifMatch == "*" {
		return true
	}
	for tag := range strings.SplitSeq(*ifMatch, ",") {
		if strings.Trim(tag, " \t") == entityTag(version) {
			return true
		}
	}
	return false
}
