package route

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

func routes(t testing.TB, fold bool, patterns ...string) *Routes {
	t.Helper()
	r, err := New(patterns, fold)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestNoWayOfWritingAPathGetsRound lists ways in which sites, or what stands before
// them, are known to find /contact, /comments*, /api/* and /login.php.
func TestNoWayOfWritingAPathGetsRound(t *testing.T) {
	r := routes(t, false, "/contact", "/comments*", "/api/*", "/login.php", "/café", "/a%20b")
	for _, c := range []struct{ path, want string }{
		{"/contact", "/contact"},
		{"/contact/", "/contact"},
		{"/contact//", "/contact"},
		{"//contact", "/contact"},
		{"/./contact", "/contact"},
		{"/contact/.", "/contact"},
		{"/x/../contact", "/contact"},
		{"/contact/x/..", "/contact"},
		{"/../contact", "/contact"},
		{"/x/%2e%2e/contact", "/contact"},
		{"/x/%2E./contact", "/contact"},
		{"/x/%252e%252e/contact", "/contact"},
		{"/%63ontact", "/contact"},
		{"/%63%6F%6E%74%61%63%74", "/contact"},
		{"/%2563ontact", "/contact"},
		{"/%252563ontact", "/contact"},
		{"%2fcontact", "/contact"},
		{"/%2fcontact", "/contact"},
		{"/x%2f..%2fcontact", "/contact"},
		{"\\contact", "/contact"},
		{"/\\contact", "/contact"},
		{"/x\\..\\contact", "/contact"},
		{"/x%5c..%5ccontact", "/contact"},
		{"/contact;jsessionid=1", "/contact"},
		{"/contact;", "/contact"},
		{"/contact;/", "/contact"},
		{"/;a=b/contact", "/contact"},
		{"/x/..;/contact", "/contact"},
		{"/x/..;a=b/contact", "/contact"},
		{"/x;/../contact", "/contact"},
		{"/contact%3Bx", "/contact"},
		{"/contact?x", "/contact"},
		{"/contact#x", "/contact"},
		{"/contact%00", "/contact"},
		{"/contact%00.jpg", "/contact"},
		{"/contact%20", "/contact"},
		{"/contact.", "/contact"},
		{"/contact%2e", "/contact"},
		{"/contact..", "/contact"},
		{"/con%09tact", "/contact"},
		{"/contact%0d%0a", "/contact"},
		{"/contact.json", "/contact"},
		{"/contact.html", "/contact"},
		{"/contact/index.php", "/contact"},
		{"/contact/index.html", "/contact"},
		{"/contact/default.aspx", "/contact"},
		{"/index.php/contact", "/contact"},
		{"/index.php/contact.json", "/contact"},
		{"/index.php/contact/", "/contact"},
		{"/index.php/%63ontact;x", "/contact"},
		{"/%69ndex.php/contact", "/contact"},

		{"/comments", "/comments*"},
		{"/comments/", "/comments*"},
		{"/comments/1/reply", "/comments*"},
		{"/commentsfoo", "/comments*"},
		{"/comments.json", "/comments*"},
		{"/x/..%2fcomments/1", "/comments*"},
		{"/comments/../x", "/comments*"}, // where dots are not resolved
		{"/index.php/comments/1", "/comments*"},

		{"/api", "/api/*"},
		{"/api/", "/api/*"},
		{"/api/x", "/api/*"},
		{"/api;x/y", "/api/*"},
		{"//api//x", "/api/*"},

		{"/login.php", "/login.php"},
		{"/login.php/", "/login.php"},
		{"/login.php/x", "/login.php"},
		{"/login.php/x.css", "/login.php"},
		{"/login%2ephp", "/login.php"},

		{"/caf%C3%A9", "/café"},
		{"/café", "/café"},
		{"/a%20b", "/a%20b"},
		{"/a b", "/a%20b"},
		{"/a+b", ""},

		{"/", ""},
		{"", ""},
		{"*", ""},
		{"/contact-us", ""},
		{"/xcontact", ""},
		{"/contacts", ""},
		{"/x/contact", ""},
		{"/CONTACT", ""},
		{"/comment", ""},
		{"/apis", ""},
		{"/login", ""},
		{"/login.phpx", ""},
		{"/contact/../x", ""},
		{"/contact%3fx", ""}, // escaped, the sign is part of the name
		{"/contact/x", ""},
		{"/index.php", ""},
		{"/assets/app.js", ""},
	} {
		if got, _ := r.Find(c.path); got != c.want {
			t.Errorf("%q falls under %q, want %q", c.path, got, c.want)
		}
	}
}

func TestLettersOfEitherCaseAreTheSameWhereAsked(t *testing.T) {
	r := routes(t, true, "/Contact", "/Comments*", "/É")
	for path, want := range map[string]string{
		"/CONTACT": "/Contact", "/contact/": "/Contact", "/%43ontact;x": "/Contact", "/COMMENTS/1": "/Comments*",
		"/contact/INDEX.PHP": "/Contact", "/Contact.ASPX": "/Contact", "/%C3%A9": "/É", "/contacts": "",
	} {
		if got, _ := r.Find(path); got != want {
			t.Errorf("%q falls under %q, want %q", path, got, want)
		}
	}
}

func TestFirstOfSeveralPatternsCounts(t *testing.T) {
	r := routes(t, false, "/a/b", "/a*", "/a/b/c", "/*")
	for path, want := range map[string]string{"/a/b": "/a/b", "/a/b/c": "/a*", "/a": "/a*", "/x": "/*", "/": "/*", "": "/*"} {
		if got, _ := r.Find(path); got != want {
			t.Errorf("%q falls under %q, want %q", path, got, want)
		}
	}
	if got := r.Patterns(); !slices.Equal(got, []string{"/a/b", "/a*", "/a/b/c", "/*"}) {
		t.Errorf("patterns are %q", got)
	}
}

func TestPatternsThatCannotBeMeantAreRefused(t *testing.T) {
	for pattern, want := range map[string]string{
		"contact": "from the root", "": "from the root", "*": "from the root", "/a*b": "at the end alone", "/a**": "at the end alone",
		"/a?b": "the path alone", "/a#b": "the path alone", "/{x}": "the path alone", "/a b": "the path alone", `/a\b`: "the path alone",
	} {
		if _, err := New([]string{pattern}, false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", pattern, err, want)
		}
	}
	if _, err := New([]string{"/a", "/a"}, false); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("the same twice: %v", err)
	}
}

func TestNoRoutesProtectNothing(t *testing.T) {
	var r *Routes
	if _, ok := r.Find("/contact"); ok || r.Patterns() != nil || r.Folds() {
		t.Error("they do")
	}
}

func TestEveryMethodThatMayChangeSomethingActs(t *testing.T) {
	websocket := http.Header{":protocol": {"websocket"}}
	for _, c := range []struct {
		method string
		header http.Header
		query  string
		want   bool
	}{
		{"GET", nil, "", false},
		{"", nil, "", false},
		{"HEAD", nil, "", false},
		{"OPTIONS", nil, "", false},
		{"TRACE", nil, "", false},
		{"POST", nil, "", true},
		{"PUT", nil, "", true},
		{"PATCH", nil, "", true},
		{"DELETE", nil, "", true},
		{"PROPPATCH", nil, "", true},
		{"get", nil, "", true}, // methods have a case: this is another one
		{"GETX", nil, "", true},
		{"CONNECT", nil, "", true},
		{"CONNECT", websocket, "", false},
		{"POST", http.Header{"X-Http-Method-Override": {"GET"}}, "_method=GET", true},
		{"GET", http.Header{"X-Http-Method-Override": {"POST"}}, "", true},
		{"GET", http.Header{"X-Http-Method-Override": {" post "}}, "", true},
		{"GET", http.Header{"X-Http-Method-Override": {"GET", "POST"}}, "", true},
		{"GET", http.Header{"X-Http-Method-Override": {"GET"}}, "", false},
		{"GET", http.Header{"X-Http-Method": {"DELETE"}}, "", true},
		{"HEAD", http.Header{"X-Method-Override": {"PUT"}}, "", true},
		{"OPTIONS", http.Header{"X_http_method_override": {"POST"}}, "", true},
		{"GET", http.Header{"X-HTTP_Method-Override": {"POST"}}, "", true},
		{"GET", http.Header{"X-Requested-With": {"POST"}}, "", false},
		{"GET", nil, "_method=POST", true},
		{"GET", nil, "a=1&_method=put", true},
		{"GET", nil, "%5fmethod=POST", true},
		{"GET", nil, "_meth%6fd=POST", true},
		{"GET", nil, "_METHOD=POST", true},
		{"GET", nil, "_method=%50OST", true},
		{"GET", nil, "a;_method=POST", true},
		{"GET", nil, "X-HTTP-Method-Override=POST", true},
		{"GET", nil, "_method=GET", false},
		{"GET", nil, "method=POST", false},
		{"GET", nil, "payment_method=card", false},
		{"GET", nil, "a=%zz", false},
	} {
		if got := Acts(c.method, c.header, c.query); got != c.want {
			t.Errorf("%s %v ?%s acts: %v", c.method, c.header, c.query, got)
		}
	}
}

func TestRequestsAreProtectedByPathAndMethod(t *testing.T) {
	r := routes(t, false, "/contact")
	for _, c := range []struct{ method, path, query, want string }{
		{"POST", "/contact", "", "/contact"},
		{"GET", "/contact", "", ""},
		{"GET", "/contact", "_method=POST", "/contact"},
		{"POST", "/x", "", ""},
	} {
		if got, ok := r.Protects(c.method, c.path, c.query, nil); got != c.want || ok != (c.want != "") {
			t.Errorf("%s %s?%s: %q, %v", c.method, c.path, c.query, got, ok)
		}
	}
}

// FuzzFind holds that a path is protected however it is escaped, and that the usual
// way of reading one finds what the thorough way does.
func FuzzFind(f *testing.F) {
	for _, path := range []string{"/contact", "/x/..;/contact", "/%2563ontact/.", "//a%5c%00b", "/index.php/contact.json", "/comments/1"} {
		f.Add(path, uint8(3))
	}
	r := routes(f, false, "/contact", "/comments*", "/login.php")
	f.Fuzz(func(t *testing.T, path string, at uint8) {
		found, ok := r.Find(path)
		if isUsual(path) {
			most := len(r.patterns)
			for reading := range readings(path) {
				most = r.match(reading, most)
			}
			if (most < len(r.patterns)) != ok || ok && r.patterns[most] != found {
				t.Fatalf("%q falls under %q, read at leisure under %d", path, found, most)
			}
		}
		i := int(at)
		if !ok || i >= len(path) || strings.ContainsAny(path, "?#%") || path[i] == '/' && i == 0 {
			return
		}
		const hex = "0123456789ABCDEF"
		escaped := path[:i] + "%" + string(hex[path[i]>>4]) + string(hex[path[i]&15]) + path[i+1:]
		if again, _ := r.Find(escaped); again != found {
			t.Fatalf("%q falls under %q, %q under %q", path, found, escaped, again)
		}
	})
}

func BenchmarkFind(b *testing.B) {
	for _, count := range []int{2, 1000} {
		patterns := []string{"/contact", "/comments*"}
		for i := len(patterns); i < count; i++ {
			patterns = append(patterns, "/form/"+strings.Repeat("x", i%50)+string(rune('a'+i%26))+strings.Repeat("y", i/26))
		}
		r := routes(b, false, patterns...)
		for _, path := range []string{"/articles/2025/11/an-article", "/assets/app.js", "/contact", "/x/%2e%2e/contact"} {
			b.Run(path, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					r.Find(path)
				}
			})
		}
	}
}
