package fields

import (
	"net/url"
	"strings"
	"testing"
)

func TestIdentifiersAreTakenOutAndTheRestStays(t *testing.T) {
	for address, want := range map[string]string{
		"https://a.test/x?gclid=1":                    "https://a.test/x",
		"https://a.test/x?a=1&gclid=1&b=%20":          "https://a.test/x?a=1&b=%20",
		"https://a.test/x?GCLID=1&b#c?gclid=2":        "https://a.test/x?b#c?gclid=2",
		"https://a.test/x?%67clid=1&gclid":            "https://a.test/x",
		"https://a.test/x?gclid=1#top":                "https://a.test/x#top",
		"https://a.test/x?xgclid=1&gclidx=2":          "https://a.test/x?xgclid=1&gclidx=2",
		"https://a.test/x?client_id=1&state=2":        "https://a.test/x?client_id=1&state=2",
		"https://a.test/x#?gclid=1":                   "https://a.test/x#?gclid=1",
		"https://a.test/x?a=%zz&%zz=1&email=a%40b.fr": "https://a.test/x?a=%zz&%zz=1",
		"//a.test/?uid=3":                             "//a.test/",
		"https://a.test/x?":                           "https://a.test/x?",
		"":                                            "",
	} {
		got, removed := WithoutParameters(address, Identifiers())
		if got != want || (removed > 0) != (got != address) {
			t.Errorf("%s: %s, %d removed, want %s", address, got, removed, want)
		}
	}
}

func FuzzWithoutParameters(f *testing.F) {
	f.Add("https://a.test/x?a=1&gclid=1&b=%20#c")
	f.Add("?&&gclid&=")
	f.Fuzz(func(t *testing.T, address string) {
		got, removed := WithoutParameters(address, Identifiers())
		if again, more := WithoutParameters(got, Identifiers()); more != 0 || again != got {
			t.Errorf("%q is not done with: %q", got, again)
		}
		if removed == 0 && got != address {
			t.Errorf("%q was changed to %q", address, got)
		}
		_, query, _ := strings.Cut(got, "?")
		query, _, _ = strings.Cut(query, "#")
		if values, err := url.ParseQuery(query); err == nil && !strings.Contains(strings.SplitN(got, "?", 2)[0], "#") {
			for _, name := range Identifiers() {
				if values.Has(name) {
					t.Errorf("%q still has %s", got, name)
				}
			}
		}
	})
}
