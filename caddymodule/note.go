package caddymodule

import (
	"sync"

	"go.uber.org/zap"

	"github.com/caddy-privacy/caddy-privacy/internal/policy"
)

// note counts a decision for the owner of the site. A cookie that nobody has
// classified is told of once in the log, with the rule to write.
func (g *Gateway) note(v *visit, from direction, name string, d *policy.Decision) {
	reliable := from == fromSite || d.Reason == policy.Granted
	kept, fresh := g.app.shared.inventory(v.host).Note(name, d, reliable)
	if !fresh || !g.app.shared.notices.first(kept) {
		return
	}
	g.logger.Info("unknown cookie: give it a purpose with a line in the privacy block of the site",
		zap.String("name", kept),
		zap.String("action", d.Action.String()),
		zap.String("line", "cookie "+kept+" necessary|functional|statistics|marketing"))
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
