package fields

import "strings"

// space is ASCII white space as the URL and HTML Standards have it.
const space = " \t\n\f\r"

// text is a line being edited from left to right. As long as nothing changes it
// is the source, and costs nothing.
type text struct {
	source  string
	written strings.Builder
	done    int  // source[:done] is written
	cut     bool // a part was taken out, so that separators may hang loose
}

// replace writes with for source[start:end].
func (t *text) replace(start, end int, with string) {
	if t.source[start:end] == with {
		return
	}
	t.written.WriteString(t.source[t.done:start])
	t.written.WriteString(with)
	t.done = end
}

// remove takes out source[start:end]. A member of a list is removed with the
// separator that follows it; end may be one byte past the last.
func (t *text) remove(start, end int) {
	t.replace(start, min(end, len(t.source)), "")
	t.cut = true
}

// String returns the line as edited, the source itself if nothing was.
func (t *text) String() string {
	if t.done == 0 {
		return t.source
	}
	line := t.written.String() + t.source[t.done:]
	if t.cut {
		line = strings.Trim(line, space+",;")
	}
	return line
}

// span is a part of a line, line[start:end].
type span struct{ start, end int }

func (s span) of(line string) string { return line[s.start:s.end] }

// trim returns s without the bytes of cutset at its ends.
func (s span) trim(line, cutset string) span {
	for s.start < s.end && strings.IndexByte(cutset, line[s.start]) >= 0 {
		s.start++
	}
	for s.end > s.start && strings.IndexByte(cutset, line[s.end-1]) >= 0 {
		s.end--
	}
	return s
}

// skip returns the index of the first byte from at on that is not in set.
func skip(line string, at int, set string) int {
	for at < len(line) && strings.IndexByte(set, line[at]) >= 0 {
		at++
	}
	return at
}

// find returns the index of the first byte from at on that is in set, or the
// length of the line.
func find(line string, at int, set string) int {
	at = min(at, len(line))
	if i := strings.IndexAny(line[at:], set); i >= 0 {
		return at + i
	}
	return len(line)
}
