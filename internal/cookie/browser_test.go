package cookie

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// A gateway that knows nothing but names: what it lets through, for how long.
type verdict uint8

const (
	drop verdict = iota
	session
	allow
)

// rules is a random policy. A name it does not know is dropped.
type rules struct {
	verdicts map[string]verdict
	until    time.Time
}

// rewrite does what a response filter does with the package.
func (p rules) rewrite(line string, now time.Time) (string, bool) {
	c, ok := Parse(line, now)
	if !ok {
		return "", false
	}
	switch p.verdicts[c.Name] {
	case session:
		return asSession(line, now), true
	case allow:
		return limit(line, now, p.until), true
	}
	return "", false
}

// restrict does the same to what the jar understood, without the package.
func (p rules) restrict(r reading, now time.Time) (reading, bool) {
	deletes := r.persistent && !r.expiry.After(now)
	switch p.verdicts[r.name] {
	case session:
		r.persistent = deletes
	case allow:
		bound := earlier(p.until, now.Add(Term))
		if r.persistent && !deletes && r.expiry.After(bound) {
			r.expiry = bound
		}
	default:
		return r, false
	}
	if !r.persistent {
		r.expiry = time.Time{}
	}
	return r, true
}

var (
	names  = []string{"a", "_ga", "a b", "é", "__Secure-s", "__host-h", "", "@{", "Max-Age", `"q"`}
	values = []string{"1", "", `"x; Max-Age=99999999; y"`, "a=b", "{\"é\":1}", "x\t y", "\x01", "a,b", "__Host-", "2\r"}
	hosts  = []string{"www.example.fr", "example.fr", "a.b.example.fr", "localhost", "127.0.0.1", "x.github.io"}
	paths  = []string{"/", "/a", "/a/b", "/a/b/c", "//x"}
	others = []string{
		"Secure", "secure=1", "HttpOnly", "Path=/", "Path=/a", "path = /a/b ", "Path", "Path=x", "Domain=example.fr",
		"DOMAIN=.www.example.fr", "Domain=", "Domain=fr", "Domain=é.fr", "Domain=evil.fr", "Domain=github.io",
		"SameSite=None", "SameSite=Lax", "samesite=STRICT", "Partitioned", "Priority=High", "", "=", "x\"y",
	}
	ages = []string{
		"Max-Age=5", "Max-Age=0", "Max-Age=-1", "Max-Age = 99999999", "max-age=0099999999", "Max-Age=+99999999",
		"MAX-AGE=99999999999999999999", `Max-Age="5"`, "Max-Age=", "Max-Age=33955200", "Max-Age=33955201", "Max-Age=3600",
		"Expires=Thu, 01 Jan 1970 00:00:00 GMT", `Expires="Wed, 09 Jun 2100 10:18:14 GMT"`, "expires=9-Jun-99 1:1:1",
		"Expires=Wed Jun  9 10:18:14 2100", "EXPIRES = 9 Mar 2026 10:18:14", "Expires=never", "Expires=0", "Expires=1 Jan 2030",
		"Expires=30 Feb 2100 1:1:1", "Expires=9 Jun 27 0:0:0",
	}
)

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func randomLine(r *rand.Rand) string {
	line := pick(r, names) + pick(r, []string{"=", "=", " = ", ""}) + pick(r, values)
	for range r.IntN(6) {
		line += pick(r, []string{"; ", ";", " ;\t"})
		if r.IntN(5) < 2 {
			line += pick(r, ages)
		} else {
			line += pick(r, others)
		}
	}
	return line
}

func randomRules(r *rand.Rand, now time.Time) rules {
	p := rules{verdicts: map[string]verdict{}, until: now.Add(time.Duration(r.IntN(500*24*3600)-40*24*3600) * time.Second)}
	for _, name := range names {
		p.verdicts[name] = verdict(r.IntN(3))
	}
	return p
}

// TestBrowserHoldsExactlyWhatIsAllowed is the differential test: a browser
// that gets the original lines and is restricted to the policy from within
// must end up like one that gets what the gateway made of them.
func TestBrowserHoldsExactlyWhatIsAllowed(t *testing.T) {
	for seed := range uint64(1500) {
		r := rand.New(rand.NewPCG(seed, 2))
		now := day
		policy := randomRules(r, now)
		var original, rewritten jar
		var lines []string
		for range 30 {
			now = now.Add(time.Duration(r.IntN(3*24*3600)) * time.Second)
			from := origin{pick(r, hosts), pick(r, paths), r.IntN(4) > 0}
			line := randomLine(r)
			lines = append(lines, line)
			if reading, ok := original.read(line, now); ok {
				if reading, ok = policy.restrict(reading, now); ok {
					original.keep(reading, from, now)
				}
			}
			if line, ok := policy.rewrite(line, now); ok {
				rewritten.store(line, from, now)
			}
			original.evict(now)
			rewritten.evict(now)
			if !slices.Equal(original.cookies, rewritten.cookies) {
				t.Fatalf("seed %d, until %v, after %q\nallowed   %+v\nrewritten %+v",
					seed, policy.until, lines, original.cookies, rewritten.cookies)
			}
		}
		policy.check(t, rewritten, now)
	}
}

// check holds the jar to the bound.
func (p rules) check(t *testing.T, j jar, now time.Time) {
	for _, c := range j.cookies {
		switch v := p.verdicts[c.name]; {
		case v == drop,
			v == session && c.persistent,
			c.persistent && (c.expiry.After(p.until) || c.expiry.After(now.Add(Term))):
			t.Fatalf("verdict %v, until %v: the browser holds %+v", v, p.until, c)
		}
	}
}

// TestSiteSeesExactlyWhatIsAllowed does the same for the way back.
func TestSiteSeesExactlyWhatIsAllowed(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 3))
		policy := randomRules(r, day)
		keep := func(name, _ string) bool { return policy.verdicts[name] != drop }
		var all, allowed jar
		for range 40 {
			from := origin{"www.example.fr", pick(r, paths), true}
			line := randomLine(r)
			c, ok := all.read(line, day)
			if !ok || c.name == "" { // its value may pass for a name
				continue
			}
			all.store(line, from, day)
			if keep(c.name, c.value) {
				allowed.store(line, from, day)
			}
		}
		to := origin{"www.example.fr", "/a/b/c", true}
		kept, _ := Filter([]string{all.send(to, day)}, keep)
		if got, want := strings.Join(kept, ""), allowed.send(to, day); got != want {
			t.Fatalf("seed %d: of %q the site sees %q, not %q", seed, all.send(to, day), got, want)
		}
	}
}

// TestVisitsNeverExtendACookie moves the clock over a site that renews its
// cookies for two years on every visit.
func TestVisitsNeverExtendACookie(t *testing.T) {
	lines := []string{
		"a=1; Max-Age=63072000", "b=1; Expires=%s", "c=1; Max-Age=99999999999999999999; Expires=%s",
		`d=1; Expires="Wed, 09 Jun 2100 10:18:14 GMT"`, "e=1; Max-Age=34560000; Path=/; Secure",
	}
	from := origin{"www.example.fr", "/", true}
	for _, first := range []time.Time{
		time.Date(2026, 1, 31, 23, 59, 59, 999, time.UTC),
		time.Date(2028, 2, 29, 0, 0, 0, 1, time.UTC),
		time.Date(2027, 3, 28, 1, 30, 0, 0, time.UTC),
	} {
		until := first.Add(Term)
		var j jar
		for _, days := range []int{0, 30, 200, 392, 393, 394} {
			now := first.AddDate(0, 0, days)
			for _, line := range lines {
				if strings.Contains(line, "%s") {
					line = fmt.Sprintf(line, now.AddDate(2, 0, 0).Format(dateLayout))
				}
				j.store(limit(line, now, until), from, now)
			}
			for _, c := range j.cookies {
				if !c.persistent || c.expiry.After(until) {
					t.Errorf("first %v, day %d: %s ends %v", first, days, c.name, c.expiry)
				}
			}
			want := len(lines)
			if days >= 393 {
				want = 0
			}
			if len(j.cookies) != want {
				t.Errorf("first %v, day %d: %d cookies, want %d", first, days, len(j.cookies), want)
			}
		}
	}
}

// TestClockSetBackNeverExtendsACookie: the bound is absolute, and no more than
// a term is ever written.
func TestClockSetBackNeverExtendsACookie(t *testing.T) {
	var j jar
	until := day.Add(Term)
	for _, now := range []time.Time{day, day.AddDate(-3, 0, 0), day.AddDate(0, -1, 0)} {
		line := limit("a=1; Max-Age=63072000", now, until)
		if r, _ := j.read(line, now); r.expiry.After(until) || r.expiry.After(now.Add(Term)) {
			t.Errorf("at %v: %q", now, line)
		}
	}
}
