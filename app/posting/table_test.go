package posting_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"structural.app/structural/app/posting"
	"structural.app/structural/mapping/books"
)

func TestFormat_IsReadAsItWasWritten(t *testing.T) {
	rules := []books.Rule{
		{CostCode: "03-*", CostType: "S", Account: "5010", TaxCode: "VAT5", ProjectTask: "1000", Dimensions: map[string]string{"DEPARTMENT": "SITE", "AREA": "NORTH"}},
		{Account: "5900"},
		{CostCode: "=1+1", CostType: "-S", Account: "@1", TaxCode: "+1", ProjectTask: "'=2", Dimensions: map[string]string{"=a": ";", `\`: "=", "x;y=": `\;`}},
		{CostCode: `"a", b`, Account: " ü'", TaxCode: "''-"},
	}
	table := posting.Format(rules)
	require.Equal(t, "cost_code,cost_type,account,tax_code,project_task,dimensions\r\n"+
		"03-*,S,5010,VAT5,1000,AREA=NORTH;DEPARTMENT=SITE\r\n"+
		",,5900,,,\r\n"+
		`'=1+1,'-S,'@1,'+1,''=2,\=a=\;;\\=\=;x\;y\==\\\;`+"\r\n"+
		`"""a"", b",," ü'",'''-,,`+"\r\n", string(table))
	read, err := posting.Parse(table)
	require.NoError(t, err)
	require.Equal(t, rules, read)
}

func TestParse_ReadsWhatSpreadsheetsSave(t *testing.T) {
	want := []books.Rule{{CostCode: "03-*", Account: "5010"}, {CostType: "a,b", Account: "-5"}}
	for name, table := range map[string]string{
		"other order, columns left out": "account,cost_code,cost_type\n5010,03-*,\n-5,,\"a,b\"",
		"byte order mark, CRLF":         "\ufeffcost_code,cost_type,account\r\n03-*,,5010\r\n,\"a,b\",'-5\r\n",
		"empty rows, quoted header":     "\ufeff\"Account\", COST_TYPE,cost_code\r\n\r\n5010,,03-*\r\n,,\r\n-5,\"a,b\",\r\n,,\r\n",
	} {
		read, err := posting.Parse([]byte(table))
		require.NoError(t, err, name)
		require.Equal(t, want, read, name)
	}
	none, err := posting.Parse([]byte("account\n"))
	require.NoError(t, err)
	require.Equal(t, []books.Rule{}, none)
}

func TestParse_NamesTheLineAndTheColumn(t *testing.T) {
	for table, want := range map[string]string{
		"\n":                            "line 1: must be a header row",
		"cost_code\n03\n":               "line 1: must name the column account",
		"account,acount\n":              "line 1, column 2: must be one of cost_code, cost_type, account, tax_code, project_task, dimensions",
		"account,Account\n":             "line 1, column account: is there twice",
		"account,cost_code\n1,2\n\n3\n": "line 4: must have as many cells as the header row: 2",
		"account,cost_code\n1,2,3\n":    "line 2: must have as many cells as the header row: 2",
		"cost_code,account\n\n03,\n":    "line 3, column account: must have 1 to 20 characters",
		"account,tax_code\n1,\"a\nb\"\n3," + strings.Repeat("x", 51) + "\n": "line 2, column tax_code: must have no control characters",
		"account,tax_code\n1,b\n3," + strings.Repeat("x", 51) + "\n":        "line 3, column tax_code: must have 0 to 50 characters",
		"account,cost_code\n1,a*b\n":                                        "line 2, column cost_code: may have a * at its end alone",
		"account,dimensions\n1,A=1\n2,AREA\n":                               "line 3, column dimensions: must be like DEPARTMENT=SITE;AREA=NORTH",
		"account,dimensions\n1,A=1;A=2\n":                                   "line 2, column dimensions: must have each code once",
		"account,dimensions\n1,A=\n":                                        "line 2, column dimensions: must have 1 to 20 characters",
		"account,cost_code\n1,03\n\n,\n2,04\n3,03\n":                        "line 6: is for the same lines as line 2",
		"account\n\"1\n":  `line 2: is not CSV: extraneous or missing " in quoted-field`,
		"account\n1\"2\n": `line 2: is not CSV: bare " in non-quoted-field`,
	} {
		_, err := posting.Parse([]byte(table))
		require.EqualError(t, err, want, "%q", table)
	}
	var table strings.Builder
	table.WriteString("cost_code,account\n")
	for i := range books.MaxRules {
		fmt.Fprintf(&table, "%d,5010\n", i)
	}
	rules, err := posting.Parse([]byte(table.String()))
	require.NoError(t, err)
	require.Len(t, rules, books.MaxRules)
	table.WriteString("x,5010\n")
	_, err = posting.Parse([]byte(table.String()))
	require.EqualError(t, err, "line 2002: is one rule more than 2000")
}

// Whatever is read is written so that it is read again.
func FuzzParse(f *testing.F) {
	for _, table := range []string{"account,dimensions\r\n'=5,A=1;\\=B=\\;\r\n", "\ufeffcost_code,account\n\"''-\",1\n", "account\n\\"} {
		f.Add(table)
	}
	f.Fuzz(func(t *testing.T, table string) {
		rules, err := posting.Parse([]byte(table))
		if err != nil {
			return
		}
		again, err := posting.Parse(posting.Format(rules))
		require.NoError(t, err)
		require.Equal(t, rules, again)
	})
}
