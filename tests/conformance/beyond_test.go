package conformance

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// beyond is a page that loads from a service in the Union, from one outside, and from
// somebody nobody knows.
const beyond = `<!DOCTYPE html><html><head><title>News</title></head><body>
<iframe src="https://www.dailymotion.com/embed/video/x"></iframe>
<iframe src="https://www.youtube.com/embed/x"></iframe>
<img src="https://pictures.example.com/a.png">
</body></html>`

// bordered runs a site whose visitors' data go where transfers says.
func bordered(t *testing.T, transfers, options string) *site {
	t.Helper()
	s := load(t, "", strings.Replace(frame, "<body>", "privacy {\n"+options+"\n}\n reverse_proxy <origin>", 1), "<transfers>", transfers)
	s.publish("/news", beyond)
	return s
}

// TestWhoIsOutsideIsNotLoadedWhateverIsGranted, nor is it offered: neither by the placeholder
// nor by the notice, and nobody can grant it.
func TestWhoIsOutsideIsNotLoadedWhateverIsGranted(t *testing.T) {
	s := bordered(t, "", "")
	yes := s.decide(t, "choice=accept")
	r := s.visit(t, "/news", at, yes)
	r.loads(t, "www.dailymotion.com")
	if hosts := strings.Join(r.policy(t)["default-src"], " "); strings.Contains(hosts, "youtube") || strings.Contains(hosts, "pictures.example.com") {
		t.Errorf("the policy lets pass %s", hosts)
	}
	s.visit(t, "/news", at, yes).loads(t, "www.dailymotion.com")
	s.visit(t, "/news", at, s.decide(t, "choice=save&purpose=marketing")).loads(t, "www.dailymotion.com")

	held := s.visit(t, heldPath+"?service=youtube", at, "Accept-Language: en").body
	if !strings.Contains(held, "Google LLC (United States). This site sends no data there") || strings.Contains(held, "<form") {
		t.Errorf("%s", held)
	}
	if held = s.visit(t, heldPath+"?service=dailymotion", at, "Accept-Language: en").body; !strings.Contains(held, "<form") {
		t.Errorf("%s", held)
	}
	s.choose(t, "choice=allow&service=youtube", at).is(t, http.StatusBadRequest)
	s.choose(t, "choice=allow&host=www.youtube.com", at).is(t, http.StatusBadRequest)
	s.decide(t, "choice=allow&service=dailymotion")

	if notice := s.visit(t, "/news", at, "Accept-Language: en").body; !strings.Contains(notice, "Who receives data (1 &#8211; France)") {
		t.Errorf("the notice does not say who receives data: %.3000s", notice)
	}
	shown := s.visit(t, "/.privacy/", at, "Accept-Language: en").body
	if !strings.Contains(shown, "Not used: this site sends no data to this recipient.") {
		t.Errorf("%s", shown)
	}
	s.logs(t, "recipient youtube { transfer dpf|scc|bcr|consent|necessary }")
}

// TestFieldsLeadNobodyOutside although everything is granted.
func TestFieldsLeadNobodyOutside(t *testing.T) {
	s := bordered(t, "", "")
	yes := s.decide(t, "choice=accept")
	r := s.visit(t, ask("head", "Link: <https://www.youtube.com/a.js>; rel=preload; as=script, <https://www.dailymotion.com/embed/a.js>; rel=preload; as=script"), at, yes)
	if link := strings.Join(r.header["Link"], ","); strings.Contains(link, "youtube") || !strings.Contains(link, "dailymotion") {
		t.Errorf("Link: %s", link)
	}
}

// TestRedirectsOutsideAreReportedAndCarryNoIdentifiersIfTheOwnerWants.
func TestRedirectsOutsideAreReportedAndCarryNoIdentifiersIfTheOwnerWants(t *testing.T) {
	for options, want := range map[string]string{
		"": "https://www.youtube.com/x?gclid=1&a=2", "identifiers remove": "https://www.youtube.com/x?a=2",
	} {
		s := bordered(t, "", options)
		for to, want := range map[string]string{
			"https://www.youtube.com/x?gclid=1&a=2": want, "https://geo.dailymotion.com/x?gclid=1&a=2": "https://geo.dailymotion.com/x?gclid=1&a=2", "/x?gclid=1": "/x?gclid=1",
		} {
			if got := s.visit(t, ask("status", "302", "head", "Location: "+to), at).header.Get("Location"); got != want {
				t.Errorf("%s: to %s, want %s", options, got, want)
			}
		}
	}
}

// TestFormsThatLeadOutsideAreReported.
func TestFormsThatLeadOutsideAreReported(t *testing.T) {
	for _, options := range []string{"", "captcha /contact"} {
		s, owner := watch(t, "privacy {\n"+options+"\n}\n reverse_proxy <origin>")
		s.publish("/form", `<form method=post action="https://www.googletagmanager.com/x"></form><form method=post action="https://geo.dailymotion.com/x"></form>`)
		s.visit(t, "/form", at)
		report := owner.get(t, "/privacy/report").body
		if _, leads, _ := strings.Cut(report, `"leads":`); !strings.HasPrefix(leads, `[{"name":"www.googletagmanager.com"`) || strings.Contains(leads, "dailymotion") {
			t.Errorf("with %q: %s", options, report)
		}
	}
}

// TestWhoIsExceptedIsLoadedAndShownWithTheBasis.
func TestWhoIsExceptedIsLoadedAndShownWithTheBasis(t *testing.T) {
	for _, recipient := range []string{
		"recipient youtube { \n transfer dpf \n }",
		"recipient google { \n services youtube google-maps \n transfer dpf \n }",
		"recipient films { \n entity \"Google LLC\" \n country US \n hosts youtube.com \n transfer dpf \n }",
	} {
		s := bordered(t, recipient, "")
		yes := s.decide(t, "choice=accept")
		s.visit(t, "/news", at, yes).loads(t, "www.dailymotion.com", "www.youtube.com")
		s.visit(t, "/news", at).loads(t)
		s.visit(t, "/news", at, s.decide(t, "choice=allow&service=youtube")).loads(t, "www.youtube.com")
		if notice := s.visit(t, "/news", at, "Accept-Language: en").body; !strings.Contains(notice, "Who receives data (2 &#8211; France, United States)") {
			t.Errorf("the notice does not say who receives data: %.3000s", notice)
		}
		if shown := s.visit(t, "/.privacy/", at, "Accept-Language: en").body; !strings.Contains(shown, "EU-US Data Privacy Framework") {
			t.Errorf("%s", shown)
		}
	}
}

// TestTermsThatHaveEndedSwitchARecipientOff, in the Union too.
func TestTermsThatHaveEndedSwitchARecipientOff(t *testing.T) {
	for _, terms := range []string{"terms 1 2020-01-01 2021-01-01", "terms 2 2026-01-01 \n attested 1"} {
		s := bordered(t, "recipient dailymotion { \n "+terms+" \n }", "")
		s.visit(t, "/news", at, s.decide(t, "choice=accept")).loads(t)
	}
}

// TestWhomNobodyKnowsIsLoadedWhereHisAddressesMayBe, once they are known.
func TestWhomNobodyKnowsIsLoadedWhereHisAddressesMayBe(t *testing.T) {
	dns := nameServer(t, "127.0.0.1:0")
	dns.set("pictures.example.com", inNetherlands)
	before := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", dns.address)
	}}
	t.Cleanup(func() { net.DefaultResolver = before })
	s := bordered(t, "", "")
	yes := s.decide(t, "choice=accept")
	s.visit(t, "/news", at)  // names the host
	s.until(t, func() bool { // a page that is under way when the addresses come may have the one without the other
		r := s.visit(t, "/news", at, yes)
		return strings.Contains(r.body, `src="https://pictures.example.com`) && slices.Contains(r.policy(t)["default-src"], "pictures.example.com")
	})
	s.visit(t, "/news", at, yes).loads(t, "www.dailymotion.com", "pictures.example.com")

	s.publish("/more", `<!DOCTYPE html><img src="https://elsewhere.example.com/a.png"><img src="https://both.example.com/a.png">`)
	dns.set("elsewhere.example.com", inAmerica)
	dns.set("both.example.com", inNetherlands, inAmerica)
	s.visit(t, "/more", at)
	time.Sleep(200 * time.Millisecond) // for the look-ups
	s.visit(t, "/more", at, yes).loads(t)
}

// until waits for what happens in the background.
func (s *site) until(t *testing.T, done func() bool) {
	t.Helper()
	for range 500 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it does not happen")
}

// TestConfidentialPagesLoadNothingFromOthers, whatever was granted, and unprofiled ones nothing
// that is there for marketing.
func TestConfidentialPagesLoadNothingFromOthers(t *testing.T) {
	s := bordered(t, everywhere, "pages {\n confidential /health/* \n unprofiled /politics/* \n }")
	const page = `<!DOCTYPE html><img src="https://connect.facebook.net/a.png"><img src="https://static.hotjar.com/a.png"><img src="https://live.adyen.com/a.png"><img src="https://unknown.test/a.png">`
	for _, path := range []string{"/open", "/health/a", "/politics/a"} {
		s.publish(path, page)
	}
	yes := s.decide(t, "choice=accept")
	for range 2 {
		s.visit(t, "/open", at, yes).loads(t, "connect.facebook.net", "static.hotjar.com", "live.adyen.com", "unknown.test")
		for path, hosts := range map[string][]string{"/health/a": nil, "/politics/a": {"static.hotjar.com", "live.adyen.com"}} {
			r := s.visit(t, path, at, yes)
			r.loads(t, hosts...)
			for _, host := range []string{"facebook", "unknown.test"} {
				if strings.Contains(strings.Join(r.policy(t)["default-src"], " "), host) {
					t.Errorf("%s: the policy lets pass %q", path, r.policy(t)["default-src"])
				}
			}
		}
	}
	held := s.send(t, "GET", heldPath+"?service=youtube", "", at, yes, "Accept: text/html", "Accept-Language: en", "Referer: http://"+host+"/health/a").body
	if !strings.Contains(held, "This part of the site is confidential") || strings.Contains(held, "<form") {
		t.Errorf("%s", held)
	}
}
