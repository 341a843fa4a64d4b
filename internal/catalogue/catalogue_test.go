package catalogue

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestKnownCookiesKeepTheirPurpose(t *testing.T) {
	tests := []struct {
		name    string
		service string // "" = unknown
		purpose Purpose
	}{
		{"_ga", "google-analytics-4", Statistics},
		{"_ga_ABC123", "google-analytics-4", Statistics},
		{"_gid", "google-analytics-universal", Statistics},
		{"_fbp", "meta-pixel", Marketing},
		{"_gcl_au", "google-ads", Marketing},
		{"_gcl_new", "google-ads", Marketing},
		{"_pk_id.1.1fff", "matomo", Statistics},
		{"mtm_consent", "matomo-choice", Necessary},
		{"_hjSessionUser_123", "hotjar", Statistics},
		{"mp_0123abcd_mixpanel", "mixpanel", Statistics},
		{"visitor_id12345-hash", "pardot", Marketing},
		{"cto_bundle", "criteo", Marketing},
		{"FPID", "google-analytics-server-side", Statistics},
		{"sbjs_first", "woocommerce-attribution", Marketing},
		{"PHPSESSID", "php", Necessary},
		{"JSESSIONID", "java-servlet", Necessary},
		{"ASP.NET_SessionId", "aspnet", Necessary},
		{"laravel_session", "laravel", Necessary},
		{"XSRF-TOKEN", "", Necessary},
		{"csrftoken", "django", Necessary},
		{"sessionid", "django", Necessary},
		{"connect.sid", "express-node", Necessary},
		{"DokuWiki", "dokuwiki", Necessary},
		{"DW68700bfd16c2027de7de74a5a8202a6f", "dokuwiki", Necessary},
		{"wordpress_logged_in_abc", "wordpress", Necessary},
		{"wp-postpass_abc", "wordpress", Necessary},
		{"wp-settings-1", "wordpress", Necessary},
		{"comment_author_email_abc", "wordpress-comments", Necessary},
		{"SSESS0123456789abcdef0123456789abcdef", "drupal", Necessary},
		{"euconsent-v2", "", Necessary},
		{"__cf_bm", "cloudflare", Necessary},
		{"AWSALB", "aws-elb", Necessary},
	}
	c := Default()
	for _, test := range tests {
		claim, ok := c.Cookie(test.name)
		if !ok {
			t.Errorf("%s: unknown", test.name)
			continue
		}
		if claim.Service.Purpose != test.purpose {
			t.Errorf("%s: %s by %s, want %s", test.name, claim.Service.Purpose, claim.Service.ID, test.purpose)
		}
		if test.service != "" && claim.Service.ID != test.service {
			t.Errorf("%s: claimed by %s, want %s", test.name, claim.Service.ID, test.service)
		}
	}
}

// Names that any application may use for itself, third-party cookies, and names that differ from a
// known one.
func TestNamesOfAnybodyAreNotClaimed(t *testing.T) {
	names := []string{
		"", "fr", "language", "lang", "tz", "cookie_test", "id", "s", "sid", "uid", "theme", "user", "uuid",
		"i", "S", "t", "ts", "locale", "currency", "store_id", "country", "pid", "IDE", "MUID", "test_cookie",
		"_GA", "_gA_1", "phpsessid", "DW123", "SESSION1", "mp_token", "amp_settings", "rc::a", "visitor_idea",
		"__Host-_ga", "_g", "RT", "_t", "admin", "flash", "route",
	}
	c := Default()
	for _, name := range names {
		if claim, ok := c.Cookie(name); ok {
			t.Errorf("%q is claimed by %s", name, claim.Service.ID)
		}
		if claims := c.Claims(name); len(claims) != 0 {
			t.Errorf("%q has %d claims", name, len(claims))
		}
	}
}

const conflict = `{"as_of": "2026-01-31", "services": [
 {"id": "lax", "name": "Lax", "entity": null, "country": null, "purpose": "necessary", "class": "security",
  "cookies": [{"name": "abcdef", "life": "1d"}, {"name": "third", "life": "1d", "third": true}],
  "hosts": ["x.example.org", "example.org"]},
 {"id": "middle", "name": "Middle", "entity": "M", "country": "FR", "purpose": "functional",
  "cookies": [{"name": "abcd*", "life": "1d"}, {"name": "kept", "life": "endless", "storage": "localStorage"}],
  "hosts": ["example.org"]},
 {"id": "wide", "name": "Wide", "entity": "W", "country": "FR", "purpose": "marketing",
  "cookies": [{"name": "abcde*", "life": "1d"}], "hosts": ["example.org", "x.example.org/free"]},
 {"id": "expr", "name": "Expr", "entity": "E", "country": "FR", "purpose": "statistics",
  "cookies": [{"pattern": "^abc[x-z]+$", "life": "1d"}]}]}`

func TestStrictestClaimWins(t *testing.T) {
	c, err := Parse([]byte(conflict))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"abcdef": {"wide", "middle", "lax"},
		"abcd":   {"middle"},
		"abcde":  {"wide", "middle"},
		"abcxyz": {"expr"},
		"abcx1":  nil,
		"third":  nil,
		"kept":   nil,
	} {
		var got []string
		for _, claim := range c.Claims(name) {
			got = append(got, claim.Service.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: claims %v, want %v", name, got, want)
		}
		claim, ok := c.Cookie(name)
		if ok != (want != nil) || ok && claim.Service.ID != want[0] {
			t.Errorf("%s: %+v %v, want %v", name, claim, ok, want)
		}
	}
}

func TestEntryOfAStorageBelongsToTheStrictestServiceOfItsName(t *testing.T) {
	c, err := Parse([]byte(strings.Replace(conflict, `{"pattern": "^abc[x-z]+$", "life": "1d"}`, `{"pattern": "^abc[x-z]+$", "life": "1d"},
		{"name": "kept*", "life": "endless", "storage": "sessionStorage"}, {"name": "abcdef", "life": "endless", "storage": "localStorage"},
		{"name": "abcd", "life": "endless", "storage": "indexedDB"}, {"name": "third", "life": "endless", "third": true, "storage": "localStorage"},
		{"pattern": "^num_[0-9]+$", "life": "endless", "storage": "localStorage"}`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"kept":    "expr", // stricter than the service that has this very name
		"kept_on": "expr",
		"abcdef":  "wide", // as a cookie
		"abcd":    "expr",
		"abcde":   "wide",
		"abcxyz":  "expr",
		"num_12":  "expr",
		"num_x":   "",
		"third":   "",
		"":        "",
	} {
		claim, ok := c.Entry(name)
		if ok != (want != "") || ok && claim.Service.ID != want {
			t.Errorf("%s: %+v %v, want %s", name, claim, ok, want)
		}
	}
}

func TestServicesAreSortedAndTheSliceIsTheCallers(t *testing.T) {
	c := Default()
	services := c.Services()
	for i := 1; i < len(services); i++ {
		if strings.ToLower(services[i-1].Name) > strings.ToLower(services[i].Name) {
			t.Errorf("%q before %q", services[i-1].Name, services[i].Name)
		}
	}
	services[0] = nil
	if c.Services()[0] == nil {
		t.Error("a caller changed the catalogue")
	}
}

func TestPurposesAreOrdered(t *testing.T) {
	order := []Purpose{Necessary, Functional, Statistics, Marketing}
	for i, p := range order {
		for j, q := range order {
			if p.Stricter(q) != (i > j) {
				t.Errorf("%s stricter than %s: %v", p, q, i <= j)
			}
		}
	}
	if own := Purpose("newsletter"); Marketing.Stricter(own) || !own.Stricter(Statistics) {
		t.Error("an owner's own purpose must be as strict as marketing")
	}
}

// FuzzCookie holds Cookie to what Claims says, and Claims to a plain search of every entry.
func FuzzCookie(f *testing.F) {
	for _, name := range []string{"", "_ga", "_ga_X", "_pk_id.1.1fff", "visitor_id1-hash", "\xff", strings.Repeat("a", 5000)} {
		f.Add(name)
	}
	c := Default()
	f.Fuzz(func(t *testing.T, name string) {
		claims := c.Claims(name)
		claim, ok := c.Cookie(name)
		if ok != (len(claims) > 0) || ok && claim.Service.Purpose != claims[0].Service.Purpose {
			t.Errorf("%q: Cookie says %v, Claims says %v", name, claim, claims)
		}
		if n := countMatches(c, name); n != len(claims) {
			t.Errorf("%q: %d claims, want %d", name, len(claims), n)
		}
	})
}

func countMatches(c *Catalogue, name string) int {
	n := 0
	for _, s := range c.Services() {
		for i := range s.Cookies {
			if s.Cookies[i].visible() && matches(&s.Cookies[i], name) {
				n++
			}
		}
	}
	return n
}

func BenchmarkCookie(b *testing.B) {
	c := Default()
	for _, test := range []struct{ what, name string }{
		{"exact", "_fbp"}, {"prefix", "_pk_id.1.1fff"}, {"pattern", "mp_0123456789abcdef_mixpanel"},
		{"miss", "basket"}, {"miss_underscore", "_shop_basket_of_today"},
	} {
		b.Run(test.what, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Cookie(test.name)
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(embedded); err != nil {
			b.Fatal(err)
		}
	}
}

func TestLookUpAllocatesNothing(t *testing.T) {
	c := Default()
	for _, name := range []string{"_fbp", "_ga_X", "basket"} {
		if n := testing.AllocsPerRun(100, func() { c.Cookie(name); c.Entry(name) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	if n := testing.AllocsPerRun(100, func() { c.Address("www.google.com", "/maps/embed") }); n != 0 {
		t.Errorf("host: %v allocations", n)
	}
	value, now := "GA1.2.1.1700000000", time.Unix(1800000000, 0)
	if n := testing.AllocsPerRun(100, func() { Created("_ga", value, now) }); n != 0 {
		t.Errorf("evidence: %v allocations", n)
	}
}
