package csp

import (
	"slices"
	"strings"

	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

// Grants is what the gateway needs from a site's policy. Empty fields ask for
// nothing.
type Grants struct {
	Origin     string   // of the page, such as https://www.example.fr
	Scripts    []string // of the inline scripts, their hashes: 'sha256-…', quoted as in a policy
	Styles     []string // of the inline styles, likewise
	Connect    []string // the absolute URLs the scripts talk to
	FormAction string   // the absolute URL forms are sent to
	Frame      string   // the absolute URL of the page that frames show

	// File is the absolute URL of a script that pages load from the site itself, and
	// FileHash the hash that its element names as integrity. It starts itself as a
	// worker, too.
	File, FileHash string

	// Scripting, Framing and Connecting are sources of others, as a policy writes them, from
	// which a page of the gateway's making loads once the visitor has agreed.
	Scripting, Framing, Connecting []string

	// Mirror is the absolute URL, with a slash at its end, below which the site
	// serves what it has copied from Hosts: HOST/PATH.
	Mirror string
	Hosts  []string
}

// Allow returns the value of a Content-Security-Policy or -Report-Only header
// line, or that of a meta element, with g allowed in each of its policies, and
// nothing else: no other source gains or loses anything. It returns header
// itself when nothing is missing. Every line of a response is edited by itself,
// because browsers enforce all policies together (CSP 3, 4.2).
//
// A directive is only edited where it would refuse. What falls back to
// default-src gets a directive of its own with the same sources, so that
// everything else still falls back to what the site wrote.
func Allow(header string, g Grants) string {
	self, _ := weburl.Parse(g.Origin, nil)
	policies := strings.Split(header, ",")
	for i, text := range policies {
		policies[i] = parse(text).allow(&g, &self).String()
	}
	return strings.Join(policies, ",")
}

func (p policy) allow(g *Grants, self *weburl.URL) policy {
	runs, sends := p.sandboxAllows()
	if runs {
		for _, hash := range g.Scripts {
			p = p.amend(hash, allowsInlineScript, &scripts)
		}
	}
	for _, hash := range g.Styles {
		p = p.amend(hash, allowsInlineStyle, &styles)
	}
	own := func(sources []string, url string) bool { return allowsOwnURL(sources, url, self) }
	if runs {
		for _, url := range g.Connect {
			p = p.amend(url, own, &connections)
		}
		if g.File != "" {
			p = p.allowFile(g, own)
		}
	}
	if g.Frame != "" {
		p = p.amend(g.Frame, own, &frames)
	}
	others := func(sources []string, source string) bool { return allowsOthers(sources, source, self) }
	for f, sources := range map[*fallback][]string{&scripts: g.Scripting, &frames: g.Framing, &connections: g.Connecting} {
		for _, source := range sources {
			p = p.amend(source, others, f)
		}
	}
	if sends && g.FormAction != "" {
		p = p.amend(g.FormAction, own, &forms)
	}
	if g.Mirror != "" {
		p.mirror(g, own)
	}
	return p
}

// allowFile lets a script of the site's own be loaded, as a script by its address or,
// where 'strict-dynamic' switches addresses off, by its integrity (CSP 3, 6.7.1.1),
// and as a worker.
func (p policy) allowFile(g *Grants, own func(sources []string, url string) bool) policy {
	if i := p.ruling(&scripts); i >= 0 && has(p[i].sources, "'strict-dynamic'") {
		p = p.amend(g.FileHash, slices.Contains, &scripts)
	} else {
		p = p.amend(g.File, own, &scripts)
	}
	return p.amend(g.File, own, &workers)
}

// amend adds source to the directive that rules f, unless it is allowed there
// already. If that is default-src, its sources and the new one become a
// directive of f's own.
func (p policy) amend(source string, allowed func(sources []string, source string) bool, f *fallback) policy {
	i := p.ruling(f)
	switch {
	case i < 0 || allowed(p[i].sources, source):
		return p
	case p[i].name == "default-src":
		return p.insert(f.own, withSource(p[i].sources, source))
	}
	p[i].add(source)
	return p
}

// allowsInlineScript reports whether an inline script with this hash runs
// (CSP 3, 6.7.3.2 and 6.7.3.3). Where 'unsafe-inline' is in force a hash must
// not be added, because it would switch it off.
func allowsInlineScript(sources []string, hash string) bool {
	return allowsInlineStyle(sources, hash) && !has(sources, "'strict-dynamic'") || slices.Contains(sources, hash)
}

// allowsInlineStyle is allowsInlineScript for styles, to which 'strict-dynamic'
// means nothing.
func allowsInlineStyle(sources []string, hash string) bool {
	if slices.Contains(sources, hash) {
		return true
	}
	return has(sources, "'unsafe-inline'") && !slices.ContainsFunc(sources, isNonceOrHash)
}

// allowsOwnURL reports whether a URL of the page's own origin is among the
// sources.
func allowsOwnURL(sources []string, url string, self *weburl.URL) bool {
	u, ok := weburl.Parse(url, nil)
	return slices.Contains(sources, url) || has(sources, "'self'") || ok && matchesAny(sources, &u, self.Scheme)
}

// allowsOthers reports whether a source of others is allowed already.
func allowsOthers(sources []string, source string, self *weburl.URL) bool {
	u, ok := weburl.Parse(source, nil)
	return slices.Contains(sources, source) || ok && matchesAny(sources, &u, self.Scheme)
}

// sandboxAllows reports whether a sandbox directive, if there is one, leaves
// scripts and forms usable at all.
func (p policy) sandboxAllows() (scripts, forms bool) {
	i := p.find("sandbox")
	if i < 0 {
		return true, true
	}
	return has(p[i].sources, "allow-scripts"), has(p[i].sources, "allow-forms")
}

func isNonceOrHash(source string) bool {
	source = strings.ToLower(source)
	return strings.HasPrefix(source, "'nonce-") || isHash(source)
}

// isHash tells whether a source, in lower case, is the hash of a text.
func isHash(source string) bool {
	return strings.HasPrefix(source, "'sha256-") || strings.HasPrefix(source, "'sha384-") || strings.HasPrefix(source, "'sha512-")
}
