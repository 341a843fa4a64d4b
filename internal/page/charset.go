package page

import (
	"bytes"
	"slices"
	"strings"
)

// Scannable reports whether a response of this Content-Type is HTML in a
// charset that contains ASCII byte for byte, so that its tags can be found and
// ASCII can be inserted; and whether the type declares the charset. XHTML is
// read by other rules and is not scannable.
func Scannable(contentType string) (ok, declared bool) {
	media, params, _ := strings.Cut(contentType, ";")
	if !strings.EqualFold(strings.TrimSpace(media), "text/html") {
		return false, false
	}
	for param := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(param, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "charset") {
			continue
		}
		label := strings.ToLower(strings.Trim(value, "\t \"'"))
		return asciiSuperset(label), label != ""
	}
	return true, false
}

// notSupersets begin the labels of charsets in which a byte below 0x80 may be
// something else than ASCII: those of the Encoding Standard (UTF-16, ISO-2022-JP
// and what it replaces by nothing), and older ones that browsers dropped.
var notSupersets = []string{
	"utf-16", "utf-32", "utf-7", "utf16", "utf32", "utf7", "ucs-", "unicode", "csunicode", "iso-10646",
	"iso-2022-", "csiso2022", "hz-", "replacement", "ebcdic",
}

func asciiSuperset(label string) bool {
	return !slices.ContainsFunc(notSupersets, func(prefix string) bool { return strings.HasPrefix(label, prefix) })
}

// asciiInMeta is asciiSuperset for a label found in the page itself: a page in
// which it can be read is not in UTF-16, and browsers take it for UTF-8.
func asciiInMeta(label string) bool {
	return asciiSuperset(label) || strings.HasPrefix(label, "utf-16")
}

// declaredCharset returns the charset label of a meta element, in lower case,
// or "" if it declares none (HTML 4.2.5.3, 2.5.5).
func declaredCharset(t *tag) string {
	if label, ok := t.attr("charset"); ok {
		return plainLabel(label)
	}
	if equiv, _ := t.attr("http-equiv"); !equalFold(equiv, "content-type") {
		return ""
	}
	content, _ := t.attr("content")
	_, label, ok := bytes.Cut(bytes.ToLower(content), []byte("charset"))
	label = bytes.TrimLeft(label, "\t\n\f\r ")
	if !ok || len(label) == 0 || label[0] != '=' {
		return ""
	}
	label = bytes.TrimLeft(label[1:], "\t\n\f\r '\"")
	if end := bytes.IndexAny(label, "\t\n\f\r ;'\""); end >= 0 {
		label = label[:end]
	}
	return plainLabel(label)
}

// plainLabel returns a label in lower case if it can be repeated in an
// attribute as it is.
func plainLabel(label []byte) string {
	label = bytes.ToLower(bytes.Trim(label, "\t\n\f\r "))
	for _, c := range label {
		if !isLetter(c) && (c < '0' || c > ':') && c != '-' && c != '_' && c != '.' && c != '+' {
			return ""
		}
	}
	if len(label) > 40 {
		return ""
	}
	return string(label)
}
