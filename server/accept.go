package server

import (
	"mime"
	"strconv"
	"strings"
)

// prefersCSV evaluates Accept (RFC 9110, section 12.5.1) for an answer that is JSON or CSV: whether it names text/csv, and nothing that
// is JSON before it. Without that the answer is JSON, whatever is accepted.
func prefersCSV(accept []string) bool {
	var csv, json float64
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		mediaType, parameters, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		quality, err := strconv.ParseFloat(parameters["q"], 64)
		if err != nil {
			quality = 1
		}
		switch mediaType {
		case "text/csv":
			csv = quality
		case "application/json":
			json = quality
		}
	}
	return csv > json
}
