package cookie

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"
)

// jar is a browser's cookie store, written from RFC 6265bis alone and slowly,
// so that it can judge the package. Its limit of 400 days can be switched off,
// to make sure that a bound which holds is ours.
type jar struct {
	cookies []stored
	limit   time.Duration // zero: none
}

// stored is one cookie (RFC 6265bis, 5.7).
type stored struct {
	key
	value            string
	expiry, created  time.Time
	persistent       bool
	secure, httpOnly bool
	sameSite         string
}

// key is what identifies a cookie.
type key struct {
	name, domain, path    string
	hostOnly, partitioned bool
}

// origin is where a request goes.
type origin struct {
	host, path string
	secure     bool
}

// reading is a Set-Cookie line after the parsing of section 5.6.
type reading struct {
	name, value string
	attributes  [][2]string // name in lower case, value as section 5.6.x leaves it
	expiry      time.Time
	persistent  bool
}

var (
	timeToken  = regexp.MustCompile(`(?s)^([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})([^0-9].*)?$`)
	dayToken   = regexp.MustCompile(`(?s)^([0-9]{1,2})([^0-9].*)?$`)
	monthToken = regexp.MustCompile(`(?is)^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec).*$`)
	yearToken  = regexp.MustCompile(`(?s)^([0-9]{2,4})([^0-9].*)?$`)
	ageValue   = regexp.MustCompile(`^-?[0-9]+$`)
	delimiters = regexp.MustCompile(`[\x09\x20-\x2F\x3B-\x40\x5B-\x60\x7B-\x7E]+`)
	addresses  = regexp.MustCompile(`^[0-9.]+$|:`)
	ctlBytes   = regexp.MustCompile(`[\x00-\x08\x0A-\x1F\x7F]`)
)

// jarDate is section 5.1.1.
func jarDate(s string) (time.Time, bool) {
	var clock, day, month, year []string
	for _, token := range delimiters.Split(latin1(s), -1) {
		if token == "" {
			continue
		}
		if m := timeToken.FindStringSubmatch(token); clock == nil && m != nil {
			clock = m
		} else if m := dayToken.FindStringSubmatch(token); day == nil && m != nil {
			day = m
		} else if m := monthToken.FindStringSubmatch(token); month == nil && m != nil {
			month = m
		} else if m := yearToken.FindStringSubmatch(token); year == nil && m != nil {
			year = m
		}
	}
	if clock == nil || day == nil || month == nil || year == nil {
		return time.Time{}, false
	}
	y, d := atoi(year[1]), atoi(day[1])
	if y >= 70 && y <= 99 {
		y += 1900
	} else if y >= 0 && y <= 69 {
		y += 2000
	}
	h, min, sec := atoi(clock[1]), atoi(clock[2]), atoi(clock[3])
	if d < 1 || d > 31 || y < 1601 || h > 23 || min > 59 || sec > 59 {
		return time.Time{}, false
	}
	mon := strings.ToUpper(month[1][:1]) + strings.ToLower(month[1][1:])
	t, err := time.Parse("2006 Jan 2 15 4 5", fmt.Sprintf("%d %s %d %d %d %d", y, mon, d, h, min, sec))
	return t, err == nil
}

// latin1 makes every byte one character, for the regular expressions.
func latin1(s string) string {
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return n
}

// read is section 5.6.
func (j *jar) read(line string, now time.Time) (r reading, ok bool) {
	if ctlBytes.MatchString(latin1(line)) {
		return r, false
	}
	parts := strings.Split(line, ";")
	if name, value, found := strings.Cut(parts[0], "="); found {
		r.name, r.value = strings.Trim(name, " \t"), strings.Trim(value, " \t")
	} else {
		r.value = strings.Trim(parts[0], " \t")
	}
	if len(r.name)+len(r.value) > 4096 || len(r.name)+len(r.value) == 0 {
		return r, false
	}
	for _, part := range parts[1:] {
		name, value, _ := strings.Cut(part, "=")
		name, value = lower(strings.Trim(name, " \t")), strings.Trim(value, " \t")
		if len(value) <= 1024 {
			r.attributes = append(r.attributes, [2]string{name, value})
		}
	}
	r.expiry, r.persistent = j.lifetime(r, now)
	return r, true
}

// lifetime is sections 5.6.1 and 5.6.2, and step 3 of 5.7.
func (j *jar) lifetime(r reading, now time.Time) (expiry time.Time, persistent bool) {
	var byAge, byDate *time.Time
	for _, a := range r.attributes {
		switch {
		case a[0] == "max-age" && ageValue.MatchString(a[1]):
			end := j.age(a[1], now)
			byAge = &end
		case a[0] == "expires":
			if end, ok := jarDate(a[1]); ok {
				byDate = &end
			}
		}
	}
	switch {
	case byAge != nil:
		return *byAge, true
	case byDate != nil:
		if j.limit > 0 && byDate.After(now.Add(j.limit)) {
			return now.Add(j.limit), true
		}
		return *byDate, true
	}
	return time.Time{}, false
}

// age turns Max-Age into a date; without a limit two centuries stand for
// numbers that do not fit.
func (j *jar) age(value string, now time.Time) time.Time {
	seconds, err := strconv.ParseInt(value, 10, 64)
	if strings.HasPrefix(value, "-") || err == nil && seconds == 0 {
		return time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	const centuries = 200 * 365 * 24 * 3600
	if err != nil || seconds > centuries {
		seconds = centuries
	}
	if j.limit > 0 && time.Duration(seconds) > j.limit/time.Second {
		return now.Add(j.limit)
	}
	return now.Add(time.Duration(seconds) * time.Second)
}

// last is the value of the last attribute of that name.
func (r reading) last(name string) (value string, ok bool) {
	for _, a := range r.attributes {
		if a[0] == name {
			value, ok = a[1], true
		}
	}
	return value, ok
}

// store is section 5.7, for a navigation. It reports whether the line took
// effect: stored, replaced or deleted something.
func (j *jar) store(line string, from origin, now time.Time) bool {
	r, ok := j.read(line, now)
	return ok && j.keep(r, from, now)
}

func (j *jar) keep(r reading, from origin, now time.Time) bool {
	c := stored{value: r.value, expiry: r.expiry, persistent: r.persistent, created: now}
	c.name, c.domain, c.hostOnly = r.name, from.host, true
	if d, ok := r.last("domain"); ok && d != "" {
		if !j.scoped(&c, d, from) {
			return false
		}
	}
	c.path = defaultPath(from.path)
	if p, ok := r.last("path"); ok && strings.HasPrefix(p, "/") {
		c.path = p
	}
	_, c.secure = r.last("secure")
	_, c.httpOnly = r.last("httponly")
	_, c.partitioned = r.last("partitioned")
	same, _ := r.last("samesite")
	switch same = lower(same); same {
	case "none", "lax", "strict":
		c.sameSite = same
	}
	if !j.acceptable(c, r, from) {
		return false
	}
	if i := slices.IndexFunc(j.cookies, func(o stored) bool { return o.key == c.key }); i >= 0 {
		c.created = j.cookies[i].created
		j.cookies = slices.Delete(j.cookies, i, i+1)
	}
	j.cookies = append(j.cookies, c)
	j.evict(now)
	return true
}

// scoped applies a Domain attribute.
func (j *jar) scoped(c *stored, d string, from origin) bool {
	d = strings.TrimPrefix(d, ".")
	for i := range len(d) {
		if d[i] > 0x7f {
			return false
		}
	}
	d = lower(d)
	if suffix, _ := publicsuffix.PublicSuffix(d); d != "" && suffix == d {
		return d == from.host
	}
	if d == "" {
		return true
	}
	c.domain, c.hostOnly = d, false
	return domainMatch(from.host, d)
}

// acceptable is the list of reasons to ignore a cookie.
func (j *jar) acceptable(c stored, r reading, from origin) bool {
	name := lower(c.name)
	guarded := name
	if guarded == "" {
		guarded = lower(c.value)
	}
	p, explicit := r.last("path")
	isSecure, isHost := strings.HasPrefix(guarded, "__secure-"), strings.HasPrefix(guarded, "__host-")
	switch {
	case c.secure && !from.secure,
		c.sameSite == "none" && !c.secure,
		c.partitioned && !c.secure,
		name == "" && (isSecure || isHost),
		isSecure && !c.secure,
		isHost && (!c.secure || !c.hostOnly || !explicit || p != "/"):
		return false
	}
	if d, ok := r.last("domain"); isHost && ok && strings.TrimPrefix(d, ".") != "" {
		return false
	}
	for _, o := range j.cookies {
		if !c.secure && !from.secure && o.secure && o.name == c.name && pathMatch(c.path, o.path) &&
			(domainMatch(o.domain, c.domain) || domainMatch(c.domain, o.domain)) {
			return false
		}
	}
	return true
}

func (j *jar) evict(now time.Time) {
	j.cookies = slices.DeleteFunc(j.cookies, func(c stored) bool {
		return c.persistent && !c.expiry.After(now)
	})
}

// send is section 5.8.3: the Cookie field of a request, empty if none.
func (j *jar) send(to origin, now time.Time) string {
	var visible []stored
	for _, c := range j.cookies {
		if j.visible(c, to, now) {
			visible = append(visible, c)
		}
	}
	slices.SortStableFunc(visible, func(a, b stored) int {
		if len(a.path) != len(b.path) {
			return len(b.path) - len(a.path)
		}
		return a.created.Compare(b.created)
	})
	var pairs []string
	for _, c := range visible {
		if c.name == "" {
			pairs = append(pairs, c.value)
		} else {
			pairs = append(pairs, c.name+"="+c.value)
		}
	}
	return strings.Join(pairs, "; ")
}

func (j *jar) visible(c stored, to origin, now time.Time) bool {
	return (!c.persistent || c.expiry.After(now)) &&
		(c.hostOnly && c.domain == to.host || !c.hostOnly && domainMatch(to.host, c.domain)) &&
		pathMatch(to.path, c.path) && (!c.secure || to.secure)
}

// domainMatch is section 5.1.3.
func domainMatch(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain) && !addresses.MatchString(host)
}

// pathMatch is section 5.1.4.
func pathMatch(request, cookie string) bool {
	return request == cookie || strings.HasPrefix(request, cookie) &&
		(strings.HasSuffix(cookie, "/") || request[len(cookie)] == '/')
}

// defaultPath is section 5.1.4.
func defaultPath(path string) string {
	if i := strings.LastIndex(path, "/"); strings.HasPrefix(path, "/") && i > 0 {
		return path[:i]
	}
	return "/"
}

// lower folds ASCII letters only.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
