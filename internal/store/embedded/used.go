package embedded

import (
	"container/heap"
	"sync"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// used is what was spent, by the name and the end of its life. It decides in memory
// who is first; what is on the disk is for the next start.
type used struct {
	mu      sync.Mutex
	names   map[string]struct{}
	ends    ends
	unsaved []use
	closed  bool
	news    chan struct{} // there is something to save
}

// use is one thing that was spent.
type use struct {
	end  time.Time
	name string
}

const (
	// maxUsed bounds the memory, to some 40 MB. Each proof costs its sender work, so
	// nobody comes near; beyond, what would be forgotten soonest is forgotten now.
	maxUsed = 1 << 18
	// maxUnsaved bounds what waits for a disk that is broken or full.
	maxUnsaved = 10_000
)

func newUsed() *used {
	return &used{names: make(map[string]struct{}), news: make(chan struct{}, 1)}
}

// spend says whether nobody has spent the name yet. Nothing is spent after close.
func (u *used) spend(name string, now, end time.Time) (first bool, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.closed {
		return false, store.ErrClosed
	}
	u.forget(now)
	if _, spent := u.names[name]; spent {
		return false, nil
	}
	u.add(use{end, name})
	if len(u.unsaved) < maxUnsaved {
		u.unsaved = append(u.unsaved, use{end, name})
	}
	select {
	case u.news <- struct{}{}:
	default:
	}
	return true, nil
}

func (u *used) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.closed = true
}

func (u *used) add(one use) {
	u.names[one.name] = struct{}{}
	heap.Push(&u.ends, one)
}

// forget drops what is over, and makes room for one more.
func (u *used) forget(now time.Time) {
	for len(u.ends) > 0 && (len(u.ends) >= maxUsed || !u.ends[0].end.After(now)) {
		delete(u.names, heap.Pop(&u.ends).(use).name)
	}
}

// waiting returns what is not saved yet, a portion at most.
func (u *used) waiting() []use {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.unsaved[:min(len(u.unsaved), portion):min(len(u.unsaved), portion)]
}

// saved takes the first n off those that wait.
func (u *used) saved(n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.unsaved = append([]use(nil), u.unsaved[n:]...)
}

// ends is a heap, the soonest end on top.
type ends []use

func (e ends) Len() int           { return len(e) }
func (e ends) Less(i, j int) bool { return e[i].end.Before(e[j].end) }
func (e ends) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *ends) Push(one any)      { *e = append(*e, one.(use)) }

func (e *ends) Pop() any {
	last := len(*e) - 1
	one := (*e)[last]
	(*e)[last] = use{}
	*e = (*e)[:last]
	return one
}
