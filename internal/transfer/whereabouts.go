package transfer

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Whereabouts are the addresses of hosts that pages name and nobody knows. They are
// looked up in the background, so that no page waits: a host that is asked about
// for the first time has none yet.
type Whereabouts struct {
	// Lookup finds the addresses of a host. Nil asks the resolver of the machine.
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)
	// Now is the clock; required.
	Now func() time.Time

	mu      sync.RWMutex
	hosts   map[string]*whereabout
	waiting []string
	wake    chan struct{}
	changes atomic.Uint64
}

// whereabout is what is known of one host.
type whereabout struct {
	addrs   []netip.Addr // replaced, never changed
	asked   time.Time    // last; zero while the first look-up waits
	waiting bool
}

// Bounds of what is known: hosts that are asked about beyond them have no addresses.
// Addresses are looked up again after a while, when they are asked for, and stay known
// meanwhile.
const (
	maxWhereabouts  = 2000
	lookAgain       = time.Hour
	lookAgainFailed = time.Minute
	lookupPatience  = 5 * time.Second
)

// Of returns the addresses of a host as far as they are known by now. It does not
// wait; hosts that are addresses themselves need no look-up. The slice is shared. The
// host need not outlive the call.
func (w *Whereabouts) Of(host string) []netip.Addr {
	if addr, ok := literal(host); ok {
		return []netip.Addr{addr}
	}
	w.mu.RLock()
	known := w.hosts[host]
	fresh := known != nil && (known.waiting || !known.stale(w.Now()))
	var addrs []netip.Addr
	if known != nil {
		addrs = known.addrs
	}
	w.mu.RUnlock()
	if !fresh {
		w.want(host)
	}
	return addrs
}

func (k *whereabout) stale(now time.Time) bool {
	if len(k.addrs) == 0 {
		return now.Sub(k.asked) >= lookAgainFailed
	}
	return now.Sub(k.asked) >= lookAgain
}

// literal reads a host that is an address, as the URL Standard writes it.
func literal(host string) (netip.Addr, bool) {
	n := len(host)
	switch {
	case n > 2 && host[0] == '[' && host[n-1] == ']':
		host = host[1 : n-1]
	case n == 0 || host[n-1] < '0' || '9' < host[n-1]: // a name: the reader would make an error of it
		return netip.Addr{}, false
	}
	addr, err := netip.ParseAddr(host)
	return addr, err == nil
}

// want puts a host on the list of those to look up.
func (w *Whereabouts) want(host string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	known := w.hosts[host]
	if known == nil {
		if len(w.hosts) >= maxWhereabouts {
			return
		}
		if w.hosts == nil {
			w.hosts = make(map[string]*whereabout)
		}
		known = new(whereabout)
		w.hosts[strings.Clone(host)] = known
	}
	if known.waiting {
		return
	}
	known.waiting = true
	w.waiting = append(w.waiting, strings.Clone(host))
	select {
	case w.bell() <- struct{}{}:
	default:
	}
}

// bell must be called with the lock held.
func (w *Whereabouts) bell() chan struct{} {
	if w.wake == nil {
		w.wake = make(chan struct{}, 1)
	}
	return w.wake
}

// Run looks up, one host after the other, until the context ends.
func (w *Whereabouts) Run(ctx context.Context) {
	w.mu.Lock()
	wake := w.bell()
	w.mu.Unlock()
	for {
		if host, ok := w.next(); ok {
			w.look(ctx, host)
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-wake:
		}
	}
}

func (w *Whereabouts) next() (host string, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.waiting) == 0 {
		return "", false
	}
	host, w.waiting = w.waiting[0], w.waiting[1:]
	return host, true
}

// look keeps what is known when the look-up fails for now, and forgets it when the name
// is said not to exist.
func (w *Whereabouts) look(ctx context.Context, host string) {
	ctx, cancel := context.WithTimeout(ctx, lookupPatience)
	defer cancel()
	lookup := w.Lookup
	if lookup == nil {
		lookup = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	addrs, err := lookup(ctx, host)
	w.mu.Lock()
	defer w.mu.Unlock()
	known := w.hosts[host]
	known.waiting, known.asked = false, w.Now()
	if err != nil && !notFound(err) {
		return
	}
	if !sameAddresses(known.addrs, addrs) {
		w.changes.Add(1)
	}
	known.addrs = addrs
}

func notFound(err error) bool {
	dns, ok := err.(*net.DNSError)
	return ok && dns.IsNotFound
}

// sameAddresses tells whether two answers say the same: servers turn the order round.
func sameAddresses(a, b []netip.Addr) bool {
	if len(a) != len(b) {
		return false
	}
	seen := make(map[netip.Addr]bool, len(a))
	for _, addr := range a {
		seen[addr] = true
	}
	for _, addr := range b {
		if !seen[addr] {
			return false
		}
	}
	return true
}

// Changes grows whenever addresses have become other ones.
func (w *Whereabouts) Changes() uint64 { return w.changes.Load() }

// Forget drops the hosts that nobody has asked about for hours: call it now and then,
// so that there is room for others.
func (w *Whereabouts) Forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.Now()
	for host, known := range w.hosts {
		if !known.waiting && now.Sub(known.asked) >= 2*lookAgain {
			delete(w.hosts, host)
		}
	}
}
