package caddymodule

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/policy"
)

// tell sends what pages and browsers tell the gateway.
func (b *browser) tell(body string, fields ...string) {
	r := httptest.NewRequest(http.MethodPost, "https://www.courrier.example"+toldPath, strings.NewReader(body))
	for _, field := range fields {
		r.Header.Set(field, "1")
	}
	b.do(r)
}

func (s *testSite) names(kind policy.Kind) (names []string) {
	for _, seen := range s.app.shared.sites.of("www.courrier.example").Sightings(kind) {
		names = append(names, seen.Name)
	}
	return names
}

// TestEntriesAreTakenFromWhoAgreesNowAndSendsNoSignal, whatever script sends them.
func TestEntriesAreTakenFromWhoAgreesNowAndSendsNoSignal(t *testing.T) {
	c := setClock(t, time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	s := newSite(t, &Gateway{})
	b := newBrowser(s, c)
	const entries = `{"entries":["theme","say-theme","","draft_20261123","jean%40example.fr"]}`
	b.tell(entries)
	b.choose("save", "statistics")
	b.tell(entries)
	b.choose("accept")
	b.tell(entries, "Sec-GPC")
	b.tell(entries, "DNT")
	b.choose("refuse")
	b.tell(entries)
	if names := s.names(policy.StorageKind); len(names) != 0 {
		t.Errorf("%q were taken from who did not agree", names)
	}
	b.choose("accept")
	b.tell(entries)
	if names, want := s.names(policy.StorageKind), []string{"*", "draft_*", "theme"}; !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
}

// TestReportsWriteNothingOnThePrivacyPage: anybody may send them.
func TestReportsWriteNothingOnThePrivacyPage(t *testing.T) {
	c := setClock(t, time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	s := newSite(t, &Gateway{})
	s.answer = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<html><head></head><body><iframe src="https://www.google.com/maps/embed?pb=1"></iframe></body></html>`))
	}
	b := newBrowser(s, c)
	b.visit()
	for _, blocked := range []string{"https://www.google.com/recaptcha/api.js", "https://invented.example/", "https://static.hotjar.com/"} {
		b.tell(`{"csp-report":{"blocked-uri":"` + blocked + `"}}`)
	}
	page := b.do(httptest.NewRequest(http.MethodGet, "https://www.courrier.example"+ownFolder, nil)).Body.String()
	if !strings.Contains(page, "Google Maps") {
		t.Error("what a page names is not shown")
	}
	for _, word := range []string{"reCAPTCHA", "invented.example", "Hotjar"} {
		if strings.Contains(page, word) {
			t.Errorf("a report wrote %s on the page that all visitors read", word)
		}
	}
}

// TestManyTellWhileInventoriesAreSaved, shown and reported.
func TestManyTellWhileInventoriesAreSaved(t *testing.T) {
	c := setClock(t, time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	s := newSite(t, &Gateway{})
	s.answer = sets("basket=1; Max-Age=999", "_ga=GA1.1.1.1; Max-Age=999")
	var all sync.WaitGroup
	for range 4 {
		same := *s // but for what its origin last received
		b := newBrowser(&same, c)
		all.Go(func() {
			b.choose("accept")
			for range 30 {
				b.visit()
				b.tell(`{"entries":["theme","ttclid","_hjid"]}`)
				b.do(httptest.NewRequest(http.MethodGet, "https://www.courrier.example"+ownFolder, nil))
			}
		})
	}
	all.Go(func() {
		for n := range 30 {
			s.app.shared.save(n%2 == 0)
			s.app.shared.report()
		}
	})
	all.Wait()
	s.app.shared.save(true)
	saved, err := s.app.shared.local.Inventories(t.Context())
	if err != nil || len(saved) != 1 {
		t.Fatalf("%d inventories are saved, %v", len(saved), err)
	}
	again := sites{all: make(map[string]*policy.Inventory)}
	if unreadable := again.load(saved); len(unreadable) != 0 || !slices.Equal(again.names("www.courrier.example"), s.names(policy.CookieKind)) {
		t.Errorf("%q cannot be read, %q were saved", unreadable, again.names("www.courrier.example"))
	}
}
