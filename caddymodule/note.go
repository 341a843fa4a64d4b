package caddymodule

import (
	"sync"

	"go.uber.org/zap"

	"github.com/caddy-privacy/caddy-privacy/internal/policy"
)

// note counts a decision for the owner of the site. A cookie that nobody has
// classified is told of once in the log, with the rule to write.
func (g *Gateway) note(v *visit, from direction, name string, d *policy.Decision) {
	v.noteCookie(&policy.Sight{Name: name, Decision: d, Reliable: from == fromSite || d.Reason == policy.Granted})
}

func (v *visit) noteCookie(sight *policy.Sight) {
	g, d := v.gateway, sight.Decision
	sight.Now = v.now.Unix()
	kept, fresh := v.inventory().Note(sight)
	if !fresh {
		return
	}
	rule, ok := policy.RuleName(kept)
	if !ok || !g.app.shared.notices.first(kept) {
		return
	}
	g.logger.Info("unknown cookie: give it a purpose with a line in the privacy block of the site",
		zap.String("name", kept),
		zap.String("action", d.Action.String()),
		zap.String("line", "cookie "+rule+" necessary|functional|statistics|marketing"))
}

// noteEntry counts an entry of a storage, or a database, that the browser of
// somebody who agreed to everything has.
func (v *visit) noteEntry(name string, d *policy.Decision) {
	v.inventory().Note(&policy.Sight{Kind: policy.StorageKind, Name: name, Decision: d, Reliable: d.Purpose != nil, Now: v.now.Unix()})
}

// noteHost counts a decision about a host that a page names, or that a browser
// says it was kept from.
func (v *visit) noteHost(host string, d *policy.Decision, reliable bool) {
	kept, fresh := v.inventory().Note(&policy.Sight{Kind: policy.HostKind, Name: host, Decision: d, Reliable: reliable, Now: v.now.Unix()})
	if !fresh || !v.gateway.app.shared.notices.first(kept) {
		return
	}
	v.gateway.logger.Info("unknown host: give it a purpose with a line in the privacy block of the site",
		zap.String("host", kept),
		zap.String("action", d.Action.String()),
		zap.String("line", "host "+kept+" necessary|functional|statistics|marketing"))
}

// inventory is that of the visit's site, by its present rules.
func (v *visit) inventory() *policy.Inventory {
	if v.seen == nil {
		v.seen = v.gateway.app.shared.sites.of(v.host)
		v.seen.Judge(v.gateway.policy, v.host)
	}
	return v.seen
}

// notices remembers what the log has been told, so that it is told once and not
// once a site.
type notices struct {
	mu   sync.Mutex
	told map[string]bool
}

// maxNotices bounds the memory and the log against clients that invent names.
const maxNotices = 1000

func (n *notices) first(name string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.told[name] || len(n.told) >= maxNotices {
		return false
	}
	if n.told == nil {
		n.told = make(map[string]bool)
	}
	n.told[name] = true
	return true
}
