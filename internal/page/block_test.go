package page

import (
	"bytes"
	"strings"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

// hold passes a page, in pieces of so many bytes, under rules.
func hold(t *testing.T, rules *Rules, page string, size int) (out string, held int) {
	t.Helper()
	var b bytes.Buffer
	var w Writer
	w.Reset(&b, Insertion{}, rules)
	writeAll(t, &w, page, size)
	return b.String(), w.Held()
}

// writeAll writes a page in pieces of so many bytes, and ends it.
func writeAll(t *testing.T, w *Writer, page string, size int) {
	t.Helper()
	for rest := page; rest != ""; {
		n := min(size, len(rest))
		if _, err := w.Write([]byte(rest[:n])); err != nil {
			t.Fatal(err)
		}
		rest = rest[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestNothingRefusedIsLoaded(t *testing.T) {
	for page, want := range map[string]string{
		// elements and their attributes
		`<script src="https://t.example/a.js" async></script>`:          `<script type="text/plain" data-held-src="https://t.example/a.js" async></script>`,
		`<SCRIPT SRC=//t.example/a.js></SCRIPT>`:                        `<SCRIPT type="text/plain" data-held-SRC=//t.example/a.js></SCRIPT>`,
		`<script type=module src=https://t.example/a.js></script>`:      `<script type="text/plain" type=module data-held-src=https://t.example/a.js></script>`,
		`<img src="/\t.example/p.gif" alt=x>`:                           `<img data-held-src="/\t.example/p.gif" alt=x>`,
		"<img src='ht\ntps://t.example'>":                               "<img data-held-src='ht\ntps://t.example'>",
		`<img src="/a.png" srcset="/a.png 1x, https://t.example/a 2x">`: `<img src="/a.png" data-held-srcset="/a.png 1x, https://t.example/a 2x">`,
		`<img src=//t.ex&#97;mple/p>`:                                   `<img data-held-src=//t.ex&#97;mple/p>`,
		`<img src=/a src=//t.example>`:                                  `<img src=/a data-held-src=//t.example>`,
		`<image src=//t.example>`:                                       `<image data-held-src=//t.example>`,
		`<picture><source srcset="//t.example/a.avif">`:                 `<picture><source data-held-srcset="//t.example/a.avif">`,
		`<iframe src="https://t.example/v" width=560 sandbox></iframe>`: `<iframe src="/.privacy/held?host=t.example" referrerpolicy="same-origin" data-held-src="https://t.example/v" width=560 data-held-sandbox></iframe>`,
		`<embed src=//t.example/x>`:                                     `<embed src="/.privacy/held?host=t.example" type="text/html" data-held-src=//t.example/x>`,
		`<object data=//t.example/x></object>`:                          `<object data="/.privacy/held?host=t.example" type="text/html" data-held-data=//t.example/x></object>`,
		`<video src=//t.example/v poster=//t.example/p></video>`:        `<video data-held-src=//t.example/v data-held-poster=//t.example/p></video>`,
		`<audio src=//t.example/v></audio><track src=//t.example/t>`:    `<audio data-held-src=//t.example/v></audio><track data-held-src=//t.example/t>`,
		`<input type=image src=//t.example/v>`:                          `<input type=image data-held-src=//t.example/v>`,
		`<body background=//t.example/b>`:                               `<body data-held-background=//t.example/b>`,
		`<applet code=X codebase=//t.example/>`:                         `<applet code=X data-held-codebase=//t.example/>`,
		`<a href=//t.example ping="/ok //t.example/p">`:                 `<a href=//t.example data-held-ping="/ok //t.example/p">`,
		`<img src=/a attributionsrc>`:                                   `<img src=/a data-held-attributionsrc>`,
		// links by their relation
		`<link rel=stylesheet href=//t.example/c>`:                      `<link rel=stylesheet data-held-href=//t.example/c>`,
		`<link href=//t.example rel="DNS-Prefetch">`:                    `<link data-held-href=//t.example rel="DNS-Prefetch">`,
		`<link rel="canonical" href=//t.example/c>`:                     `<link rel="canonical" href=//t.example/c>`,
		`<link rel="alternate stylesheet" href=//t.example/c>`:          `<link rel="alternate stylesheet" data-held-href=//t.example/c>`,
		`<link rel=preload as=image href=/a imagesrcset="//t.example">`: `<link rel=preload as=image href=/a data-held-imagesrcset="//t.example">`,
		// meta and base
		`<meta http-equiv=refresh content="0; url=https://t.example">`:                      `<meta http-equiv=refresh data-held-content="0; url=https://t.example">`,
		`<meta http-equiv=refresh content="5;URL='/next'">`:                                 `<meta http-equiv=refresh content="5;URL='/next'">`,
		`<base href="https://t.example/"><img src="a.png"><img src="https://example.fr/b">`: `<base href="https://t.example/"><img data-held-src="a.png"><img src="https://example.fr/b">`,
		// style
		`<p style="background:url(https://t.example/x)">`:               `<p style="background:url(about:invalid)">`,
		`<p style="color:red">`:                                         `<p style="color:red">`,
		`<style>@import "//t.example/c"; a{background:url(/a)}</style>`: `<style>@import "about:invalid"; a{background:url(/a)}</style>`,
		`<style>p{src:url(//t.example/f)}`:                              `<style>p{src:url(about:invalid)}`,
		// svg
		`<svg><image href=//t.example/i /><use xlink:href="//t.example/u#x"/><a href=//t.example>x</a></svg>`:       `<svg><image data-held-href=//t.example/i /><use data-held-xlink:href="//t.example/u#x"/><a href=//t.example>x</a></svg>`,
		`<svg><rect fill="url(//t.example/p#a)"/><script href=//t.example/s></script></svg>`:                        `<svg><rect fill="url(about:invalid)"/><script type="text/plain" data-held-href=//t.example/s></script></svg>`,
		`<svg><style>a{fill:url(//t.example)}</style><animate attributeName=href values="/a;//t.example/b"/></svg>`: `<svg><style>a{fill:url(about:invalid)}</style><animate attributeName=href data-held-values="/a;//t.example/b"/></svg>`,
		// pages within the page
		`<iframe srcdoc="&lt;img src=//t.example/x&gt;"></iframe>`:       `<iframe srcdoc="&lt;img data-held-src=//t.example/x&gt;"></iframe>`,
		`<noscript><img src="https://t.example/p"></noscript><p>`:        `<noscript><img data-held-src="https://t.example/p"></noscript><p>`,
		`<noscript><img src="https://t.example/</noscript><p title=">">`: `<noscript></noscript><p title=">">`,
		`<noscript>a<i title="<img src=//t.example></noscript>b`:         `<noscript>a</noscript>b`,
		`<iframe srcdoc='a<i title="<img src=//t.example>'></iframe>`:    `<iframe srcdoc='a'></iframe>`,
		`<template><img src=//t.example/x></template>`:                   `<template><img data-held-src=//t.example/x></template>`,
		// snippets
		`<script>var s=document.createElement('script');s.src='https://t.example/fbevents.js'</script>`: `<script type="text/plain">var s=document.createElement('script');s.src='https://t.example/fbevents.js'</script>`,
		`<script>x('//t.example/a.js')</script>`:                                                        `<script>x('//t.example/a.js')</script>`,
		`<script>createElement(1) // see //t.example/a.js</script>`:                                     `<script>createElement(1) // see //t.example/a.js</script>`,
		`<script type="application/ld+json">{"u":"https://t.example/a.js"}</script>`:                    `<script type="application/ld+json">{"u":"https://t.example/a.js"}</script>`,
		`<script type=speculationrules>{"prefetch":[{"urls":["https://t.example/"]}]}</script>`:         `<script type="text/plain" type=speculationrules>{"prefetch":[{"urls":["https://t.example/"]}]}</script>`,
		// odd spellings
		`<meta http-equiv="refres&#104;" content="0;url=//t.example">`:                           `<meta http-equiv="refres&#104;" data-held-content="0;url=//t.example">`,
		"<meta http-equiv=refresh content='\v0;url=//t.example'>":                                "<meta http-equiv=refresh data-held-content='\v0;url=//t.example'>",
		`<meta http-equiv=refresh content='0;url="//example.fr"@t.example/"'>`:                   `<meta http-equiv=refresh data-held-content='0;url="//example.fr"@t.example/"'>`,
		`<img src="//example.fr&#x10000002F;@t.example/">`:                                       `<img data-held-src="//example.fr&#x10000002F;@t.example/">`,
		`<embed type="text/html" code="//t.example/x">`:                                          `<embed type="text/html" data-held-code="//t.example/x">`,
		`<template><base href="/"></template><base href="//t.example/"><img src=x>`:              `<template><base href="/"></template><base href="//t.example/"><img data-held-src=x>`,
		`<svg><style>a{fill:url(&#47;/t.example)}</style></svg>`:                                 `<svg><style>a{fill:url(about:invalid)}</style></svg>`,
		`<svg><style><x></x>a{fill:url(//t.example)}</style></svg>`:                              `<svg><style><x></x>a{fill:url(about:invalid)}</style></svg>`,
		`<svg><set attributeName="hre&#102;" to="//t.example"/></svg>`:                           `<svg><set attributeName="hre&#102;" data-held-to="//t.example"/></svg>`,
		`<object><svg></object><video src="//t.example"></video>`:                                `<object><svg></object><video data-held-src="//t.example"></video>`,
		"\xfe<img src=//t.example>":                                                              "\xfe<img data-held-src=//t.example>",
		`<script style="a:url(//t.example)">import("//t.example/fbevents.js")</script>`:          `<script type="text/plain" style="a:url(about:invalid)">import("//t.example/fbevents.js")</script>`,
		`<script type=speculationrules>{"prefetch":[{"where":{"href_matches":"/*"}}]}</script>`:  `<script type=speculationrules>{"prefetch":[{"where":{"href_matches":"/*"}}]}</script>`,
		`<script type=speculationrules>{"prefetch":[{"urls":[" HTTPS://t.example/"]}]}</script>`: `<script type="text/plain" type=speculationrules>{"prefetch":[{"urls":[" HTTPS://t.example/"]}]}</script>`,
		// what loads nothing
		`<a href="https://t.example/">x</a><form action=//t.example></form>`:       `<a href="https://t.example/">x</a><form action=//t.example></form>`,
		`<img src="data:image/gif;base64,AAAA"><iframe src="about:blank">`:         `<img src="data:image/gif;base64,AAAA"><iframe src="about:blank">`,
		`<textarea><img src=//t.example></textarea><!-- <img src=//t.example> -->`: `<textarea><img src=//t.example></textarea><!-- <img src=//t.example> -->`,
		`<p data-src=//t.example title="src=//t.example">`:                         `<p data-src=//t.example title="src=//t.example">`,
	} {
		for _, size := range []int{len(page), 1, 3, 7} {
			if got, _ := hold(t, refuseOthers, page, size); got != want {
				t.Errorf("in pieces of %d\n got %s\nwant %s", size, got, want)
			}
		}
	}
}

func TestMirroredAddressesTakeThePlaceOfTheOriginals(t *testing.T) {
	rules := &Rules{Address: &home, Ask: func(u *weburl.URL) Answer {
		return Answer{Instead: "/.privacy/mirror/" + u.Host + u.Path}
	}}
	for page, want := range map[string]string{
		`<script src=https://cdn.example/a.js integrity=x></script>`:  `<script src="/.privacy/mirror/cdn.example/a.js" integrity=x></script>`,
		`<link rel=stylesheet href='//cdn.example/a.css'>`:            `<link rel=stylesheet href='/.privacy/mirror/cdn.example/a.css'>`,
		`<link rel=preconnect href='//cdn.example'>`:                  `<link rel=preconnect data-held-href='//cdn.example'>`,
		`<style>@font-face{src:url("https://cdn.example/f")}</style>`: `<style>@font-face{src:url("/.privacy/mirror/cdn.example/f")}</style>`,
		`<img srcset="//cdn.example/a 1x, //cdn.example/b 2x">`:       `<img srcset="/.privacy/mirror/cdn.example/a 1x, /.privacy/mirror/cdn.example/b 2x">`,
	} {
		if got, _ := hold(t, rules, page, 5); got != want {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
	}
}

func TestWhatIsHeldBackIsCounted(t *testing.T) {
	page := `<img src=//t.example><style>a{b:url(//t.example)}</style><noscript><img src=//t.example></noscript><iframe srcdoc="<img src=//t.example>"></iframe>`
	if _, held := hold(t, refuseOthers, page, 10); held != 4 {
		t.Errorf("%d, want 4", held)
	}
	if _, held := hold(t, allowAll, page, 10); held != 0 {
		t.Errorf("%d with everything granted, want 0", held)
	}
}

func TestEndOfAGrantedPageIsFoundWithoutReadingIt(t *testing.T) {
	ins := Insertion{Head: []byte("<H>"), Body: []byte("<B>"), End: []byte("<E>"), Document: true, CharsetDeclared: true}
	for page, want := range map[string]string{
		"<html><head></head><body><p>x</body></html>\n":              "<html><head><H></head><body><B><p>x<E></body></html>\n",
		"<html><body>x</BODY >\n</HTML>":                             "<html><H><body><B>x<E></BODY >\n</HTML>",
		"<html><body>x</html>":                                       "<html><H><body><B>x<E></html>",
		"<html><body>x":                                              "<html><H><body><B>x<E>",
		"<html><body>x</body><!-- made in 3 s -->":                   "<html><H><body><B>x</body><!-- made in 3 s --><E>",
		"<html><body><script>a='</body></html>'</script><p>x</body>": "<html><H><body><B><script>a='</body></html>'</script><p>x<E></body>",
		"<p>x": "<H><B><p>x<E>",
		"":     "",
	} {
		for _, size := range []int{len(page) + 1, 16} {
			var out strings.Builder
			var w Writer
			w.Reset(&out, ins, nil)
			for rest := page; rest != ""; {
				n := min(size, len(rest))
				w.Write([]byte(rest[:n]))
				w.Flush()
				rest = rest[n:]
			}
			w.Close()
			if got := out.String(); size > len(page) && got != want || strings.Replace(got, "<E>", "", 1) != strings.Replace(want, "<E>", "", 1) {
				t.Errorf("in pieces of %d\n got %s\nwant %s", size, got, want)
			}
		}
	}
}
