package disclosure

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
)

const (
	chrome  = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.7339.127 Safari/537.36"
	edge    = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.3485.54"
	iphone  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1"
	android = "Mozilla/5.0 (Linux; Android 15; SM-S928B Build/AP3A) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.7339.51 Mobile Safari/537.36"
)

func TestSiteIsToldNoMoreThanItsOwnerWants(t *testing.T) {
	for _, test := range []struct {
		name  string
		rules Rules
		sent  http.Header
		want  http.Header
	}{
		{"everything by default", Rules{}, http.Header{"X-Forwarded-For": {"203.0.113.7"}, "Referer": {"https://a.example/b?c"}, "User-Agent": {chrome}},
			http.Header{"X-Forwarded-For": {"203.0.113.7"}, "Referer": {"https://a.example/b?c"}, "User-Agent": {chrome}}},
		{"networks", Rules{Address: Truncated}, http.Header{
			"X-Forwarded-For": {"203.0.113.7, 2001:db8:1:2:3::4", "[2001:db8:5:6::7]:8080"}, "X-Real-Ip": {"203.0.113.7:4711"}, "Cf-Connecting-Ip": {"::ffff:203.0.113.7"},
			"Fastly-Client-Ip": {"nobody"}, "Cf-Ipcity": {"Lyon"}, "Cf-Ipcountry": {"FR"},
		}, http.Header{
			"X-Forwarded-For": {"203.0.0.0, 2001:db8:1::", "2001:db8:5::"}, "X-Real-Ip": {"203.0.0.0"}, "Cf-Connecting-Ip": {"203.0.0.0"}, "Cf-Ipcountry": {"FR"},
		}},
		{"networks in Forwarded", Rules{Address: Truncated}, http.Header{"Forwarded": {`for=203.0.113.7;proto=https;by=10.0.0.1, For="[2001:db8:1:2::3]:47";host=a.example`, "for=_secret", `for="198.51.100.4:80"`}},
			http.Header{"Forwarded": {`for=203.0.0.0;proto=https, for="[2001:db8:1::]";host=a.example`, "for=unknown", "for=198.51.0.0"}}},
		{"no address", Rules{Address: None}, http.Header{"X-Forwarded-For": {"203.0.113.7"}, "Forwarded": {"for=203.0.113.7"}, "True-Client-Ip": {"203.0.113.7"}, "X-Forwarded-Proto": {"https"}},
			http.Header{"X-Forwarded-Proto": {"https"}}},
		{"another site", Rules{Referrer: Origin}, http.Header{"Referer": {"https://other.example/private?who=me"}}, http.Header{"Referer": {"https://other.example/"}}},
		{"the site itself", Rules{Referrer: Origin}, http.Header{"Referer": {"https://WWW.example.fr/a?b"}}, http.Header{"Referer": {"https://WWW.example.fr/a?b"}}},
		{"an application", Rules{Referrer: Origin}, http.Header{"Referer": {"android-app://com.example/x"}}, http.Header{}},
		{"no referrer", Rules{Referrer: None}, http.Header{"Referer": {"https://www.example.fr/a"}}, http.Header{}},
		{"Chrome", Rules{Browser: Family}, http.Header{"User-Agent": {chrome}, "Sec-Ch-Ua": {"x"}, "Sec-Ch-Ua-Model": {"x"}, "Dpr": {"2"}},
			http.Header{"User-Agent": {"Mozilla/5.0 (X11; Linux) Chrome/140.0"}, "Sec-Ch-Ua": {"x"}}},
		{"Edge", Rules{Browser: Family}, http.Header{"User-Agent": {edge}}, http.Header{"User-Agent": {"Mozilla/5.0 (Windows NT 10.0) Edg/140.0"}}},
		{"iPhone", Rules{Browser: Family}, http.Header{"User-Agent": {iphone}}, http.Header{"User-Agent": {"Mozilla/5.0 (iPhone) Safari/18.0 Mobile"}}},
		{"Android", Rules{Browser: Family}, http.Header{"User-Agent": {android}}, http.Header{"User-Agent": {"Mozilla/5.0 (Android) Chrome/140.0 Mobile"}}},
		{"a program", Rules{Browser: Family}, http.Header{"User-Agent": {"agent-of-bob/1"}}, http.Header{"User-Agent": {""}}},
		{"languages", Rules{Languages: First}, http.Header{"Accept-Language": {"fr-CA,fr;q=0.9,en;q=0.8"}}, http.Header{"Accept-Language": {"fr"}}},
		{"any language", Rules{Languages: First}, http.Header{"Accept-Language": {"*"}}, http.Header{"Accept-Language": {"*"}}},
		{"no language", Rules{Languages: None}, http.Header{"Accept-Language": {"fr"}}, http.Header{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.rules.Apply(test.sent, "www.example.fr"); !reflect.DeepEqual(test.sent, test.want) {
				t.Errorf("told %q\nwant %q", test.sent, test.want)
			}
		})
	}
}

func TestAmountsThatMeanNothingAreRefused(t *testing.T) {
	for _, rules := range []Rules{{Address: Origin}, {Referrer: Truncated}, {Browser: First}, {Languages: "some"}} {
		if err := rules.Check(); err == nil || !strings.Contains(err.Error(), "write full, ") {
			t.Errorf("%+v: %v", rules, err)
		}
	}
	if err := (&Rules{Truncated, Origin, Family, First}).Check(); err != nil {
		t.Error(err)
	}
}

// FuzzNoAddressPasses: whatever is sent, of an address no more than its network is left.
func FuzzNoAddressPasses(f *testing.F) {
	f.Add("203.0.113.77, [2001:db8::77]:1")
	f.Add(`for="203.0.113.77:80";by=203.0.113.77, for=_x`)
	f.Fuzz(func(t *testing.T, text string) {
		h := http.Header{"X-Forwarded-For": {text, text + " 203.0.113.77"}, "Forwarded": {`for="` + text + `"`, "for=203.0.113.77"}, "X-Real-Ip": {"203.0.113.77"}}
		rules := Rules{Address: Truncated}
		rules.Apply(h, "")
		for _, name := range []string{"X-Forwarded-For", "X-Real-Ip"} {
			for _, value := range h[name] {
				for one := range strings.SplitSeq(value, ", ") {
					if truncated(one) != one {
						t.Errorf("%s: %q", name, value)
					}
				}
			}
		}
	})
}
