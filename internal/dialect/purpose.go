package dialect

import "strings"

// purposes is a set of the purposes that a visitor is asked about. What is
// necessary is not among them.
type purposes uint8

const (
	functional purposes = 1 << iota
	statistics
	marketing
)

const necessary purposes = 0

// categories gives the purpose of the names that the tools, and most owners,
// give to their categories. A name stands here only if it means its purpose and
// nothing narrower: accepting "social" is not accepting marketing.
var categories = map[string]purposes{
	"c0001":              necessary,
	"essential":          necessary,
	"essentials":         necessary,
	"necessary":          necessary,
	"required":           necessary,
	"strictly-necessary": necessary,
	"strictly_necessary": necessary,
	"strictlynecessary":  necessary,
	"technical":          necessary,

	"c0003":         functional,
	"comfort":       functional,
	"experience":    functional,
	"functional":    functional,
	"functionality": functional,
	"preference":    functional,
	"preferences":   functional,

	"analytic":             statistics,
	"analytical":           statistics,
	"analytics":            statistics,
	"audience":             statistics,
	"c0002":                statistics,
	"measurement":          statistics,
	"performance":          statistics,
	"statistic":            statistics,
	"statistical":          statistics,
	"statistics":           statistics,
	"statistics-anonymous": statistics,
	"stats":                statistics,

	"ad":            marketing,
	"ads":           marketing,
	"advertisement": marketing,
	"advertising":   marketing,
	"c0004":         marketing,
	"marketing":     marketing,
	"targeting":     marketing,
}

// category finds the purpose of a category. known is false for names that
// nobody else uses.
func category(name string) (p purposes, known bool) {
	name = strings.ToLower(strings.TrimSpace(name))
	name = strings.TrimPrefix(name, "cookieyes-")
	name = strings.TrimSuffix(strings.TrimSuffix(name, "-cookies"), "_cookies")
	p, known = categories[name]
	return p, known
}

// demanded is the purpose that a category needs: marketing, the strictest, if
// nobody knows it.
func demanded(name string) purposes {
	p, known := category(name)
	if !known {
		return marketing
	}
	return p
}

// lists holds every set by its bits, so that naming one costs no memory.
var lists = [...][]string{
	functional:                          {"functional"},
	statistics:                          {"statistics"},
	functional | statistics:             {"functional", "statistics"},
	marketing:                           {"marketing"},
	functional | marketing:              {"functional", "marketing"},
	statistics | marketing:              {"statistics", "marketing"},
	functional | statistics | marketing: {"functional", "statistics", "marketing"},
}

func (p purposes) names() []string { return lists[p] }
