package page

import (
	"slices"
	"strings"
)

// Grants is what the gateway's own markup needs from a site's policy. Empty
// fields ask for nothing.
type Grants struct {
	Scripts    []string // of the inline scripts, their hashes: 'sha256-…', quoted as in a policy
	Style      string   // of the one inline style, likewise
	Connect    string   // the absolute URL the scripts talk to
	FormAction string   // the absolute URL forms are sent to
	Frame      string   // the absolute URL of the page that frames show
}

// Allow returns the value of a Content-Security-Policy or -Report-Only header
// line with g allowed in each of its policies, and nothing else: no other
// source gains or loses anything. It returns header itself when nothing is
// missing. Every line of a response is edited by itself, because browsers
// enforce all policies together (CSP 3, 4.2).
//
// A directive is only edited where it would refuse. What falls back to
// default-src gets a directive of its own with the same sources, so that
// everything else still falls back to what the site wrote.
func Allow(header string, g Grants) string {
	policies := strings.Split(header, ",")
	for i, policy := range policies {
		policies[i] = allow(policy, g)
	}
	return strings.Join(policies, ",")
}

// allow edits one serialized policy (CSP 3, 2.2.1).
func allow(policy string, g Grants) string {
	directives := strings.Split(policy, ";")
	scripts, forms := sandboxAllows(directives)
	if scripts {
		for _, hash := range g.Scripts {
			directives = amend(directives, hash, allowsInlineScript, "script-src-elem", "script-src", "default-src")
		}
	}
	if g.Style != "" {
		directives = amend(directives, g.Style, allowsInlineStyle, "style-src-elem", "style-src", "default-src")
	}
	if scripts && g.Connect != "" {
		directives = amend(directives, g.Connect, allowsOwnURL, "connect-src", "default-src")
	}
	if g.Frame != "" {
		directives = amend(directives, g.Frame, allowsOwnURL, "frame-src", "child-src", "default-src")
	}
	if forms && g.FormAction != "" {
		directives = amend(directives, g.FormAction, allowsOwnURL, "form-action")
	}
	return strings.Join(directives, ";")
}

// amend adds source to the directive that rules, the first of names that the
// policy has, unless it is allowed there already. If that is default-src, its
// sources and the new one become a directive of the name before it.
func amend(directives []string, source string, allowed func(sources []string, source string) bool, names ...string) []string {
	for n, name := range names {
		i := slices.IndexFunc(directives, func(d string) bool { return isDirective(d, name) })
		if i < 0 {
			continue
		}
		sources := strings.Fields(directives[i])[1:]
		if allowed(sources, source) {
			return directives
		}
		if name == "default-src" {
			return addDirective(directives, names[n-1], withSource(sources, source))
		}
		directives[i] = addSource(directives[i], sources, source)
		return directives
	}
	return directives
}

// addSource writes source at the end of a directive and leaves the rest of its
// bytes alone, but for a 'none' that would contradict it.
func addSource(directive string, sources []string, source string) string {
	if !isNone(sources) {
		end := len(strings.TrimRight(directive, cspSpace))
		return directive[:end] + " " + source + directive[end:]
	}
	at := strings.LastIndex(directive, sources[0])
	return directive[:at] + source + directive[at+len(sources[0]):]
}

// addDirective appends a directive, before a final semicolon if there is one.
func addDirective(directives []string, name string, sources []string) []string {
	directive := " " + name + " " + strings.Join(sources, " ")
	if last := len(directives) - 1; strings.Trim(directives[last], cspSpace) == "" {
		return slices.Insert(directives, last, directive)
	}
	return append(directives, directive)
}

func withSource(sources []string, source string) []string {
	if isNone(sources) {
		return []string{source}
	}
	return append(slices.Clone(sources), source)
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
// sources (CSP 3, 6.7.2.6), so far as that can be told without knowing the
// host: a host named in the policy is not compared, only whole URLs are.
func allowsOwnURL(sources []string, url string) bool {
	scheme, _, _ := strings.Cut(url, ":")
	return slices.Contains(sources, url) || has(sources, "'self'") || has(sources, "*") || has(sources, scheme+":")
}

// sandboxAllows reports whether a sandbox directive, if there is one, leaves
// scripts and forms usable at all.
func sandboxAllows(directives []string) (scripts, forms bool) {
	i := slices.IndexFunc(directives, func(d string) bool { return isDirective(d, "sandbox") })
	if i < 0 {
		return true, true
	}
	tokens := strings.Fields(directives[i])[1:]
	return has(tokens, "allow-scripts"), has(tokens, "allow-forms")
}

// cspSpace is the white space of policies.
const cspSpace = "\t\n\f\r "

func isDirective(directive, name string) bool {
	directive = strings.Trim(directive, cspSpace)
	if len(directive) < len(name) || !strings.EqualFold(directive[:len(name)], name) {
		return false
	}
	return len(directive) == len(name) || isSpace(directive[len(name)])
}

func isNone(sources []string) bool {
	return len(sources) == 1 && strings.EqualFold(sources[0], "'none'")
}

func has(sources []string, keyword string) bool {
	return slices.ContainsFunc(sources, func(s string) bool { return strings.EqualFold(s, keyword) })
}

func isNonceOrHash(source string) bool {
	source = strings.ToLower(source)
	for _, prefix := range []string{"'nonce-", "'sha256-", "'sha384-", "'sha512-"} {
		if strings.HasPrefix(source, prefix) {
			return true
		}
	}
	return false
}
