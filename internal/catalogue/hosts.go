package catalogue

import (
	"slices"
	"strings"
)

// host holds the services that answer under one name and its subdomains.
type host struct {
	services []*Service // of the whole host, the strictest first
	paths    []path     // the longest first
}

// path is a part of a host that has a service of its own, as www.google.com/maps has.
type path struct {
	text    string // begins with "/"
	service *Service
}

// Host returns the service that answers at a host, which must not carry a port. The longest known
// parent name wins; where several services share it, the strictest.
func (c *Catalogue) Host(name string) (*Service, bool) {
	for name = canonical(name); name != ""; name = parent(name) {
		if h := c.hosts[name]; len(h.services) > 0 {
			return h.services[0], true
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
		for i := range h.paths {
			if h.paths[i].covers(urlPath) {
				return h.paths[i].service, true
			}
		}
		if len(h.services) > 0 {
			return h.services[0], true
		}
	}
	return nil, false
}

// Hosts returns every service that answers at a host or at a part of it: the longest known parent
// name first, then the strictest.
func (c *Catalogue) Hosts(name string) []*Service {
	var all []*Service
	add := func(s *Service) {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	for name = canonical(name); name != ""; name = parent(name) {
		h := c.hosts[name]
		for _, s := range h.services {
			add(s)
		}
		for _, p := range h.paths {
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
	return strings.ContainsAny(urlPath, `\%`) || strings.Contains(urlPath, "/.")
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
	return strings.TrimSuffix(strings.ToLower(name), ".")
}

// parent removes the first label.
func parent(name string) string {
	_, rest, _ := strings.Cut(name, ".")
	return rest
}

func indexHosts(services []Service) map[string]host {
	whole, parts := make(map[string][]*Service, 2048), make(map[string][]path)
	for i := range services {
		service := &services[i]
		for _, entry := range service.Hosts {
			name, _, hasPath := strings.Cut(entry, "/")
			if hasPath {
				parts[name] = append(parts[name], path{entry[len(name):], service})
			} else {
				whole[name] = append(whole[name], service)
			}
		}
	}
	hosts := make(map[string]host, len(whole)+len(parts))
	for name, paths := range parts {
		slices.SortStableFunc(paths, func(a, b path) int { return len(b.text) - len(a.text) })
		hosts[name] = host{paths: paths}
	}
	for name, services := range packed(whole) {
		slices.SortStableFunc(services, func(a, b *Service) int {
			return b.Purpose.strictness() - a.Purpose.strictness()
		})
		hosts[name] = host{services, parts[name]}
	}
	return hosts
}
