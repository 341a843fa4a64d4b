package caddymodule

import (
	"slices"
	"strings"
	"sync"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
	"github.com/caddy-privacy/caddy-privacy/internal/page"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
)

// reach is from where the pages of visitors who made the same choice may load,
// beside the site itself, in the languages of those who enforce it. What a
// Content-Security-Policy and the guard are told are lists of hosts: they stop
// what scripts ask for later, and cannot know more than the markup showed.
type reach struct {
	header string // Content-Security-Policy
	hosts  string // the guard's, separated by spaces
	free   bool   // nothing that the site was seen to load is refused

	answers page.Answers // about what pages of theirs name
}

// reaches keeps them, by what decides them.
type reaches struct {
	mu    sync.RWMutex
	ready map[reachKey]*reach
}

type reachKey struct {
	standing policy.Standing
	host     string
	seen     *policy.Inventory
	known    int                 // changes when the hosts seen do
	services **catalogue.Service // the first of the list, which is replaced when it changes
	border   uint64              // changes when where data may go does
}

// maxReaches bounds them: each is a kilobyte or two.
const maxReaches = 256

// reach is that of a visitor.
func (v *visit) reach(visitor *policy.Visitor) *reach {
	g, seen := v.gateway, v.inventory()
	services := seen.Services()
	key := reachKey{g.policy.Standing(visitor), v.host, seen, seen.Changes(policy.HostKind), nil, g.app.shared.border.changes()}
	if len(services) > 0 {
		key.services = &services[0]
	}
	g.reaches.mu.RLock()
	ready := g.reaches.ready[key]
	g.reaches.mu.RUnlock()
	if ready != nil {
		return ready
	}
	ready = g.newReach(v.site(), visitor, seen)
	g.reaches.mu.Lock()
	defer g.reaches.mu.Unlock()
	if g.reaches.ready == nil || len(g.reaches.ready) >= maxReaches {
		g.reaches.ready = make(map[reachKey]*reach)
	}
	g.reaches.ready[key] = ready
	return ready
}

func (g *Gateway) newReach(site string, visitor *policy.Visitor, seen *policy.Inventory) *reach {
	services, declared := g.app.declared()
	hosts, _ := g.policy.Hosts(visitor, slices.Concat(seen.Services(), services, g.protection.services()))
	for _, host := range declared {
		if d := g.policy.Address(site, host, "/", visitor); d.Service == nil && d.Action == policy.Allow && policy.IsHost(host) {
			hosts = append(hosts, host)
		}
	}
	strangers, free := g.strange(site, visitor, seen)
	hosts = append(hosts, strangers...)
	slices.Sort(hosts)
	hosts = slices.Compact(hosts)
	var header strings.Builder
	header.WriteString("default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob: filesystem: mediastream:")
	names := []string{site}
	writeSource(&header, site, ":*")
	for _, host := range hosts {
		name, _, _ := strings.Cut(host, "/") // the guard compares hosts alone
		names = append(names, name)
		writeSource(&header, host, "")
	}
	for _, t := range g.protection.thirds() {
		if g.policy.Agreed(t.service, visitor) {
			header.WriteString(" " + strings.Join(t.sources(), " "))
			names = append(names, t.loadsFrom()...)
		}
	}
	header.WriteString("; report-uri " + toldPath)
	return &reach{header: header.String(), hosts: strings.Join(names, " "), free: free}
}

// maxReported bounds how many hosts are listed that only browsers told of: anybody may
// invent some.
const maxReported = 64

// strange lists the hosts that nobody has classified and that the visitor's pages may load
// from: they are open to who agreed to marketing, and those that the site's own pages name can
// be told to browsers, if a policy can hold their name. To who agreed to everything those are
// open too that browsers were kept from. free tells whether nothing that was seen is refused.
func (g *Gateway) strange(site string, visitor *policy.Visitor, seen *policy.Inventory) (hosts []string, free bool) {
	reported := 0
	free = true
	for _, s := range seen.Sightings(policy.HostKind) {
		d := g.policy.Address(site, s.Name, "/", visitor)
		switch {
		case d.Action != policy.Allow:
			free = free && !s.Reliable
		case !policy.IsHost(s.Name):
		case s.Reliable && s.Service == nil:
			hosts = append(hosts, s.Name)
		case !s.Reliable && visitor.State == policy.Accepted && reported < maxReported:
			reported++
			hosts = append(hosts, s.Name)
		}
	}
	return hosts, free
}

// writeSource allows a host and what is below it, or a path of a host and what is
// below that. WebSockets need a scheme of their own (CSP 3, 6.7.2.8). IPv6 addresses cannot be written in a policy (CSP 3, 2.3.1), and an
// address has nothing below it.
func writeSource(b *strings.Builder, host, port string) {
	name, path, hasPath := strings.Cut(host, "/")
	switch {
	case strings.HasPrefix(name, "["):
	case hasPath:
		path = strings.TrimSuffix(path, "/")
		b.WriteString(" " + name + port + "/" + path + " " + name + port + "/" + path + "/")
	case strings.Trim(name, "0123456789.") == "":
		b.WriteString(" " + name + port)
	default:
		b.WriteString(" " + name + port + " *." + name + port + " wss://" + name + port + " wss://*." + name + port)
	}
}
