package fields

import "strings"

// refresh governs Refresh, which sends the visitor on without his doing, and so
// past a redirector that notes his coming. The field goes if the address he is
// sent to is refused; reloading the page itself is never refused.
//
// Browsers join several lines before they read them, other clients take one of
// them: all readings must be allowed.
func refresh(r *review, name string) {
	lines := r.header[name]
	if len(lines) > 1 {
		for _, line := range lines {
			if _, ok := r.redirect(line); !ok {
				delete(r.header, name)
				return
			}
		}
	}
	joined := strings.Join(lines, ", ")
	edited, ok := r.redirect(joined)
	switch {
	case !ok:
		delete(r.header, name)
	case edited != joined:
		r.header[name] = []string{edited}
	}
}

// redirect edits one value. One that browsers ignore is refused only if it
// holds something like an address.
func (r *review) redirect(line string) (edited string, ok bool) {
	target, ok := refreshTarget(line)
	if !ok {
		if strings.Contains(line, "//") && !r.allowsAnybody(Navigate) {
			r.removed++
			return line, false
		}
		return line, true
	}
	instead, ok := r.ask(target.of(line), Navigate, "'")
	t := text{source: line}
	if ok {
		t.replace(target.start, target.end, instead)
	}
	return t.String(), ok
}

// refreshTarget finds the address in a value (HTML, "shared declarative refresh
// steps"). It is empty where there is none. False means that browsers ignore
// the value.
func refreshTarget(line string) (span, bool) {
	const digits = "0123456789"
	start := skip(line, 0, space)
	at := skip(line, start, digits)
	if at == start && (at == len(line) || line[at] != '.') {
		return span{}, false
	}
	at = skip(line, at, digits+".")
	if at < len(line) && strings.IndexByte(";,"+space, line[at]) < 0 {
		return span{}, false
	}
	at = skip(line, at, space)
	if at < len(line) && (line[at] == ';' || line[at] == ',') {
		at = skip(line, at+1, space)
	}
	at = skipURL(line, at)
	end := len(line)
	if at < len(line) && (line[at] == '\'' || line[at] == '"') {
		end = find(line, at+1, line[at:at+1])
		at++
	}
	return span{at, end}.trim(line, space), true
}

// skipURL skips `url =`, which may be missing. What only begins like it is part
// of the address.
func skipURL(line string, at int) int {
	if len(line)-at < 3 || !strings.EqualFold(line[at:at+3], "url") {
		return at
	}
	equals := skip(line, at+3, space)
	if equals == len(line) || line[equals] != '=' {
		return at
	}
	return skip(line, equals+1, space)
}
