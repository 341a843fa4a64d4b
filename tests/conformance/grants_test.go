package conformance

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// services is a page with services of two purposes, and something of nobody.
const services = `<!DOCTYPE html><html><head><script src=/app.js></script>
<script src=https://static.hotjar.com/c/hotjar-1.js></script><script src=https://connect.facebook.net/en_US/fbevents.js></script>
</head><body><iframe src=https://www.youtube.com/embed/x></iframe><iframe src=https://unknown.test/map></iframe>
<img src=https://other.test/a.png></body></html>`

// policy is the gateway's own Content-Security-Policy, by directive.
func (r *reply) policy(t *testing.T) map[string][]string {
	t.Helper()
	lines := r.header["Content-Security-Policy"]
	if len(lines) == 0 {
		return nil
	}
	directives := make(map[string][]string)
	for directive := range strings.SplitSeq(lines[len(lines)-1], ";") {
		words := strings.Fields(directive)
		directives[words[0]] = words[1:]
	}
	return directives
}

// anyPage are hosts that everywhere declares, which pages may load from although none names
// them.
var anyPage = []string{"dailymotion.com", "facebook.com", "facebook.net", "ytimg.com", "192.0.2.1"}

// confines fails unless scripts on a page can load from these hosts, what lies
// below them, and its own site, and from nowhere else.
func (r *reply) confines(t *testing.T, hosts ...string) {
	t.Helper()
	want := []string{"'self'", "'unsafe-eval'", "'unsafe-inline'", "blob:", "data:", "filesystem:", "mediastream:"}
	for _, name := range append(hosts, "example.fr:*") {
		want = append(want, name, "*."+name, "wss://"+name, "wss://*."+name)
	}
	slices.Sort(want)
	got := r.policy(t)
	got["default-src"] = slices.DeleteFunc(got["default-src"], func(source string) bool {
		host := strings.TrimPrefix(strings.TrimPrefix(source, "wss://"), "*.")
		return slices.Contains(anyPage, host) && !slices.Contains(hosts, host)
	})
	slices.Sort(got["default-src"])
	if len(got) != 2 || !slices.Equal(got["default-src"], want) || !slices.Equal(got["report-uri"], []string{"/.privacy/report"}) {
		t.Errorf("the policy is %q, want %q", got, want)
	}
}

// TestPartialChoiceOpensItsPurposesAlone, in markup and for scripts.
func TestPartialChoiceOpensItsPurposesAlone(t *testing.T) {
	s := serve(t, gateway)
	s.publish("/services", services)
	r := s.visit(t, "/services", at)
	r.loads(t)
	r.confines(t)
	s.visit(t, "/services", at, s.decide(t, "choice=refuse")).confines(t)

	statistics := s.decide(t, "choice=save&purpose=statistics")
	r = s.visit(t, "/services", at, statistics)
	r.loads(t, "static.hotjar.com")
	r.confines(t, "hotjar.com", "hotjar.io")
	r = s.visit(t, "/services", at, s.decide(t, "choice=save&purpose=marketing"))
	r.loads(t, "connect.facebook.net", "www.youtube.com", "unknown.test", "other.test")
	for _, source := range []string{"connect.facebook.net", "*.youtube.com", "unknown.test", "other.test", "www.facebook.com/tr"} {
		if !slices.Contains(r.policy(t)["default-src"], source) {
			t.Errorf("scripts are kept from %s, which the markup loads from", source)
		}
	}
	r.lacks(t, "Content-Security-Policy", "hotjar")
	s.visit(t, "/services", at, s.decide(t, "choice=refuse", statistics)).loads(t)
}

// TestPolicyIsAHeaderOfItsOwn: the site's own stays as strict as it was.
func TestPolicyIsAHeaderOfItsOwn(t *testing.T) {
	s := serve(t, gateway)
	const theirs = "Content-Security-Policy: img-src https://unknown.test"
	r := s.visit(t, ask("head", theirs), at)
	r.confines(t)
	if lines := r.header["Content-Security-Policy"]; len(lines) != 2 || !strings.HasPrefix(lines[0], "img-src") || strings.Contains(lines[0], "example.fr") {
		t.Errorf("%q", lines)
	}
	yes := s.decide(t, "choice=accept")
	r = s.visit(t, ask("head", theirs), at, yes)
	r.confines(t) // to where data may go
	if lines := r.header["Content-Security-Policy"]; len(lines) != 2 || lines[0] != "img-src https://unknown.test" {
		t.Errorf("who accepted everything is held to %q", lines)
	}
}

// TestWhatRunsWithoutBeingAPageIsConfinedToo: workers, and documents that cannot
// be written into. Files that browsers only show are not.
func TestWhatRunsWithoutBeingAPageIsConfinedToo(t *testing.T) {
	s := serve(t, gateway)
	yes := s.decide(t, "choice=accept")
	for dest, types := range map[string][]string{
		"worker": {"text/javascript"}, "sharedworker": {"text/javascript"}, "serviceworker": {"application/javascript"},
		"document": {"application/xhtml+xml", "image/svg+xml", "text/html; charset=utf-16le", "application/xml"},
		"iframe":   {"application/xhtml+xml", "image/svg+xml"}, "object": {"image/svg+xml"},
	} {
		for _, kind := range types {
			fields := []string{at, "Accept: */*", "Sec-Fetch-Dest: " + dest}
			r := s.send(t, "GET", ask("type", kind), "", fields...)
			r.confines(t)
			r.untouched(t)
			r.has(t, "Vary", "Cookie")
			r.has(t, "Cache-Control", "private")
			r = s.send(t, "GET", ask("type", kind), "", append(fields, yes)...)
			r.confines(t)              // to where data may go
			r.has(t, "Vary", "Cookie") // or a copy would outlive a later refusal
			r.has(t, "Cache-Control", "private")
		}
	}
	for dest, kind := range map[string]string{
		"script": "text/javascript", "style": "text/css", "image": "image/svg+xml", "font": "font/woff2", "empty": "application/json",
		"video": "video/mp4", "manifest": "application/manifest+json",
	} {
		r := s.send(t, "GET", ask("type", kind, "head", "Cache-Control: public, max-age=60"), "", at, "Accept: */*", "Sec-Fetch-Dest: "+dest)
		if r.policy(t) != nil || r.header.Get("Cache-Control") != "public, max-age=60" {
			t.Errorf("%s as %s: %v", kind, dest, r.header)
		}
	}
}

// TestOneServiceIsGrantedAlone, and taken back alone, or with everything.
func TestOneServiceIsGrantedAlone(t *testing.T) {
	s := serve(t, gateway)
	s.publish("/services", services)
	film := s.decide(t, "choice=allow&service=youtube&back=/services")
	r := s.visit(t, "/services", at, film)
	r.loads(t, "www.youtube.com")
	r.confines(t, "googlevideo.com", "i.ytimg.com", "s.ytimg.com", "youtu.be", "youtube.com", "youtubei.googleapis.com", "yt3.ggpht.com")
	if got := s.origin.last(t).Header.Get("Privacy-Consent"); got != `partial; purposes="necessary"; services="youtube"` {
		t.Errorf("the origin is told %q", got)
	}
	r.whole(t, false)

	both := s.decide(t, "choice=allow&host=unknown.test", film)
	s.visit(t, "/services", at, both).loads(t, "www.youtube.com", "unknown.test")
	if got := s.origin.last(t).Header.Get("Privacy-Consent"); !strings.HasSuffix(got, `; services="unknown.test youtube"`) && !strings.HasSuffix(got, `; services="youtube unknown.test"`) {
		t.Errorf("the origin is told %q", got)
	}
	again := s.decide(t, "choice=allow&host=unknown.test", both)
	s.visit(t, "/services", at, s.decide(t, "choice=remove&host=unknown.test", again)).loads(t, "www.youtube.com")
	s.visit(t, "/services", at, s.decide(t, "choice=remove&service=youtube", both)).loads(t, "unknown.test")
	for _, form := range []string{"choice=refuse", "choice=remove&service=youtube"} {
		s.visit(t, "/services", at, s.decide(t, form, film)).loads(t)
		if got := s.origin.last(t).Header.Get("Privacy-Consent"); strings.Contains(got, "youtube") {
			t.Errorf("after %s the origin is told %q", form, got)
		}
	}
	saved := s.decide(t, "choice=save&purpose=statistics", film)
	s.visit(t, "/services", at, saved).loads(t, "www.youtube.com", "static.hotjar.com")
	s.visit(t, "/services", at, s.decide(t, "choice=remove&service=hotjar", saved)).loads(t, "www.youtube.com", "static.hotjar.com")
}

// TestOtherDirectivesKnowTheServicesGranted.
func TestOtherDirectivesKnowTheServicesGranted(t *testing.T) {
	s := serve(t, "privacy\n\trespond {http.vars.privacy}")
	for cookie, want := range map[string]string{
		s.decide(t, "choice=allow&service=youtube"): `partial; purposes="necessary"; services="youtube"`,
		"Cookie: a=b": `none; purposes="necessary"`,
	} {
		if r := s.get(t, "/", at, cookie); r.body != want {
			t.Errorf("%q, want %q", r.body, want)
		}
	}
}

// TestNothingButAServiceOrAHostCanBeGranted, and what fails changes nothing.
func TestNothingButAServiceOrAHostCanBeGranted(t *testing.T) {
	s := serve(t, gateway)
	s.publish("/services", services)
	film := s.decide(t, "choice=allow&service=youtube")
	for _, form := range []string{
		"service=../x", "service=unknown", "service=YouTube", "service=youtube%20hotjar", "service=youtube%22", "service=youtube;hotjar", "service=.", "service=*",
		"service=adyen", "service=necessary", "service=marketing", "service=%00", "service=" + strings.Repeat("a", 300),
		"", "service=", "host=", "host=a%3Bb.test", "host=a%2Cb.test", "host=a.test:443", "host=a.test:8080", "host=a.test/", "host=a.test/x", "host=a.test%3Fx", "host=a.test%23x",
		"host=u@a.test", "host=u:p@a.test", "host=https://a.test", "host=//a.test", "host=A.test", "host=%C3%A9.test", "host=a.test.", "host=.a.test", "host=a..test",
		"host=*.test", "host=*", "host=test", "host=localhost", "host=a.test%20b.test", "host=a.test%0Ab.test", "host=a.test%00", "host=a%22b.test", "host=a%27b.test", "host=[::1]",
		"host=0x7f.1", "host=" + strings.Repeat("a.", 150) + "test", "host=" + strings.Repeat("a", 300), "host=\xff.test",
	} {
		for _, choice := range []string{"allow", "remove"} {
			r := s.choose(t, "choice="+choice+"&"+form, at, film)
			if r.status != http.StatusBadRequest || len(r.header["Set-Cookie"]) != 0 {
				t.Errorf("%s %q: status %d, %q", choice, form, r.status, r.header["Set-Cookie"])
			}
		}
	}
	s.visit(t, "/services", at, film).loads(t, "www.youtube.com")
	for name, fields := range map[string][]string{
		"cross-site": {"Sec-Fetch-Site: cross-site"}, "same-site": {"Sec-Fetch-Site: same-site"},
		"another origin": {"Sec-Fetch-Site: ", "Origin: https://www.youtube.com"}, "hidden": {"Sec-Fetch-Site: ", "Origin: null"}, "silent": {"Sec-Fetch-Site: "},
	} {
		r := s.choose(t, "choice=allow&service=youtube", append([]string{at}, fields...)...)
		if r.status != http.StatusForbidden || len(r.header["Set-Cookie"]) != 0 {
			t.Errorf("%s: status %d, %q", name, r.status, r.header["Set-Cookie"])
		}
	}
}

// TestSinglesNeverOutgrowTheRecord: who grants one after another is stopped before
// the cookie is too long for browsers, and keeps what he has.
func TestSinglesNeverOutgrowTheRecord(t *testing.T) {
	s := serve(t, gateway)
	cookie := s.decide(t, "choice=refuse")
	for i := range 100 {
		form := "choice=allow&host=" + strings.Repeat("a", 1+i%50) + strings.Repeat("b", 1+i/50) + ".test"
		r := s.choose(t, form, at, cookie)
		if r.status == http.StatusBadRequest {
			if len(r.header["Set-Cookie"]) != 0 {
				t.Errorf("%q", r.header["Set-Cookie"])
			}
			s.visit(t, "/page", at, cookie).is(t, http.StatusOK)
			if got := s.origin.last(t).Header.Get("Privacy-Consent"); !strings.HasPrefix(got, "partial;") {
				t.Errorf("the origin is told %q", got)
			}
			return
		}
		r.is(t, http.StatusSeeOther)
		if cookie = "Cookie: " + r.cookie(record); len(cookie) > 4096 {
			t.Fatalf("the record has %d bytes", len(cookie))
		}
	}
	t.Error("a hundred hosts were granted one by one")
}
