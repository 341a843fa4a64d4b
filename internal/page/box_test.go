package page

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/caddy-privacy/caddy-privacy/internal/dialect"
	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

// asReplacement are rules of a site whose other consent tool is replaced, for a
// visitor who agreed to what these hosts serve.
func asReplacement(hosts ...string) *Rules {
	granted := strings.Join(append(hosts, home.Host), " ")
	return &Rules{
		Address: &home, Waiting: "/.privacy/held", Fill: true,
		Ask: func(u *weburl.URL) Answer {
			return Answer{OK: strings.Contains(granted, u.Host), Service: "known"}
		},
		Grants: func(dialect.Demand) bool { return len(hosts) > 0 },
	}
}

// eachCut checks what becomes of pages, whole and in small pieces.
func eachCut(t *testing.T, rules *Rules, pages map[string]string) {
	t.Helper()
	for page, want := range pages {
		for _, size := range []int{len(page), 7, 1} {
			if got, _ := hold(t, rules, page, size); got != want {
				t.Errorf("in pieces of %d\n got %s\nwant %s", size, got, want)
			}
		}
	}
}

const (
	heldFilm = `<iframe src="/.privacy/held?service=known" referrerpolicy="same-origin" data-held-src="https://www.youtube-nocookie.com/embed/x" title="YouTube" width="560" height="315" allowfullscreen></iframe>`
	liveFilm = `<iframe src="https://www.youtube-nocookie.com/embed/x" title="YouTube" width="560" height="315" allowfullscreen></iframe>`
	heldLive = `<iframe src="/.privacy/held?service=known" referrerpolicy="same-origin" data-held-src="https://player.vimeo.com/video/7" title="Dunes"`
)

func TestBoxOfAReplacedToolHoldsItsFrame(t *testing.T) {
	box := `<p>a<div class="youtube_player" videoID="x" width="560" height="315">`
	eachCut(t, asReplacement(), map[string]string{
		box + `</div>b`:             box + heldFilm + `</div>b`,
		`<body>` + box + `text<br>`: `<body>` + box + heldFilm + `text<br>`,
		`<div data-service="vimeo" data-id=7 data-title=Dunes data-iframe-sandbox="x">`: `<div class="c-h-n c-h-b" data-service="vimeo" data-id=7 data-title=Dunes data-iframe-sandbox="x"><div class="cll">` +
			heldLive + ` data-held-sandbox="x" allowfullscreen></iframe></div>`,
		`<svg>` + box[4:]:                                    `<svg>` + box[4:] + heldFilm,         // a div ends an svg
		`<div DATA-SERVICE=vimeo data-id=7>`:                 `<div DATA-SERVICE=vimeo data-id=7>`, // however it is cut
		`<div class="card" data-id="7"><span>x</span></div>`: `<div class="card" data-id="7"><span>x</span></div>`,
	})
	eachCut(t, asReplacement("www.youtube-nocookie.com", "player.vimeo.com"), map[string]string{
		box + `</div>b`: box + liveFilm + `</div>b`,
		`<div class='wide "v"' data-service="vimeo" data-id=7><p>x</p></div>`: `<div class="wide &#34;v&#34; c-h-n c-h-b" data-service="vimeo" data-id=7><div class="cll"><iframe src="https://player.vimeo.com/video/7" title="Vimeo" allowfullscreen></iframe></div><p>x</p></div>`,
		`<div class data-service=vimeo data-id=7>`:                            `<div class=" c-h-n c-h-b" data-service=vimeo data-id=7><div class="cll"><iframe src="https://player.vimeo.com/video/7" title="Vimeo" allowfullscreen></iframe></div>`,
	})
}

func TestBoxIsFoundAmongPlainTags(t *testing.T) {
	const page = `<html><body><div class="card__text">a</div><span>b</span><div id="c" class="youtube_player" videoID="x" width="560" height="315"></div><p class="y">c`
	want := strings.Replace(page, `></div><p`, `>`+heldFilm+`</div><p`, 1)
	for size := 1; size <= len(page); size++ {
		if got := insertInto(t, asReplacement(), page, size); got != want {
			t.Errorf("in pieces of %d\n got %s\nwant %s", size, got, want)
		}
	}
}

func TestBoxIsLeftToAToolThatStays(t *testing.T) {
	rules := asReplacement()
	rules.Fill = false
	page := `<div class="youtube_player" videoID="x"></div><div data-service="vimeo" data-id="7"></div>`
	eachCut(t, rules, map[string]string{page: page})
}

func TestQuoteHasAButtonWhileItsPostIsHeldBack(t *testing.T) {
	quote := `<blockquote class="twitter-tweet">`
	place := `<iframe src="/.privacy/held?service=known" referrerpolicy="same-origin" data-held-src="https://platform.twitter.com/widgets.js" title="X" width="100%" height="180" frameborder="0"></iframe>`
	rules := asReplacement()
	rules.Fill = false
	eachCut(t, rules, map[string]string{
		`<body><p>a</p>` + quote + `Wind.</blockquote><blockquote class="wide">b`: `<body><p>a</p>` + quote + place + `Wind.</blockquote><blockquote class="wide">b`,
	})
	eachCut(t, asReplacement("platform.twitter.com"), map[string]string{quote + `Wind.</blockquote>`: quote + `Wind.</blockquote>`})
	page := quote + `Wind.</blockquote>`
	eachCut(t, &Rules{Address: &home, Grants: func(dialect.Demand) bool { return true }}, map[string]string{page: page})
}

func TestMarkupInAScriptBecomesPartOfThePage(t *testing.T) {
	const script = `<script type="didomi/html" data-vendor="v">`
	eachCut(t, asReplacement("t.example"), map[string]string{
		`<body>` + script + `<img src=//t.example/a></script><p>b`:      `<body><div  data-vendor="v"><img src=//t.example/a></div><p>b`,
		`<body>` + script + `<img src=//other.example/a></script><p>b`:  `<body><div  data-vendor="v"><img data-held-src=//other.example/a></div><p>b`,
		`<body><SCRIPT TYPE=didomi/html data-purposes=ads>x</SCRIPT >y`: `<body><div  data-purposes=ads>x</div>y`,
		// cut off, and closed
		`<body>` + script + `<!-- a</script><p>b`:                    `<body><div  data-vendor="v"><!-- a--></div><p>b`,
		`<body>` + script + `<style>a{</script><p>b`:                 `<body><div  data-vendor="v"><style>a{</style></div><p>b`,
		`<body>` + script + `<b</script><p>b`:                        `<body><div  data-vendor="v"></div><p>b`,
		`<body>` + script + `<img src="//other.example</script><p>b`: `<body><div  data-vendor="v"></div><p>b`,
		`<body>` + script + `<svg><![CDATA[ a</script><p>b`:          `<body><div  data-vendor="v"><svg><![CDATA[ a]]></div><p>b`,
		`<body>` + script + `<template><p>a</script><p>b`:            `<body><div  data-vendor="v"><template><p>a</template></div><p>b`,
		`<body>` + script + `<script>a()</script><p>b`:               `<body><div  data-vendor="v"><script>a()</script></div><p>b`,
		// and what follows is read by itself
		`<body>` + script + `<base href=//other.example></script><img src=a>`:          `<body><div  data-vendor="v"><base href=//other.example></div><img data-held-src=a>`,
		`<base href=/b/>` + script + `<base href=//other.example></script><img src=a>`: `<base href=/b/><div  data-vendor="v"><base href=//other.example></div><img src=a>`,
		`<body>` + script + `<textarea></script><script src=//other.example></script>`: `<body><div  data-vendor="v"><textarea></textarea></div><script type="text/plain" data-held-src=//other.example></script>`,
	})
	page := `<body>` + script + `<img src=//t.example/a></script><p>b`
	eachCut(t, asReplacement(), map[string]string{page: page})
	granted := &Rules{Address: &home, Grants: func(dialect.Demand) bool { return true }}
	for _, page := range []string{
		`<html><body><div  data-vendor="v"><img src=//t.example/a></div><p>b`,
		`<html><head>` + script + `<meta name=x></script></head><body>`, // where no such element may stand
	} {
		tagged := strings.Replace(page, `<div  data-vendor="v"><img src=//t.example/a></div>`, script+`<img src=//t.example/a></script>`, 1)
		if got := insertInto(t, granted, tagged, len(tagged)); got != page {
			t.Errorf("who accepted everything gets %s, want %s", got, page)
		}
	}
}

// TestNothingInMarkupPassesUnread tries what made the gateway overlook such markup.
func TestNothingInMarkupPassesUnread(t *testing.T) {
	const image, heldImage = `<img src=//other.example/a>`, `<img data-held-src=//other.example/a>`
	const script = `<script type="didomi/html" data-vendor="v"`
	eachCut(t, asReplacement("t.example"), map[string]string{
		// marked as a box besides, which is filled by no tool
		`<body>` + script + ` class="youtube_player" videoid="x">` + image + `</script>b`: `<body><div  data-vendor="v" class="youtube_player" videoid="x">` + heldImage + `</div>b`,
		// in a template, where scripts do not run and the end of another would end it
		`<body><template>` + script + `></template></script><base href=//other.example><img src=a>`: `<body><template>` + script + `></template></script><base href=//other.example><img src=a>`,
		// in a style sheet of svg, which tags do not end
		`<body><svg><style><desc>` + script + `>` + image + `</script>b`: `<body><svg><style><desc><div  data-vendor="v">` + heldImage + `</div>b`,
	})
}

// TestMarkupIsNotReadWithinItselfWithoutEnd: each level is read by all around it, so
// that work and memory would grow with its square.
func TestMarkupIsNotReadWithinItselfWithoutEnd(t *testing.T) {
	rules := asReplacement("t.example")
	for _, tag := range []string{"<noscript>", `<script type="didomi/html" data-vendor="v">`} {
		few, many := "<body>"+strings.Repeat(tag, 3), "<body>"+strings.Repeat(tag, 300)
		allocs := func(page string) float64 { return testing.AllocsPerRun(5, func() { hold(t, rules, page, len(page)) }) }
		if a, b := allocs(few), allocs(many); b > 2*a {
			t.Errorf("%s: %v allocations for 3, %v for 300", tag, a, b)
		}
	}
}

// TestMarkupThatLooksLikeUTF16IsRead: a byte order mark tells of a page, not of what
// stands in it.
func TestMarkupThatLooksLikeUTF16IsRead(t *testing.T) {
	const image, heldImage = `<img src=//other.example/a>`, `<img data-held-src=//other.example/a>`
	const script, mark = `<script type="didomi/html" data-vendor="v">`, "\xff\xfe"
	eachCut(t, asReplacement("t.example"), map[string]string{
		`<body>` + script + mark + image + `</script>b`:   `<body><div  data-vendor="v">` + mark + heldImage + `</div>b`,
		`<noscript>` + mark + image + `</noscript>`:       `<noscript>` + mark + heldImage + `</noscript>`,
		`<iframe srcdoc="` + mark + image + `"></iframe>`: `<iframe srcdoc="` + mark + `&lt;img data-held-src=//other.example/a&gt;"></iframe>`,
	})
}

// insertInto passes a document that gets something of ours as well, in pieces of
// so many bytes, and takes that out again.
func insertInto(t *testing.T, rules *Rules, page string, size int) string {
	t.Helper()
	const ours = "<meta name=ours>"
	var b strings.Builder
	var w Writer
	w.Reset(&b, Insertion{Head: []byte(ours), Document: true, CharsetDeclared: true}, rules)
	writeAll(t, &w, page, size)
	return strings.NewReplacer(ours, "", heldMark, "").Replace(b.String())
}

// FuzzUnwrap holds markup that became part of a page to two promises: it is the
// same however the page arrives, and nothing in it changes how browsers read what
// follows.
func FuzzUnwrap(f *testing.F) {
	for _, content := range append(nasties, "<!-- ", "<b", "<img alt='", "<svg><![CDATA[", "<style>a", "<textarea>", "</", "<!", "<?x", "<script><!--") {
		f.Add(content, uint16(50))
	}
	f.Fuzz(func(t *testing.T, content string, cut uint16) {
		const before, after = `<body><script type="didomi/html" data-vendor="v">`, `</script><input name=after>`
		lower := strings.ToLower(content)
		if strings.Contains(lower, "</script") || strings.Contains(lower, "<script") && strings.Contains(content, "<!--") || strings.Contains(lower, "<plaintext") {
			return // the script ends there, goes on after its end, or so does the text
		}
		page := before + content + after
		whole, _ := hold(t, asReplacement("t.example"), page, len(page))
		if pieces, _ := hold(t, asReplacement("t.example"), page, 1+int(cut)%len(page)); pieces != whole {
			t.Errorf("%q\nin pieces %q", whole, pieces)
		}
		found := false
		for z := html.NewTokenizer(strings.NewReader(whole)); z.Next() != html.ErrorToken; {
			token := z.Token()
			found = found || token.Data == "input" && len(token.Attr) == 1 && token.Attr[0].Val == "after"
		}
		if !found {
			t.Errorf("what follows is read otherwise: %q", whole)
		}
	})
}
