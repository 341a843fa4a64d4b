package csp

import (
	"slices"

	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

// copied are the directives of what pages take from the mirror, and of what
// libraries and style sheets fetch from beside themselves. Frames, objects and
// workers are not among it.
var copied = []string{
	"default-src", "script-src", "script-src-elem", "style-src", "style-src-elem", "font-src", "img-src", "connect-src",
}

// mirror adds, in each directive that allows a mirrored host, the place where
// the site has the same files. A path bounds it to what was allowed; only
// redirects are compared without their path (CSP 3, 7.6), and those of the
// mirror stay in it.
func (p policy) mirror(g *Grants, own func(sources []string, url string) bool) {
	for i := range p {
		d := &p[i]
		if !slices.Contains(copied, d.name) || own(d.sources, g.Mirror) {
			continue
		}
		for _, source := range d.sources {
			for _, place := range g.copies(source) {
				if !own(d.sources, place) {
					d.add(place)
				}
			}
		}
	}
}

// copies are the places where the site has what a source stands for.
func (g *Grants) copies(source string) []string {
	e, ok := readExpression(source)
	if !ok {
		return nil
	}
	if e.host == "" || e.host == "*" && e.path == "" {
		if e.scheme == "http" || e.scheme == "https" {
			return []string{g.Mirror}
		}
		return nil
	}
	path := e.path
	if path == "" {
		path = "/"
	}
	var places []string
	for _, host := range g.Hosts {
		// Files are copied by https, which any source allows that allows http.
		if e.matches(&weburl.URL{Scheme: "https", Host: host, Path: path}, "https") {
			places = append(places, g.Mirror+host+path)
		}
	}
	return places
}
