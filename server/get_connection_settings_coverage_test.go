package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/gen"
)

// coverage sets posting rules and says what they cover.
func (a *api) coverage(key string, rules []gen.UncoveredCode) gen.SettingsCoverageResponse_Data {
	a.t.Helper()
	a.settings(setSettings(`{"posting":` + postingOf(rules) + `}`).as(key))
	answer := a.do(get(settingsPath + "/coverage").as(key))
	require.Equal(a.t, http.StatusOK, answer.status, "%s", answer.body)
	assertMeetsContract(a.t, "getConnectionSettingsCoverage", answer)
	var response gen.SettingsCoverageResponse
	require.NoError(a.t, json.Unmarshal(answer.body, &response))
	return response.Data
}

// postingOf has a rule for each of the codes.
func postingOf(codes []gen.UncoveredCode) string {
	rules := make([]string, len(codes))
	for i, code := range codes {
		rules[i] = fmt.Sprintf(`{"cost_code":%q,"cost_type":%q,"account":"50%02d"}`, *code.CostCode, *code.CostType, i)
	}
	return "[" + strings.Join(rules, ",") + "]"
}

// A full table covers all that the sandbox has; without one of its rules, that rule's lines are named with their money, and no others.
func TestGetConnectionSettingsCoverage_200_OneRuleRemovedNamesItsLines(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	bare := a.coverage(key, nil)
	require.Zero(t, bare.Covered.Lines)
	require.Greater(t, len(bare.Codes), 20)
	require.Zero(t, bare.More)
	assert.Equal(t, a.moneyByCode(key), byCode(bare.Codes), "every code of the records is named, with its lines and their money")

	full := a.coverage(key, bare.Codes)
	assert.Equal(t, bare.Uncovered, full.Covered)
	assert.Zero(t, full.Uncovered.Lines)
	assert.Empty(t, full.Codes)

	for i, code := range bare.Codes {
		without := a.coverage(key, slices.Delete(slices.Clone(bare.Codes), i, i+1))
		assert.Equal(t, []gen.UncoveredCode{code}, without.Codes)
		assert.Equal(t, gen.CountedLines{Lines: code.Lines, Amounts: code.Amounts}, without.Uncovered)
		assert.Equal(t, bare.Uncovered.Lines-code.Lines, without.Covered.Lines)
	}
}

func byCode(codes []gen.UncoveredCode) map[string]string {
	found := map[string]string{}
	for _, code := range codes {
		found[*code.CostCode+"."+*code.CostType] = fmt.Sprintf("%d %v", code.Lines, code.Amounts)
	}
	return found
}

// moneyByCode reads the records themselves: how many lines each code has, and how much money that is.
func (a *api) moneyByCode(key string) map[string]string {
	a.t.Helper()
	lines, sums := map[string]int{}, map[string]int64{}
	for _, entityType := range []string{"contract", "invoice"} {
		for _, object := range a.objects(key, "procore", entityType) {
			var document struct {
				Lines []struct {
					WBSCode string `json:"wbs_code"`
					Amount  gen.Money
					Gross   *gen.Money `json:"period_gross_amount"`
				}
			}
			require.NoError(a.t, json.Unmarshal(object.Data, &document))
			for _, line := range document.Lines {
				if line.Gross != nil {
					line.Amount = *line.Gross
				}
				require.Equal(a.t, "USD", line.Amount.Currency)
				lines[line.WBSCode]++
				sums[line.WBSCode] += line.Amount.Amount
			}
		}
	}
	found := map[string]string{}
	for code, n := range lines {
		found[code] = fmt.Sprintf("%d %v", n, []gen.Money{{Amount: sums[code], Currency: "USD"}})
	}
	return found
}

// With a full table every line of the sandbox gets an account; without one of its rules, exactly that rule's lines miss theirs.
func TestTransformData_200_NoLineOfTheSandboxLacksAnAccount(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	codes := a.coverage(key, nil).Codes
	const account = `"retention_account":"2350"`
	assert.Zero(t, a.missingAccounts(key, account, postingOf(codes)))
	assert.Equal(t, 7, a.missingAccounts(key, `"tax_on":"net"`, postingOf(codes)), "what is retained, and what is released")
	for i, code := range codes[:3] {
		assert.Equal(t, code.Lines, a.missingAccounts(key, account, postingOf(slices.Delete(slices.Clone(codes), i, i+1))), *code.CostCode)
	}
}

// missingAccounts counts the lines of the sandbox whose requests miss an account.
func (a *api) missingAccounts(key, setting, posting string) (missing int) {
	a.t.Helper()
	for _, entityType := range []string{"contract", "invoice"} {
		for _, object := range a.objects(key, "procore", entityType) {
			response := a.transform(key, fmt.Sprintf(`{"source":"procore","target":"dynamics","entity_type":%q,"data":%s,
				"context":{"commitmentType":"WorkOrderContract","settings":{%s,"posting":%s}}}`, entityType, object.PlatformData, setting, posting))
			for _, request := range response.Metadata.Requests {
				for _, note := range request.Missing {
					if strings.HasSuffix(note.Field, "/lineObjectNumber") {
						missing++
					}
				}
			}
		}
	}
	return missing
}
