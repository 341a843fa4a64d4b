package page

import (
	"hash/maphash"
	"strings"
	"sync/atomic"

	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

// Answers remembers what was answered about addresses that name their host, as they
// stand in pages: the pages of a site load the same things again and again, and to
// read an address costs more than to find it. The zero Answers is empty. Methods are
// safe for concurrent use.
type Answers struct {
	slots [answerSlots]atomic.Pointer[answered]
}

// Bounds of the memory: an address whose slot is taken by another replaces it, and
// one longer than maxAddress bytes is not remembered.
const (
	answerSlots = 512
	maxAddress  = 256
)

// answered is an address and its answer.
type answered struct {
	address string
	scheme  string     // of the page, for addresses without one
	asked   weburl.URL // the same
	answer  Answer
	minute  int64
}

// slot is where an address may be remembered, nil for one that is not: relative
// addresses mean something else on another page.
func (a *Answers) slot(address string) *atomic.Pointer[answered] {
	if a == nil || len(address) > maxAddress || !namesHost(address) {
		return nil
	}
	return &a.slots[maphash.String(answerSeed, address)%answerSlots]
}

var answerSeed = maphash.MakeSeed()

// namesHost reports whether an address is sure to name its host, on every page that
// is asked for by http or https.
func namesHost(address string) bool {
	return strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "//") || strings.HasPrefix(address, "http://")
}
