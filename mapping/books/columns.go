package books

import (
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// columns are those of a line of an invoice of progress, which are those of the form AIA G703: D (previous_amount), E (period_amount),
// F (stored_materials_amount) and G, their sum (completed_amount). Retainage on work is of the period; that on materials is to date.
type columns struct {
	line     jsontext.Value
	currency string
	mixed    bool // there is more than one currency
}

// of is an amount of the line, in minor units, and whether it has one.
func (c *columns) of(path ...string) (int64, bool) {
	money, ok := canonical.MoneyOf(c.line.At(path...))
	if !ok {
		return 0, false
	}
	if c.currency == "" {
		c.currency = money.Currency
	}
	c.mixed = c.mixed || c.currency != money.Currency
	return money.AmountMinor, true
}

// figures are those of the period, and whether the line says progress at all. first says that nothing stood before.
func (c *columns) figures(first bool) (f figures, progress bool) {
	_, completes := c.of("completed_amount")
	if _, works := c.of("period_amount"); !works && !completes {
		return f, false
	}
	gross, said, sure := c.gross(first)
	onMaterials, sureToo := c.retainedOnMaterials(first)
	f = figures{gross: gross, currency: c.currency, known: said && sure && sureToo, guessed: said}
	released, _ := c.of("retainage", "work_released_amount")
	alsoReleased, _ := c.of("retainage", "materials_released_amount")
	f.retained, _ = c.of("retainage", "work_amount")
	f.released = released
	if c.mixed || !accrue(&f.retained, onMaterials) || !accrue(&f.released, alsoReleased) {
		f.known, f.guessed = false, false
	}
	if _, ok := f.due(); !ok {
		f.known, f.guessed = false, false
	}
	return f, true
}

// gross is G less the G of the period before. Where the line does not say that, it is the D of this period and the F of the one before,
// less what was moved from there to D. It is not sure where F is not known. Work of this period and materials presently stored are not
// gross: the materials are those of all periods.
func (c *columns) gross(first bool) (gross int64, said, sure bool) {
	if c.isOfPeriod() {
		gross, said = c.of("period_amount")
		return gross, said, true
	}
	gross, said = c.of("completed_amount")
	if before, ok := c.of("previous_completed_amount"); ok {
		return gross, said && take(&gross, before), true
	}
	worked, knowsWork := c.of("previous_amount")
	stored, knowsStore := c.of("previous_stored_materials_amount")
	moved, knowsMoved := c.of("moved_materials_amount")
	said = said && (knowsWork || first) && take(&gross, worked) && take(&gross, stored) && accrue(&gross, moved)
	return gross, said, first || knowsStore && (stored == 0 || knowsMoved)
}

// isOfPeriod says whether the line has no figure to date at all, only the work of this period: see [Join].
func (c *columns) isOfPeriod() bool {
	for _, field := range []string{
		"completed_amount", "previous_completed_amount", "previous_amount", "stored_materials_amount", "previous_stored_materials_amount",
	} {
		if _, ok := c.of(field); ok {
			return false
		}
	}
	return true
}

// retainedOnMaterials is what is newly retained of materials. Where the line says only what is retained to date, that is new if nothing
// was stored before, or if all that was stored has been moved, with what was retained of it. Where less is stored than before, and
// nothing was moved, what was retained of the difference is not known.
func (c *columns) retainedOnMaterials(first bool) (retained int64, sure bool) {
	if c.isOfPeriod() {
		return 0, true
	}
	stored, knowsNow := c.of("stored_materials_amount")
	before, knowsBefore := c.of("previous_stored_materials_amount")
	moved, _ := c.of("moved_materials_amount")
	if retained, ok := c.of("retainage", "new_materials_amount"); ok {
		return retained, first || moved != 0 || !knowsBefore || !knowsNow || stored >= before
	}
	retained, _ = c.of("retainage", "materials_amount")
	released, _ := c.of("retainage", "materials_released_amount")
	return retained, released == 0 && (first || moved != 0 || knowsBefore && before == 0)
}

// take is accrue for what is taken away.
func take(sum *int64, less int64) bool { return less != -1<<63 && accrue(sum, -less) }
