package caddymodule

import (
	"hash/maphash"
	"sync/atomic"
)

// lately remembers which pages were read within the last minutes. Pages of visitors who
// agreed to everything that a site is known to load pass unread, but now and then each is
// read all the same: the site may load something new. Methods are safe for
// concurrent use.
type lately struct {
	slots [1024]atomic.Uint64 // the upper bits of a page's hash, and a minute
}

const (
	readAgain  = 10 // minutes
	minuteBits = 20 // of a slot; they turn round every two years
	minuteMask = 1<<minuteBits - 1
)

var latelySeed = maphash.MakeSeed()

// has tells whether something was noted lately, and mark notes it.
func (l *lately) has(what string, minute int64) bool {
	slot, hash, now := l.slot(what, minute)
	before := slot.Load()
	return before>>minuteBits == hash>>minuteBits && (now-before)&minuteMask < readAgain
}

func (l *lately) mark(what string, minute int64) {
	slot, hash, now := l.slot(what, minute)
	slot.Store(hash&^uint64(minuteMask) | now)
}

func (l *lately) slot(what string, minute int64) (slot *atomic.Uint64, hash, now uint64) {
	hash = maphash.String(latelySeed, what)
	return &l.slots[hash%uint64(len(l.slots))], hash, uint64(minute) & minuteMask
}

// read tells whether a page was read lately, and takes it to be read now if not.
func (l *lately) read(page string, minute int64) bool {
	if l.has(page, minute) {
		return true
	}
	l.mark(page, minute)
	return false
}
