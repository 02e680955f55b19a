package server

import (
	"mime"
	"strconv"
	"strings"
)

// The media types of tables, which some answers may be in place of JSON.
const (
	mediaTypeCSV  = "text/csv"
	mediaTypeXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// prefersCSV says whether an answer that is JSON or CSV is to be CSV.
func prefersCSV(accept []string) bool { return preferredTable(accept, mediaTypeCSV) != "" }

// preferredTable evaluates Accept (RFC 9110, section 12.5.1) for an answer that is JSON or one of some tables: the table that it names with
// the highest quality, if it names nothing that is JSON before it. Without that the answer is JSON, whatever is accepted: empty.
func preferredTable(accept []string, tables ...string) (preferred string) {
	qualities := map[string]float64{}
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		mediaType, parameters, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		quality, err := strconv.ParseFloat(parameters["q"], 64)
		if err != nil {
			quality = 1
		}
		qualities[mediaType] = quality
	}
	best := qualities["application/json"]
	for _, table := range tables {
		if qualities[table] > best {
			preferred, best = table, qualities[table]
		}
	}
	return preferred
}
