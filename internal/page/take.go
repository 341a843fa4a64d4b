package page

import (
	"bytes"
	"strings"

	"github.com/caddy-privacy/caddy-privacy/internal/csp"
)

// takes reports whether what was refused is loaded from the site itself instead:
// if the site has it, and its policies let the page load the address that was
// asked about last. Otherwise a policy that trusts the site, but not that
// address, would be got round.
func (b *blocker) takes(answer Answer, load csp.Load) bool {
	if answer.Instead == "" || !b.Policies.Pass(load, &b.asked) {
		return false
	}
	if b.Site != nil {
		b.Site.Take(answer.Instead)
	}
	return true
}

// takeInto writes the site's own address into an attribute where it is loaded
// from there.
func (b *blocker) takeInto(t *tag, a attr, kind attrSet, answer Answer) Answer {
	if answer.Instead == "" || !b.takes(answer, b.load(t, kind)) {
		return answer
	}
	b.replace(a, answer.Instead)
	return allowed
}

// load tells as what an element loads the address in one of its attributes.
func (b *blocker) load(t *tag, kind attrSet) csp.Load {
	l := csp.Load{Nonce: nonce(t)}
	if value, ok := t.attr("integrity"); ok {
		l.Integrity = decoded(value)
	}
	switch {
	case kind&(attrPoster|attrBackground) != 0:
		l.Kind = csp.Image
	case t.name == "script":
		l.Kind = csp.Script
	case t.name == "img", t.name == "image", t.name == "input", t.name == "feimage":
		l.Kind = csp.Image
	case t.name == "link" && !t.foreign:
		l.Kind = b.linkKind(t)
	}
	return l
}

// linkKind tells as what a link loads its address: by its relations, and where
// it only prepares, by what it says that it is for.
func (b *blocker) linkKind(t *tag) csp.Kind {
	kind, found := csp.Other, false
	for relation := range strings.FieldsSeq(strings.ToLower(decoded(b.context))) {
		if silent[relation] {
			continue
		}
		one := relations[relation]
		if relation == "preload" {
			as, _ := t.attr("as")
			one = destinations[strings.ToLower(decoded(as))]
		}
		if found && one != kind {
			return csp.Other // several, by several directives
		}
		kind, found = one, true
	}
	return kind
}

// relations are those of links whose load one directive rules.
var relations = map[string]csp.Kind{
	"stylesheet": csp.Style, "modulepreload": csp.Script,
	"icon": csp.Image, "shortcut": csp.Image, "apple-touch-icon": csp.Image, "apple-touch-icon-precomposed": csp.Image, "mask-icon": csp.Image,
}

// destinations are the values of as (HTML 4.6.7.17) that the mirror can serve.
var destinations = map[string]csp.Kind{"script": csp.Script, "style": csp.Style, "font": csp.Font, "image": csp.Image}

// nonce is that of an element, unless an unclosed tag before it may have
// swallowed the element to which it belonged (CSP 3, 6.7.2.1, "nonceable").
func nonce(t *tag) string {
	value, ok := t.attr("nonce")
	if !ok {
		return ""
	}
	rest := bytes.ToLower(t.raw[t.nameEnd:])
	if bytes.Contains(rest, []byte("<script")) || bytes.Contains(rest, []byte("<style")) {
		return ""
	}
	return decoded(value)
}

// sheetLoad tells as what a style sheet loads the address that was asked about
// last. What has no name that tells is another style sheet, as font services make
// them to order.
func (b *blocker) sheetLoad() csp.Load {
	if kind := csp.KindOf(&b.asked); kind != csp.Other {
		return csp.Load{Kind: kind}
	}
	return csp.Load{Kind: csp.Style}
}

// policy takes in the policy of a meta element, and lets what the gateway needs
// pass it. Browsers obey it from here on (HTML 4.2.5.3).
func (b *blocker) policy(a attr, content string) {
	content = strings.Clone(content) // which is the tag's own memory
	b.Policies = b.Policies.With(content, b.base.Scheme)
	if b.Site == nil {
		return
	}
	if edited := b.Site.Policy(content); edited != content {
		b.replace(a, edited)
	}
}
