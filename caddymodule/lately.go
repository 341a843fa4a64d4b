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
)

var latelySeed = maphash.MakeSeed()

// read tells whether a page was read lately, and takes it to be read now if not.
func (l *lately) read(page string, minute int64) bool {
	const mask = 1<<minuteBits - 1
	hash := maphash.String(latelySeed, page)
	slot, now := &l.slots[hash%uint64(len(l.slots))], uint64(minute)&mask
	before := slot.Load()
	if before>>minuteBits == hash>>minuteBits && (now-before)&mask < readAgain {
		return true
	}
	slot.Store(hash&^uint64(mask) | now)
	return false
}
