package redis

import (
	"maps"
	"sync"
	"time"
)

// owed is what was spent here and the server does not know yet, by key: when it may be
// forgotten.
type owed struct {
	mu   sync.Mutex
	ends map[string]time.Time
}

// maxOwed bounds the memory, to some 2 MB. What is beyond is known to this gateway
// alone.
const maxOwed = 10_000

func (o *owed) add(key string, end time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ends == nil {
		o.ends = make(map[string]time.Time)
	}
	if len(o.ends) < maxOwed {
		o.ends[key] = end
	}
}

// some returns a part that fits one pipeline, and forgets what is over.
func (o *owed) some(now time.Time) map[string]time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	maps.DeleteFunc(o.ends, func(_ string, end time.Time) bool { return !end.After(now) })
	part := make(map[string]time.Time)
	for key, end := range o.ends {
		if len(part) == letters {
			break
		}
		part[key] = end
	}
	return part
}

func (o *owed) drop(key string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.ends, key)
}
