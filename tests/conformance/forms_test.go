package conformance

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha/work/worktest"
)

// protected is a privacy block whose forms ask for a proof.
const protected = "privacy {\n captcha /contact /comments*\n }\n reverse_proxy <origin>"

// proof has a browser's work done for a form.
func (s *site) proof(t *testing.T, path string) string {
	t.Helper()
	r := s.send(t, "GET", "/.privacy/challenge?form="+url.QueryEscape(path), "", at)
	r.is(t, http.StatusOK)
	r.has(t, "Cache-Control", "no-store")
	proof, err := worktest.Solve([]byte(r.body))
	if err != nil {
		t.Fatal(err)
	}
	return proof
}

// post sends a form, or what else a body is.
func (s *site) post(t *testing.T, path, kind, body string, fields ...string) *reply {
	t.Helper()
	return s.send(t, "POST", path, body, append([]string{at, "Content-Type: " + kind}, fields...)...)
}

const urlencoded = "application/x-www-form-urlencoded"

// TestNothingReachesAProtectedPathWithoutAProof, however it is written.
func TestNothingReachesAProtectedPathWithoutAProof(t *testing.T) {
	s := serve(t, protected)
	before := s.origin.count()
	for _, path := range []string{"/contact", "/contact/", "/%63ontact", "//contact", "/x/../contact", "/comments/1", "/contact;a=b"} {
		for _, body := range []string{"name=Ada", "say-token=&name=Ada", "say-token=AAAA&name=Ada", "say-token=a&say-token=b&name=Ada"} {
			s.post(t, path, urlencoded, body).is(t, http.StatusForbidden)
		}
		s.post(t, path, "application/json", `{"name":"Ada"}`).is(t, http.StatusForbidden)
		s.send(t, "DELETE", path, "", at).is(t, http.StatusForbidden)
		s.send(t, "GET", path, "", at, "X-HTTP-Method-Override: POST").is(t, http.StatusForbidden)
	}
	if n := s.origin.count() - before; n != 0 {
		t.Errorf("%d requests reached the site", n)
	}
	s.get(t, "/contact", at).is(t, http.StatusOK)
	s.post(t, "/elsewhere", urlencoded, "name=Ada").is(t, http.StatusOK)
}

// TestFormWithAProofReachesTheSiteAsItWasWritten, once, and the site is told.
func TestFormWithAProofReachesTheSiteAsItWasWritten(t *testing.T) {
	s := serve(t, protected)
	var got []string
	s.origin.handle("POST /contact", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got = append(got, string(body)+" "+r.Header.Get("Privacy-Captcha")+" "+r.Header.Get("Content-Length"))
	})
	token := s.proof(t, "/contact")
	form := "say-token=" + url.QueryEscape(token) + "&say-website=&name=Ada+L%2e&b"
	s.post(t, "/contact", urlencoded, form, "Privacy-Captcha: ").is(t, http.StatusOK)
	if len(got) != 1 || got[0] != "name=Ada+L%2e&b work 15" {
		t.Fatalf("the site got %q", got)
	}
	s.post(t, "/contact", urlencoded, form).is(t, http.StatusForbidden) // it is used up
	s.post(t, "/comments/1", urlencoded, "say-token="+url.QueryEscape(s.proof(t, "/contact"))).is(t, http.StatusForbidden)

	trap := "say-token=" + url.QueryEscape(s.proof(t, "/contact")) + "&say-website=x&name=Ada"
	s.post(t, "/contact", urlencoded, trap).is(t, http.StatusForbidden)
	if len(got) != 1 {
		t.Errorf("the site got %q", got)
	}

	s.post(t, "/contact", "application/json", `{"a":1}`, "Privacy-Captcha: "+s.proof(t, "/contact")).is(t, http.StatusOK)
	boundary := "--x\r\nContent-Disposition: form-data; name=\"say-token\"\r\n\r\n" + s.proof(t, "/contact") + "\r\n"
	rest := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n\x00\xff\r\n--x--\r\n"
	s.post(t, "/contact", "multipart/form-data; boundary=x", boundary+rest).is(t, http.StatusOK)
	if len(got) != 3 || !strings.HasPrefix(got[1], `{"a":1} work`) || !strings.HasPrefix(got[2], rest+" work") {
		t.Errorf("the site got %q", got)
	}
}

// TestPassSparesAFewForms of the same browser, and machines that are exempt need none.
func TestPassSparesAFewForms(t *testing.T) {
	s := serve(t, "privacy {\n captcha /contact {\n pass 30m 2\n exempt {\n header X-Machine secret\n }\n }\n }\n reverse_proxy <origin>")
	const browser = "User-Agent: Some/1"
	r := s.post(t, "/contact", urlencoded, "say-token="+url.QueryEscape(s.proof(t, "/contact")), browser)
	r.is(t, http.StatusOK)
	pass := "Cookie: " + r.cookie("privacy-pass")
	if line := r.line("privacy-pass"); !strings.Contains(line, "HttpOnly") || !strings.Contains(line, "Max-Age=1800") {
		t.Errorf("%s", line)
	}
	s.post(t, "/contact", urlencoded, "a=b", pass, "User-Agent: Other/1").is(t, http.StatusForbidden)
	for _, status := range []int{http.StatusOK, http.StatusOK, http.StatusForbidden} {
		s.post(t, "/contact", urlencoded, "a=b", pass, browser).is(t, status)
	}
	s.post(t, "/contact", urlencoded, "a=b", "X-Machine: secret").is(t, http.StatusOK)
	s.post(t, "/contact", urlencoded, "a=b", "X-Machine: guess").is(t, http.StatusForbidden)
}

// TestSiteIsNotToldOfAProofByOthers.
func TestSiteIsNotToldOfAProofByOthers(t *testing.T) {
	s := serve(t, protected)
	told := "-"
	s.origin.handle("/told", func(_ http.ResponseWriter, r *http.Request) { told = r.Header.Get("Privacy-Captcha") })
	s.get(t, "/told", at, "Privacy-Captcha: work")
	if told != "" {
		t.Errorf("told %q", told)
	}
}

// TestScriptsAreAskedForAProofInAWayTheyCanRead.
func TestScriptsAreAskedForAProofInAWayTheyCanRead(t *testing.T) {
	s := serve(t, protected)
	r := s.post(t, "/contact", "application/json", "{}", "Sec-Fetch-Mode: cors")
	r.is(t, http.StatusForbidden)
	r.has(t, "Content-Type", "application/problem+json")
	var problem struct{ Type, Challenge string }
	if err := json.Unmarshal([]byte(r.body), &problem); err != nil || problem.Type != "/.privacy/captcha-required" || problem.Challenge != "/.privacy/challenge?form=%2Fcontact" {
		t.Errorf("%v, %s", err, r.body)
	}
}

// TestPagesGetWhatTheirFormsNeed, whatever the visitor has chosen, under the site's own policy
// as well.
func TestPagesGetWhatTheirFormsNeed(t *testing.T) {
	s := serve(t, protected)
	s.publish("/form", `<!DOCTYPE html><html lang=en><body><form method=post action=/contact><input name=a><button>Send</button></form><form action=/search></form></body></html>`)
	for _, cookie := range []string{"Cookie: a=b", s.decide(t, "choice=refuse"), s.decide(t, "choice=accept")} {
		r := s.visit(t, "/form", at, cookie)
		for _, want := range []string{
			`<form method=post action=/contact><input type="hidden" name="say-token"`, `<span class="say-mount"></span><button>`,
			`<script defer src="/.privacy/forms.js?`, `data-routes="/contact /comments*"`, `<form action=/search></form>`,
		} {
			if !strings.Contains(r.body, want) {
				t.Errorf("%s: no %s in %s", cookie, want, r.body[max(0, len(r.body)-3000):])
			}
		}
	}
	strict := s.visit(t, ask("head", "Content-Security-Policy: default-src 'none'"), at)
	if policy := strict.header["Content-Security-Policy"][0]; !strings.Contains(policy, "/.privacy/challenge") || !strings.Contains(policy, "/.privacy/forms.js") {
		t.Errorf("%s", policy)
	}
	script := s.get(t, "/.privacy/forms.js", at)
	script.is(t, http.StatusOK)
	script.has(t, "Content-Type", "text/javascript")
	s.get(t, "/.privacy/challenge?form=/other", at).is(t, http.StatusNotFound)
}

// TestSiteWithoutProtectedFormsHasNothingOfThem.
func TestSiteWithoutProtectedFormsHasNothingOfThem(t *testing.T) {
	s := serve(t, gateway)
	s.get(t, "/.privacy/forms.js", at).is(t, http.StatusNotFound)
	s.get(t, "/.privacy/challenge?form=/contact", at).is(t, http.StatusNotFound)
	if r := s.visit(t, "/page", at); strings.Contains(r.body, "forms.js") {
		t.Errorf("%s", r.body)
	}
}
