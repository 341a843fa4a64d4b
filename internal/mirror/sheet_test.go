package mirror

import (
	"net/http"
	"strings"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

func TestGoogleFontsComeFromTheSiteAlone(t *testing.T) {
	b := newBench(t, file("text/css; charset=utf-8",
		"@font-face{font-family:Roboto;src:url(https://fonts.gstatic.com/s/roboto/v30/a.woff2) format('woff2')}"))
	w := b.ask("fonts.googleapis.com/css2?family=Roboto&display=swap")
	want := "@font-face{font-family:Roboto;src:url(" + Prefix + "fonts.gstatic.com/s/roboto/v30/a.woff2) format('woff2')}"
	if w.Code != http.StatusOK || w.Body.String() != want {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestSheetsWithoutOtherHostsKeepTheirBytes(t *testing.T) {
	content := "@charset \"utf-8\";/*! x */a{background:url(../img/a.png)}b{src:url(\"../fonts/f.eot?#iefix\")}" +
		"c{background:url(data:image/svg+xml;base64,AAAA)}d{fill:url(#e)}f{background:url(missing.html)}\r\n"
	b := newBench(t, file("text/css", content))
	w := b.ask("cdn.jsdelivr.net/npm/x@1.2.3/dist/css/x.css")
	if w.Code != http.StatusOK || w.Body.String() != content {
		t.Errorf("%d %q", w.Code, w.Body)
	}
}

func TestSheetsInUTF16AreRefused(t *testing.T) {
	for _, mark := range []string{"\xFE\xFF", "\xFF\xFE"} {
		b := newBench(t, file("text/css", mark+"a{}"))
		if w := b.ask("cdn.jsdelivr.net/npm/x@1.2.3/x.css"); w.Code != http.StatusBadGateway {
			t.Errorf("%x: %d", mark, w.Code)
		}
	}
}

func TestAddressesInSheetsLeadToTheMirrorOrNowhere(t *testing.T) {
	s, err := newSheet("https://cdn.jsdelivr.net/npm/x@1.2.3/css/x.css")
	if err != nil {
		t.Fatal(err)
	}
	mirror := Prefix + "cdn.jsdelivr.net"
	const nowhere = "-"
	for address, want := range map[string]string{
		"a.png":                                    "a.png",
		"../fonts/a.woff2?v=1":                     "../fonts/a.woff2?v=1",
		"a.svg#icon":                               "a.svg#icon",
		"#icon":                                    "#icon",
		"":                                         "",
		"https://cdn.jsdelivr.net/npm/y/y.png":     mirror + "/npm/y/y.png",
		"http://cdn.jsdelivr.net/npm/y/y.png":      mirror + "/npm/y/y.png",
		"//cdn.jsdelivr.net/npm/y/y.svg#a":         mirror + "/npm/y/y.svg#a",
		"/npm/y/y.png":                             mirror + "/npm/y/y.png",
		"../../../npm/y/y.png":                     "../../../npm/y/y.png",
		"../../../../npm/y/y.png":                  mirror + "/npm/y/y.png",
		"../../../../../../../npm/y/y.png":         mirror + "/npm/y/y.png",
		"\\npm\\y\\y.png":                          mirror + "/npm/y/y.png",
		"https://unpkg.com/y@1/y.css":              Prefix + "unpkg.com/y@1/y.css",
		"https://user@unpkg.com/y@1/y.css":         Prefix + "unpkg.com/y@1/y.css",
		"HTTPS://UNPKG.COM/y@1/y.css":              Prefix + "unpkg.com/y@1/y.css",
		"https://tracker.example/a.png":            nowhere,
		"//tracker.example/a.png":                  nowhere,
		"\\\\tracker.example\\a.png":               nowhere,
		"ht\ntps://tracker.example/a.png":          nowhere,
		"https://cdn.jsdelivr.net:444/npm/y.png":   nowhere,
		"/index.html":                              nowhere,
		"https://site.invalid/a.png":               nowhere,
		"https://site.invalid" + mirror + "/a.png": nowhere,
		"https://[":                                nowhere,
		"data:image/png;base64,AAAA":               "data:image/png;base64,AAAA",
		"DATA:Image/svg+xml,<svg/>":                "DATA:Image/svg+xml,<svg/>",
		"data:font/woff2;base64,AAAA":              "data:font/woff2;base64,AAAA",
		"data:application/x-font-woff,AAAA":        "data:application/x-font-woff,AAAA",
		"data:text/css,@import'//tracker.example'": nowhere,
		"data: text/css,a":                         nowhere,
		"file:///etc/passwd":                       nowhere,
		"Note: ":                                   "Note: ",
		"Segoe UI":                                 "Segoe UI",
		"/":                                        "/",
		"//":                                       nowhere,
		"https://site.invalid/":                    nowhere,
		"https://site.invalid/?u=1":                nowhere,
		"https://cdn.jsdelivr.net/":                nowhere,
		"\u203a":                                   "\u203a",
		"ws://tracker.example/":                    nowhere,
	} {
		got, ok := s.edit(address)
		if !ok {
			got = nowhere
		}
		if got != want {
			t.Errorf("%q becomes %q, want %q", address, got, want)
		}
	}
}

// FuzzSheetAddress: whatever a sheet says, what is left of it leads a browser to
// the mirror, or to data.
func FuzzSheetAddress(f *testing.F) {
	f.Add("//tracker.example/a.css")
	f.Add("../a.woff2?#iefix")
	f.Add("https://cdn.jsdelivr.net/npm/y/y.png#a")
	f.Add("\\\\tracker.example\\a")
	f.Add("data:text/css,a")
	s, err := newSheet("https://cdn.jsdelivr.net/npm/x@1.2.3/css/x.css")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, address string) {
		instead, ok := s.edit(address)
		if !ok {
			return
		}
		found, ok := weburl.Parse(instead, &s.here)
		switch {
		case !ok:
			t.Errorf("%q becomes %q, which cannot be read", address, instead)
		case !found.Network() && found.Scheme != "file":
		case found.Host == standIn && found.Path == "/" && found.Query == "":
		case found.Host != standIn || !strings.HasPrefix(found.Path, Prefix):
			t.Errorf("%q becomes %q, which leads to %v", address, instead, found)
		}
	})
}
