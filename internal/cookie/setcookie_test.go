package cookie

import (
	"strings"
	"testing"
	"time"
)

func TestSetCookieIsReadAsBrowsersReadIt(t *testing.T) {
	for line, want := range map[string]SetCookie{
		"a=1":                              {Name: "a", Value: "1"},
		"foo":                              {Value: "foo"},
		"=foo":                             {Value: "foo"},
		"==foo":                            {Value: "=foo"},
		"a=":                               {Name: "a"},
		" \ta\t = \t1 2 ":                  {Name: "a", Value: "1 2"},
		`a="b"`:                            {Name: "a", Value: `"b"`},
		`a="b; Secure; c"`:                 {Name: "a", Value: `"b`, Secure: true},
		`@a b={"x":1,"é":"%20"}`:           {Name: "@a b", Value: `{"x":1,"é":"%20"}`},
		"a=1;Secure;HTTPONLY;partitioned":  {Name: "a", Value: "1", Secure: true, HTTPOnly: true, Partitioned: true},
		"a=1; Secure=no; =x; unknown; ;":   {Name: "a", Value: "1", Secure: true},
		"a=1; dOMAIN = .EXAMPLE.fr ":       {Name: "a", Value: "1", Domain: "example.fr"},
		"a=1; Domain=x.fr; Domain=":        {Name: "a", Value: "1"},
		"a=1; Path=/A%2f/; Path=/b":        {Name: "a", Value: "1", Path: "/b"},
		"a=1; Path=/a; Path=b":             {Name: "a", Value: "1"},
		"a=1; SameSite=none; SameSite=LAX": {Name: "a", Value: "1", SameSite: SameSiteLax},
		"a=1; SameSite=Strict":             {Name: "a", Value: "1", SameSite: SameSiteStrict},
		"a=1; SameSite=Lax; SameSite=odd":  {Name: "a", Value: "1"},
		"a=1; SameSite=None":               {Name: "a", Value: "1", SameSite: SameSiteNone},
		"a=1; \u017fecure; Expire\u017f=x": {Name: "a", Value: "1"},
		"a=1; Path=/" + strings.Repeat("x", 1023): {
			Name: "a", Value: "1", Path: "/" + strings.Repeat("x", 1023)},
		"a=1; Path=/x; Path=/" + strings.Repeat("x", 1024): {Name: "a", Value: "1", Path: "/x"},
		"a=" + strings.Repeat("x", 4095):                   {Name: "a", Value: strings.Repeat("x", 4095)},
		"__Secure-a=1; Secure":                             {Name: "__Secure-a", Value: "1", Secure: true},
		"__Host-a=1; Secure; Path=/":                       {Name: "__Host-a", Value: "1", Secure: true, Path: "/"},
		"__Hosta=1":                                        {Name: "__Hosta", Value: "1"},
		"__Http-a=1":                                       {Name: "__Http-a", Value: "1"},
	} {
		want.line, want.now = line, day
		if got, ok := Parse(line, day); !ok || got != want {
			t.Errorf("Parse(%.80q) = %+v, %v\nwant %+v", line, got, ok, want)
		}
	}
}

func TestLinesThatBrowsersIgnoreAreRefused(t *testing.T) {
	lines := []string{
		"", "=", " ; Path=/", "a=\x00", "a=1\r; b", "a=1; Path=/\x7f", "a=1\n",
		"a=" + strings.Repeat("x", 4096), strings.Repeat("x", 64<<10),
		"a=1; Domain=é.fr", "a=1; Domain=E\u212Aample.fr",
		"__Secure-a=1", "__secure-a=1; Path=/",
		"__Host-a=1; Secure", "__HOST-a=1; Secure; Path", "__Host-a=1; Secure; Path=/x",
		"__Host-a=1; Secure; Path=/; Domain=x.fr", "__Host-a=1; Path=/", "__Host-Http-a=1; Path=/",
		"=__Host-a=1; Secure; Path=/", "__secure-a", "=__Secure-",
	}
	for c := range 0x20 {
		if c != '\t' {
			lines = append(lines, "a=1; x="+string(rune(c)))
		}
	}
	for _, line := range lines {
		if c, ok := Parse(line, day); ok || c != (SetCookie{}) {
			t.Errorf("Parse(%.80q) = %+v, %v", line, c, ok)
		}
	}
}

// past is the date that deletes.
var past = time.Unix(0, 0).UTC()

func TestLifetimeIsReadAsBrowsersReadIt(t *testing.T) {
	june := time.Date(2026, 6, 9, 10, 18, 14, 0, time.UTC)
	limit := day.Add(ageLimit * time.Second)
	for attributes, want := range map[string]time.Time{
		"":                                           {},
		"Max-Age=60":                                 day.Add(time.Minute),
		"mAX-aGE = 60":                               day.Add(time.Minute),
		"Max-Age=00060":                              day.Add(time.Minute),
		"Max-Age=-60":                                past,
		"Max-Age=0":                                  past,
		"Max-Age=-0":                                 past,
		"Max-Age=99999999999999999999":               limit,
		"Max-Age=9223372036854775808":                limit,
		"Max-Age=18446744073709551617":               limit,
		"Max-Age=-99999999999999999999":              past,
		"Max-Age=+60":                                {},
		"Max-Age=-":                                  {},
		"Max-Age=":                                   {},
		"Max-Age":                                    {},
		`Max-Age="60"`:                               {},
		"Max-Age=2.63":                               {},
		"Max-Age=50,399":                             {},
		"Max-Age=60s":                                {},
		"Max-Age=60; Max-Age=x":                      day.Add(time.Minute),
		"Max-Age=60; Max-Age=120":                    day.Add(2 * time.Minute),
		"Expires=Tue, 09 Jun 2026 10:18:14 GMT":      june,
		`Expires="Tue, 09 Jun 2026 10:18:14 G"`:      june,
		"expires = Tue Jun  9 10:18:14 2026":         june,
		"Expires=Tuesday, 09-Jun-26 10:18:14":        june,
		"Expires=9 Jun 2026 10:18:14; Expires=x":     june,
		"Expires=9 Jun 2100 10:18:14":                limit,
		"Expires=9 Jun 2026":                         {},
		"Expires=0":                                  {},
		"Max-Age=60; Expires=9 Jun 2026 10:18:14":    day.Add(time.Minute),
		"Expires=9 Jun 2026 10:18:14; Max-Age=60":    day.Add(time.Minute),
		"Expires=9 Jun 2026 10:18:14; Max-Age=x":     june,
		"Max-Age=" + strings.Repeat("0", 1023) + "5": day.Add(5 * time.Second),
		"Max-Age=" + strings.Repeat("0", 1024) + "5": {},
		"Expires=9 Jun 2026 10:18:14; Expires=8 Jun 2026 10:18:14" + strings.Repeat(" x", 1024): june,
	} {
		c, ok := Parse("a=1; "+attributes, day)
		if !ok || !c.Expires.Equal(want) {
			t.Errorf("%.80q ends %v, want %v", attributes, c.Expires, want)
		}
		if c.Session() != want.IsZero() || c.Deletes() != (want.Equal(past)) {
			t.Errorf("%.80q: Session %v, Deletes %v", attributes, c.Session(), c.Deletes())
		}
	}
	if c, _ := Parse("a=1; Expires=9 Jun 2026 10:18:14", june); !c.Deletes() {
		t.Error("a cookie that ends now is no deletion")
	}
}

// setCookieSeeds are lines that have fooled parsers.
var setCookieSeeds = []string{
	"a=1", "foo", "==x", "", "a=1; Max-Age = 99999999", "a=1; Max-Age=099999999; Path=/",
	"a=1; Max-Age=99999999999999999999", `a=1; Expires="Wed, 09 Jun 2100 10:18:14 GMT"`,
	"a=1; Expires=Wednesday, 09-Jun-99 10:18:14 GMT", "a=1; Expires=Wed Jun  9 10:18:14 2100",
	"a=1; EXPIRES=Wed, 9 Jun 2100 10:18:14; mAX-aGE=5; Max-Age=x", "a=1; Max-Age=+99999999",
	"a=1; Max-Age=0; Expires=Wed, 09 Jun 2100 10:18:14 GMT", "a=1;;;Expires;Max-Age;=;",
	"a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=-1", "__Host-a=1; Secure; Path=/; Max-Age=1",
	"a=\"x; Max-Age=99999999; y\"; Priority=High", "a=1; Domain=.X.FR; Path=/%2F; SameSite=None; Secure; Partitioned",
	"a=1\x00; Max-Age=99999999", "a=1\r; Max-Age=99999999", "é=ü; Expires=1 feb 30 1:1:1", "a=1; max-age=33955200",
}

func FuzzParse(f *testing.F) {
	for _, line := range setCookieSeeds {
		f.Add(line)
	}
	from := origin{"www.example.fr", "/a/b", true}
	f.Fuzz(func(t *testing.T, line string) {
		c, ok := Parse(line, day)
		j := jar{limit: ageLimit * time.Second}
		took := j.store(line, from, day)
		if !ok {
			if took {
				t.Fatalf("%q is stored by browsers, refused by Parse", line)
			}
			return
		}
		if took && c.Deletes() == (len(j.cookies) == 1) {
			t.Fatalf("%q: Deletes %v, jar %+v", line, c.Deletes(), j.cookies)
		}
		if len(j.cookies) == 1 {
			sameCookie(t, line, c, j.cookies[0])
		}
	})
}

func sameCookie(t *testing.T, line string, c SetCookie, s stored) {
	got := stored{value: c.Value, secure: c.Secure, httpOnly: c.HTTPOnly, persistent: !c.Session(), created: day,
		sameSite: [...]string{"", "none", "lax", "strict"}[c.SameSite]}
	got.name, got.path, got.partitioned = c.Name, c.Path, c.Partitioned
	got.domain, got.hostOnly = s.domain, s.hostOnly
	if c.Path == "" {
		got.path = "/a"
	}
	if !c.Session() {
		got.expiry = s.expiry
	}
	if got != s || !c.Expires.Equal(s.expiry) || !s.hostOnly && c.Domain != s.domain {
		t.Fatalf("%q\nParse %+v\njar   %+v", line, c, s)
	}
}

func BenchmarkParse(b *testing.B) {
	for name, line := range map[string]string{
		"session":  "PHPSESSID=5f3e8c1a9b7d4e2f8a6c0b1d; Path=/; Secure; HttpOnly; SameSite=Lax",
		"max-age":  "_ga=GA1.1.1234567890.1700000000; Max-Age=63072000; Path=/; Domain=example.fr",
		"expires":  "_ga=GA1.1.1234567890.1700000000; Expires=Wed, 09 Jun 2027 10:18:14 GMT; Path=/",
		"64KB bad": strings.Repeat("x", 64<<10),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Parse(line, day)
			}
		})
	}
}
