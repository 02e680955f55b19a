package canonical_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

func numbered(n int, reverse bool) string {
	members := make([]string, n)
	for i := range members {
		members[i] = fmt.Sprintf(`"k%d":%d`, i, i)
	}
	if reverse {
		slices.Reverse(members)
	}
	return "{" + strings.Join(members, ",") + "}"
}

// An object of 200,000 members is searched, compared and changed member by member; with n² steps this would take minutes.
func TestObjectsOfManyMembers(t *testing.T) {
	const n = 200_000
	object, reversed := parse(t, numbered(n, false)), parse(t, numbered(n, true))
	require.Equal(t, numbered(n, false), object.String())
	require.True(t, object.Equal(reversed))
	require.Empty(t, canonical.Differences(object, reversed))
	require.True(t, canonical.Merge(object, reversed).Equal(object))
	require.True(t, canonical.Patch(object, reversed).Equal(object))
	require.Empty(t, canonical.Changed(object, reversed))
	change := jsontext.EditOf(object)
	for i := range n {
		key := fmt.Sprintf("k%d", i)
		if object.Get(key).Literal() != fmt.Sprint(i) {
			t.Fatal(key)
		}
		switch i % 3 {
		case 0:
			change.Set(key, jsontext.Value{})
		case 1:
			change.Set(key, jsontext.True)
			change.Set("new"+key, jsontext.False)
		}
	}
	changed := change.Value()
	require.Equal(t, n-(n+2)/3+(n+1)/3, changed.Len())
	require.True(t, changed.Get("k0").IsAbsent())
	require.Equal(t, "true false 2", changed.Get("k1").String()+" "+changed.Get("newk1").String()+" "+changed.Get("k2").String())
	require.True(t, object.Get("newk1").IsAbsent(), "the first one is as it was")
	differences := canonical.Differences(jsontext.NewObject(jsontext.Member{Key: "a", Value: object}),
		jsontext.NewObject(jsontext.Member{Key: "a", Value: changed}))
	require.Len(t, differences, 1, "so many differences are one")
	require.Equal(t, "/a", differences[0].Pointer)
}

// A wide object, an edit of it and its readers at the same time are the same as a small object with as many members would be.
func TestWideObjectsAreObjects(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 300).Draw(t, "members")
		var members []jsontext.Member
		for i := range n {
			members = append(members, jsontext.Member{Key: fmt.Sprint(i), Value: jsontext.NewInt(int64(i))})
		}
		object := jsontext.NewObject(slices.Clone(members)...)
		change := jsontext.EditOf(object)
		var wg sync.WaitGroup
		first := object
		wg.Go(func() { first.Get("7") })
		for range rapid.IntRange(0, 20).Draw(t, "steps") {
			key := fmt.Sprint(rapid.IntRange(0, 310).Draw(t, "key"))
			i := slices.IndexFunc(members, func(m jsontext.Member) bool { return m.Key == key })
			if rapid.Bool().Draw(t, "remove") {
				if i >= 0 {
					members = slices.Delete(members, i, i+1)
				}
				object = object.Without(key)
				change.Set(key, jsontext.Value{})
			} else {
				if i < 0 {
					members = append(members, jsontext.Member{Key: key, Value: jsontext.True})
				} else {
					members[i].Value = jsontext.True
				}
				object = object.With(key, jsontext.True)
				change.Set(key, jsontext.True)
			}
		}
		wg.Wait()
		want := jsontext.NewObject(slices.Clone(members)...)
		require.Equal(t, want.String(), object.String())
		require.True(t, want.Equal(change.Value()), "a member that comes back may have its old place")
		for _, m := range members {
			require.Equal(t, m.Value.String(), object.Get(m.Key).String())
		}
		again, err := jsontext.Parse([]byte(want.String()))
		require.NoError(t, err)
		require.True(t, want.Equal(again))
	})
}

// Differences are listed as deep as they go, unless there are too many, or their place takes too long to say.
func TestDifferencesAreBounded(t *testing.T) {
	list := func(n, from int) string {
		numbers := make([]string, n)
		for i := range numbers {
			numbers[i] = fmt.Sprint(from + i)
		}
		return strings.Join(numbers, ",")
	}
	long := strings.Repeat("k", 501)
	for _, test := range []struct {
		from, to string
		want     []string
	}{
		{`{"a":[` + list(1000, 0) + `]}`, `{"a":[` + list(1000, 1) + `]}`, nil}, // 1,000 of them
		{`{"a":[` + list(1001, 0) + `],"b":1}`, `{"a":[` + list(1001, 1) + `],"b":2}`, []string{"/a", "/b"}},
		{`{"a":{"` + long + `":{"x":1}},"b":{"c":1}}`, `{"a":{"` + long + `":{"x":2}},"b":{"c":2}}`, []string{"/a", "/b/c"}},
		{`{"` + long + `":1}`, `{"` + long + `":2}`, []string{"/" + long}},
		{`{"a/b":{"c.d":1}}`, `{"a/b":{"c.d":2}}`, []string{"/a~1b/c.d"}},
		{`{"a":{"b":null}}`, `{"a":{}}`, []string{}},
		{`{"a":{"b":1,"c":2}}`, `{"a":{"c":2,"d":3}}`, []string{"/a/d", "/a/b"}},
		{`[1,2]`, `[1,3]`, []string{"/1"}},
		{`1`, `2`, []string{""}},
	} {
		differences := canonical.Differences(parse(t, test.from), parse(t, test.to))
		if test.want == nil {
			require.Len(t, differences, 1000)
			continue
		}
		pointers := []string{}
		for _, d := range differences {
			pointers = append(pointers, d.Pointer)
		}
		require.Equal(t, test.want, pointers)
	}
	require.Empty(t, canonical.FieldDifferences(
		parse(t, `{"id":"a","lines":[{"provider_metadata":{"x":1}}],"provider_metadata":{"x":1}}`),
		parse(t, `{"id":"b","lines":[{"provider_metadata":{"x":2}}],"provider_metadata":{"x":2}}`)))
}

// What an error says is bounded, whatever was sent.
func TestTranslationErrorsAreBounded(t *testing.T) {
	var refused canonical.TranslationError
	long := strings.Repeat("é", 10_000)
	for i := range 1000 {
		refused.Add(canonical.Problem{In: canonical.InPayload, Pointer: fmt.Sprintf("/lines/%d/%s/%s", i, long, long), Expected: "a text"})
	}
	require.Len(t, refused.Problems, canonical.MaxProblems)
	require.Equal(t, 950, refused.More)
	text := refused.Error()
	require.True(t, strings.HasSuffix(text, "; and 950 more"))
	require.Less(t, len(text), 50*(2*jsontext.MaxPointer+40))

	require.Equal(t, "/a/b", jsontext.CutPointer("/a/b"))
	name := strings.Repeat("n", 64)
	require.Equal(t, "/"+name+"/x", jsontext.CutPointer("/"+name+"/x"))
	require.Equal(t, "/"+name[:63]+"…/x", jsontext.CutPointer("/"+name+"n/x"))
	deep := jsontext.CutPointer(strings.Repeat("/12345678", 100))
	require.Equal(t, jsontext.MaxPointer, utf8.RuneCountInString(deep))
	require.True(t, strings.HasSuffix(deep, "…"))
	require.Equal(t, 64, utf8.RuneCountInString(jsontext.CutName(long)))
}

// A number costs no more than its length, however it is written, and is refused for its size.
func TestNumbersOutOfProportion(t *testing.T) {
	for _, number := range []string{
		"1e999999999", "1e-999999999", "-1e99999999999999999999", "0." + strings.Repeat("0", 400_000) + "1", "0." + strings.Repeat("3", 400_000),
		strings.Repeat("9", 900_000), "1e41", "1e-41",
	} {
		require.True(t, jsontext.IsDecimal(number))
		_, ok := jsontext.NormalDecimal(number)
		require.False(t, ok)
		_, err := canonical.ParseMoney(number, "USD")
		require.ErrorIs(t, err, canonical.ErrDigits)
		_, err = canonical.Rates{}.ConvertPrice(number, "USD", "QAR", canonical.PriceScale)
		require.ErrorIs(t, err, canonical.ErrNotDecimal)
		require.True(t, jsontext.NewNumber(number).Equal(jsontext.NewNumber(strings.Clone(number))))
	}
	for _, zero := range []string{"0." + strings.Repeat("0", 400_000), "0e9999"} {
		normal, ok := jsontext.NormalDecimal(zero)
		require.True(t, ok)
		require.Equal(t, "0", normal)
	}
}
