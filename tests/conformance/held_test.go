package conformance

import (
	"net/http"
	"strings"
	"testing"
)

// heldPath is what a frame shows in the place of what waits for consent.
const heldPath = "/.privacy/held"

// TestHeldFrameSaysWhoWaitsAndGrantsHimAlone, in the visitor's language, in a page
// that can do nothing else and that only the site may embed.
func TestHeldFrameSaysWhoWaitsAndGrantsHimAlone(t *testing.T) {
	s := serve(t, gateway)
	for query, want := range map[string]string{
		"?service=youtube": `name="service" value="youtube"`, "?host=unknown.test": `name="host" value="unknown.test"`,
		"?host=www.youtube.com": `name="service" value="youtube"`, "?host=192.0.2.1": `name="host" value="192.0.2.1"`,
	} {
		r := s.send(t, "GET", heldPath+query, "", at, "Accept: text/html", "Sec-Fetch-Dest: iframe", "Accept-Language: de-AT")
		r.is(t, http.StatusOK)
		for _, text := range []string{want, `<html lang="de"`, `action="/.privacy/choice"`, `target="_top"`, `value="allow"`} {
			if !strings.Contains(r.body, text) {
				t.Errorf("%s: no %s in %.2000s", query, text, r.body)
			}
		}
		r.untouched(t)
		r.loads(t)
		if policies := r.header["Content-Security-Policy"]; len(policies) != 1 {
			t.Errorf("%q", policies)
		}
		r.has(t, "Content-Security-Policy", "default-src 'none'")
		r.has(t, "Content-Security-Policy", "frame-ancestors 'self'")
		r.has(t, "Content-Security-Policy", "form-action 'self'")
		r.has(t, "Cache-Control", "no-store")
		r.has(t, "Content-Type", "text/html; charset=utf-8")
		if len(r.header["Set-Cookie"]) != 0 {
			t.Errorf("looking at it sets %q", r.header["Set-Cookie"])
		}
	}
	if r := s.visit(t, heldPath+"?service=youtube&lang=fr", at, "Accept-Language: de"); !strings.Contains(r.body, `lang="fr"`) {
		t.Errorf("%s", r.body)
	}
	if s.origin.count() != 0 {
		t.Error("the site was asked for it")
	}
}

// TestNothingElseIsHeld: neither what nobody knows, nor what needs no consent, nor
// what is no host.
func TestNothingElseIsHeld(t *testing.T) {
	s := serve(t, gateway)
	for _, query := range []string{
		"", "?", "?service=", "?service=unknown", "?service=../x", "?service=YouTube", "?service=%22%3E%3Cscript%3E", "?service=adyen", "?host=live.adyen.com", "?host=" + host, "?host=static.example.fr",
		"?host=", "?host=test", "?host=a.test:80", "?host=a.test/x", "?host=u@a.test", "?host=a%3Bb.test", "?host=a%2Cb.test", "?host=A.test", "?host=%C3%A9.test",
		"?host=https://a.test", "?host=%3Cscript%3E.test", "?host=a%22.test", "?host=" + strings.Repeat("a.", 150) + "test", "?host=[::1]", "?x=youtube", "?service=unknown&host=a.test",
	} {
		r := s.visit(t, heldPath+query, at)
		if r.status != http.StatusNotFound || strings.Contains(r.body, "script") {
			t.Errorf("%s: status %d, %.200s", query, r.status, r.body)
		}
		if head := s.send(t, "HEAD", heldPath+query, "", at); head.status != http.StatusNotFound {
			t.Errorf("HEAD %s: status %d", query, head.status)
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "PATCH"} {
		r := s.send(t, method, heldPath+"?service=youtube", "", at)
		r.is(t, http.StatusMethodNotAllowed)
		r.has(t, "Allow", "GET, HEAD")
	}
	if s.origin.count() != 0 {
		t.Error("the site was asked for it")
	}
}

// TestHeadOfAHeldFrameSaysWhatGetSays.
func TestHeadOfAHeldFrameSaysWhatGetSays(t *testing.T) {
	s := serve(t, gateway)
	get, head := s.visit(t, heldPath+"?service=youtube", at), s.send(t, "HEAD", heldPath+"?service=youtube", "", at)
	if head.status != get.status || head.body != "" {
		t.Errorf("status %d, %q", head.status, head.body)
	}
	for _, name := range []string{"Content-Type", "Content-Security-Policy", "Cache-Control"} {
		if head.header.Get(name) != get.header.Get(name) {
			t.Errorf("%s: GET %q, HEAD %q", name, get.header.Get(name), head.header.Get(name))
		}
	}
}

// TestHeldFrameLeadsBackToThePageAroundIt, and never to another site.
func TestHeldFrameLeadsBackToThePageAroundIt(t *testing.T) {
	s := serve(t, gateway)
	for referer, back := range map[string]string{
		"http://" + host + "/a?b=1": `value="/a?b=1"`, "http://" + host + "/a&b": `value="/a&amp;b"`,
		"https://evil.test/a": `value="/"`, "http://" + host + "@evil.test/a": `value="/"`, "http://" + host + ".evil.test/a": `value="/"`,
		"javascript:alert(1)": `value="/"`, "http://" + host + "/.privacy/held": `value="/"`, "": `value="/"`, "%zz": `value="/"`,
		"http://" + host + "//evil.test/a": "", `http://` + host + `/\evil.test`: "",
	} {
		r := s.visit(t, heldPath+"?service=youtube", at, "Referer: "+referer)
		r.is(t, http.StatusOK)
		if !strings.Contains(r.body, back) {
			t.Errorf("from %q: no %s in %.2000s", referer, back, r.body)
		}
		_, rest, _ := strings.Cut(r.body, `name="back" value="`)
		value, _, _ := strings.Cut(rest, `"`)
		answer := s.choose(t, "choice=allow&service=youtube&back="+strings.ReplaceAll(value, "&amp;", "%26"), at)
		if to := answer.header.Get("Location"); !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, `\`) {
			t.Errorf("from %q it leads to %q", referer, to)
		}
	}
}
