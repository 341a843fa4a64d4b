package catalogue

import (
	"slices"
	"strings"
	"testing"
)

func TestKnownHostsKeepTheirPurpose(t *testing.T) {
	tests := []struct{ host, path, service string }{
		{"www.google-analytics.com", "/g/collect", "google-analytics-4"},
		{"www.googletagmanager.com", "/gtm.js", "google-tag-manager"},
		{"connect.facebook.net", "/en_US/fbevents.js", "meta-pixel"},
		{"www.google.com", "/search", "google-account-cookies"},
		{"www.google.com", "/recaptcha/api.js", "google-recaptcha"},
		{"www.google.com", "/maps", "google-maps"},
		{"www.google.com", "/mapsx", "google-account-cookies"},
		{"www.google.com", "/maps/../pagead/1p", "google-account-cookies"},
		{"www.google.com", "/maps/%2e%2e/pagead/1p", "google-account-cookies"},
		{"www.google.com", `/maps\..\pagead`, "google-account-cookies"},
		{"www.bing.com", "/maps/embed", "bing-maps"},
		{"c.bing.com", "/", "microsoft-uet"},
		{"www.youtube-nocookie.com", "/embed/x", "youtube-nocookie"},
		{"STATIC.hotjar.COM.", "/c/hotjar-1.js", "hotjar"},
		{"a.b.c.criteo.com", "/", "criteo"},
		{"t.paypal.com", "/", ""},
		{"evilcriteo.com", "/", ""},
		{"criteo.com.example.org", "/", ""},
		{"com", "/", ""},
		{"", "/", ""},
		{".", "/", ""},
		{"..", "/", ""},
		{"www.example.fr", "/", ""},
		{strings.Repeat("a.", 300) + "criteo.com", "/", ""},
	}
	c := Default()
	for _, test := range tests {
		var got string
		if s, ok := c.Address(test.host, test.path); ok {
			got = s.ID
		}
		if got != test.service {
			t.Errorf("%s%s: %q, want %q", test.host, test.path, got, test.service)
		}
	}
}

func TestLongestHostThenStrictestWins(t *testing.T) {
	c, err := Parse([]byte(conflict))
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]string{
		"example.org": "wide", "a.example.org": "wide", "x.example.org": "lax", "a.x.example.org": "lax",
	} {
		if s, ok := c.Host(host); !ok || s.ID != want {
			t.Errorf("%s: %v, want %s", host, s, want)
		}
	}
	var got []string
	for _, s := range c.Hosts("a.x.example.org") {
		got = append(got, s.ID)
	}
	if want := []string{"lax", "wide", "middle"}; !slices.Equal(got, want) {
		t.Errorf("all services: %v, want %v", got, want)
	}
}

func FuzzHost(f *testing.F) {
	for _, host := range []string{"", ".", "www.google.com", "A.CRITEO.com.", "ſ.example", strings.Repeat("a.", 300)} {
		f.Add(host, "/maps")
	}
	c := Default()
	f.Fuzz(func(t *testing.T, host, path string) {
		service, ok := c.Host(host)
		all := c.Hosts(host)
		if ok && !slices.Contains(all, service) {
			t.Errorf("%q: Hosts does not know %s", host, service.ID)
		}
		if at, found := c.Address(host, path); found && !slices.Contains(all, at) {
			t.Errorf("%q: Hosts does not know %s", host, at.ID)
		}
	})
}

func BenchmarkHost(b *testing.B) {
	c := Default()
	for _, host := range []string{"www.google-analytics.com", "a.b.criteo.com", "static.images.example.fr"} {
		b.Run(host, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Host(host)
			}
		})
	}
}
