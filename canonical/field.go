package canonical

import (
	"slices"
	"strconv"
	"strings"

	"structural.app/structural/jsontext"
)

// FieldType is what the value of a canonical field is.
type FieldType string

// The types of fields. Only money is counted in minor units; what multiplies money or time stays a decimal string.
const (
	TextType      FieldType = "text"      // string
	DecimalType   FieldType = "decimal"   // string, a decimal number: quantity, hours, percentage
	PriceType     FieldType = "price"     // string, a decimal number: money per unit, in the currency of the record
	IntegerType   FieldType = "integer"   // integer
	BooleanType   FieldType = "boolean"   // boolean
	DateType      FieldType = "date"      // string, YYYY-MM-DD
	DateTimeType  FieldType = "date-time" // string, RFC 3339 in UTC
	ClockType     FieldType = "clock"     // string, RFC 3339 in UTC, or HH:MM at the place of work
	MoneyType     FieldType = "money"     // {"amount": integer, "currency": string}
	CurrencyType  FieldType = "currency"  // string, ISO 4217
	WordType      FieldType = "word"      // string, one of Words
	ReferenceType FieldType = "reference" // string, the canonical id of a record of type Refers
	LinesType     FieldType = "lines"     // array of objects with the fields of Lines
)

// Field is one field of a canonical document.
type Field struct {
	Path   string // as people read it, dotted: "address.city"; Keys has it apart
	Type   FieldType
	About  string     // what it means, and its unit
	Words  []string   // of a WordType
	Refers EntityType // of a ReferenceType
	Lines  []Field    // of a LinesType

	// Derived says that no platform has it: it is made of other fields of the document, and follows them.
	Derived bool
}

// Fields lists the fields that documents of a type may have besides id, object, external_ids and provider_metadata, in
// the order in which they are written.
func Fields(t EntityType) []Field { return models[t] }

var models = map[EntityType][]Field{
	Project:        project,
	Customer:       customer,
	Contract:       contract,
	Invoice:        invoice,
	Payment:        payment,
	Employee:       employee,
	TimeEntry:      timeEntry,
	ChangeOrder:    changeOrder,
	BudgetLineItem: budgetLineItem,
}

func text(path, about string) Field     { return Field{Path: path, Type: TextType, About: about} }
func decimals(path, about string) Field { return Field{Path: path, Type: DecimalType, About: about} }
func price(path, about string) Field    { return Field{Path: path, Type: PriceType, About: about} }
func integer(path, about string) Field  { return Field{Path: path, Type: IntegerType, About: about} }
func boolean(path, about string) Field  { return Field{Path: path, Type: BooleanType, About: about} }
func date(path, about string) Field     { return Field{Path: path, Type: DateType, About: about} }
func dateTime(path, about string) Field { return Field{Path: path, Type: DateTimeType, About: about} }
func clock(path, about string) Field    { return Field{Path: path, Type: ClockType, About: about} }
func money(path, about string) Field    { return Field{Path: path, Type: MoneyType, About: about} }
func currency(path, about string) Field { return Field{Path: path, Type: CurrencyType, About: about} }
func derived(f Field) Field {
	f.Derived = true
	return f
}
func word(path, words, about string) Field {
	return Field{Path: path, Type: WordType, Words: strings.Fields(words), About: about}
}
func reference(path string, to EntityType, about string) Field {
	return Field{Path: path, Type: ReferenceType, Refers: to, About: about}
}
func lines(path, about string, fields []Field) Field {
	return Field{Path: path, Type: LinesType, Lines: fields, About: about}
}

// address lists the fields of a postal address; name, contact and county only if it has them.
func address(path, whose string, more ...string) []Field {
	fields := []Field{
		text(path+".name", "Addressee of "+whose+"."),
		text(path+".contact", "Person at "+whose+"."),
		text(path+".line1", "First line of "+whose+": street and number."),
		text(path+".line2", "Second line of "+whose+"."),
		text(path+".city", "City of "+whose+"."),
		text(path+".county", "County of "+whose+"."),
		text(path+".state", "State or region of "+whose+", as the platform writes it."),
		text(path+".postal_code", "Postal code of "+whose+"."),
		text(path+".country", "Country of "+whose+", most often ISO 3166-1 alpha-2."),
	}
	return slices.DeleteFunc(fields, func(f Field) bool {
		name := strings.TrimPrefix(f.Path, path+".")
		return slices.Contains([]string{"name", "contact", "county"}, name) && !slices.Contains(more, name)
	})
}

// Reference is a field of a document that refers to another record.
type Reference struct {
	Field  string // JSON pointer
	Path   jsontext.Path
	Refers EntityType
	ID     string
}

// References lists what a document refers to.
func References(t EntityType, document jsontext.Value) []Reference {
	var list []Reference
	for _, f := range models[t] {
		if f.Type != ReferenceType {
			continue
		}
		path := f.Keys()
		if id := document.At(path...); id.Kind() == jsontext.String {
			list = append(list, Reference{Field: path.Pointer(), Path: path, Refers: f.Refers, ID: id.Text()})
		}
	}
	return list
}

// IsReadOnly reports whether the field cannot be changed through the API: the currency of a record, which its amounts are in;
// which kind of commitment it is; which side of the ledger it is on; the times that the platforms keep themselves; and what is made of
// other fields.
func (f Field) IsReadOnly() bool {
	switch f.Path {
	case "created_at", "created_on", "updated_at", "deleted_at", "commitment_type", "direction":
		return true
	}
	return f.Type == CurrencyType || f.Derived
}

// Expected says in words what the value of the field must be.
func (f Field) Expected() string {
	switch f.Type {
	case TextType:
		return "a text"
	case DecimalType, PriceType:
		return "a decimal number as a string, of at most " + strconv.Itoa(jsontext.MaxDigits) + " digits"
	case IntegerType:
		return "an integer"
	case BooleanType:
		return "true or false"
	case DateType:
		return "a date (YYYY-MM-DD)"
	case DateTimeType:
		return "a date-time (RFC 3339)"
	case ClockType:
		return "a date-time (RFC 3339) or a time of day (HH:MM)"
	case MoneyType:
		return "an amount: an object with an integer amount in minor units and an ISO 4217 currency"
	case CurrencyType:
		return "an ISO 4217 currency"
	case WordType:
		return "one of " + strings.Join(f.Words, ", ")
	case ReferenceType:
		return "a canonical id (" + f.Refers.Prefix() + "…)"
	case LinesType:
		return "an array of objects"
	}
	return "a value"
}

// Normal checks the value of a field and brings it to its one normal form, so that equal values are Equal. The empty text
// is no value. The elements of lines are not looked at.
func (f *Field) Normal(v jsontext.Value) (jsontext.Value, bool) {
	if v.IsNone() || v.Literal() == `""` {
		return jsontext.NullValue, true
	}
	switch f.Type {
	case IntegerType:
		_, ok := v.Int()
		return v, ok
	case BooleanType:
		return v, v.Kind() == jsontext.Bool
	case MoneyType:
		m, ok := MoneyOf(v)
		if !ok || v.Members()[0].Key == "amount" {
			return v, ok
		}
		return m.Value(), true
	case LinesType:
		return v, v.Kind() == jsontext.Array
	}
	if v.Kind() != jsontext.String {
		return v, false
	}
	s := v.Text()
	switch f.Type {
	case TextType:
		return v, true
	case DecimalType, PriceType:
		normal, ok := jsontext.NormalDecimal(s)
		return textAs(v, normal), ok
	case DateType:
		return v, IsDate(s)
	case DateTimeType:
		normal, ok := jsontext.NormalDateTime(s)
		return textAs(v, normal), ok
	case ClockType:
		normal, ok := NormalClock(s)
		return textAs(v, normal), ok
	case CurrencyType:
		_, ok := Exponent(s)
		return v, ok
	case WordType:
		for _, w := range f.Words {
			if w == s {
				return v, true
			}
		}
		return v, false
	case ReferenceType:
		return v, IsID(f.Refers, s)
	}
	return v, false
}

// textAs is a text in its normal form; the value itself where it has that form.
func textAs(v jsontext.Value, normal string) jsontext.Value {
	if normal == v.Text() {
		return v
	}
	return jsontext.NewString(normal)
}

// IsDate reports whether a text is a day of the calendar, YYYY-MM-DD, from the year 1 on: no ledger and no database has an earlier.
func IsDate(s string) bool { return jsontext.IsDate(s) && s[:4] != "0000" }

// NormalClock reads a date-time, or a time of day with or without seconds.
func NormalClock(s string) (string, bool) {
	switch len(s) {
	case 5:
		return s, jsontext.IsClock(s + ":00")
	case 8:
		return strings.TrimSuffix(s, ":00"), jsontext.IsClock(s)
	}
	return jsontext.NormalDateTime(s)
}

// Keys is the path of the field.
func (f Field) Keys() jsontext.Path { return jsontext.ParsePath(f.Path) }

// Pointer writes the JSON pointer of a field in its document.
func (f Field) Pointer() string { return f.Keys().Pointer() }
