package conformance

import (
	"strconv"
	"strings"
	"testing"
)

// TestHostsThatAreNoNamesGetNowhere: the URL Standard lets a host hold quotes,
// commas and semicolons, which would be markup in a page and directives in a policy.
func TestHostsThatAreNoNamesGetNowhere(t *testing.T) {
	s := serve(t, gateway)
	s.publish("/odd", `<!DOCTYPE html><iframe src='https://a"onload=alert(1)b.test/'></iframe><iframe src="https://a'b&quot;c.test/"></iframe>
<object data='https://a"b.test/'></object><embed src='https://a"b.test/'><iframe src='https://a;b.test/'></iframe><iframe src='https://a&amp;service=youtube.test/'></iframe>
<img src='https://a;sandbox;b.test/'><img src='https://a,b.test/'><img src='https://a.test;sandbox/'><img src='https://*/'><img src='https://a.*/'><img src='https://plain.test/'>`)
	before := s.visit(t, "/odd", at)
	before.confines(t)
	after := s.visit(t, "/odd", at, s.decide(t, "choice=save&purpose=marketing"))
	after.confines(t, "plain.test")
	for _, r := range []*reply{before, after} {
		for _, attribute := range attributes(t, r.body) {
			if strings.HasPrefix(attribute, "onload") || strings.Contains(attribute, ".test") {
				t.Errorf("an attribute %s in\n%s", attribute, r.body)
			}
		}
	}
}

// TestNoMarkupIsTooOddToBeHeld: what browsers make of it counts, and what is only
// text to them stays as it is.
func TestNoMarkupIsTooOddToBeHeld(t *testing.T) {
	s := serve(t, gateway)
	for i, markup := range []string{
		`<svg><script href="https://evil.test/a.js"></script><foreignObject><img src=https://evil.test/a></foreignObject></svg>`,
		`<math><mtext><img src=https://evil.test/a></mtext><annotation-xml encoding=text/html><img src=https://evil.test/b></annotation-xml></math>`,
		`<template shadowrootmode=open><img src=https://evil.test/a></template><select><img src=https://evil.test/a></select>`,
		`<link rel="alternate stylesheet" href=https://evil.test/a.css><link rel=manifest href=https://evil.test/m><link rel=modulepreload href=https://evil.test/p.js>`,
		`<input type=image src=https://evil.test/a><audio src=https://evil.test/a></audio><video src=https://evil.test/v><track src=https://evil.test/t></video>`,
		`<table background=https://evil.test/a><td background=https://evil.test/b>x</table><a ping=https://evil.test/p href=/>x</a>`,
		`<style>@import url(//evil.test/a);@font-face{src:url("https://evil.test/f")}a{background:image-set("https://evil.test/i" 1x);b:u\72l(https://evil.test/u)}</style>`,
		"<img src=\"https://evil.test/a\" src=\"/own\"><IMG SRC=https://evil.test/a><img/src=https://evil.test/a><img src\n = 'https://evil.test/a'>",
		`<!--><img src=https://evil.test/a>--><![CDATA[<img src=https://evil.test/b>]]><?x <img src=https://evil.test/c>?><img src=https://evil.test/d>`,
		`<meta http-equiv=refresh content="0;URL='https://evil.test/'"><meta http-equiv=Refresh content="1, https://evil.test/">`,
		`<portal src=https://evil.test/></portal><fencedframe src=https://evil.test/></fencedframe><object data=https://evil.test/></object>`,
		`<noscript><img src="https://evil.test/a"><style>a{b:url(https://evil.test/b)}</style></noscript><noscript><img alt="</noscript><img src=https://evil.test/c>">`,
		`<img src="https://evil.test/a`, `<script src=https://evil.test/a.js`, `<style>a{b:url(https://evil.test/a`,
	} {
		path := "/markup/" + strconv.Itoa(i)
		s.publish(path, "<!DOCTYPE html><html><body>"+markup)
		s.visit(t, path, at).loads(t)
		s.send(t, "GET", path, "", at, "Hx-Request: true", "Sec-Fetch-Dest: empty").loads(t)
	}
	const words = `<textarea><img src=https://text.test/></textarea><xmp><img src=https://text.test/></xmp><!-- <img src=https://text.test/> --><p title="<img src=https://text.test/>">`
	s.publish("/words", "<!DOCTYPE html><html><body>"+words)
	if r := s.visit(t, "/words", at); !strings.Contains(r.body, words) {
		t.Errorf("%s", r.body)
	}
	s.publish("/based", `<!DOCTYPE html><html><head><base href=https://evil.test/></head><body><img src=a.png><script src=/b.js></script><img src=//www.example.fr/c.png>`)
	if r := s.visit(t, "/based", at); strings.Count(r.body, "data-held-src") != 2 {
		t.Errorf("%s", r.body)
	}
}
