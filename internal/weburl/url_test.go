package weburl

import (
	"strings"
	"testing"
)

// page is what relative addresses in the tables are relative to.
const page = "https://www.example.com/shop/list?sort=name"

// read parses text and writes it again; "" means invalid.
func read(t *testing.T, text, base string) string {
	t.Helper()
	var from *URL
	if base != "" {
		b, ok := Parse(base, nil)
		if !ok {
			t.Fatalf("base %q is invalid", base)
		}
		from = &b
	}
	u, ok := Parse(text, from)
	if !ok {
		return ""
	}
	return u.String()
}

func TestEveryWayToNameAHostIsSeen(t *testing.T) {
	for text, want := range map[string]string{
		"https://t.example/a":                      "https://t.example/a",
		"//t.example/a":                            "https://t.example/a",
		"///t.example/a":                           "https://t.example/a",
		`\\t.example\a`:                            "https://t.example/a",
		`/\t.example`:                              "https://t.example/",
		`\/\/t.example`:                            "https://t.example/",
		"http:t.example":                           "http://t.example/",
		"http:/t.example":                          "http://t.example/",
		"http:////t.example/a":                     "http://t.example/a",
		"https:\\\\t.example":                      "https://t.example/",
		"HtTpS://T.EXAMPLE/A":                      "https://t.example/A",
		" \x00\x1f//t.example/a \x01":              "https://t.example/a",
		"ht\ntps:/\t/t.exa\rmple/a":                "https://t.example/a",
		"//t.example.":                             "https://t.example/",
		"//t.example./a":                           "https://t.example/a",
		"//user:word@t.example/":                   "https://t.example/",
		"//www.example.com@t.example/":             "https://t.example/",
		`//www.example.com\@t.example/`:            "https://www.example.com/@t.example/",
		"//www.example.com/@t.example/":            "https://www.example.com/@t.example/",
		"//www.example.com?@t.example/":            "https://www.example.com/?@t.example/",
		"//www.example.com#@t.example/":            "https://www.example.com/",
		"//a@b@t.example/":                         "https://t.example/",
		"//t.example:443/":                         "https://t.example/",
		"//t.example:0443/":                        "https://t.example/",
		"//t.example:/":                            "https://t.example/",
		"//t.example:80/":                          "https://t.example:80/",
		"http://t.example:80/":                     "http://t.example/",
		"//t.example:0/":                           "https://t.example:0/",
		"//%74.ex%41mple/":                         "https://t.example/",
		"//t%2eexample/":                           "https://t.example/",
		"//t\u3002example":                         "https://t.example/",
		"//\uff54.example":                         "https://t.example/",
		"//t\u00ad.example":                        "https://t.example/",
		"//b\u00fccher.example":                    "https://xn--bcher-kva.example/",
		"//B%C3%9CCHER.example":                    "https://xn--bcher-kva.example/",
		"//fa\u00df.example":                       "https://xn--fa-hia.example/",
		"//XN--BCHER-KVA.example":                  "https://xn--bcher-kva.example/",
		"//r3---sn-apo3qvuoxuxbt-j5pe.example/":    "https://r3---sn-apo3qvuoxuxbt-j5pe.example/",
		"//a_b.t.example/":                         "https://a_b.t.example/",
		"wss:t.example":                            "wss://t.example/",
		"ftp://t.example":                          "ftp://t.example/",
		"//?/t.example":                            "",
		"https://":                                 "",
		"//user@/":                                 "",
		"//t.example:99999/":                       "",
		"//t.example:x/":                           "",
		"//t.exa mple/":                            "",
		"//t.exa%20mple/":                          "",
		"//t.exa%00mple/":                          "",
		"//t.exa<mple/":                            "",
		"//t%2fexample/":                           "",
		"//\uff05\uff14\uff11.example/":            "",
		"//xn--/":                                  "",
		"//a.xn--/":                                "",
		"//xn--a/":                                 "",
		"//\xff.example/":                          "",
		"//a\u200db.example/":                      "",
		"//t..example/":                            "",
		"//./":                                     "",
		"//t.example../":                           "",
		"//[::1/":                                  "",
		"//t.example]/":                            "",
		"//%":                                      "",
		"//\u00ad/":                                "",
		"//[www.example.com]/":                     "",
		"//www.example.com:8080:80/":               "",
		"https://www.example.com:80:@t.example:8/": "https://t.example:8/",
	} {
		if got := read(t, text, page); got != want {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	}
}

func TestIPAddressHasOneName(t *testing.T) {
	for text, want := range map[string]string{
		"127.0.0.1":                          "127.0.0.1",
		"0x7f.1":                             "127.0.0.1",
		"0X7F.0.0.1":                         "127.0.0.1",
		"0177.0.0.1":                         "127.0.0.1",
		"2130706433":                         "127.0.0.1",
		"017700000001":                       "127.0.0.1",
		"127.1.":                             "127.0.0.1",
		"1.2.65535":                          "1.2.255.255",
		"%31.2.3.4":                          "1.2.3.4",
		"\uff11.2.3.4":                       "1.2.3.4",
		"0x":                                 "0.0.0.0",
		"4294967295":                         "255.255.255.255",
		"4294967296":                         "",
		"256.1.1.1":                          "",
		"1.2.3.256":                          "",
		"1.2.3.4.5":                          "",
		"1..2.3":                             "",
		"09":                                 "",
		"a.1":                                "",
		"a.0x1":                              "",
		"1.a":                                "1.a",
		"0xg":                                "0xg",
		"99999999999999999":                  "",
		"0xffffffffffffffffffffffffffffffff": "",
		"[::1]":                              "[::1]",
		"[0:0:0:0:0:0:0:1]":                  "[::1]",
		"[2001:DB8::0:1]":                    "[2001:db8::1]",
		"[1:0:0:2:0:0:0:3]":                  "[1:0:0:2::3]",
		"[::ffff:127.0.0.1]":                 "[::ffff:7f00:1]",
		"[::127.0.0.1]":                      "[::7f00:1]",
		"[::1%25eth0]":                       "",
		"[::1%eth0]":                         "",
		"[1.2.3.4]":                          "",
		"[::g]":                              "",
		"[:1]":                               "",
		"[1:2:3:4:5:6:7:8:9]":                "",
		"[1:2:3:4::5:6:7:8]":                 "",
		"[::1]a":                             "",
		"[]":                                 "",
		"[::127.0.0.256]":                    "",
		"[::127.0.0.01]":                     "",
		"[0:1:2:3:4:5:6:1.2.3.4]":            "",
	} {
		u, ok := Parse("http://"+text+"/", nil)
		if ok != (want != "") || ok && u.Host != want {
			t.Errorf("%q is read as %q, %v, want %q", text, u.Host, ok, want)
		}
	}
}

func TestRelativeAddressStaysAtItsBase(t *testing.T) {
	for _, test := range []struct{ text, base, want string }{
		{"", page, page},
		{"#top", page, page},
		{"a.js", page, "https://www.example.com/shop/a.js"},
		{"./a.js", page, "https://www.example.com/shop/a.js"},
		{"../a.js", page, "https://www.example.com/a.js"},
		{"../../../a.js", page, "https://www.example.com/a.js"},
		{"%2e%2E/a.js", page, "https://www.example.com/a.js"},
		{".%2e", page, "https://www.example.com/"},
		{".", page, "https://www.example.com/shop/"},
		{"...", page, "https://www.example.com/shop/..."},
		{"/a/../b/./c", page, "https://www.example.com/b/c"},
		{`\a\..\b`, page, "https://www.example.com/b"},
		{"/", page, "https://www.example.com/"},
		{"?x=1", page, "https://www.example.com/shop/list?x=1"},
		{"?", page, "https://www.example.com/shop/list"},
		{"https:a.js", page, "https://www.example.com/shop/a.js"},
		{"https:/a.js", page, "https://www.example.com/a.js"},
		{"HTTPS:?x", page, "https://www.example.com/shop/list?x"},
		{"https:", page, page},
		{"a:b", "https://h/", "a:b"},
		{"1:b", page, "https://www.example.com/shop/1:b"},
		{":80", page, "https://www.example.com/shop/:80"},
		{"/a b?c d'#e", page, "https://www.example.com/a%20b?c%20d%27"},
		{"/\u00e9?\u00e9", page, "https://www.example.com/%C3%A9?%C3%A9"},
		{"/\"<>^`{|}", page, "https://www.example.com/%22%3C%3E%5E%60%7B|%7D"},
		{"/%zz%", page, "https://www.example.com/%zz%"},
		{"a//b", page, "https://www.example.com/shop/a//b"},
		{"a", "http://h:8080", "http://h:8080/a"},
		{`\\x`, "foo://h/p/q", `foo://h/p/\\x`},
		{"//x", "foo://h/p/q", "foo://x"},
		{"/..//x", "foo:/p", "foo:/.//x"},
		{"a.js", "data:text/html,x", ""},
		{"", "data:text/html,x", ""},
		{"#x", "data:text/html,x", "data:text/html,x"},
		{"a.js", "", ""},
		{"/a.js", "", ""},
		{"//t.example", "", ""},
		{"/x", "file:///C:/a/b", "file:///C:/x"},
		{"../../..", "file:///C:/a/b", "file:///C:/"},
		{"D|/x", "file:///C:/a/b", "file:///D:/x"},
		{"//t.example/x", "file:///C:/a/b", "file://t.example/x"},
		{"file:a", page, "file:///a"},
		{"file://localhost/a", page, "file:///a"},
		{"file:a", "file:///x/y", "file:///x/a"},
	} {
		if got := read(t, test.text, test.base); got != test.want {
			t.Errorf("%q at %q is read as %q, want %q", test.text, test.base, got, test.want)
		}
	}
}

func TestOpaqueAddressHasNoHost(t *testing.T) {
	for text, want := range map[string]URL{
		"data:text/css,a?b#c":                {Scheme: "data", Path: "text/css,a", Query: "b"},
		"blob:https://t.example/1-2":         {Scheme: "blob", Path: "https://t.example/1-2"},
		"JavaScript:alert(1)":                {Scheme: "javascript", Path: "alert(1)"},
		"about:blank":                        {Scheme: "about", Path: "blank"},
		"mailto:a@b.example":                 {Scheme: "mailto", Path: "a@b.example"},
		"data:x y #z":                        {Scheme: "data", Path: "x y%20"},
		"java\nscript:x":                     {Scheme: "javascript", Path: "x"},
		"data:" + strings.Repeat("A", 1<<20): {Scheme: "data", Path: strings.Repeat("A", 1<<20)},
	} {
		u, ok := Parse(text, nil)
		if !ok || u != want || u.Network() {
			t.Errorf("%.40q is read as %.80q, %v", text, u, ok)
		}
	}
}

func TestNetworkSchemes(t *testing.T) {
	for scheme, want := range map[string]bool{
		"http": true, "https": true, "ws": true, "wss": true, "ftp": true,
		"file": false, "data": false, "blob": false, "about": false, "": false,
	} {
		if u := (URL{Scheme: scheme}); u.Network() != want {
			t.Errorf("%q contacts something: %v", scheme, !want)
		}
	}
}

func TestOrdinaryAddressesDoNotAllocate(t *testing.T) {
	base, _ := Parse(page, nil)
	for _, text := range []string{
		"https://www.example.com/a/b.js?x=1", "//t.example:8443/a.gif", "/a/b.js", "?x=1", "#top",
		"http://t.example", "data:image/gif;base64,R0lGODlhAQABAAAAACw=", "//192.0.2.1/x",
	} {
		if n := testing.AllocsPerRun(100, func() { Parse(text, &base) }); n != 0 {
			t.Errorf("%q: %v allocations", text, n)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		`\\t.example/a?b`, "http://0x7f.1:080/%2e%2e/a", "https:a", "//b\u00fccher.example.", "//[::ffff:1.2.3.4]:1",
		"file:C|/../x", "foo:/..//a", "data:x #", "//a@b@c:443", "ht\ttp:/\\xn--a",
	} {
		f.Add(text, page)
		f.Add(text, "file:///C:/x")
		f.Add(text, "foo://h/p")
	}
	f.Fuzz(func(t *testing.T, text, from string) {
		var base *URL
		if b, ok := Parse(from, nil); ok {
			base = &b
		}
		u, ok := Parse(text, base)
		if !ok {
			return
		}
		if again, ok := Parse(u.String(), nil); !ok || again != u {
			t.Errorf("%q is read as %q, then as %q, %v", text, u, again, ok)
		}
		if i := strings.IndexFunc(u.Host, isForbidden); i >= 0 && u.Host[0] != '[' {
			t.Errorf("host %q of %q has %q", u.Host, text, u.Host[i])
		}
		if strings.ContainsAny(u.Host, "/\\@") || strings.ContainsFunc(u.Host, func(c rune) bool { return c <= ' ' || c == 0x7f }) {
			t.Errorf("host %q of %q is no host", u.Host, text)
		}
		if u.Network() && u.Host == "" {
			t.Errorf("%q contacts nobody: %q", text, u)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	base, _ := Parse(page, nil)
	for _, text := range []string{
		"https://www.example.com/a/b.js?x=1", "/a/b.js", "a.js", "//B\u00dcCHER.example/x",
	} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Parse(text, &base)
			}
		})
	}
}
