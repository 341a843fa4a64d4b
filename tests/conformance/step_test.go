package conformance

import (
	htmltext "html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// fromForm are the fields that a browser sends with a form of the site.
var fromForm = []string{at, "Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: navigate", "Accept: text/html", "Accept-Language: en", "Referer: http://" + host + "/contact-us"}

var (
	sealedField = regexp.MustCompile(`name="say-sealed" value="([^"]*)"`)
	question    = regexp.MustCompile(`What is (\w+) plus (\w+)\?`)
	numbers     = map[string]int{"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9}
)

// sendForm sends a form as a browser does.
func (s *site) sendForm(t *testing.T, kind, body string) *reply {
	t.Helper()
	return s.send(t, "POST", "/contact", body, append([]string{"Content-Type: " + kind}, fromForm...)...)
}

// kept is what a page that asks afterwards has sealed, and the answer to its question.
func (r *reply) kept(t *testing.T) (sealed, answer string) {
	t.Helper()
	r.is(t, http.StatusForbidden)
	found, asked := sealedField.FindStringSubmatch(r.body), question.FindStringSubmatch(r.body)
	if found == nil || asked == nil {
		t.Fatalf("nothing is kept: %s", r.body)
	}
	return htmltext.UnescapeString(found[1]), strings.TrimLeft(string([]byte{'0' + byte((numbers[asked[1]]+numbers[asked[2]])/10), '0' + byte((numbers[asked[1]]+numbers[asked[2]])%10)}), "0")
}

// TestNothingTypedIsLost: what came without a proof is kept, unreadable, and goes on as it was
// with a proof or, without scripts, with an answer, once.
func TestNothingTypedIsLost(t *testing.T) {
	s := serve(t, protected)
	var got []string
	s.origin.handle("POST /contact", func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, r.Header.Get("Privacy-Captcha")+" "+r.Header.Get("Content-Type")+" "+r.Referer()+" "+string(body))
	})
	const typed = "name=Ada&secret=Lovelace"
	const multipart = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\x00\xff\r\n--x--\r\n"

	page := s.sendForm(t, urlencoded, "say-token=&say-website=&"+typed)
	sealed, _ := page.kept(t)
	if strings.Contains(page.body, "Lovelace") {
		t.Error("what was typed stands in the page")
	}
	page.has(t, "Cache-Control", "no-store")
	page.has(t, "Content-Security-Policy", "default-src 'none'")
	again := "say-token=" + url.QueryEscape(s.proof(t, "/contact")) + "&say-sealed=" + url.QueryEscape(sealed)
	s.sendForm(t, urlencoded, again).is(t, http.StatusOK)
	s.sendForm(t, urlencoded, again).is(t, http.StatusForbidden)
	again = "say-token=" + url.QueryEscape(s.proof(t, "/contact")) + "&say-sealed=" + url.QueryEscape(sealed)
	s.sendForm(t, urlencoded, again).is(t, http.StatusForbidden)

	sealed, answer := s.sendForm(t, "multipart/form-data; boundary=x", multipart).kept(t)
	form := "say-sealed=" + url.QueryEscape(sealed) + "&say-answer="
	if early := s.sendForm(t, urlencoded, form+answer); !strings.Contains(early.body, "too quick") {
		t.Errorf("an answer at once: %s", early.body)
	}
	time.Sleep(5100 * time.Millisecond) // people take longer
	if wrong := s.sendForm(t, urlencoded, form+"1"); !strings.Contains(wrong.body, "not right") {
		t.Errorf("a wrong answer: %s", wrong.body)
	}
	s.sendForm(t, urlencoded, form+answer).is(t, http.StatusOK)

	want := []string{
		"work " + urlencoded + " http://" + host + "/contact-us " + typed,
		"answer multipart/form-data; boundary=x http://" + host + "/contact-us " + multipart,
	}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("the site got %q", got)
	}
}

// TestWhatCannotBeKeptIsSaid: too large, from another site, for another address, forged.
func TestWhatCannotBeKeptIsSaid(t *testing.T) {
	s := serve(t, protected)
	before := s.origin.count()
	s.sendForm(t, urlencoded, "a="+strings.Repeat("b", 65<<10)).is(t, http.StatusRequestEntityTooLarge)
	r := s.send(t, "POST", "/contact", "a=b", at, "Content-Type: "+urlencoded, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Accept: text/html", "Accept-Language: en")
	if r.is(t, http.StatusForbidden); !strings.Contains(r.body, "another site") || strings.Contains(r.body, "say-sealed") {
		t.Errorf("%s", r.body)
	}
	sealed, _ := s.sendForm(t, urlencoded, "a=b").kept(t)
	proof := "say-token=" + url.QueryEscape(s.proof(t, "/comments*")) + "&say-sealed=" + url.QueryEscape(sealed)
	s.send(t, "POST", "/comments/1", proof, append([]string{"Content-Type: " + urlencoded}, fromForm...)...).is(t, http.StatusForbidden)
	for _, forged := range []string{"x", sealed[:len(sealed)-4], strings.Repeat("A", 4000)} {
		s.sendForm(t, urlencoded, "say-token="+url.QueryEscape(s.proof(t, "/contact"))+"&say-sealed="+url.QueryEscape(forged)).is(t, http.StatusForbidden)
	}
	if n := s.origin.count() - before; n != 0 {
		t.Errorf("%d requests reached the site", n)
	}
}

// TestProofMadeAfterwardsIsNotHasty: the form was filled in before its challenge was asked for.
// One that fails is not tried for ever: the page then comes without its script.
func TestProofMadeAfterwardsIsNotHasty(t *testing.T) {
	s := serve(t, "privacy {\n captcha /contact {\n min_fill 1m\n }\n }\n reverse_proxy <origin>")
	hasty := "say-token=" + url.QueryEscape(s.proof(t, "/contact")) + "&name=Ada"
	page := s.sendForm(t, urlencoded, hasty)
	sealed, _ := page.kept(t)
	if !strings.Contains(page.body, "<script") {
		t.Errorf("no script: %s", page.body)
	}
	failed := s.sendForm(t, urlencoded, "say-token=AAAA&say-sealed="+url.QueryEscape(sealed))
	failed.kept(t)
	if strings.Contains(failed.body, "<script") || strings.Contains(failed.body, "role=\"alert\"") {
		t.Errorf("%s", failed.body)
	}
	s.sendForm(t, urlencoded, "say-token="+url.QueryEscape(s.proof(t, "/contact"))+"&say-sealed="+url.QueryEscape(sealed)).is(t, http.StatusOK)
}
