package suggest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFoldAndSplit(t *testing.T) {
	for text, want := range map[string][]string{
		"Müller & Weiß":        {"muller", "weiss"},
		"O'Donnell":            {"odonnell"},
		"Hallmark W.L.L.":      {"hallmark", "wll"},
		"S.A.R.L. Dupré":       {"sarl", "dupre"},
		"Nørgaard A/S":         {"norgaard", "as"},
		"J. Smith":             {"j", "smith"},
		"A. B. Steel":          {"a", "b", "steel"},
		"شركة الأَمانـة ذ.م.م": {"شركه", "الامانه", "ذمم"},
		"٤٤٥٥ ۱۲":              {"4455", "12"},
		"":                     nil,
		" - ":                  nil,
		"धन्यवाद":              {"धन्यवाद"},
	} {
		assert.Equal(t, want, split(fold(text)), text)
	}
}

func TestSounds(t *testing.T) {
	for _, same := range [][]string{{"mohammed", "muhamad", "mohamad", "محمد"}, {"qassim", "kasim", "kassem"}, {"doha", "دوحه"}} {
		for _, word := range same {
			assert.Equal(t, sounds(same[0]), sounds(word), word)
		}
	}
	assert.NotEqual(t, sounds("brennan"), sounds("brandt"))
}

func TestNewName_WithoutLegalForm(t *testing.T) {
	for text, want := range map[string]string{
		"Hallmark Co. W.L.L.":     "hallmark",
		"The Hallmark Company":    "hallmark",
		"Dupré & Cie S.A.":        "dupre",
		"شركة النخبة ذ.م.م":       "نخبه",
		"Company Ltd":             "company",
		"LLC":                     "llc",
		"Kartek Phase III":        "kartek phase 3",
		"Schmidt GmbH & Co. KG":   "schmidt",
		"N/A":                     "",
		"Al Mannai Trading Q.S.C": "mannai trading",
	} {
		assert.Equal(t, want, newName(text, true).text, text)
	}
}

func TestCompareNumbers(t *testing.T) {
	for _, test := range []struct {
		a, b     string
		low, top float64
	}{
		{"0061", "61", 1, 1},
		{"INV-0061", "inv 61", 1, 1},
		{"INV-2025-0061", "INV20250061", 1, 1},
		{"INV-2025-0061", "INV250061", 0.9, 1},
		{"INV-0061", "61", 0.9, 0.9},
		{"INV-2025-0061", "61", 0.8, 0.8},
		{"No. 4281", "4281", 1, 1},
		{"4281", "4281-R", 0, 0.2},
		{"4281", "4281/A", 0, 0.2},
		{"4281", "4821", 0.45, 0.45},
		{"0061", "0062", 0, 0},
		{"INV-1", "PAY-1", 0.3, 0.3},
		{"2025-1", "2025-2", 0, 0},
		{"1-2", "12", 0.9, 1}, // separators count for keys; here they are a hint
	} {
		for _, pair := range [][2]string{{test.a, test.b}, {test.b, test.a}} {
			value, _ := compareNumbers(newNumber(pair[0]), newNumber(pair[1]))
			assert.True(t, value >= test.low && value <= test.top, "%v: %v", pair, value)
		}
	}
	assert.Empty(t, newNumber("WIRE").glued)
	assert.Empty(t, newNumber("000").glued)
	assert.Less(t, newNumber("1").specific, newNumber("4281").specific)
}

func TestTaxNumberAndTelephone(t *testing.T) {
	for text, want := range map[string]string{
		"DE 471.123.987": "471123987", "ATU47112399": "47112399", "CHE-471.123.987 MWST": "471123987", "471123987": "471123987",
		"123456789": "", "99-9999999": "", "NONE": "", "1": "", "EXEMPT": "",
	} {
		assert.Equal(t, want, taxNumber(text), text)
	}
	for text, want := range map[string]string{
		"+974 4455 6611": "44556611", "00974-44556611": "44556611", "٤٤٥٥ ٦٦١١": "44556611", "455 6611": "4556611", "12": "", "0000000": "", "n/a": "",
	} {
		assert.Equal(t, want, telephone(text), text)
	}
}

func TestDayOf(t *testing.T) {
	assert.Equal(t, 1, dayOf("2024-03-01")-dayOf("2024-02-29"))
	assert.Equal(t, 1, dayOf("2025-01-01")-dayOf("2024-12-31"))
	assert.Equal(t, 365, dayOf("2025-06-01")-dayOf("2024-06-01"))
	for _, none := range []string{"0001-01-01", "1970-01-01", "", "2025-02-30"} {
		assert.Zero(t, dayOf(none), none)
	}
}

// The table of weights has each feature that is compared once, and no other.
func TestWeightTable(t *testing.T) {
	for entityType, weights := range weightTable {
		seen := map[string]bool{}
		assert.Negative(t, weights.Prior, entityType)
		for _, w := range weights.Features {
			assert.False(t, seen[w.Feature], "%s %s", entityType, w.Feature)
			seen[w.Feature] = true
			assert.GreaterOrEqual(t, w.Agree, 0.0)
			assert.GreaterOrEqual(t, w.Disagree, 0.0)
			assert.True(t, w.Even >= 0 && w.Even < 1)
			assert.LessOrEqual(t, w.bits(0, 1), w.bits(1, 1))
		}
	}
}
