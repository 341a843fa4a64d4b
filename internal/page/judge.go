package page

import (
	"strings"

	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

// judge asks about an address as it stands in an attribute.
func (b *blocker) judge(value []byte) Answer {
	if b.plain(value) {
		return allowed
	}
	return b.judgeText(decoded(value))
}

// judgeText asks about an address, unless that was just done.
func (b *blocker) judgeText(address string) Answer {
	slot := b.Answers.slot(address)
	if slot == nil || b.based {
		return b.askAbout(address)
	}
	minute := b.Now / 60
	known := slot.Load()
	if known == nil || known.minute != minute || known.scheme != b.base.Scheme || known.address != address {
		known = &answered{address: strings.Clone(address), scheme: b.base.Scheme, minute: minute}
		known.answer, known.asked = b.askAbout(known.address), b.asked
		slot.Store(known)
	}
	b.asked = known.asked
	return known.answer
}

func (b *blocker) askAbout(address string) Answer {
	var ok bool
	b.asked, ok = weburl.Parse(address, &b.base)
	switch {
	case !ok:
		return Answer{} // browsers do not load it, or read it otherwise than we do
	case !b.asked.Network():
		return allowed
	}
	return b.Ask(&b.asked)
}

// plain reports that a value is, at first sight, an address of the site itself:
// most are.
func (b *blocker) plain(value []byte) bool {
	if b.based || b.Own {
		return false
	}
	if len(value) > 1 && value[0] == '/' {
		return wordByte(value[1])
	}
	for _, c := range value {
		if c == '/' || c == '?' || c == '#' {
			return true
		}
		if !wordByte(c) {
			return false
		}
	}
	return true
}

// wordByte reports whether a byte is nothing but itself in an address.
func wordByte(c byte) bool {
	return isLetter(c) || '0' <= c && c <= '9' || c == '.' || c == '-' || c == '_'
}

// rebase applies a base element to the addresses that follow.
func (b *blocker) rebase(t *tag) {
	href, ok := t.attr("href")
	if !ok {
		return
	}
	b.fixed = true
	if u, ok := weburl.Parse(strings.Clone(decoded(href)), &b.base); ok && u.Network() {
		b.base, b.based = u, true
	}
}
