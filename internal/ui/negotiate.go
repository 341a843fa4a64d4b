package ui

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
)

// Bounds on what visitors can make us parse and remember. Real Accept-Language headers are under 100
// bytes, and a site sees a few hundred different ones.
const (
	maxAcceptLanguage = 256
	maxRemembered     = 1024
)

// Negotiate picks the language to speak: the visitor's explicit choice, else what his browser asks
// for (RFC 9110, section 12.5.4), else the site's own, else English. Each may be empty; a region in
// choice or siteDefault is ignored (fr-BE is French). To answer in the language of a page, which is
// less surprising than any header, pass that as choice.
func Negotiate(choice, acceptLanguage, siteDefault string) string {
	if code, ok := primary(choice); ok {
		return code
	}
	if code, ok := asked.match(acceptLanguage); ok {
		return code
	}
	if code, ok := primary(siteDefault); ok {
		return code
	}
	return fallback
}

// primary returns the language of a tag such as "fr" or "fr-BE" when it is spoken.
func primary(tag string) (string, bool) {
	tag, _, _ = strings.Cut(tag, "-")
	_, ok := messages[tag]
	return tag, ok
}

// asked remembers what each Accept-Language header came to, since parsing one costs microseconds and
// every page needs it.
var asked = newMatcher(languages)

type matcher struct {
	inner language.Matcher
	codes []string

	mu   sync.RWMutex
	seen map[string]string // "" when nothing asked for is spoken
}

func newMatcher(codes []string) *matcher {
	tags := make([]language.Tag, len(codes))
	for i, code := range codes {
		tags[i] = language.Make(code)
	}
	return &matcher{inner: language.NewMatcher(tags), codes: codes, seen: map[string]string{}}
}

// match returns the spoken language that serves header best, if any does.
func (m *matcher) match(header string) (string, bool) {
	if header == "" || len(header) > maxAcceptLanguage {
		return "", false
	}
	m.mu.RLock()
	code, ok := m.seen[header]
	m.mu.RUnlock()
	if !ok {
		code = m.parse(header)
		m.remember(header, code)
	}
	return code, code != ""
}

func (m *matcher) parse(header string) string {
	wanted, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return ""
	}
	_, i, confidence := m.inner.Match(wanted...)
	if confidence == language.No {
		return ""
	}
	return m.codes[i]
}

// remember forgets everything when full: the headers of real browsers are back in no time, and a
// visitor who invents thousands gains nothing.
func (m *matcher) remember(header, code string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.seen) >= maxRemembered {
		clear(m.seen)
	}
	m.seen[strings.Clone(header)] = code
}
