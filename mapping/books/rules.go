package books

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"structural.app/structural/canonical"
)

// Bounds of settings. Lengths are in characters: those that systems of accounts have for the same.
const (
	MaxRules      = 2000
	MaxProjects   = 10_000
	MaxDimensions = 20 // of one rule
	maxNumber     = 20 // an account, a code or a value of a dimension, a task of a project
	maxTaxCode    = 50
	maxCode       = 100 // a cost code or a cost type
	maxID         = 64
)

// SettingsError says what is wrong with settings.
type SettingsError struct {
	Pointer string // RFC 6901, from the root of the settings; of a table, its line and column
	Wrong   string // what is, without a value
}

// Error names the field.
func (e *SettingsError) Error() string { return e.Pointer + ": " + e.Wrong }

// pattern is which lines a rule is for.
type pattern struct {
	code, costType string
	prefix         bool // code is how the line's begins
}

// pattern is that of the rule. A * alone is any code.
func (r *Rule) pattern() pattern {
	code, prefix := strings.CutSuffix(r.CostCode, "*")
	return pattern{code, r.CostType, prefix || code == ""}
}

// Prepare checks settings, fills in what they leave to the default, and makes them ready. The error is a *[SettingsError]: the first that
// is wrong. Two rules for the same lines are an error, which names both.
func (s *Settings) Prepare() error {
	s.TaxOn, s.Writes = cmp.Or(s.TaxOn, TaxOnGross), cmp.Or(s.Writes, "auto")
	if s.Posting == nil {
		s.Posting = []Rule{}
	}
	if err := s.check(); err != nil {
		return err
	}
	s.rules, s.lengths = make(map[pattern]int, len(s.Posting)), nil
	for i := range s.Posting {
		if err := s.Posting[i].check(i); err != nil {
			return err
		}
		p := s.Posting[i].pattern()
		if first, ok := s.rules[p]; ok {
			return &SettingsError{fmt.Sprintf("/posting/%d", i), fmt.Sprintf("is for the same lines as /posting/%d", first)}
		}
		s.rules[p] = i
		if p.prefix {
			s.lengths = append(s.lengths, len(p.code))
		}
	}
	slices.Sort(s.lengths)
	slices.Reverse(s.lengths)
	s.lengths = slices.Compact(s.lengths)
	return nil
}

func (s *Settings) check() error {
	_, known := canonical.Exponent(s.LocalCurrency)
	switch {
	case s.LocalCurrency != "" && !known:
		return &SettingsError{"/local_currency", "must be an ISO 4217 currency"}
	case s.TaxOn != TaxOnGross && s.TaxOn != TaxOnNet:
		return &SettingsError{"/tax_on", "must be gross or net"}
	case !slices.Contains([]string{"off", "approve", "auto"}, s.Writes):
		return &SettingsError{"/writes", "must be off, approve or auto"}
	case len(s.Posting) > MaxRules:
		return &SettingsError{"/posting", fmt.Sprintf("must have at most %d rules", MaxRules)}
	case len(s.Projects) > MaxProjects:
		return &SettingsError{"/projects", fmt.Sprintf("must have at most %d ids", MaxProjects)}
	}
	for i, id := range s.Projects {
		if err := checkText(fmt.Sprintf("/projects/%d", i), id, 1, maxID); err != nil {
			return err
		}
	}
	return cmp.Or(checkText("/retention_account", s.RetentionAccount, 0, maxNumber), checkText("/payment_journal", s.PaymentJournal, 0, maxID))
}

func (r *Rule) check(i int) error {
	at := fmt.Sprintf("/posting/%d", i)
	if strings.Contains(strings.TrimSuffix(r.CostCode, "*"), "*") {
		return &SettingsError{at + "/cost_code", "may have a * at its end alone"}
	}
	if strings.Contains(r.CostType, "*") {
		return &SettingsError{at + "/cost_type", "may not have a *"}
	}
	if len(r.Dimensions) > MaxDimensions {
		return &SettingsError{at + "/dimensions", fmt.Sprintf("must have at most %d", MaxDimensions)}
	}
	for code, value := range r.Dimensions {
		if err := cmp.Or(checkText(at+"/dimensions", code, 1, maxNumber), checkText(at+"/dimensions", value, 1, maxNumber)); err != nil {
			return err
		}
	}
	return cmp.Or(
		checkText(at+"/cost_code", r.CostCode, 0, maxCode), checkText(at+"/cost_type", r.CostType, 0, maxCode),
		checkText(at+"/account", r.Account, 1, maxNumber), checkText(at+"/tax_code", r.TaxCode, 0, maxTaxCode),
		checkText(at+"/project_task", r.ProjectTask, 0, maxNumber),
	)
}

func checkText(pointer, text string, shortest, longest int) error {
	if n := len([]rune(text)); n < shortest || n > longest {
		return &SettingsError{pointer, fmt.Sprintf("must have %d to %d characters", shortest, longest)}
	}
	if strings.ContainsFunc(text, unicode.IsControl) {
		return &SettingsError{pointer, "must have no control characters"}
	}
	return nil
}

// Rule finds the rule for lines of a code and a type, either of which may be empty. The narrowest counts: a code with a type before a
// code, a code before a type alone, a type before the rule without either; a whole code before one that ends with *, a longer one of
// these before a shorter. It reports whether there is one. Nil has none.
//
//	03-310 S of {03-310}, {03-* S}, {03-*}, {S}: 03-* S
func (s *Settings) Rule(costCode, costType string) (Rule, bool) {
	if s == nil {
		return Rule{}, false
	}
	types := []string{costType, ""}
	if costType == "" {
		types = types[1:]
	}
	if costCode != "" {
		for _, t := range types {
			if i, ok := s.ruleOf(costCode, t); ok {
				return s.Posting[i], true
			}
		}
	}
	for _, t := range types {
		if i, ok := s.rules[pattern{"", t, true}]; ok {
			return s.Posting[i], true
		}
	}
	return Rule{}, false
}

// ruleOf finds the rule that names a code, or how it begins, together with a type.
func (s *Settings) ruleOf(costCode, costType string) (int, bool) {
	if i, ok := s.rules[pattern{costCode, costType, false}]; ok {
		return i, true
	}
	for _, n := range s.lengths {
		if n == 0 || n > len(costCode) {
			continue
		}
		if i, ok := s.rules[pattern{costCode[:n], costType, true}]; ok {
			return i, true
		}
	}
	return 0, false
}

// Codes are the cost code and the cost type of a line. Its code in the work breakdown structure, in which the type stands behind the last
// dot, counts before what the line calls its type: that is a label, which the lines of other records do not have. A line that names
// another cost code than that has its own.
//
//	01-011.CT1: 01-011, CT1
//	01-011, Subcontract, 01-011.S: 01-011, S
func Codes(costCode, costType, wbsCode string) (string, string) {
	code, kind := wbsCode, ""
	if dot := strings.LastIndexByte(wbsCode, '.'); dot >= 0 {
		code, kind = wbsCode[:dot], wbsCode[dot+1:]
	}
	if costCode == "" || costCode == code {
		return code, cmp.Or(kind, costType)
	}
	return costCode, costType
}
