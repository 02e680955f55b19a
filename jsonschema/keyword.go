package jsonschema

import "strings"

func (b *builder) build() error {
	for _, keyword := range sorted(b.source) {
		if err := b.keyword(keyword, b.source[keyword]); err != nil {
			return err
		}
	}
	return nil
}

// keyword enters one keyword. The values have the right types: the reference has checked the schema against the metaschema.
func (b *builder) keyword(keyword string, value any) error {
	for _, enter := range []func(string, any) (bool, error){
		b.valueKeyword, b.objectKeyword, b.arrayKeyword, b.scalarKeyword, b.combinedKeyword,
	} {
		if known, err := enter(keyword, value); known || err != nil {
			return err
		}
	}
	if !isAnnotation(keyword) {
		b.n.unknown = keyword
	}
	return nil
}

// valueKeyword enters a keyword about the value of any type. Like the others, it reports whether it knows the keyword.
func (b *builder) valueKeyword(keyword string, value any) (known bool, err error) {
	switch keyword {
	case "type":
		b.n.types = typeSet(value)
	case "const":
		b.n.constant = newLiterals([]any{value})
	case "enum":
		b.n.enum = newLiterals(value.([]any))
	case "format":
		b.n.format = formatNamed(value.(string))
		if value == "regex" { // the reference asserts it, and cannot be told not to
			b.n.unknown = "format regex"
		}
	default:
		return false, nil
	}
	return true, nil
}

// objectKeyword enters a keyword about objects.
func (b *builder) objectKeyword(keyword string, value any) (known bool, err error) {
	switch keyword {
	case "properties":
		err = b.each(value, keyword, func(name string, n *node) { b.member(name).node = n })
	case "required":
		for _, name := range value.([]any) {
			b.object().require(name.(string))
		}
	case "additionalProperties":
		b.object().additional, err = b.child(false, keyword)
	case "patternProperties":
		err = b.patternProperties(value)
	case "propertyNames":
		b.object().names, err = b.child(false, keyword)
	case "minProperties":
		b.object().min = b.count(value)
	case "maxProperties":
		b.object().max = b.count(value)
	case "dependentRequired":
		b.dependentRequired(value.(map[string]any))
	case "dependentSchemas":
		err = b.dependentSchemas(value.(map[string]any))
	default:
		return false, nil
	}
	return true, err
}

// arrayKeyword enters a keyword about arrays.
func (b *builder) arrayKeyword(keyword string, value any) (known bool, err error) {
	switch keyword {
	case "items":
		b.array().items, err = b.child(false, keyword)
	case "prefixItems":
		b.array().prefix, err = b.list(false, keyword, value)
	case "minItems":
		b.array().min = b.count(value)
	case "maxItems":
		b.array().max = b.count(value)
	case "uniqueItems":
		b.array().unique = value.(bool)
	case "contains":
		b.array().contains, err = b.child(false, keyword)
	case "minContains":
		b.array().minContains = b.count(value)
	case "maxContains":
		b.array().maxContains = b.count(value)
	default:
		return false, nil
	}
	return true, err
}

// scalarKeyword enters a keyword about strings and numbers.
func (b *builder) scalarKeyword(keyword string, value any) (known bool, err error) {
	switch keyword {
	case "minLength":
		b.text().min = b.count(value)
	case "maxLength":
		b.text().max = b.count(value)
	case "pattern":
		b.text().pattern, err = compilePattern(value.(string))
	case "minimum":
		b.number().min = newBound(value)
	case "maximum":
		b.number().max = newBound(value)
	case "exclusiveMinimum":
		b.number().above = newBound(value)
	case "exclusiveMaximum":
		b.number().below = newBound(value)
	case "multipleOf":
		b.number().multiple = newBound(value)
	default:
		return false, nil
	}
	return true, err
}

// combinedKeyword enters a keyword that combine schemas.
func (b *builder) combinedKeyword(keyword string, value any) (known bool, err error) {
	switch keyword {
	case "$ref":
		b.combine().ref, err = b.reference(value.(string))
	case "allOf":
		b.combine().all, err = b.list(true, keyword, value)
	case "anyOf":
		b.combine().any, err = b.union(keyword, value)
	case "oneOf":
		b.combine().one, err = b.union(keyword, value)
	case "not":
		b.combine().not, err = b.child(true, keyword)
	case "if":
		b.combine().when, err = b.child(true, keyword)
	case "then":
		b.combine().then, err = b.child(true, keyword)
	case "else":
		b.combine().otherwise, err = b.child(true, keyword)
	default:
		return false, nil
	}
	return true, err
}

func (b *builder) dependentRequired(triggers map[string]any) {
	for _, trigger := range sorted(triggers) {
		d := dependency{trigger: b.object().mention(trigger)}
		for _, name := range triggers[trigger].([]any) {
			d.needs = append(d.needs, b.object().mention(name.(string)))
		}
		b.object().dependent = append(b.object().dependent, d)
	}
}

func (b *builder) dependentSchemas(triggers map[string]any) error {
	for _, trigger := range sorted(triggers) {
		n, err := b.child(true, "dependentSchemas", trigger)
		if err != nil {
			return err
		}
		b.object().dependent = append(b.object().dependent, dependency{trigger: b.object().mention(trigger), node: n})
	}
	return nil
}

// isAnnotation: keywords that say something about a value without constraining it.
func isAnnotation(keyword string) bool {
	switch keyword {
	case "title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly",
		"discriminator", "xml", "externalDocs", "contentEncoding", "contentMediaType", "contentSchema", "$comment", "$defs":
		return true
	}
	return strings.HasPrefix(keyword, "x-")
}
