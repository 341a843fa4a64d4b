package csp

import (
	"path"
	"slices"
	"strings"

	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

// Load is something that a page loads, written in its markup.
type Load struct {
	Kind      Kind
	Nonce     string // of the element; of scripts and styles
	Integrity string // of the element; of scripts
}

// Kind is as what something is loaded.
type Kind uint8

const (
	Other Kind = iota // or nobody knows
	Script
	Style
	Font
	Image
)

var fallbacks = [...]*fallback{Script: &scripts, Style: &styles, Font: &fonts, Image: &images}

// KindOf tells from its name as what a style sheet or a header field loads a
// file. What has no name that tells is Other.
func KindOf(u *weburl.URL) Kind {
	name := path.Base(u.Path)
	if name == "font" {
		return Font // Google's, made to order
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".js", ".mjs":
		return Script
	case ".css":
		return Style
	case ".woff2", ".woff", ".ttf", ".otf", ".eot":
		return Font
	case ".svg", ".png", ".gif", ".jpg", ".jpeg", ".webp", ".ico", ".cur":
		return Image
	}
	return Other
}

// Policies are those that a page of a site is under: all must let a load pass.
// The zero value lets everything pass.
type Policies struct {
	list    []policy
	scheme  string // of the page
	upgrade bool   // http becomes https before policies are asked
}

// Read reads the lines of Content-Security-Policy of a page with the given
// scheme. Report-Only lines let everything pass.
func Read(lines []string, scheme string) Policies {
	p := Policies{scheme: scheme}
	for _, line := range lines {
		p = p.With(line, scheme)
	}
	return p
}

// With returns the policies with those of another line, or of a meta element.
func (p Policies) With(line, scheme string) Policies {
	p.scheme = scheme
	for text := range strings.SplitSeq(line, ",") {
		one := parse(text)
		p.list = append(slices.Clip(p.list), one)
		p.upgrade = p.upgrade || one.find("upgrade-insecure-requests") >= 0
	}
	return p
}

// Pass reports whether all policies let the page load an address in this way
// (CSP 3, 4.1.2). Of loads whose kind is Other, nobody can say which directive
// rules them: no policy that restricts loads lets them pass.
func (p Policies) Pass(l Load, u *weburl.URL) bool {
	if len(p.list) == 0 {
		return true
	}
	address := *u
	if p.upgrade && address.Scheme == "http" {
		address.Scheme = "https"
	}
	for _, one := range p.list {
		if !one.passes(&l, &address, p.scheme) {
			return false
		}
	}
	return true
}

// passes judges a load as a request of the parser (CSP 3, 6.7.1.1): the nonce
// or the digests of a script pass it whatever its address, and 'strict-dynamic'
// switches addresses off.
func (p policy) passes(l *Load, u *weburl.URL, scheme string) bool {
	if l.Kind == Other {
		return !slices.ContainsFunc(p, func(d directive) bool { return strings.HasSuffix(d.name, "-src") })
	}
	i := p.ruling(fallbacks[l.Kind])
	if i < 0 {
		return true
	}
	sources := p[i].sources
	switch l.Kind {
	case Script:
		if hasNonce(sources, l.Nonce) || hasIntegrity(sources, l.Integrity) {
			return true
		}
		if has(sources, "'strict-dynamic'") {
			return false
		}
	case Style:
		if hasNonce(sources, l.Nonce) {
			return true
		}
	}
	return matchesAny(sources, u, scheme)
}

// hasNonce compares nonces (CSP 3, 6.7.2.3). They differ by case, their keyword
// does not.
func hasNonce(sources []string, nonce string) bool {
	return nonce != "" && slices.ContainsFunc(sources, func(source string) bool {
		const prefix = "'nonce-"
		return len(source) > len(prefix) && strings.EqualFold(source[:len(prefix)], prefix) && source[len(prefix):] == nonce+"'"
	})
}

// hasIntegrity reports whether the sources hold every digest that an integrity
// attribute names (CSP 3, 6.7.1.1, step 2).
func hasIntegrity(sources []string, integrity string) bool {
	found := false
	for _, digest := range strings.FieldsFunc(integrity, isSpace) {
		digest, _, _ = strings.Cut(digest, "?")
		digest = digestOf("'" + digest + "'")
		if !isHash(digest) {
			continue // an algorithm that browsers do not know either
		}
		if !slices.ContainsFunc(sources, func(source string) bool { return digestOf(source) == digest }) {
			return false
		}
		found = true
	}
	return found
}

// digestOf writes a hash source in one form: its algorithm in lower case, its
// base64 in the alphabet that is not for URLs.
func digestOf(source string) string {
	algorithm, digest, _ := strings.Cut(source, "-")
	return strings.ToLower(algorithm) + "-" + strings.NewReplacer("-", "+", "_", "/").Replace(digest)
}
