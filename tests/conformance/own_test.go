package conformance

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// TestOwnAddressesNeverReachTheOrigin nor are kept by a cache.
func TestOwnAddressesNeverReachTheOrigin(t *testing.T) {
	s := serve(t, gateway)
	for _, path := range []string{"/.privacy/", "/.privacy/choice", "/.privacy/receipt", "/.privacy/x", "/.privacy/?lang=fr", "/%2Eprivacy/", "/.privacy"} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "OPTIONS"} {
			r := s.send(t, method, path, "", "Accept: text/html")
			if r.status >= 500 {
				t.Errorf("%s %s: status %d", method, path, r.status)
			}
			if (r.status == http.StatusOK || r.status == http.StatusSeeOther) && !strings.Contains(r.header.Get("Cache-Control"), "no-store") {
				t.Errorf("%s %s: Cache-Control %q", method, path, r.header.Get("Cache-Control"))
			}
		}
	}
	s.get(t, "/.well-known/gpc.json")
	if n := s.origin.count(); n != 0 {
		t.Errorf("%d requests went to the origin, the last for %s", n, s.origin.last(t).URL)
	}
	s.get(t, "/.well-known/security.txt")
	s.get(t, "/.privacyx/")
	if s.origin.count() != 2 {
		t.Error("an address of the site was answered by the gateway")
	}
}

// TestPrivacyPageIsSafeAndSpeaksTheVisitorsLanguage.
func TestPrivacyPageIsSafeAndSpeaksTheVisitorsLanguage(t *testing.T) {
	eachWay(t, gateway, func(t *testing.T, s *site) {
		r := s.visit(t, "/.privacy/", "Accept-Language: fr-CA, fr;q=0.9", "Accept-Encoding: gzip").unzip(t)
		r.is(t, http.StatusOK)
		if !strings.Contains(r.body, `lang="fr"`) || !strings.Contains(r.body, "/.privacy/choice") {
			t.Errorf("%.300s", r.body)
		}
		r.has(t, "Content-Security-Policy", "default-src 'none'")
		r.has(t, "X-Content-Type-Options", "nosniff")
		r.has(t, "Cache-Control", "no-store")
		if len(r.header["Set-Cookie"]) != 0 {
			t.Errorf("looking at the page sets %q", r.header["Set-Cookie"])
		}
		if r = s.visit(t, "/.privacy/?lang=de", "Accept-Language: fr"); !strings.Contains(r.body, `lang="de"`) {
			t.Errorf("%.300s", r.body)
		}
	})
}

// TestSiteSaysThatItHonoursTheSignal (w3c/gpc).
func TestSiteSaysThatItHonoursTheSignal(t *testing.T) {
	s := serve(t, gateway)
	r := s.get(t, "/.well-known/gpc.json")
	r.has(t, "Content-Type", "application/json")
	var support struct {
		GPC        bool
		LastUpdate string
	}
	if err := json.Unmarshal([]byte(r.body), &support); err != nil || !support.GPC || support.LastUpdate == "" {
		t.Errorf("%s: %v", r.body, err)
	}
}

// TestReceiptsAreTheVisitorsToHave: all of his, nobody else's, none without a
// choice.
func TestReceiptsAreTheVisitorsToHave(t *testing.T) {
	s := serve(t, gateway)
	s.get(t, "/.privacy/receipt").is(t, http.StatusNotFound)
	first := s.choose(t, "choice=accept")
	other := s.choose(t, "choice=refuse")
	second := s.choose(t, "choice=refuse", "Cookie: "+first.cookie(record))

	r := s.get(t, "/.privacy/receipt", "Cookie: "+second.cookie(record))
	r.is(t, http.StatusOK)
	r.has(t, "Content-Disposition", "attachment")
	r.has(t, "Cache-Control", "no-store")
	var receipts []struct {
		Subject string `json:"dpv:hasDataSubject"`
		Status  struct {
			Type []string `json:"@type"`
		} `json:"dpv:hasConsentStatus"`
	}
	if err := json.Unmarshal([]byte(r.body), &receipts); err != nil || len(receipts) != 2 {
		t.Fatalf("%d receipts, %v: %s", len(receipts), err, r.body)
	}
	if receipts[0].Subject != receipts[1].Subject || receipts[0].Status.Type[0] != "dpv:ConsentGiven" || receipts[1].Status.Type[0] != "dpv:ConsentWithdrawn" {
		t.Errorf("%+v", receipts)
	}
	if err := json.Unmarshal([]byte(s.get(t, "/.privacy/receipt", "Cookie: "+other.cookie(record)).body), &receipts); err != nil || len(receipts) != 1 {
		t.Errorf("%d receipts of the other, %v", len(receipts), err)
	}
	s.get(t, "/.privacy/receipt", "Cookie: "+record+"=forged").is(t, http.StatusNotFound)
	s.send(t, "POST", "/.privacy/receipt", "", "Cookie: "+second.cookie(record)).is(t, http.StatusMethodNotAllowed)
}

// TestPrivacyPageIsMadeOfWhatWasSeen: the site's own cookies by the owner's rules,
// and those that nobody has described, with the lifetimes that they got.
func TestPrivacyPageIsMadeOfWhatWasSeen(t *testing.T) {
	s := serve(t, "privacy {\n cookie basket_* necessary\n cookie never functional\n }\n reverse_proxy <origin>")
	s.visit(t, ask("set", "basket_12345=1; Max-Age=864000", "set", "riddle=1; Max-Age=864000"), at)
	s.get(t, ask("type", "text/css"), at, "Cookie: basket_evil=1; slander=1")
	r := s.visit(t, "/.privacy/", at)
	for _, row := range []string{"<code>basket_*</code></td><td>10</td>", "<code>riddle</code></td><td>Until you close the browser</td>"} {
		if !strings.Contains(r.body, row) {
			t.Errorf("no %s in %s", row, r.body)
		}
	}
	for _, word := range []string{"12345", "evil", "slander", "never</code>"} {
		if strings.Contains(r.body, word) {
			t.Errorf("%s is shown: %s", word, r.body)
		}
	}
}
