package suggest

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strconv"

	"structural.app/structural/canonical"
)

// Only records that share a blocking key are compared: a word of a name with another one, a telephone, an amount, a number.
const (
	// maxBlock is how many records may share a key. What more of them share, such as a common word or a round amount, says too
	// little, and comparing all of them would take time that grows with the square of their number. Such a key is left aside: a pair
	// that shares no other is not suggested.
	maxBlock = 100
	// maxCompared is about how many others a record is compared with. Its keys count from the rarest on until they lead to so many.
	maxCompared = 1000
	// maxKeys is how many keys a record has, which bounds memory.
	maxKeys = 128
)

// blocks finds the records that share a key, by their indexes.
type blocks struct {
	keys    [][]uint64 // of each record
	records map[uint64][]int32
}

func newBlocks(profiles []*profile) *blocks {
	b := &blocks{keys: make([][]uint64, len(profiles)), records: map[uint64][]int32{}}
	sizes := map[uint64]int{}
	for i, p := range profiles {
		b.keys[i] = p.keys()
		for _, key := range b.keys[i] {
			sizes[key]++
		}
	}
	for i, keys := range b.keys {
		keys = slices.DeleteFunc(keys, func(key uint64) bool { return sizes[key] < 2 || sizes[key] > maxBlock })
		slices.SortFunc(keys, func(x, y uint64) int { return cmp.Or(cmp.Compare(sizes[x], sizes[y]), cmp.Compare(x, y)) })
		compared := 0
		for n, key := range keys {
			if compared += sizes[key]; compared > maxCompared {
				keys = keys[:n]
				break
			}
			b.records[key] = append(b.records[key], int32(i))
		}
		b.keys[i] = slices.Clone(keys)
	}
	return b
}

// keyList gathers the keys of a record.
type keyList []uint64

func (k *keyList) add(kind, key string, more ...string) {
	if key == "" {
		return
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(kind + "\x00" + key))
	for _, m := range more {
		_, _ = h.Write([]byte("\x00" + m))
	}
	*k = append(*k, h.Sum64())
}

// keys are those of a record, the most telling first, each once.
func (p *profile) keys() []uint64 {
	var k keyList
	k.add("tax", p.tax)
	for _, phone := range p.phones {
		k.add("phone", phone[len(phone)-7:])
		k.add("phone digits", sortedDigits(phone[len(phone)-7:]))
	}
	for _, e := range p.emails {
		k.add("email", e.address)
		k.add("domain", e.domain)
	}
	parties := p.partyKeys()
	for _, n := range p.numbers {
		k.numbers(n, parties)
	}
	k.amounts(p, parties)
	for _, n := range p.names {
		k.name(n, p.city, p.postal)
	}
	for _, n := range p.titles {
		for i, w := range n.words[:min(len(n.words), 4)] {
			for _, party := range parties {
				k.add("title", w.text, party)
			}
			for _, other := range n.words[i+1 : min(len(n.words), 4)] {
				k.add("titles", min(w.text, other.text), max(w.text, other.text))
			}
		}
	}
	if len(p.address.words) > 1 {
		k.add("address", p.address.text)
	}
	k = k[:min(len(k), maxKeys)]
	slices.Sort(k)
	return slices.Compact(k)
}

// partyKeys are the objects that a document refers to, and what they are called where they may be two objects of one thing.
func (p *profile) partyKeys() (list []string) {
	for i, party := range p.parties {
		if party == nil {
			continue
		}
		kind := strconv.Itoa(i)
		switch {
		case party.object.Matched:
			list = append(list, kind+party.object.ID)
		case len(party.names) > 0:
			list = append(list, kind+telling(party.names[0]))
		case len(party.numbers) > 0:
			list = append(list, kind+party.numbers[0].joined)
		}
	}
	return list
}

// telling is the sound of the first word of a name that is not common.
func telling(n name) string {
	for _, w := range n.words {
		if w.weight >= weightOfWord {
			return w.sounds
		}
	}
	return n.words[0].sounds
}

func (k *keyList) numbers(n number, parties []string) {
	k.add("number", n.short)
	k.add("number", n.joined)
	if len(n.digits) >= 3 {
		k.add("digits", n.digits)
	}
	if len(n.glued) >= 4 {
		k.add("number digits", sortedDigits(n.glued))
	}
	for _, party := range parties {
		k.add("digits of", n.digits, party)
	}
}

// grids are two rows of boxes, the one half a box further: two values not further apart than half a box share one.
func grids(value, box int64) [2]string {
	return [2]string{fmt.Sprint(floor(value, box)), fmt.Sprint("+", floor(value+box/2, box))}
}

func floor(value, box int64) int64 {
	if value < 0 {
		return -((-value + box - 1) / box)
	}
	return value / box
}

func (k *keyList) amounts(p *profile, parties []string) {
	var weeks [2]string
	for _, day := range p.dates {
		if day != 0 {
			weeks = grids(int64(day), 12)
			break
		}
	}
	for _, amount := range p.amounts {
		minor, in := amount.AmountMinor, amount.Currency
		if amount.dollars != 0 {
			minor, in = int64(math.Round(amount.dollars*100)), "USD"
		}
		for _, near := range grids(minor, 200) {
			k.add("near", near, in)
			for _, week := range weeks {
				k.add("near in", week, near, in)
			}
			for _, party := range parties {
				k.add("near of", party, near, in)
			}
		}
	}
	for _, week := range weeks {
		for _, party := range parties {
			k.add("week", week, party)
		}
	}
}

// name adds the words of a name that few names have, by their sound, beginning and end, and each two of its words together.
func (k *keyList) name(n name, city, postal string) {
	words := n.words[:min(len(n.words), 5)]
	for i, w := range words {
		for _, other := range words[i+1:] {
			k.add("words", min(w.sounds, other.sounds), max(w.sounds, other.sounds))
		}
		if w.weight < weightOfWord {
			continue
		}
		k.add("word", w.sounds)
		k.add("word in", w.sounds, city)
		k.add("word at", w.sounds, postal)
		if letters := []rune(w.text); len(letters) >= 5 {
			k.add("begins", string(letters[:4]))
			k.add("ends", string(letters[len(letters)-4:]))
			k.add("begins in", string(letters[:3]), city)
		}
	}
	if letters := []rune(n.glued); len(letters) >= 5 {
		k.add("glued", string(letters[:5]))
	}
}

// supports says whether records of a type can be suggested.
func supports(t canonical.EntityType) bool { return len(weightTable[t].Features) > 0 }
