package fields

import "strings"

// policies governs Content-Security-Policy and its Report-Only form: the
// addresses of report-uri (CSP 3, 6.5.1), to which the browser posts the page's
// address with each violation. All else a policy says is left alone: it forbids
// and cannot load. A directive without an address left is cut; a Report-Only
// field may be left that reports to nobody.
func policies(r *review, name string) {
	r.eachLine(name, Report, func(r *review, line string) (string, bool) {
		t := text{source: line}
		for d := readDirective(line, 0); d.start < len(line); d = readDirective(line, d.end+1) {
			if strings.EqualFold(d.name.of(line), "report-uri") {
				r.reportURI(&t, d)
			}
		}
		return t.String(), true
	})
}

// directive is one directive of a policy. line[start:end] is all of it, up to
// the semicolon or, between two policies, the comma that ends it.
type directive struct {
	start, end int
	name       span
}

func readDirective(line string, at int) directive {
	d := directive{start: at, end: find(line, at, ";,")}
	d.name.start = min(skip(line, at, space), d.end)
	d.name.end = min(find(line, d.name.start, space), d.end)
	return d
}

// nextWord returns the word of a directive that follows the one before.
func (d directive) nextWord(line string, before span) (span, bool) {
	start := min(skip(line, before.end, space), d.end)
	end := min(find(line, start, space), d.end)
	return span{start, end}, start < end
}

func (r *review) reportURI(t *text, d directive) {
	var kept []string
	refused := false
	for word, ok := d.nextWord(t.source, d.name); ok; word, ok = d.nextWord(t.source, word) {
		instead, allowed := r.ask(word.of(t.source), Report, ",;")
		if allowed {
			kept = append(kept, instead)
		}
		refused = refused || !allowed || instead != word.of(t.source)
	}
	switch {
	case !refused:
	case len(kept) > 0:
		value := span{d.name.end, d.end}.trim(t.source, space)
		t.replace(value.start, value.end, strings.Join(kept, " "))
	case d.end < len(t.source) && t.source[d.end] == ',':
		t.remove(d.start, d.end) // the comma parts two policies
	default:
		t.remove(d.start, d.end+1)
	}
}

// features governs Feature-Policy, the form of Permissions-Policy before 2020,
// which Chromium still heeds: `ch-dpr 'self' https://images.example`.
func features(r *review, name string) {
	r.eachLine(name, Delegate, func(r *review, line string) (string, bool) {
		t := text{source: line}
		for d := readDirective(line, 0); d.start < len(line); d = readDirective(line, d.end+1) {
			if isHint(d.name.of(line)) {
				r.feature(&t, d)
			}
		}
		return t.String(), true
	})
}

func (r *review) feature(t *text, d directive) {
	before := d.name
	for word, ok := d.nextWord(t.source, before); ok; word, ok = d.nextWord(t.source, word) {
		origin := word.of(t.source)
		switch {
		case origin == "*":
			if _, ok := r.ask(Anybody, Delegate, ""); !ok {
				t.replace(word.start, word.end, "'self'")
			}
		case origin[0] != '\'':
			if _, ok := r.ask(origin, Delegate, ""); !ok {
				t.replace(before.end, word.end, "")
			}
		}
		before = word
	}
}
