package mirror

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

func TestLibrariesAndFontsHaveAPathOfTheSite(t *testing.T) {
	for _, address := range []string{
		"https://cdn.jsdelivr.net/npm/bootstrap@5.3.3/dist/css/bootstrap.min.css",
		"https://cdn.jsdelivr.net/npm/@popperjs/core@2.11.8/dist/umd/popper.min.js",
		"https://cdn.jsdelivr.net/npm/chart.js",
		"https://cdn.jsdelivr.net/npm/chart.js@4",
		"https://cdn.jsdelivr.net/npm/@alpinejs/focus@3.x.x/dist/cdn.min.js",
		"https://cdn.jsdelivr.net/gh/user/repo@1.0.0/dist/x.min.js",
		"https://cdn.jsdelivr.net/combine/npm/jquery@3,npm/bootstrap@5/dist/js/bootstrap.min.js",
		"https://cdn.jsdelivr.net/jquery.slick/1.5.9/slick.min.js",
		"https://cdn.jsdelivr.net/fontsource/fonts/roboto-flex:vf@latest/latin-wght-normal.woff2",
		"https://cdnjs.cloudflare.com/ajax/libs/font-awesome/6.5.1/webfonts/fa-solid-900.woff2",
		"https://unpkg.com/htmx.org@1.9.12",
		"https://unpkg.com/@scope/name@1.2.3/x.mjs",
		"https://code.jquery.com/jquery-3.7.1.min.js",
		"https://code.jquery.com/ui/1.13.2/themes/base/images/ui-icons_444444_256x240.png",
		"https://ajax.googleapis.com/ajax/libs/webfont/1.6.26/webfont.js?ver=6.4.2",
		"https://maxcdn.bootstrapcdn.com/font-awesome/4.7.0/fonts/fontawesome-webfont.woff2?v=4.7.0",
		"https://maxcdn.bootstrapcdn.com/font-awesome/4.7.0/fonts/fontawesome-webfont.eot?#iefix&v=4.7.0",
		"https://cdn.jsdelivr.net/npm/bootstrap-icons@1.11.3/font/fonts/bootstrap-icons.woff2?1fa40e8900654d2863d011707b9fb6f2",
		"https://use.fontawesome.com/releases/v5.15.4/css/all.css",
		"https://fonts.googleapis.com/css?family=Roboto:400,700|Open+Sans:400i&display=swap&ver=6.4",
		"https://fonts.googleapis.com/css?family=Roboto%7COpen%20Sans&subset=latin,latin-ext",
		"https://fonts.googleapis.com/css2?family=Inter:ital,wght@0,100..900;1,100..900&family=Lora&display=swap",
		"https://fonts.googleapis.com/icon?family=Material+Icons",
		"https://fonts.gstatic.com/s/roboto/v30/KFOmCnqEu92Fr1Mu4mxK.woff2",
		"https://fonts.gstatic.com/l/font?kit=KFOmCnqEu92Fr1Mu72xKKTU1Kvnz&skey=a0a0114a1dcab3ac&v=v30",
		"https://fonts.bunny.net/css?family=figtree:400,500,600&display=swap",
		"https://fonts.bunny.net/roboto/files/roboto-latin-400-normal.woff2",
		"https://d3js.org/d3.v7.min.js",
	} {
		want := Prefix + strings.TrimPrefix(address, "https://")
		for _, written := range []string{address, "http" + address[len("https"):], address[len("https:"):]} {
			if path, ok := Address(written); !ok || path != want {
				t.Errorf("Address(%q) = %q, %v; want %q", written, path, ok, want)
			}
		}
	}
}

// notMirrored are addresses that only look like those of the list, do not name
// a static file, or are read in two ways.
var notMirrored = []string{
	"",
	"/npm/x@1.0.0/x.js",
	"x.js",
	"https:",
	"https://",
	"https:///cdn.jsdelivr.net/npm/x/x.js",
	"https:/cdn.jsdelivr.net/npm/x/x.js",
	"https:cdn.jsdelivr.net/npm/x/x.js",
	"https://cdn.jsdelivr.net",
	"https://cdn.jsdelivr.net/",
	"https://cdn.jsdelivr.net@evil.example/npm/x/x.js",
	"https://evil@cdn.jsdelivr.net/npm/x/x.js",
	"https://cdn.jsdelivr.net:443/npm/x/x.js",
	"https://cdn.jsdelivr.net:8443/npm/x/x.js",
	"https://cdn.jsdelivr.net./npm/x/x.js",
	"//cdn.jsdelivr.net.evil.example/npm/x/x.js",
	"https://xcdn.jsdelivr.net/npm/x/x.js",
	"https://evil.example/cdn.jsdelivr.net/npm/x/x.js",
	"https://evil.example#cdn.jsdelivr.net/npm/x/x.js",
	"https://evil.example?cdn.jsdelivr.net/npm/x/x.js",
	"https://CDN.jsdelivr.net/npm/x/x.js",
	"HTTPS://cdn.jsdelivr.net/npm/x/x.js",
	" https://cdn.jsdelivr.net/npm/x/x.js",
	"https://cdn.jsdelivr.net/npm/x/x.js ",
	"ht\ntps://cdn.jsdelivr.net/npm/x/x.js",
	"https://cdn.jsdelivr.net/npm/x\t/x.js",
	"https:\\\\cdn.jsdelivr.net\\npm\\x.js",
	"https://cdn.jsdelivr.net\\@evil.example/npm/x/x.js",
	"https://cdn.jsdelivr.net/npm\\x/x.js",
	"https://cdn.jsdelivr.net/npm/../gh/x.js",
	"https://cdn.jsdelivr.net/npm/./x.js",
	"https://cdn.jsdelivr.net/npm/%2e%2e/x.js",
	"https://cdn.jsdelivr.net/npm/.%2e/x.js",
	"https://cdn.jsdelivr.net/npm/x%2fx.js",
	"https://cdn.jsdelivr.net/npm/x%5cx.js",
	"https://cdn.jsdelivr.net/npm/x%00.js",
	"https://cdn.jsdelivr.net/npm//x.js",
	"https://cdn.jsdelivr.net//evil.example/x.js",
	"https://cdn.jsdelivr.net/npm/é.js",
	"https://cdn.jsdelivr.net/npm/x.js\r\nHost: evil.example",
	"https://cdn.jsdelivr.net/npm/x.js?https://evil.example/x.js",
	"https://cdn.jsdelivr.net/npm/x.js?v=1&u=2",
	"https://cdn.jsdelivr.net/npm/x.js?v=a%0d%0ab",
	"https://cdn.jsdelivr.net/npm/x.js?email",
	"https://cdn.jsdelivr.net/npm/x.js#\"><script>",
	"https://cdn.jsdelivr.net/npm/x@1.0.0/",
	"https://cdn.jsdelivr.net/npm/x@1.0.0/index.html",
	"https://cdn.jsdelivr.net/npm/x@1.0.0/index.xml",
	"https://cdn.jsdelivr.net/npm/x@1.0.0/paper.pdf",
	"https://cdn.jsdelivr.net/npm/x@1.0.0/+esm",
	"https://cdn.jsdelivr.net/npm/@scope",
	"https://cdn.jsdelivr.net/gh/user/repo",
	"https://cdn.jsdelivr.net/combine/npm/jquery@3,evil/x.js",
	"https://cdn.jsdelivr.net/combine/",
	"https://data.jsdelivr.com/v1/package/npm/jquery.json",
	"https://unpkg.com/",
	"https://unpkg.com/vue@3?module",
	"https://unpkg.com/vue@3/x.js?meta",
	"https://esm.sh/react@18",
	"https://kit.fontawesome.com/abcdef.js",
	"https://ajax.googleapis.com/ajax/services/search/x.js",
	"https://use.fontawesome.com/abcdef.js",
	"https://cdnjs.cloudflare.com/cdn-cgi/challenge-platform/x.js",
	"https://cdnjs.cloudflare.com/polyfill/v3/polyfill.min.js?features=es6",
	"https://fonts.googleapis.com/css2?family=Inter&uid=12345",
	"https://fonts.googleapis.com/css2?family=%zz",
	"https://fonts.googleapis.com/css2?family=%0",
	"https://fonts.googleapis.com/css2?family",
	"https://fonts.googleapis.com/css2/x",
	"https://fonts.googleapis.com/css2/?family=Inter",
	"https://fonts.gstatic.com/s/roboto/v30/x.woff2?u=1&v=2",
	"https://www.gstatic.com/recaptcha/releases/x/recaptcha__en.js",
	"https://maps.googleapis.com/maps/api/x.js",
	"https://d3js.org/index.js",
	"data:text/javascript,1",
	"ftp://cdn.jsdelivr.net/npm/x/x.js",
	"wss://cdn.jsdelivr.net/npm/x/x.js",
	"https://cdn.jsdelivr.net/npm/" + strings.Repeat("x", maxAddress) + ".js",
}

func TestOtherAddressesAreNotMirrored(t *testing.T) {
	for _, address := range notMirrored {
		if path, ok := Address(address); ok || path != "" {
			t.Errorf("Address(%q) = %q, %v", address, path, ok)
		}
	}
}

func TestOnlyWholeVersionsLast(t *testing.T) {
	for place, want := range map[string]bool{
		"cdn.jsdelivr.net/npm/x@1.2.3/x.js":                                     true,
		"cdn.jsdelivr.net/npm/@s/x@1.2.3-beta.1/x.js":                           true,
		"cdn.jsdelivr.net/npm/x@1.2/x.js":                                       false,
		"cdn.jsdelivr.net/npm/x@~1.2.3/x.js":                                    false,
		"cdn.jsdelivr.net/npm/x@latest/1.2.3/x.js":                              false,
		"cdn.jsdelivr.net/npm/x/lib@1.2.3/x.js":                                 false,
		"cdn.jsdelivr.net/npm/x@1.2.3":                                          false,
		"cdn.jsdelivr.net/gh/u/r@v1.2.3/x.js":                                   true,
		"cdn.jsdelivr.net/gh/u/r@master/x.js":                                   false,
		"cdn.jsdelivr.net/gh/u/r@0123456789abcdef0123456789abcdef01234567/x.js": true,
		"cdn.jsdelivr.net/combine/npm/x@1.2.3/x.js,npm/y/y.js":                  false,
		"unpkg.com/x@1.2.3/x.js":                                                true,
		"unpkg.com/x/x.js":                                                      false,
		"cdnjs.cloudflare.com/ajax/libs/x/1.2.3/x.js":                           true,
		"ajax.googleapis.com/ajax/libs/jquery/3/jquery.js":                      false,
		"ajax.googleapis.com/ajax/libs/jquery/3.7.1/jquery.min.js":              true,
		"code.jquery.com/jquery-3.7.1.min.js":                                   true,
		"code.jquery.com/jquery-latest.js":                                      false,
		"use.fontawesome.com/releases/v5.15.4/css/all.css":                      true,
		"fonts.gstatic.com/s/roboto/v30/x.woff2":                                true,
		"fonts.googleapis.com/css?family=Roboto&ver=1.2.3":                      false,
		"fonts.bunny.net/roboto/files/roboto-latin-400-normal.woff2":            false,
	} {
		got, ok := targetAt(place)
		if !ok || got.lasting != want {
			t.Errorf("%s: mirrored %v, lasting %v, want %v", place, ok, got.lasting, want)
		}
	}
}

// FuzzAddress: what is mirrored leads back to one https address of the list, and
// the browser, this server and the transport all read it alike.
func FuzzAddress(f *testing.F) {
	for _, address := range notMirrored {
		f.Add(address)
	}
	f.Add("https://fonts.googleapis.com/css?family=Roboto:400|Open+Sans%20X&display=swap#a?b")
	f.Add("//cdn.jsdelivr.net/npm/@a/b@1.0.0/c.woff2?#iefix&v=4.7.0")
	f.Add("http://cdn.jsdelivr.net/combine/npm/a,gh/b/c/d.js")
	f.Fuzz(func(t *testing.T, address string) {
		path, ok := Address(address)
		if !ok {
			return
		}
		site, ok := weburl.Parse(path, &weburl.URL{Scheme: "https", Host: "site.example", Path: "/"})
		if !ok || site.Host != "site.example" || !strings.HasPrefix(site.Path, Prefix) {
			t.Fatalf("%q: a browser reads %q as %v", address, path, site)
		}
		resource, _, _ := strings.Cut(path, "#")
		r := httptest.NewRequest(http.MethodGet, resource, nil)
		got, ok := targetOf(r.URL)
		if !ok || got.address != "https://"+strings.TrimPrefix(resource, Prefix) {
			t.Fatalf("%q: the server reads %q as %q, %v", address, path, got.address, ok)
		}
		if again, ok := Address(got.address); !ok || again != resource {
			t.Fatalf("%q: %q leads back to %q", address, got.address, again)
		}
		meant, ok := weburl.Parse(address, &weburl.URL{Scheme: "https", Host: "site.example", Path: "/"})
		out, err := http.NewRequest(http.MethodGet, got.address, nil)
		if !ok || err != nil {
			t.Fatalf("%q: %v, %v", address, ok, err)
		}
		if sources[meant.Host] == nil || meant.Host != got.host || out.URL.Host != got.host || out.Host != got.host {
			t.Fatalf("%q: hosts %q, %q, %q", address, meant.Host, got.host, out.URL.Host)
		}
		sent := strings.TrimSuffix(out.URL.RequestURI(), "?")
		want := meant.Path
		if meant.Query != "" {
			want += "?" + meant.Query
		}
		if sent != want {
			t.Fatalf("%q: sends %q, the browser would send %q", address, sent, want)
		}
	})
}

func BenchmarkAddress(b *testing.B) {
	for name, address := range map[string]string{
		"mirrored": "https://cdn.jsdelivr.net/npm/bootstrap@5.3.3/dist/css/bootstrap.min.css",
		"foreign":  "https://www.googletagmanager.com/gtag/js?id=G-0123456789",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Address(address)
			}
		})
	}
}
