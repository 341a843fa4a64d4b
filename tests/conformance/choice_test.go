package conformance

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// record is the cookie with which the gateway remembers a choice on plain HTTP.
const record = "privacy-record"

// TestChoiceByFormLeadsBackWhereItWasMade, without JavaScript.
func TestChoiceByFormLeadsBackWhereItWasMade(t *testing.T) {
	s := serve(t, gateway)
	for _, back := range []string{"/", "/a?b=c&d=%2F", "/a//b", "/web/http://example.com/", "/caf%C3%A9", "/a/../b"} {
		r := s.choose(t, "choice=refuse&back="+strings.NewReplacer("%", "%25", "&", "%26", "=", "%3D").Replace(back))
		r.is(t, http.StatusSeeOther)
		if got := r.header.Get("Location"); got != back {
			t.Errorf("from %s back to %s", back, got)
		}
		r.has(t, "Cache-Control", "no-store")
		for _, name := range []string{record, "privacy"} {
			if got := maxAge(t, r.line(name)); !wholeTerm(got) {
				t.Errorf("%s lasts %d s", name, got)
			}
		}
		r.has(t, "Set-Cookie", "HttpOnly")
		r.has(t, "Set-Cookie", "SameSite=Lax")
	}
	if s.origin.count() != 0 {
		t.Error("a choice went to the origin")
	}
}

// TestChoiceNeverLeadsToAnotherSite, however browsers read the address.
func TestChoiceNeverLeadsToAnotherSite(t *testing.T) {
	s := serve(t, gateway)
	for _, back := range []string{
		"//evil.example", "/%5Cevil.example", "%5C%5Cevil.example", "https:%2F%2Fevil.example", "https:evil.example", "javascript:alert(1)",
		"/%09/evil.example", "%09//evil.example", "/%0A/evil.example", "%20//evil.example", "evil.example", "", "/%00", "/a%0D%0ASet-Cookie:%20x=1",
	} {
		r := s.choose(t, "choice=refuse&back="+back)
		r.is(t, http.StatusSeeOther)
		if got := r.header.Get("Location"); got != "/.privacy/?saved" {
			t.Errorf("%s leads to %q", back, got)
		}
		r.lacks(t, "Set-Cookie", "x=1")
	}
}

// TestChoiceByScriptAnswersThePanel in JSON, with what it tells the tags of others.
func TestChoiceByScriptAnswersThePanel(t *testing.T) {
	s := serve(t, gateway)
	for choice, state := range map[string]string{
		"choice=refuse": "refused", "choice=accept": "accepted", "choice=save&purpose=statistics": "partial", "choice=save": "refused",
		"choice=save&purpose=functional&purpose=statistics&purpose=marketing": "accepted",
		"choice=save&purpose=everything&purpose=necessary":                    "refused",
	} {
		r := s.choose(t, choice+"&back=/a", "Accept: application/json", "Sec-Fetch-Dest: empty")
		r.is(t, http.StatusOK)
		r.has(t, "Content-Type", "application/json")
		r.has(t, "Cache-Control", "no-store")
		var answer struct {
			State   string
			Signals struct{ Categories []string }
		}
		if err := json.Unmarshal([]byte(r.body), &answer); err != nil || answer.State != state || !slices.Contains(answer.Signals.Categories, "necessary") {
			t.Errorf("%s: %s, %v", choice, r.body, err)
		}
		s.get(t, "/page", "Cookie: "+r.cookie(record))
		if got := s.origin.last(t).Header.Get("Privacy-Consent"); !strings.HasPrefix(got, state+";") {
			t.Errorf("%s: the origin is told %q", choice, got)
		}
	}
}

// TestNobodyElseCanChooseForAVisitor: not another site, not a link.
func TestNobodyElseCanChooseForAVisitor(t *testing.T) {
	s := serve(t, gateway)
	host := "127.0.0.1:" + s.port
	for name, fields := range map[string][]string{
		"cross-site":            {"Sec-Fetch-Site: cross-site"},
		"same-site":             {"Sec-Fetch-Site: same-site"},
		"none":                  {"Sec-Fetch-Site: none"},
		"another origin":        {"Sec-Fetch-Site: ", "Origin: https://evil.example"},
		"another port":          {"Sec-Fetch-Site: ", "Origin: http://127.0.0.1:1"},
		"hidden origin":         {"Sec-Fetch-Site: ", "Origin: null"},
		"another referer":       {"Sec-Fetch-Site: ", "Referer: https://evil.example/" + host},
		"says nothing":          {"Sec-Fetch-Site: "},
		"cross-site, own looks": {"Sec-Fetch-Site: cross-site", "Origin: http://" + host},
	} {
		r := s.choose(t, "choice=accept", fields...)
		if r.status != http.StatusForbidden || len(r.header["Set-Cookie"]) != 0 {
			t.Errorf("%s: status %d, %q", name, r.status, r.header["Set-Cookie"])
		}
		r.has(t, "Cache-Control", "no-store")
	}
	for name, fields := range map[string][]string{
		"own origin":  {"Sec-Fetch-Site: ", "Origin: http://" + host},
		"own referer": {"Sec-Fetch-Site: ", "Referer: http://" + host + "/a"},
	} {
		if r := s.choose(t, "choice=accept", fields...); r.status != http.StatusSeeOther {
			t.Errorf("%s: status %d", name, r.status)
		}
	}
}

// TestBrokenChoiceChangesNothing: neither a record nor the origin learns of it.
func TestBrokenChoiceChangesNothing(t *testing.T) {
	s := serve(t, gateway)
	same := "Sec-Fetch-Site: same-origin"
	for name, r := range map[string]*reply{
		"GET":       s.visit(t, "/.privacy/choice?choice=accept", same),
		"HEAD":      s.send(t, "HEAD", "/.privacy/choice", "", same),
		"PUT":       s.send(t, "PUT", "/.privacy/choice", "choice=accept", same),
		"DELETE":    s.send(t, "DELETE", "/.privacy/choice", "", same),
		"in query":  s.send(t, "POST", "/.privacy/choice?choice=accept", "", same, "Content-Type: application/x-www-form-urlencoded"),
		"empty":     s.choose(t, ""),
		"unknown":   s.choose(t, "choice=perhaps"),
		"no form":   s.choose(t, "choice=accept", "Content-Type: text/plain"),
		"multipart": s.choose(t, "choice=accept", "Content-Type: multipart/form-data; boundary=x"),
		"malformed": s.choose(t, "choice=accept&back=%zz"),
		"oversized": s.choose(t, "choice=accept&back=/"+strings.Repeat("a", 1<<20)),
	} {
		if r.status < 400 || r.status > 499 || len(r.header["Set-Cookie"]) != 0 {
			t.Errorf("%s: status %d, %q", name, r.status, r.header["Set-Cookie"])
		}
		r.has(t, "Cache-Control", "no-store")
	}
	if s.origin.count() != 0 {
		t.Error("a choice went to the origin")
	}
}

// TestForgedRecordIsNoChoice, never an error, and never lets anything through.
func TestForgedRecordIsNoChoice(t *testing.T) {
	s := serve(t, gateway)
	real := s.choose(t, "choice=accept").cookie(record)
	parts := strings.Split(strings.TrimPrefix(real, record+"="), ".")
	if len(parts) != 3 {
		t.Fatalf("%q", real)
	}
	for name, token := range map[string]string{
		"empty": "", "word": "accepted", "truncated": real[len(record)+1 : len(real)-2], "unsigned": parts[0] + "." + parts[1] + ".",
		"alg none": "eyJhbGciOiJub25lIn0." + parts[1] + ".", "other signature": parts[0] + "." + parts[1] + "." + strings.Repeat("A", len(parts[2])),
		"oversized": strings.Repeat("a", 9000), "dots": strings.Repeat(".", 1000), "bytes": "\xff\xfe.\x80.\x90",
	} {
		r := s.visit(t, ask("set", "_fbp=1"), "Cookie: "+record+"="+token+"; _ga=1")
		r.is(t, http.StatusOK)
		r.lacks(t, "Set-Cookie", "_fbp=1")
		r.whole(t, true)
		if got := s.origin.last(t).Header.Get("Privacy-Consent"); got != "" {
			t.Errorf("%s: the origin is told %q", name, got)
		}
	}
	s.visit(t, "/page", "Cookie: "+record+"=forged; "+real).whole(t, false)
}

// TestUnreadableRecordNeverExtendsThirteenMonths: nobody knows how much is left,
// so what needs the record lasts for the session.
func TestUnreadableRecordNeverExtendsThirteenMonths(t *testing.T) {
	s := serve(t, gateway)
	r := s.get(t, ask("set", "csrftoken=1; Max-Age=600"), "Cookie: "+record+"=lost")
	if got := r.line("csrftoken"); got != "csrftoken=1" {
		t.Errorf("%q", got)
	}
}
