package caddymodule

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
)

// given is what a visitor told the tool that the site had before: statistics yes,
// marketing no, on the first of June.
const given = "isGpcEnabled=0&version=6&groups=C0001%3A1%2CC0002%3A1%2CC0003%3A0%2CC0004%3A0&AwaitingReconsent=false"

func TestChoiceMadeWithAnotherToolIsTakenOverOnceWithItsDate(t *testing.T) {
	june := time.Date(2026, 6, 1, 10, 0, 0, 0, time.UTC)
	c := setClock(t, time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	site := newSite(t, new(Gateway))
	site.answer = sets("_ga=GA1.1.5.5" + twoYears)
	b := newBrowser(site, c)
	b.jar["OptanonConsent"] = stored{value: given}
	b.jar["OptanonAlertBoxClosed"] = stored{value: "2026-06-01T10:00:00.000Z"}
	w := b.visit()
	if strings.Contains(w.Body.String(), `id="say-panel"`) {
		t.Error("he is asked again")
	}
	if got := site.seen.Get("Privacy-Consent"); got != `partial; purposes="necessary statistics"` {
		t.Errorf("the origin was told %q", got)
	}
	record, end := b.jar["__Host-privacy"], june.Add(cookie.Term)
	if !record.end.Equal(end) || b.jar["_ga"].end.After(end) {
		t.Errorf("the record ends %v, _ga %v, and the term that began then %v", record.end, b.jar["_ga"].end, end)
	}
	history := b.receipts()
	if len(history) != 1 || !strings.Contains(history[0], "import:") {
		t.Errorf("receipts %q, want one of the import", history)
	}
	b.visit()
	if b.jar["__Host-privacy"] != record || len(b.receipts()) != 1 {
		t.Error("it is taken over again")
	}
	b.choose("refuse")
	b.visit()
	if got := site.seen.Get("Privacy-Consent"); !strings.HasPrefix(got, "refused") {
		t.Errorf("after a refusal here the origin was told %q", got)
	}
}

func TestAgreementWithAnotherToolIsNotTakenOverUndated(t *testing.T) {
	for name, jar := range map[string]map[string]string{
		"without a date":      {"OptanonConsent": given},
		"older than the term": {"OptanonConsent": given, "OptanonAlertBoxClosed": "2025-06-01T10:00:00.000Z"},
		"from the future":     {"OptanonConsent": given, "OptanonAlertBoxClosed": "2027-06-01T10:00:00.000Z"},
		"unreadable":          {"OptanonConsent": "groups=" + strings.Repeat("%", 5000), "OptanonAlertBoxClosed": "2026-06-01T10:00:00.000Z"},
	} {
		t.Run(name, func(t *testing.T) {
			c := setClock(t, time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
			site := newSite(t, new(Gateway))
			site.answer = sets()
			b := newBrowser(site, c)
			for name, value := range jar {
				b.jar[name] = stored{value: value}
			}
			if w := b.visit(); !strings.Contains(w.Body.String(), `id="say-panel"`) || b.has("__Host-privacy") {
				t.Error("he is not asked")
			}
		})
	}
}

func TestSignalOutweighsAnAgreementWithAnotherTool(t *testing.T) {
	c := setClock(t, time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	site := newSite(t, new(Gateway))
	site.answer = sets()
	b := newBrowser(site, c)
	b.jar["OptanonConsent"] = stored{value: given}
	b.jar["OptanonAlertBoxClosed"] = stored{value: "2026-06-01T10:00:00.000Z"}
	r := httptest.NewRequest(http.MethodGet, "https://www.courrier.example/", nil)
	r.Header.Set("Sec-Fetch-Dest", "document")
	r.Header.Set("Sec-GPC", "1")
	if b.do(r); b.has("__Host-privacy") || !strings.HasPrefix(site.seen.Get("Privacy-Consent"), "signal") {
		t.Errorf("the origin was told %q", site.seen.Get("Privacy-Consent"))
	}
}

func TestClientsThatKeepNoRecordDoNotFillTheStore(t *testing.T) {
	c := setClock(t, time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	site := newSite(t, new(Gateway))
	site.answer = sets()
	imported := 0
	for range maxRate + 10 {
		b := newBrowser(site, c)
		b.jar["OptanonConsent"] = stored{value: given}
		b.jar["OptanonAlertBoxClosed"] = stored{value: "2026-06-01T10:00:00.000Z"}
		if b.visit(); b.has("__Host-privacy") {
			imported++
		}
	}
	if imported != maxRate {
		t.Errorf("%d choices taken over within a second, want %d", imported, maxRate)
	}
}

// receipts are what the visitor may download.
func (b *browser) receipts() []string {
	body := b.do(httptest.NewRequest(http.MethodGet, "https://www.courrier.example"+receiptPath, nil)).Body.String()
	return strings.Split(body, `"dpv:ConsentRecord"`)[1:]
}
