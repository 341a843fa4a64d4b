package dialect

import (
	"strconv"
	"time"
)

// written reads a date as JavaScript writes it into JSON. An empty text is no
// date, which is not an error.
func written(text string) (t time.Time, ok bool) {
	if text == "" {
		return time.Time{}, true
	}
	t, err := time.Parse(time.RFC3339, text)
	return t, err == nil
}

// span reads the dates of the first and the last choice, and returns the first
// of them that is given.
func span(first, last string) (t time.Time, ok bool) {
	from, ok := written(first)
	if !ok {
		return time.Time{}, false
	}
	to, ok := written(last)
	switch {
	case !ok:
		return time.Time{}, false
	case from.IsZero():
		return to, true
	case to.IsZero():
		return from, true
	}
	return from, !to.Before(from)
}

// epoch reads the milliseconds since 1970. Some versions of c15t counted
// seconds: what would lie before March 1973 is taken for those. An empty text
// is no date, which is not an error.
func epoch(text string) (t time.Time, ok bool) {
	if text == "" {
		return time.Time{}, true
	}
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil || n <= 0:
		return time.Time{}, false
	case n < 100_000_000_000:
		return time.Unix(n, 0), true
	}
	return time.UnixMilli(n), true
}
