package weburl

import "testing"

func TestSiteIsWhatOneOwnerHas(t *testing.T) {
	for host, want := range map[string]string{
		"www.example.com":         "example.com",
		"a.b.example.co.uk":       "example.co.uk",
		"example.co.uk":           "example.co.uk",
		"co.uk":                   "co.uk",
		"com":                     "com",
		"user.github.io":          "user.github.io",
		"a.user.github.io":        "user.github.io",
		"github.io":               "github.io",
		"a.city.kawasaki.jp":      "city.kawasaki.jp",
		"www.xn--bcher-kva.de":    "xn--bcher-kva.de",
		"a.b.unlisted":            "b.unlisted",
		"localhost":               "localhost",
		"192.0.2.1":               "192.0.2.1",
		"[2001:db8::1]":           "[2001:db8::1]",
		"WWW.Example.COM.":        "example.com",
		"":                        "",
		"a.1e100.net":             "1e100.net",
		"cdn.shop.amazonaws.com.": "amazonaws.com",
	} {
		if got := Site(host); got != want {
			t.Errorf("the site of %q is %q, want %q", host, got, want)
		}
	}
}

func TestSiteAllocatesOnceAtMost(t *testing.T) {
	for host, limit := range map[string]float64{"www.example.com": 1, "a.b.example.co.uk": 1, "localhost": 0, "192.0.2.1": 0} {
		if n := testing.AllocsPerRun(100, func() { Site(host) }); n > limit {
			t.Errorf("%q: %v allocations", host, n)
		}
	}
}

func FuzzSite(f *testing.F) {
	f.Add("www.example.com")
	f.Add("..")
	f.Add("a..co.uk.")
	f.Fuzz(func(t *testing.T, host string) {
		site := Site(host)
		if Site(site) != site && !hasEmptyLabel(site) {
			t.Errorf("the site of %q is %q, whose site is %q", host, site, Site(site))
		}
	})
}

func BenchmarkSite(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Site("www.shop.example.co.uk")
	}
}
