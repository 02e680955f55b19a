package problems

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestListSaysFiftyAndHowManyMore(t *testing.T) {
	var l List
	for i := range 100 {
		l.Add(fmt.Sprintf("/data/%d", i), "unknown field")
	}
	l.More(900)
	require.Len(t, l.Lines(), Most+1)
	assert.True(t, strings.HasPrefix(l.String(), "/data/0: unknown field; /data/1: "))
	assert.True(t, strings.HasSuffix(l.String(), "/data/49: unknown field; and 950 more"))
}

// Each line is the longest that there can be.
func TestListIsAnAnswerOf128KBAtTheMost(t *testing.T) {
	for _, c := range []string{"a", "~0", "<", "\x01", "ä", "€", "🏗", "\xff"} {
		var l List
		for range 1000 {
			l.Add(strings.Repeat("/"+strings.Repeat(c, 1000), 10), strings.Repeat(c, 10_000))
		}
		text, err := json.Marshal(l.String())
		require.NoError(t, err)
		assert.Less(t, len(text), 127<<10, "%q", c)
		assert.Contains(t, l.String(), " more")
	}
}
