package server

import (
	"context"

	"structural.app/structural/server/budget"
)

// maxPageBytes is how large the items of a page are together, but for a page of one.
const maxPageBytes = 8 << 20

// pageRoom ends a page before it is too large, or takes more memory than there is.
type pageRoom struct {
	reservation *budget.Reservation
	bytes       int64
	full        bool // the page ended before its last item
}

func newPageRoom(ctx context.Context) *pageRoom {
	return &pageRoom{reservation: exchangeOf(ctx).reservation}
}

// take is a [store.Room]. The first item is always taken.
func (p *pageRoom) take(n, bytes int) bool {
	if n == 0 {
		p.bytes, p.full = int64(bytes), false
		return true
	}
	together := p.bytes + int64(bytes)
	if together > maxPageBytes || !p.reservation.TryGrowTo(budget.PerAnswerByte*together) {
		p.full = true
		return false
	}
	p.bytes = together
	return true
}

// reserve reserves what the answer takes, if the items alone did not: the first one is not asked for.
func (p *pageRoom) reserve(ctx context.Context) error {
	return p.reservation.GrowTo(ctx, budget.PerAnswerByte*p.bytes)
}
