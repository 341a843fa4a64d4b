package catalogue

import (
	"slices"
	"strings"
)

// host holds the services that answer under one name and its subdomains, by their places in the
// catalogue.
type host struct {
	services span // of Catalogue.owners, for the whole host, the strictest first
	paths    span // of Catalogue.paths, the longest first
}

// path is a part of a host that has a service of its own, as www.google.com/maps has.
type path struct {
	text    string // begins with "/"
	service uint16
}

// Host returns the service that answers at a host, which must not carry a port. The longest known
// parent name wins; where several services share it, the strictest.
func (c *Catalogue) Host(name string) (*Service, bool) {
	for name = canonical(name); name != ""; name = parent(name) {
		if owners := c.ownersOf(c.hosts[name]); len(owners) > 0 {
			return &c.services[owners[0]], true
		}
	}
	return nil, false
}

// Address is Host for a host and the path of a URL on it: parts of a host that have a service of
// their own are told apart. A path that could mean another one (dot segments, escapes, backslashes)
// is not looked at.
func (c *Catalogue) Address(name, urlPath string) (*Service, bool) {
	if ambiguous(urlPath) {
		return c.Host(name)
	}
	for name = canonical(name); name != ""; name = parent(name) {
		h := c.hosts[name]
		for _, p := range c.pathsOf(h) {
			if p.covers(urlPath) {
				return &c.services[p.service], true
			}
		}
		if owners := c.ownersOf(h); len(owners) > 0 {
			return &c.services[owners[0]], true
		}
	}
	return nil, false
}

// Hosts returns every service that answers at a host or at a part of it: the longest known parent
// name first, then the strictest.
func (c *Catalogue) Hosts(name string) []*Service {
	var all []*Service
	add := func(place uint16) {
		if s := &c.services[place]; !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	for name = canonical(name); name != ""; name = parent(name) {
		h := c.hosts[name]
		for _, owner := range c.ownersOf(h) {
			add(owner)
		}
		for _, p := range c.pathsOf(h) {
			add(p.service)
		}
	}
	return all
}

// covers reports whether urlPath is p or lies below it.
func (p path) covers(urlPath string) bool {
	rest, ok := strings.CutPrefix(urlPath, p.text)
	return ok && (rest == "" || rest[0] == '/')
}

func ambiguous(urlPath string) bool {
	return strings.IndexByte(urlPath, '%') >= 0 || strings.IndexByte(urlPath, '\\') >= 0 || strings.Contains(urlPath, "/.")
}

// longestHost is the length of the longest host name in bytes, with the dot of the root (RFC 1035,
// section 2.3.4). It bounds the search for parents.
const longestHost = 254

// canonical lower-cases a host name and removes the dot of the root. It returns "" for what is too
// long to be one.
func canonical(name string) string {
	if len(name) > longestHost {
		return ""
	}
	for i := range len(name) {
		if c := name[i]; c >= 0x80 || 'A' <= c && c <= 'Z' {
			name = strings.ToLower(name)
			break
		}
	}
	return strings.TrimSuffix(name, ".")
}

// parent removes the first label.
func parent(name string) string {
	_, rest, _ := strings.Cut(name, ".")
	return rest
}

func (c *Catalogue) ownersOf(h host) []uint16 { return c.owners[h.services.from:h.services.to] }

func (c *Catalogue) pathsOf(h host) []path { return c.paths[h.paths.from:h.paths.to] }

// indexHosts fills c.hosts and what it leads to.
func (c *Catalogue) indexHosts() {
	owners, paths := make(map[string][]uint16, 2048), make(map[string][]path)
	c.hosts = make(map[string]host, 2048)
	for i := range c.services {
		for _, entry := range c.services[i].Hosts {
			name, _, hasPath := strings.Cut(entry, "/")
			if hasPath {
				paths[name] = append(paths[name], path{entry[len(name):], uint16(i)})
			} else {
				owners[name] = append(owners[name], uint16(i))
			}
			c.hosts[name] = host{}
		}
	}
	for name := range c.hosts {
		slices.SortStableFunc(owners[name], func(a, b uint16) int { return c.byStrictness(a, b) })
		slices.SortStableFunc(paths[name], func(a, b path) int { return len(b.text) - len(a.text) })
		c.hosts[name] = host{appendTo(&c.owners, owners[name]), appendTo(&c.paths, paths[name])}
	}
}

// byStrictness orders services, given by their places, the strictest first.
func (c *Catalogue) byStrictness(a, b uint16) int {
	return c.services[b].Purpose.strictness() - c.services[a].Purpose.strictness()
}
