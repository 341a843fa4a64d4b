package fields

import "strings"

// relations are the link relations that make a browser act on its own, and to
// what purpose (HTML 4.6.7 and the specifications it names). "next" is among
// them because Firefox prefetches it. Relations that only describe, such as
// canonical, alternate, license or preview, are not.
var relations = map[string]Use{
	"preload":                Load,
	"modulepreload":          Load,
	"prefetch":               Load,
	"prerender":              Load,
	"subresource":            Load,
	"next":                   Load,
	"stylesheet":             Load,
	"import":                 Load,
	"manifest":               Load,
	"search":                 Load,
	"monetization":           Load,
	"compression-dictionary": Load,
	"dictionary":             Load,
	"preconnect":             Hint,
	"dns-prefetch":           Hint,
}

// loadingWords are what a Link field must mention to make a browser act. Each
// way of relate must be found by one of them.
var loadingWords = func() []string {
	words := []string{"icon", "apple-touch-", "rel*"}
	for word := range relations {
		words = append(words, word)
	}
	return words
}()

// relate takes in one relation, in lower case. Icons have many names.
func (l *link) relate(word string) {
	use, known := relations[word]
	switch {
	case known && use == Hint:
		l.hints = true
	case known, strings.HasSuffix(word, "icon"), strings.HasPrefix(word, "apple-touch-"):
		l.loads = true
	}
}
