package ui

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"golang.org/x/net/html"
)

// Text returns the words a visitor was shown before choosing, for the record of his consent: those of
// the panel, taken from the very HTML, and the list of services it links to. What the visitor granted
// earlier does not change it.
func Text(lang string, purposes []Purpose) string {
	panel := Banner(lang, purposes)
	var list strings.Builder
	if err := pageTemplates.ExecuteTemplate(&list, "services", newView(lang, PageData{Purposes: purposes})); err != nil {
		panic("ui: page.html: " + err.Error()) // a builder and constant types: only a broken template fails
	}
	return words(string(panel.before)+string(panel.after)) + "\n" + words(list.String())
}

// Digest returns the SHA-256 of [Text] in hexadecimal, by which a receipt names what was shown.
func Digest(lang string, purposes []Purpose) string {
	sum := sha256.Sum256([]byte(Text(lang, purposes)))
	return hex.EncodeToString(sum[:])
}

// words returns the text of an HTML fragment, one line for each run of text.
func words(fragment string) string {
	var lines []string
	tokens := html.NewTokenizer(strings.NewReader(fragment))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return strings.Join(lines, "\n")
		case html.TextToken:
			if line := strings.TrimSpace(string(tokens.Text())); line != "" {
				lines = append(lines, line)
			}
		}
	}
}
