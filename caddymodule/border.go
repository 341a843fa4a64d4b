package caddymodule

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyevents"
	"go.uber.org/zap"

	"github.com/caddy-privacy/caddy-privacy/internal/transfer"
)

// border watches over what outlives a configuration: connections to Redis and to
// the networks of libraries, and the register of all connections. The connections
// of a configuration's own transports are watched by a guard of that configuration,
// because they are made by its rules and end with it.
type border struct {
	register  transfer.Register
	geography geography
	guard     *transfer.Guard
	// whereabouts of the hosts that pages name; turns counts other changes of where data
	// may go.
	whereabouts transfer.Whereabouts
	turns       atomic.Uint64

	mu      sync.Mutex
	inForce []*App               // whose rules hold, the latest last
	warned  map[string]time.Time // when the owner was told last
}

// geography is what the latest configuration knows of addresses.
type geography struct {
	current atomic.Pointer[transfer.Atlas]
}

func (g *geography) Where(addr netip.Addr) (one, other transfer.Country) {
	return g.current.Load().Where(addr)
}

func (g *geography) Database() string { return g.current.Load().Database() }

// found makes the guard of a border, by the defaults as long as no configuration is in force.
func (s *shared) found() error {
	var defaults *Transfers
	countries, err := defaults.countries()
	if err != nil {
		return err
	}
	rules, err := defaults.rules()
	if err != nil {
		return err
	}
	s.border.geography.current.Store(countries)
	s.border.whereabouts.Now = now
	s.border.guard, err = transfer.NewGuard(transfer.Options{Rules: rules, Countries: &s.border.geography, Now: now, Told: s.noteConnection})
	return err
}

// changes grows whenever where data may go does change.
func (b *border) changes() uint64 { return b.whereabouts.Changes() + b.turns.Load() }

// abandon ends what leads out of the operator's own network and nobody watches any
// more.
func (b *border) abandon() {
	var strict *Transfers
	if rules, err := strict.rules(); err == nil {
		b.guard.Use(rules)
	}
}

// enter puts the rules of a configuration in force for what outlives it.
func (b *border) enter(a *App) {
	b.mu.Lock()
	b.inForce = append(b.inForce, a)
	b.mu.Unlock()
	b.adopt(a)
}

// leave takes them out of force. What a transport of that configuration still has open
// is held to those that take their place.
func (b *border) leave(a *App) {
	b.mu.Lock()
	if i := slices.Index(b.inForce, a); i >= 0 {
		b.inForce = slices.Delete(b.inForce, i, i+1)
	}
	b.mu.Unlock()
	if latest := b.latest(); latest != nil {
		b.adopt(latest)
	}
	if a.guard != nil {
		a.guard.Yield(b.guard)
	}
}

// adopt must not be called with the lock held: connections that are ended are noted.
func (b *border) adopt(a *App) {
	b.geography.current.Store(a.countries)
	b.guard.Use(a.rules)
}

// latest is the configuration in force, nil if there is none.
func (b *border) latest() *App {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.inForce) == 0 {
		return nil
	}
	return b.inForce[len(b.inForce)-1]
}

// warnAgain is how long the owner is not told again of a host that goes on being
// refused; maxWarned bounds how many are remembered.
const (
	warnAgain = time.Hour
	maxWarned = 1000
)

// warns tells whether the owner is to be told of something, at most once an hour.
func (b *border) warns(about string, at time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if last, ok := b.warned[about]; ok && at.Sub(last) < warnAgain {
		return false
	}
	if b.warned == nil || len(b.warned) >= maxWarned {
		b.warned = make(map[string]time.Time)
	}
	b.warned[about] = at
	return true
}

// refusal is what the owner is told of once and then for a while not again.
func refusal(e transfer.Event) string {
	return e.Outcome.String() + " " + e.Decision.Reason.String() + " " + e.Host
}

// noteConnection takes in what came of a connection.
func (s *shared) noteConnection(e transfer.Event) {
	s.border.register.Note(e)
	s.metrics.connections[e.Outcome][e.Decision.Reason].Inc()
	if e.Outcome == transfer.Connected || !s.border.warns(refusal(e), e.At) {
		return
	}
	refused := transfer.RefusedError{Host: e.Host, Decision: e.Decision}
	latest := s.border.latest()
	if latest != nil {
		refused.Area = latest.rules.Area()
	}
	s.logger().Warn("connection refused", zap.String("outcome", e.Outcome.String()), zap.String("host", e.Host), zap.Error(&refused))
	if latest != nil {
		go latest.emitRefused(e) // the owner's handlers may take their time
	}
}

// transferRefused is the event of Caddy's events app that tells of a connection which
// was refused, or closed because it had become forbidden.
const transferRefused = "transfer_refused"

func (a *App) emitRefused(e transfer.Event) {
	a.events.Emit(a.ctx, transferRefused, map[string]any{
		"outcome": e.Outcome.String(), "host": e.Host, "country": string(e.Decision.Country), "reason": e.Decision.Reason.String(),
	})
}

// provisionBorder compiles where data may go, and makes the guard of this configuration.
func (a *App) provisionBorder() (err error) {
	if a.rules, err = a.Transfers.rules(); err != nil {
		return err
	}
	value, err := a.ctx.App("events")
	if err != nil {
		return err
	}
	a.events = value.(*caddyevents.App)
	if a.countries, err = a.shared.border.countries(a.Transfers); err != nil {
		return err
	}
	a.refreshCountries()
	a.guard, err = transfer.NewGuard(transfer.Options{
		Rules: a.rules, Countries: a.countries, Now: now, Told: a.shared.noteConnection, Beside: a.shared.border.guard,
	})
	return err
}

// countries are what a configuration knows of addresses: where it names the same file
// as the one in force, what that knows already. A file that was damaged meanwhile then
// does not take the place of good data, and a large one is not read and kept twice.
func (b *border) countries(t *Transfers) (*transfer.Atlas, error) {
	if latest := b.latest(); latest != nil && latest.Transfers.known() == t.known() {
		return latest.countries, nil
	}
	return t.countries()
}

// refreshCountries reads the file of countries if it has changed.
func (a *App) refreshCountries() {
	if _, err := a.countries.Refresh(); err != nil {
		a.logger.Error("countries of addresses", zap.Error(err))
	}
}

// watchBorder looks each minute whether the file of countries has changed, and whether
// what is connected may still be: terms end, and addresses move.
func (a *App) watchBorder(ctx context.Context, clock func() time.Time) {
	tick := time.NewTicker(check)
	defer tick.Stop()
	var alarm, standing string
	for {
		if next := a.guard.Standing(); next != standing {
			standing = next
			a.shared.border.turns.Add(1)
		}
		a.shared.border.whereabouts.Forget()
		if err := errors.Join(a.countries.Alarm(), transfer.TerritoriesAlarm(clock())); err != nil && err.Error() != alarm {
			alarm = err.Error()
			a.logger.Warn("countries of addresses", zap.Error(err))
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		a.refreshCountries()
		a.guard.Recheck()
	}
}
