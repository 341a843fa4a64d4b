package conformance

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// everything is a page that loads by each way there is in markup, every one from
// a host of its own.
const everything = `<!DOCTYPE html><html><head><title>News</title><script src=/app.js></script>
<link rel="stylesheet" href="https://sheet.test/a.css"><link rel=preconnect href=//connect.test>
<link rel="canonical" href="https://canonical.test/"><link rel=icon href=https://icon.test/i.png>
<meta http-equiv="Refresh" content="600; url=https://refresh.test/">
<style>@import "https://import.test/a.css"; body { background: url(https://style.test/b.png) }</style>
<script src="https://connect.facebook.net/en_US/fbevents.js"></script>
<script>(function(d){var s=d.createElement("script");s.src="https://static.hotjar.com/c/hotjar-1.js";d.head.appendChild(s)})(document)</script>
</head><body background=https://background.test/b.png><h1>News</h1>
<img src="https://image.test/a.png" srcset="https://set.test/a.png 1x, https://set.test/b.png 2x" alt="">
<iframe width=560 src="https://www.youtube.com/embed/x?a=1&amp;b=2" title="Film"></iframe>
<iframe srcdoc="<img src='https://srcdoc.test/a.png'>"></iframe>
<video poster=https://poster.test/p.jpg><source src=https://source.test/v.mp4></video>
<object data=https://object.test/o.swf></object><embed src=https://embed.test/e.swf>
<p style="background:url('https://attribute.test/b.png')">Words</p>
<svg><image href="https://svg.test/a.png"/><use xlink:href="https://use.test/s.svg#a"/></svg>
<noscript><img src="https://www.facebook.com/tr?id=1&amp;noscript=1" height=1></noscript>
<a href="https://link.test/">elsewhere</a>
<img src="/own.png"><script src="https://static.example.fr/own.js"></script><img src="http://www.example.fr:8080/a.png">
</body></html>
`

// sites are the hosts from which everything loads, beside its own.
var sites = []string{
	"attribute.test", "background.test", "connect.facebook.net", "connect.test", "embed.test", "icon.test", "image.test", "import.test",
	"object.test", "poster.test", "refresh.test", "set.test", "sheet.test", "source.test", "srcdoc.test", "static.hotjar.com", "style.test",
	"svg.test", "use.test", "www.facebook.com", "www.youtube.com",
}

// own are hosts of the site's registrable domain.
var own = []string{"static.example.fr", host}

// TestPageLoadsNothingFromOthersBeforeAYes, nor after a refusal, an empty choice
// or a signal; the site's own hosts load.
func TestPageLoadsNothingFromOthersBeforeAYes(t *testing.T) {
	(&reply{body: everything}).loads(t, append(sites, own...)...)
	eachWay(t, gateway, func(t *testing.T, s *site) {
		s.publish("/news", everything)
		for name, field := range map[string]string{
			"no choice": "X-Nothing: 1", "signal": "Sec-Gpc: 1", "forged": "Cookie: " + record + "=accepted",
			"refused": s.decide(t, "choice=refuse"), "nothing saved": s.decide(t, "choice=save"),
		} {
			t.Run(name, func(t *testing.T) {
				r := s.visit(t, "/news", at, field)
				r.loads(t, own...)
				if strings.Count(r.body, "/.privacy/held?") < 3 || !strings.Contains(r.body, `src="/.privacy/held?service=youtube"`) {
					t.Errorf("nothing stands in for the frames: %s", r.body)
				}
				for _, kept := range []string{`<a href="https://link.test/">`, `href="https://canonical.test/"`, "<h1>News</h1>", `<img src="/own.png">`} {
					if !strings.Contains(r.body, kept) {
						t.Errorf("%s is gone", kept)
					}
				}
			})
		}
	})
}

// TestOwnersHostsAreTheSite: those of own_hosts, and those he calls necessary.
func TestOwnersHostsAreTheSite(t *testing.T) {
	s := serve(t, "privacy {\n own_hosts image.test set.test\n host source.test necessary\n host embed.test statistics\n }\n reverse_proxy <origin>")
	s.publish("/news", everything)
	mine := append([]string{"image.test", "set.test", "source.test"}, own...)
	r := s.visit(t, "/news", at)
	r.loads(t, mine...)
	for _, name := range []string{"image.test", "set.test", "source.test"} {
		r.has(t, "Content-Security-Policy", " *."+name)
	}
	s.visit(t, "/news", at, s.decide(t, "choice=save&purpose=statistics")).loads(t, append(mine, "embed.test", "static.hotjar.com")...)
	s.publish("/below", `<!DOCTYPE html><img src=https://eu.image.test/a.png><img src=https://evilimage.test/a.png><img src=https://image.test.evil.test/a.png>`)
	s.visit(t, "/below", at).loads(t, "eu.image.test")
}

// TestAddressesThatOnlyBrowsersUnderstandAreUnderstood.
func TestAddressesThatOnlyBrowsersUnderstandAreUnderstood(t *testing.T) {
	s := serve(t, gateway)
	for i, address := range []string{
		`//evil.test/a`, `\\evil.test/a`, `/\evil.test/a`, `https:evil.test/a`, `https:/\evil.test/a`, "ht\ntps://evil.test/a", " \thttps://evil.test/a",
		`HTTPS://EVIL.TEST/a`, `&#104;ttps://evil.test/a`, `https&colon;//evil.test/a`, `&sol;/evil.test/a`, `https://www.example.fr@evil.test/a`,
		`https://evil.test:443/www.example.fr`, `https://www.example.fr.evil.test/`, `https://ｅvil.test/`, `//%65vil.test/`, `wss://evil.test/`,
	} {
		path := "/" + strconv.Itoa(i)
		s.publish(path, "<!DOCTYPE html><img src=\""+address+"\"><script src='"+address+"'></script>")
		r := s.visit(t, path, at)
		if strings.Count(r.body, "data-held-src=") != 2 {
			t.Errorf("%s: %s", address, r.body)
		}
	}
}

// TestAcceptedPageIsTheOriginsButForWhatIsInserted, byte for byte, however the
// origin cuts it into pieces; and before a yes no cut lets anything through.
func TestAcceptedPageIsTheOriginsButForWhatIsInserted(t *testing.T) {
	s := serve(t, gateway)
	s.origin.handle("/pieces", func(w http.ResponseWriter, r *http.Request) {
		size, err := strconv.Atoi(r.URL.RawQuery)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "text/html")
		for piece := range slices.Chunk([]byte(everything), size) {
			w.Write(piece)
			http.NewResponseController(w).Flush()
		}
	})
	yes := s.decide(t, "choice=accept")
	for _, size := range []string{"1", "2", "3", "7", "16", "61", "257", "1021", "99999"} {
		t.Run(size, func(t *testing.T) {
			path := "/pieces?" + size
			r := s.visit(t, path, at, yes)
			r.whole(t, false)
			r.uninserted(t).equals(t, everything)
			s.visit(t, path, at, yes, "Hx-Request: true", "Sec-Fetch-Dest: empty").equals(t, everything)
			s.visit(t, path, at).loads(t, own...)
			s.visit(t, path, at, "Hx-Request: true", "Sec-Fetch-Dest: empty").loads(t, own...)
		})
	}
}

// uninserted is a page less what the gateway inserts.
func (r *reply) uninserted(t *testing.T) *reply {
	t.Helper()
	body := r.body
	for _, mark := range [][2]string{
		{"<style>#say-panel", "</style>"}, {guardMark, "</script>"}, {linkMark, "</section>"}, {"<script data-settings=", "</script>"}, {"<script data-entries>", "</script>"},
	} {
		before, inserted, begun := strings.Cut(body, mark[0])
		_, after, ended := strings.Cut(inserted, mark[1])
		if !begun || !ended {
			t.Fatalf("no %s in\n%s", mark[0], r.body)
		}
		body = before + after
	}
	plain := *r
	plain.body = body
	return &plain
}

// equals fails unless the body is this text.
func (r *reply) equals(t *testing.T, text string) {
	t.Helper()
	for i := range min(len(r.body), len(text)) {
		if r.body[i] != text[i] {
			t.Errorf("differs from byte %d: %.60q instead of %.60q", i, r.body[i:], text[i:])
			return
		}
	}
	if len(r.body) != len(text) {
		t.Errorf("%d bytes instead of %d", len(r.body), len(text))
	}
}
