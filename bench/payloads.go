package main

import (
	"fmt"
	"os"
	"path/filepath"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/platform"
	"structural.app/structural/platform/procore"
	"structural.app/structural/platform/registry"
	"structural.app/structural/store"
)

// platforms are what the program has by default.
var (
	platforms    = registry.New()
	byPrecedence = store.WithPrecedence(platforms.Names())
)

// record is a platform's record and where it is to go.
type record struct {
	entity   canonical.EntityType
	from, to platform.Platform
	data     []byte
}

// newRecord takes the full record that the platform's own tests are made with. A contract gets as many lines as wanted, all of
// them like its first, which is a full one.
func newRecord(entity canonical.EntityType, from, to platform.Name, lines int) (record, error) {
	r := record{entity: entity}
	var known, alsoKnown bool
	r.from, known = platforms.Get(from)
	r.to, alsoKnown = platforms.Get(to)
	if !known || !alsoKnown {
		return r, fmt.Errorf("no platform %s or %s", from, to)
	}
	text, err := os.ReadFile(filepath.Join("..", "platform", string(from), "testdata", string(entity)+".json"))
	if err != nil {
		return r, fmt.Errorf("run in the directory bench: %w", err)
	}
	data, err := jsontext.Parse(text)
	if err != nil {
		return r, err
	}
	if entity == canonical.Contract {
		if data, err = withLines(data, lines); err != nil {
			return r, err
		}
	}
	r.data = data.Append(nil)
	return r, nil
}

// withLines is a contract with other lines.
func withLines(contract jsontext.Value, n int) (jsontext.Value, error) {
	for _, key := range []string{"line_items", "salesOrderLines"} {
		had := contract.Get(key)
		if had.Len() == 0 {
			continue
		}
		lines := make([]jsontext.Value, n)
		for i := range lines {
			lines[i] = numbered(counted(had.Members()[0].Value), i)
		}
		contract = contract.With(key, jsontext.NewArray(lines...))
		// An amount that is not written as its platform would is kept as it is written, too. The fixture has one to show that;
		// the mapping that is written by hand is spared.
		if draft := "draft_change_orders_amount"; !contract.Get(draft).IsAbsent() {
			contract = contract.With(draft, jsontext.NewString("12000.00"))
		}
		return contract, nil
	}
	return contract, fmt.Errorf("the contract has no lines to repeat")
}

// counted is a line whose amount is quantity times price, in any currency: the fixtures' are not, and would become one unit each.
func counted(line jsontext.Value) jsontext.Value {
	number := func(text string) jsontext.Value { return jsontext.NewNumber(text) }
	if line.Get("unitPrice").IsAbsent() {
		return line.With("quantity", jsontext.NewString("2.5")).With("unit_cost", jsontext.NewString("648.2")).With("amount", jsontext.NewString("1620.50"))
	}
	return line.With("quantity", number("2.5")).With("unitPrice", number("648.2")).With("amountExcludingTax", number("1620.5")).
		Without("discountAmount").Without("discountPercent")
}

// numbered gives a line an id and a place of its own.
func numbered(line jsontext.Value, i int) jsontext.Value {
	if line.Get("id").Kind() == jsontext.Number {
		return line.With("id", jsontext.NewInt(int64(4896147+i))).With("position", jsontext.NewInt(int64(i+1)))
	}
	id := fmt.Sprintf("d41e5de2-8a44-f111-a820-%012d", i)
	return line.With("id", jsontext.NewString(id)).With("sequence", jsontext.NewInt(int64(10000*(i+1))))
}

// context is what the translation must know besides: every record that this one refers to is known on the other platform, too.
func (r record) context() (mapping.Context, error) {
	ctx := mapping.Context{Variant: procore.WorkOrder, References: map[string]string{}}
	data, err := jsontext.Parse(r.data)
	if err != nil {
		return ctx, err
	}
	document, _, err := r.from.ToCanonical(r.entity, data, ctx)
	if err != nil {
		return ctx, err
	}
	for i, reference := range canonical.References(r.entity, document) {
		format := "%d0501004"
		if r.to.Name() == "dynamics" {
			format = "%d17b026b-7a1c-f111-8340-7ced8d26cf05"
		}
		ctx.References[reference.ID] = fmt.Sprintf(format, i+1)
	}
	return ctx, nil
}

// translator makes a function of translate that has one buffer for its output, as its callers can.
func (r record) translator(ctx mapping.Context) func() ([]byte, error) {
	var out []byte
	return func() (_ []byte, err error) {
		out, err = r.translate(out[:0], ctx)
		return out, err
	}
}

// translate does what POST /transform does between its request and its response: from bytes to canonical to the target's own
// shape, and both of these to bytes, which it appends.
func (r record) translate(out []byte, ctx mapping.Context) ([]byte, error) {
	data, err := jsontext.Parse(r.data)
	if err != nil {
		return nil, err
	}
	document, _, err := r.from.ToCanonical(r.entity, data, ctx)
	if err != nil {
		return nil, err
	}
	target, _, err := r.to.FromCanonical(r.entity, document, jsontext.Value{}, ctx)
	if err != nil {
		return nil, err
	}
	both := jsontext.NewObject(
		jsontext.Member{Key: "canonical", Value: document},
		jsontext.Member{Key: "data", Value: target},
	)
	return both.Append(out), nil
}
