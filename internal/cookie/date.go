package cookie

import "time"

// ParseDate reads the date of an Expires attribute (RFC 6265bis, 5.1.1).
// Browsers look for a time, a day, a month and a year in any surroundings and
// take everything for UTC: week days, zones and quotes mean nothing to them.
// ok is false when one of the four is missing or out of range.
func ParseDate(s string) (t time.Time, ok bool) {
	var d date
	for s != "" {
		if delimiter(s[0]) {
			s = s[1:]
			continue
		}
		n := 1
		for n < len(s) && !delimiter(s[n]) {
			n++
		}
		d.take(s[:n])
		s = s[n:]
	}
	return d.time()
}

// date is what was found so far; each of the four is taken once.
type date struct {
	hour, minute, second, day, year    int
	month                              time.Month
	hasTime, hasDay, hasMonth, hasYear bool
}

// take uses a token for the first part that is still missing and that it fits.
func (d *date) take(token string) {
	if !d.hasTime {
		if d.hasTime = d.takeTime(token); d.hasTime {
			return
		}
	}
	if !d.hasDay {
		if d.day, d.hasDay = number(token, 1, 2); d.hasDay {
			return
		}
	}
	if !d.hasMonth {
		if d.month, d.hasMonth = monthOf(token); d.hasMonth {
			return
		}
	}
	if !d.hasYear {
		d.year, d.hasYear = number(token, 2, 4)
	}
}

// takeTime reads h:m:s, each of one or two digits.
func (d *date) takeTime(token string) bool {
	hour, n := digits(token)
	minute, m := digits(after(token, n))
	second, ok := number(after(token, n+1+m), 1, 2)
	if n == 0 || n > 2 || m == 0 || m > 2 || !ok {
		return false
	}
	d.hour, d.minute, d.second = hour, minute, second
	return true
}

// after returns what follows the colon at n, nothing when there is none.
func after(token string, n int) string {
	if n < len(token) && token[n] == ':' {
		return token[n+1:]
	}
	return ""
}

func (d *date) time() (time.Time, bool) {
	if !d.hasTime || !d.hasDay || !d.hasMonth || !d.hasYear {
		return time.Time{}, false
	}
	switch {
	case d.year < 70:
		d.year += 2000
	case d.year < 100:
		d.year += 1900
	}
	if d.year < 1601 || d.day < 1 || d.hour > 23 || d.minute > 59 || d.second > 59 {
		return time.Time{}, false
	}
	t := time.Date(d.year, d.month, d.day, d.hour, d.minute, d.second, 0, time.UTC)
	// A day that the month does not have was carried into the next one.
	return t, t.Day() == d.day
}

// number reads the digits that token begins with, if there are from least to
// most of them.
func number(token string, least, most int) (n int, ok bool) {
	n, size := digits(token)
	return n, least <= size && size <= most
}

// digits reads the digits that token begins with; beyond four of them only
// size counts.
func digits(token string) (n, size int) {
	for size < len(token) && '0' <= token[size] && token[size] <= '9' {
		if size < 4 {
			n = n*10 + int(token[size]-'0')
		}
		size++
	}
	return n, size
}

// monthOf knows a month by its first three letters.
func monthOf(token string) (time.Month, bool) {
	const months = "janfebmaraprmayjunjulaugsepoctnovdec"
	for i := 0; i < len(months); i += 3 {
		if hasPrefixFold(token, months[i:i+3]) {
			return time.Month(i/3 + 1), true
		}
	}
	return 0, false
}

func delimiter(c byte) bool {
	return c == '\t' || ' ' <= c && c <= '/' || ';' <= c && c <= '@' ||
		'[' <= c && c <= '`' || '{' <= c && c <= '~'
}
