// Package route tells which requests send a protected form.
//
// Sites read one path in many ways: with escapes decoded once or twice, dot
// segments resolved or not, parameters of segments cut off, letters of either case.
// Nobody knows which way the site behind the gateway has, so a path is taken for
// protected if any of them leads to one. This asks for a proof too often, where
// somebody writes a path as no browser does; the other way, it would be got round.
package route

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Routes are the protected paths of a site. They are immutable; nil has none.
type Routes struct {
	patterns []string       // as written
	exact    map[string]int // whole paths, in their normal form, with the pattern's index
	begin    map[string]int // beginnings of paths, likewise
	lengths  []int          // of those, each once, in bytes
	fold     bool           // letters of either case are the same
}

// New reads patterns: paths such as /contact, or the beginnings of paths with a star
// after them, such as /comments*. With fold, the site takes letters of either case
// for the same.
//
// A path is its own address with and without a slash at its end, and the addresses
// at which frameworks serve the same: /contact.json, /contact/index.php,
// /index.php/contact; of a path with a file's name, what lies below it
// (/login.php/x runs the same script).
func New(patterns []string, fold bool) (*Routes, error) {
	r := &Routes{patterns: slices.Clone(patterns), exact: map[string]int{}, begin: map[string]int{}, fold: fold}
	for i, pattern := range patterns {
		if err := check(pattern); err != nil {
			return nil, fmt.Errorf("protected path %q: %w", pattern, err)
		}
		if slices.Contains(patterns[:i], pattern) {
			return nil, fmt.Errorf("protected path %q: it is written twice", pattern)
		}
		r.add(pattern, i)
	}
	for begin := range r.begin {
		if !slices.Contains(r.lengths, len(begin)) {
			r.lengths = append(r.lengths, len(begin))
		}
	}
	slices.Sort(r.lengths)
	return r, nil
}

func check(pattern string) error {
	path, _ := strings.CutSuffix(pattern, "*")
	switch {
	case !strings.HasPrefix(pattern, "/"):
		return errors.New("write it from the root, such as /contact")
	case strings.Contains(path, "*"):
		return errors.New("write the star at the end alone, such as /comments*")
	case strings.ContainsAny(path, "?#\\{} \t\r\n"):
		return errors.New("write the path alone, without query, blanks, backslashes or placeholders")
	}
	return nil
}

// add takes in a pattern. The first of those that mean the same counts.
func (r *Routes) add(pattern string, i int) {
	path, star := strings.CutSuffix(pattern, "*")
	path = r.folded(decoded(path))
	whole := joined(path, asIs)
	if star && !strings.HasSuffix(path, "/") {
		put(r.begin, whole, i)
		return
	}
	put(r.exact, whole, i)
	if star || strings.Contains(whole[strings.LastIndexByte(whole, '/'):], ".") {
		put(r.begin, strings.TrimSuffix(whole, "/")+"/", i)
	}
}

func put(m map[string]int, path string, i int) {
	if _, taken := m[path]; !taken {
		m[path] = i
	}
}

// Patterns lists the patterns as they were written. It is read only.
func (r *Routes) Patterns() []string {
	if r == nil {
		return nil
	}
	return r.patterns
}

// Folds reports whether letters of either case are the same.
func (r *Routes) Folds() bool { return r != nil && r.fold }

// Find returns the pattern that a path falls under; the first as written, if there
// are several. The path is that of the request as it came, escapes and all
// ([net/url.URL.EscapedPath]).
func (r *Routes) Find(path string) (pattern string, ok bool) {
	if r == nil || len(r.patterns) == 0 {
		return "", false
	}
	at := len(r.patterns)
	if isUsual(path) {
		at = r.match(strings.TrimSuffix(r.folded(path), "/"), at)
	} else {
		for reading := range readings(path) {
			at = r.match(r.folded(reading), at)
		}
	}
	if at == len(r.patterns) {
		return "", false
	}
	return r.patterns[at], true
}

// Protects returns the pattern that a request falls under, if it may change
// something. Escaped is its path as it came, query what follows that.
func (r *Routes) Protects(method, escaped, query string, header http.Header) (pattern string, ok bool) {
	usual := isUsual(escaped) // which costs less than to look through the header
	if !usual && !Acts(method, header, query) {
		return "", false
	}
	if pattern, ok = r.Find(escaped); !ok || usual && !Acts(method, header, query) {
		return "", false
	}
	return pattern, true
}

// match returns the first pattern that a path in its normal form falls under, by
// whatever name, or most.
func (r *Routes) match(path string, most int) int {
	most = r.matchAs(path, most)
	if strings.IndexByte(path, '.') < 0 {
		return most
	}
	most = r.matchAs(withoutSuffix(path), most)
	if bare := withoutIndex(path); bare != path {
		most = r.matchAs(bare, most)
		most = r.matchAs(withoutSuffix(bare), most)
	}
	return most
}

func (r *Routes) matchAs(path string, most int) int {
	if path == "" {
		path = "/"
	}
	if i, ok := r.exact[path]; ok {
		most = min(most, i)
	}
	for _, n := range r.lengths {
		if n > len(path) {
			break
		}
		if i, ok := r.begin[path[:n]]; ok {
			most = min(most, i)
		}
	}
	return most
}

func (r *Routes) folded(path string) string {
	if r.fold {
		return strings.ToLower(path)
	}
	return path
}
