package cookie

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// later is a bound that lies 100 days and a bit after day.
var later = day.Add(100*24*time.Hour + 900*time.Millisecond)

// cut is what Limit appends for that bound.
const cut = "; Expires=Mon, 11 May 2026 12:00:00 GMT; Max-Age=8640000"

// limit is Limit of a line that arrives at now; Parse refuses the line "", which
// stays as it is.
func limit(line string, now, until time.Time) string {
	if c, ok := Parse(line, now); ok {
		return c.Limit(until)
	}
	return line
}

func asSession(line string, now time.Time) string {
	if c, ok := Parse(line, now); ok {
		return c.AsSession()
	}
	return line
}

func TestCookieNeverOutlivesItsBound(t *testing.T) {
	for line, want := range map[string]string{
		"a=1; Max-Age=8640001":                                        "a=1" + cut,
		"a=1; Max-Age = 99999999":                                     "a=1" + cut,
		"a=1; Max-Age=099999999; Path=/":                              "a=1; Path=/" + cut,
		"a=1; Path=/; Max-Age=99999999999999999999; Secure":           "a=1; Path=/; Secure" + cut,
		"a=1;mAx-aGe=63072000;Path=/x":                                "a=1;Path=/x" + cut,
		`a=1; Expires="Wed, 09 Jun 2100 10:18:14 GMT"`:                "a=1" + cut,
		"a=1; Expires=Wednesday, 09-Jun-66 10:18:14 GMT":              "a=1" + cut,
		"a=1; EXPIRES=Wed Jun  9 10:18:14 2100":                       "a=1" + cut,
		"a=1; expires\t=\tWed, 9 Jun 2100 10:18:14":                   "a=1" + cut,
		"a=1; Expires=9 Jun 2100 1:1:1; Max-Age=99999999; Path=/":     "a=1; Path=/" + cut,
		"a=1; Max-Age=99999999; x; Expires=9 Jun 2100 1:1:1; Path=/;": "a=1; x; Path=/;" + cut,
		"a=1; Max-Age=5; Max-Age=99999999; Max-Age=z":                 "a=1" + cut,
		"a=1; Expires=9 Jun 2100 1:1:1; Expires=9 Jun 2099 1:1:1":     "a=1" + cut,
		"a=1; Max-Age=99999999; Expires=Thu, 01 Jan 1970 00:00:00":    "a=1" + cut,
		`{"é"=x ; ~;Max-Age=99999999;Priority=High ;; PARTITIONED`:    `{"é"=x ; ~;Priority=High ;; PARTITIONED` + cut,
		"nameless; Max-Age=99999999":                                  "nameless" + cut,
		"Max-Age=99999999; Max-Age=99999999":                          "Max-Age=99999999" + cut,
		`a="x; Max-Age=99999999; y"`:                                  `a="x; y"` + cut,
	} {
		if got := limit(line, day, later); got != want {
			t.Errorf("limit(%q)\n got %q\nwant %q", line, got, want)
		}
	}
}

func TestLinesThatAskForLessStayAsTheyAre(t *testing.T) {
	for _, line := range []string{
		"", "a=1", "a=1; Path=/; HttpOnly", "a=1; Max-Age=8640000", "a=1; Max-Age = 5 ;Expires=9 Feb 2026 1:1:1",
		"a=1; Expires=Mon, 11 May 2026 12:00:00 GMT", "a=1; Max-Age=0", "a=; Max-Age=-99999999",
		"a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/",
		"a=1; Expires=0", "a=1; Expires=-1", "a=1; Expires", "a=1; Max-Age=", "a=1; Max-Age=never", "a=1; Expires=Session",
		"Max-Age=99999999", "a=1, Max-Age=99999999", "a=1; X-Max-Age=99999999; Expire\u017f=9 Jun 2100 1:1:1",
	} {
		if got := limit(line, day, later); got != line {
			t.Errorf("limit(%q) = %q", line, got)
		}
		if n := testing.AllocsPerRun(10, func() { limit(line, day, later) }); n != 0 {
			t.Errorf("limit(%q): %v allocations", line, n)
		}
	}
}

func TestWhatBrowsersMayReadDifferentlyIsWrittenPlainly(t *testing.T) {
	for line, want := range map[string]string{
		"a=1; Max-Age=+99999999; Path=/":             "a=1; Path=/",
		`a=1; Max-Age="99999999"`:                    "a=1",
		"a=1; Expires=Wed, 09 Jun 2100":              "a=1",
		"a=1; Expires=9-Jun-66":                      "a=1",
		"a=1; Max-Age=1e9; Expires=9 Feb 2026 0:0:0": "a=1; Expires=Mon, 09 Feb 2026 00:00:00 GMT; Max-Age=734400",
		"a=1; Max-Age=60; Expires=9 Jun 2100 1:1:1":  "a=1; Expires=Sat, 31 Jan 2026 12:01:00 GMT; Max-Age=60",
		"a=; Max-Age=0; Expires=9 Jun 2100 1:1:1":    "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0",
		"a=1; Max-Age=" + strings.Repeat("9", 1025):  "a=1",
	} {
		if got := limit(line, day, later); got != want {
			t.Errorf("limit(%.80q)\n got %q\nwant %q", line, got, want)
		}
	}
}

func TestPassedBoundDeletes(t *testing.T) {
	const want = "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0"
	for _, until := range []time.Time{{}, day.Add(-time.Hour), day, day.Add(999 * time.Millisecond)} {
		if got := limit("a=1; Max-Age=60", day, until); got != want {
			t.Errorf("until %v: %q", until, got)
		}
	}
	if got := limit("a=1; Path=/", day, time.Time{}); got != "a=1; Path=/" {
		t.Errorf("session cookie: %q", got)
	}
}

func TestNoBoundIsBeyondTheTerm(t *testing.T) {
	now := day.Add(750 * time.Millisecond)
	want := "a=1; Expires=Sun, 28 Feb 2027 12:00:00 GMT; Max-Age=33955200"
	if got := limit("a=1; Max-Age=33955201", now, now.AddDate(5, 0, 0)); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if line := "a=1; Max-Age=33955200"; limit(line, now, now.Add(Term)) != line {
		t.Error("the full term was cut")
	}
}

func TestAsSessionKeepsNoLifetime(t *testing.T) {
	for line, want := range map[string]string{
		"a=1":                               "a=1",
		"a=1; Path=/; Secure":               "a=1; Path=/; Secure",
		"a=1; Max-Age=60; Path=/":           "a=1; Path=/",
		"a=1;Expires=9 Jun 2100 1:1:1;x":    "a=1;x",
		"a=1; MAX-AGE=6; y; expires=0; z; ": "a=1; y; z; ",
		"a=1; Max-Age=+5":                   "a=1",
		"a=; Max-Age=0; Path=/":             "a=; Max-Age=0; Path=/",
		"a=; Expires=1 Jan 1970 0:0:0":      "a=; Expires=1 Jan 1970 0:0:0",
		"a=; Max-Age=0; Expires=9 Jun 2100": "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0",
	} {
		if got := asSession(line, day); got != want {
			t.Errorf("asSession(%q) = %q, want %q", line, got, want)
		}
	}
}

// bare is a line without its lifetime attributes, by splitting and joining.
func bare(line string) string {
	parts := strings.Split(line, ";")
	kept := parts[:1]
	for _, part := range parts[1:] {
		name, _, _ := strings.Cut(part, "=")
		if name = lower(strings.Trim(name, " \t")); name != "max-age" && name != "expires" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, ";")
}

func FuzzLimit(f *testing.F) {
	for i, line := range setCookieSeeds {
		f.Add(line, int64(i)*40*24*3600*1000+int64(i)*77)
	}
	f.Fuzz(func(t *testing.T, line string, millis int64) {
		now := day.Add(123 * time.Millisecond)
		until := now.Add(time.Duration(millis%(500*24*3600*1000)) * time.Millisecond)
		if _, ok := Parse(line, now); !ok {
			return
		}
		var j jar
		was, ok := j.read(line, now)
		if !ok {
			t.Fatalf("Parse reads %q, which browsers ignore", line)
		}
		limited := limit(line, now, until)
		is, _ := j.read(limited, now)
		if bare(limited) != bare(line) || was.persistent != is.persistent {
			t.Fatalf("limit(%q) = %q", line, limited)
		}
		bound := earlier(until, now.Add(Term))
		if is.persistent && is.expiry.After(bound) && is.expiry.After(now) {
			t.Fatalf("limit(%q, %v) = %q ends %v", line, until, limited, is.expiry)
		}
		if left := earlier(was.expiry, bound).Sub(is.expiry); is.persistent && is.expiry.After(now) && (left < 0 || left >= time.Second) {
			t.Fatalf("limit(%q, %v) = %q takes %v too much", line, until, limited, left)
		}
		if again := limit(limited, now, until); again != limited {
			t.Fatalf("limit(%q) = %q, then %q", line, limited, again)
		}
		session, _ := j.read(asSession(line, now), now)
		if deletion := was.persistent && !was.expiry.After(now); session.persistent != deletion {
			t.Fatalf("asSession(%q) = %q", line, asSession(line, now))
		}
		if got := bare(asSession(line, now)); got != bare(line) {
			t.Fatalf("asSession(%q) = %q", line, got)
		}
	})
}

func BenchmarkLimit(b *testing.B) {
	lines := []string{
		"PHPSESSID=5f3e8c1a9b7d4e2f8a6c0b1d; Path=/; Secure; HttpOnly; SameSite=Lax",
		"csrf=1234567890; Path=/; Max-Age=3600",
		"lang=fr; Path=/; Max-Age=86400; SameSite=Lax",
		"XSRF-TOKEN=" + strings.Repeat("x", 200) + "; Path=/; Max-Age=7200",
		"seen=1; Path=/",
	}
	b.Run("5 lines unchanged", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for _, line := range lines {
				limit(line, day, later)
			}
		}
	})
	for _, life := range []string{"Max-Age=63072000", "Expires=Wed, 09 Jun 2100 10:18:14 GMT"} {
		line := fmt.Sprintf("_ga=GA1.1.1234567890.1700000000; %s; Path=/; Domain=example.fr", life)
		b.Run("cut "+life[:7], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				limit(line, day, later)
			}
		})
	}
}
