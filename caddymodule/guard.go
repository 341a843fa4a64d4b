package caddymodule

import (
	"sync"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
	"github.com/caddy-privacy/caddy-privacy/internal/ui"
)

// guards keeps the in-page guard's rules, ready to be inserted, by what decides
// them.
type guards struct {
	mu    sync.RWMutex
	ready map[policy.Standing]*ui.Rules
}

// maxGuards bounds them: each is some ten kilobytes, and an owner with many
// purposes has many combinations.
const maxGuards = 64

// guard is the guard's rules for a visitor.
func (g *Gateway) guard(v *policy.Visitor) *ui.Rules {
	standing := g.policy.Standing(v)
	g.guards.mu.RLock()
	rules := g.guards.ready[standing]
	g.guards.mu.RUnlock()
	if rules != nil {
		return rules
	}
	script := g.policy.Script(standing)
	rules = ui.NewRules(script.Drop, script.Keep, guardWords[script.Other], script.Granted, script.Services)
	g.guards.mu.Lock()
	defer g.guards.mu.Unlock()
	if g.guards.ready == nil || len(g.guards.ready) >= maxGuards {
		g.guards.ready = make(map[policy.Standing]*ui.Rules)
	}
	g.guards.ready[standing] = rules
	return rules
}

// guardWords are the actions in the guard's language.
var guardWords = map[policy.Action]string{policy.Allow: "keep", policy.Session: "session", policy.Drop: "drop"}

// left is how many seconds of a visitor's term a page may still give away. A day
// is taken off, since the browser may show the page again within the day.
func left(v *policy.Visitor, now time.Time) int64 {
	until := now.Add(cookie.Term).Unix()
	if v.Until != 0 {
		until = v.Until
	}
	const day = 24 * 60 * 60
	return max(until-now.Unix()-day, 0)
}
