package page

import (
	"bytes"

	"github.com/caddy-privacy/caddy-privacy/internal/dialect"
)

// Most of a page is text, and tags of elements that load nothing and change
// nothing in how the rest is read: paragraphs, links, emphasis. In body the
// scanner passes over runs of them at once.

// plainRun returns the length of the run at the beginning of p. It stops before
// a tag that has to be looked at, for its name or one of its attributes, or is not
// complete.
func (s *scanner) plainRun(p []byte) int {
	for i := 0; ; {
		n := bytes.IndexByte(p[i:], '<')
		if n < 0 {
			return len(p)
		}
		start := i + n
		if i = usualTag(p, start); i < 0 {
			i = plainTag(p, start)
		}
		if i < 0 || s.watchful && s.watches(p[start:i]) {
			return start
		}
	}
}

// watches reports whether a tag that is plain otherwise may be of interest on this page.
func (s *scanner) watches(tag []byte) bool {
	return s.boxes && dialect.MayBeBox(tag) || s.forms && ofForm(tag)
}

// plainTag returns where the tag at p[start] ends, or -1 if it has to be looked at or
// is not complete.
func plainTag(p []byte, start int) int {
	i := start + 1
	if i < len(p) && p[i] == '/' {
		i++
	}
	name := i
	for i < len(p) && class[p[i]]&endsName == 0 {
		i++
	}
	if i == len(p) || i == name || !isLetter(p[name]) || mayMatter(p[name:i]) && matters(p[name:i]) {
		return -1
	}
	for p[i] != '>' {
		if i = plainAttribute(p, i); i < 0 {
			return -1
		}
	}
	return i + 1
}

// plainAttribute passes over the blanks and the attribute at p[i] as nextAttr
// does, and returns -1 if it may be of interest on any element or is not all
// there.
func plainAttribute(p []byte, i int) int {
	for i < len(p) && (isSpace(p[i]) || p[i] == '/') {
		i++
	}
	if i+1 >= len(p) {
		return -1
	}
	if p[i] == '>' {
		return i
	}
	if actsAnywhere(p[i], p[i+1]) {
		return -1
	}
	for i++; i < len(p) && class[p[i]]&endsAttrName == 0; i++ {
	}
	for i < len(p) && isSpace(p[i]) {
		i++
	}
	if i == len(p) || p[i] != '=' {
		return complete(p, i)
	}
	for i++; i < len(p) && isSpace(p[i]); i++ {
	}
	if i < len(p) && (p[i] == '"' || p[i] == '\'') {
		n := bytes.IndexByte(p[i+1:], p[i])
		if n < 0 {
			return -1
		}
		return complete(p, i+1+n+1)
	}
	for i < len(p) && class[p[i]]&endsUnquoted == 0 {
		i++
	}
	return complete(p, i)
}

// actsAnywhere reports whether an attribute whose name begins so may be one of those
// of anywhere.
func actsAnywhere(first, second byte) bool {
	switch uint16(first|0x20)<<8 | uint16(second|0x20) {
	case 's'<<8 | 't', 'p'<<8 | 'i', 'b'<<8 | 'a', 'a'<<8 | 't':
		return true
	}
	return false
}

func complete(p []byte, i int) int {
	if i >= len(p) {
		return -1
	}
	return i
}

// matters reports whether a tag of this name has to be looked at: it loads, its
// content is read otherwise, or the document's structure hangs on it.
func matters(name []byte) bool {
	return lookup(name, hash(name)).traits&looked != 0
}

// isLooked reports whether an element has to be looked at.
func isLooked(name string, traits trait) bool {
	return loads[name] != 0 || traits&rawText != 0 || structural[name]
}

// structural are the elements that neither load nor hold raw text, and yet
// matter.
var structural = map[string]bool{
	"base": true, "blockquote": true, "body": true, "frameset": true, "head": true, "html": true, "math": true, "svg": true, "template": true,
}

// mayMatter sorts out nearly all other names, by their first and second letter and
// their length.
func mayMatter(name []byte) bool {
	if len(name) < 2 {
		return false
	}
	return seconds[name[0]&31][len(name)&31]&(1<<(name[1]&31)) != 0
}

// seconds has, for each first letter and length of names that matter, a bit for each
// second letter. What is no letter is taken for one.
var seconds = func() (letters [32][32]uint32) {
	for _, e := range elements {
		if isLooked(e.name, e.traits) {
			letters[e.name[0]&31][len(e.name)&31] |= 1 << (e.name[1] & 31)
		}
	}
	return letters
}()
