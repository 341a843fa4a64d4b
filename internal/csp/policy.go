package csp

import (
	"slices"
	"strings"
)

// policy is one serialized policy (CSP 3, 2.2.1): its directives in the order
// in which they stand between semicolons.
type policy []directive

type directive struct {
	text    string   // as it came
	name    string   // in lower case; empty where browsers skip the directive
	sources []string // its value, if it is a list of sources
}

// parse reads a policy. Browsers skip directives that are empty, repeated or not
// ASCII (CSP 3, 2.2.1).
func parse(text string) policy {
	p := make(policy, 0, strings.Count(text, ";")+1)
	for part := range strings.SplitSeq(text, ";") {
		d := directive{text: part}
		if words := strings.FieldsFunc(part, isSpace); len(words) > 0 && isASCII(part) {
			if name := strings.ToLower(words[0]); p.find(name) < 0 {
				d.name, d.sources = name, words[1:]
			}
		}
		p = append(p, d)
	}
	return p
}

// String returns the policy as it is to be sent.
func (p policy) String() string {
	texts := make([]string, len(p))
	for i := range p {
		texts[i] = p[i].text
	}
	return strings.Join(texts, ";")
}

// find returns where the directive of a name stands, or a negative number.
func (p policy) find(name string) int {
	return slices.IndexFunc(p, func(d directive) bool { return d.name == name })
}

// fallback is by which directive a load is ruled (CSP 3, 6.8.3).
type fallback struct {
	own   string   // the directive to write for this load alone
	names []string // the first of them that the policy has rules
}

var (
	scripts     = fallback{"script-src", []string{"script-src-elem", "script-src", "default-src"}}
	styles      = fallback{"style-src", []string{"style-src-elem", "style-src", "default-src"}}
	fonts       = fallback{"font-src", []string{"font-src", "default-src"}}
	images      = fallback{"img-src", []string{"img-src", "default-src"}}
	connections = fallback{"connect-src", []string{"connect-src", "default-src"}}
	workers     = fallback{"worker-src", []string{"worker-src", "child-src", "script-src", "default-src"}}
	frames      = fallback{"frame-src", []string{"frame-src", "child-src", "default-src"}}
	forms       = fallback{"form-action", []string{"form-action"}}
)

// ruling returns where the directive stands that rules a load, or a negative
// number when none does.
func (p policy) ruling(f *fallback) int {
	for _, name := range f.names {
		if i := p.find(name); i >= 0 {
			return i
		}
	}
	return -1
}

// add writes source at the end of a directive and leaves the rest of its bytes
// alone, but for a 'none' that would contradict it.
func (d *directive) add(source string) {
	if isNone(d.sources) {
		none := d.sources[0]
		at := strings.LastIndex(d.text, none)
		d.text = d.text[:at] + source + d.text[at+len(none):]
	} else {
		end := len(strings.TrimRightFunc(d.text, isSpace))
		d.text = d.text[:end] + " " + source + d.text[end:]
	}
	d.sources = withSource(d.sources, source)
}

// insert appends a directive, before a final semicolon if there is one.
func (p policy) insert(name string, sources []string) policy {
	d := directive{" " + name + " " + strings.Join(sources, " "), name, sources}
	if last := len(p) - 1; strings.TrimFunc(p[last].text, isSpace) == "" {
		return slices.Insert(p, last, d)
	}
	return append(p, d)
}

func withSource(sources []string, source string) []string {
	if isNone(sources) {
		return []string{source}
	}
	return append(slices.Clone(sources), source)
}

func isNone(sources []string) bool {
	return len(sources) == 1 && strings.EqualFold(sources[0], "'none'")
}

func has(sources []string, keyword string) bool {
	return slices.ContainsFunc(sources, func(s string) bool { return strings.EqualFold(s, keyword) })
}

// isSpace knows the white space of policies (Infra, "ASCII whitespace").
func isSpace(r rune) bool {
	return r == ' ' || r == '\t' || r == '\n' || r == '\f' || r == '\r'
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}
