package page

import (
	"bytes"
	"strings"

	"github.com/caddy-privacy/caddy-privacy/internal/csp"
	"github.com/caddy-privacy/caddy-privacy/internal/stylesheet"
)

// link judges the address of a link by its relations (HTML 4.6.7): most say
// something, some load, some open a connection.
func (b *blocker) link(t *tag, a attr) Answer {
	acts, hint := false, false
	for relation := range strings.FieldsSeq(decoded(b.context)) {
		relation = strings.ToLower(relation)
		acts = acts || !silent[relation]
		hint = hint || hints[relation]
	}
	if !acts {
		return allowed
	}
	answer := b.judge(t.raw[a.value:a.valEnd])
	if hint {
		return answer // of what is taken from elsewhere, there is nothing to prepare
	}
	return b.takeInto(t, a, attrHref, answer)
}

// meta judges where a page leads to by itself, and takes in its policies.
func (b *blocker) meta(t *tag, a attr) Answer {
	content := decoded(t.raw[a.value:a.valEnd])
	switch strings.ToLower(decoded(b.context)) {
	case "content-security-policy":
		b.policy(a, content)
		return allowed
	case "refresh":
	default:
		return allowed
	}
	for _, address := range refreshAddresses(content) {
		if answer := b.judgeText(address); !answer.OK {
			return answer
		}
	}
	return allowed
}

// refreshAddresses finds the address in `5; url=…` (HTML, "shared declarative
// refresh steps"), in each of the ways in which browsers read it: they count the
// vertical tab as white space or do not, and end at the first quote or at the
// last. It errs on the side of finding one.
func refreshAddresses(content string) []string {
	const blanks = " \t\n\v\f\r"
	rest := strings.TrimLeft(content, "0123456789."+blanks)
	if rest == content && !strings.HasPrefix(content, ";") && !strings.HasPrefix(content, ",") {
		return nil // no time: not a refresh
	}
	rest = strings.TrimLeft(rest, ";,"+blanks)
	if len(rest) >= 3 && strings.EqualFold(rest[:3], "url") {
		if after := strings.TrimLeft(rest[3:], blanks); strings.HasPrefix(after, "=") {
			rest = strings.TrimLeft(after[1:], blanks)
		}
	}
	switch {
	case rest == "":
		return nil
	case rest[0] != '"' && rest[0] != '\'':
		return []string{rest}
	}
	quote, rest := rest[:1], rest[1:]
	first, _, _ := strings.Cut(rest, quote)
	if last := strings.LastIndex(rest, quote); last > len(first) {
		return []string{first, rest[:last]}
	}
	return []string{first}
}

// reports judges the addresses of ping and attributionsrc: many, separated by
// white space. Without any, attributionsrc reports to where the element loads
// from or leads to, which nobody has asked about.
func (b *blocker) reports(value []byte) Answer {
	answer := Answer{}
	for address := range strings.FieldsSeq(decoded(value)) {
		if answer = b.judgeText(address); !answer.OK {
			return answer
		}
	}
	return answer
}

// srcset judges the candidates of an image (HTML 4.8.4.2.1, "parse a srcset
// attribute"). If one is refused, all are: the element has a src beside it, or
// nothing to show.
func (b *blocker) srcset(t *tag, a attr) Answer {
	text := decoded(t.raw[a.value:a.valEnd])
	var out strings.Builder
	copied := 0
	for rest := text; ; {
		address, after := candidate(rest)
		if address == "" {
			break
		}
		switch answer := b.judgeText(address); {
		case answer.OK:
		case b.takes(answer, csp.Load{Kind: csp.Image}):
			end := len(text) - len(after)
			out.WriteString(text[copied : end-len(address)])
			out.WriteString(answer.Instead)
			copied = end
		default:
			return answer
		}
		rest = afterDescriptors(after)
	}
	if copied > 0 {
		out.WriteString(text[copied:])
		b.replace(a, out.String())
	}
	return allowed
}

// candidate returns the next address of a srcset, and what follows it.
func candidate(text string) (address, after string) {
	start, end := 0, len(text)
	for start < end && (text[start] == ',' || isSpace(text[start])) {
		start++
	}
	for i := start; i < len(text); i++ {
		if isSpace(text[i]) {
			end = i
			break
		}
	}
	address = strings.TrimRight(text[start:end], ",")
	return address, text[start+len(address):]
}

// afterDescriptors returns what follows the comma that ends a candidate.
func afterDescriptors(text string) string {
	open := false
	for i := range len(text) {
		switch text[i] {
		case '(':
			open = true
		case ')':
			open = false
		case ',':
			if !open {
				return text[i:]
			}
		}
	}
	return ""
}

// style takes what is refused out of declarations.
func (b *blocker) style(t *tag, a attr) Answer {
	value := t.raw[a.value:a.valEnd]
	if bytes.IndexByte(value, '(') < 0 && bytes.IndexByte(value, '&') < 0 {
		return allowed // no function, and none behind a character reference
	}
	sheet := []byte(decoded(value))
	b.text = stylesheet.Append(b.text[:0], sheet, b.sheetEdit)
	if !bytes.Equal(b.text, sheet) {
		b.replace(a, string(b.text))
	}
	return allowed
}

// sheetEdit answers for a style sheet what it may load.
func (b *blocker) sheetEdit(address string) (instead string, ok bool) {
	answer := b.judgeText(address)
	switch {
	case answer.OK:
		return address, true
	case b.takes(answer, b.sheetLoad()):
		return answer.Instead, true
	}
	b.held++
	return "", false
}

// motion judges the values that an animation gives to an address.
func (b *blocker) motion(t *tag, a attr) Answer {
	if name := decoded(b.context); load([]byte(name)) != attrHref {
		return b.style(t, a)
	}
	for address := range strings.SplitSeq(decoded(t.raw[a.value:a.valEnd]), ";") {
		if answer := b.judgeText(address); !answer.OK {
			return answer
		}
	}
	return allowed
}

// isMovie reports whether a param names what an old object loads.
func isMovie(name string) bool {
	switch strings.ToLower(name) {
	case "movie", "src", "url", "code":
		return true
	}
	return false
}

// srcdoc governs a page within an attribute.
func (b *blocker) srcdoc(t *tag, a attr) Answer {
	text := decoded(t.raw[a.value:a.valEnd])
	var out bytes.Buffer
	inner := b.within(&out)
	inner.hold.block.Forms = nil     // it is a document of its own
	_, _ = inner.Write([]byte(text)) // into memory
	inner.endFragment()
	if out.String() != text {
		b.held += inner.Held()
		b.replace(a, out.String())
	}
	return allowed
}
