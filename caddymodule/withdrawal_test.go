package caddymodule

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
	"github.com/caddy-privacy/caddy-privacy/internal/webhook"
)

const testSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// partner is a recipient with a webhook on loopback.
type partner struct {
	Recipient
	mu     sync.Mutex
	status int
	told   []string // bodies
}

// newPartner answers with a status.
func newPartner(t *testing.T, name string, status int, purposes, hosts []string) *partner {
	p := &partner{status: status}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.told = append(p.told, string(body))
		w.WriteHeader(p.status)
	}))
	t.Cleanup(server.Close)
	p.Recipient = Recipient{
		Name: name, Entity: name + " SAS", Country: "FR", Purposes: purposes, Hosts: hosts,
		Webhook: &Webhook{URL: server.URL + "/token-0123456789", Secrets: []string{testSecret}},
	}
	return p
}

func (p *partner) messages() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.told)
}

// wantTold waits for a message, and checks that there is only one, about this.
func (p *partner) wantTold(t *testing.T, purposes, services []string) withdrawn {
	t.Helper()
	storetest.Eventually(t, p.Name+" is told", func() bool { return len(p.messages()) > 0 })
	var body struct {
		Type string    `json:"type"`
		Time time.Time `json:"timestamp"`
		Data withdrawn `json:"data"`
	}
	decoder := json.NewDecoder(strings.NewReader(p.messages()[0]))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&body); err != nil {
		t.Fatal(err)
	}
	d := body.Data
	if len(p.messages()) != 1 || body.Type != "consent.withdrawn" || !body.Time.Equal(now()) || d.Site != "www.courrier.example" ||
		!slices.Equal(d.Purposes, purposes) || !slices.Equal(d.Services, services) || d.Purposes == nil || d.Services == nil {
		t.Errorf("%s was told %s, want purposes %q and services %q", p.Name, p.messages(), purposes, services)
	}
	return d
}

// siteWith is a site whose recipients are these.
func siteWith(t *testing.T, g *Gateway, partners ...*partner) *testSite {
	t.Helper()
	a := App{Store: &Store{Directory: t.TempDir()}, Transfers: new(Transfers)}
	for _, p := range partners {
		a.Transfers.Recipients = append(a.Transfers.Recipients, p.Recipient)
	}
	return newSiteOf(t, a, g)
}

func TestWithdrawalIsToldToWhomItConcernsAndToNobodyElse(t *testing.T) {
	c := setClock(t, time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC))
	ads := newPartner(t, "ads", 204, []string{"marketing"}, []string{"ads.example.com"})
	counts := newPartner(t, "counts", 204, []string{"statistics"}, []string{"counts.example.com"})
	video := newPartner(t, "video", 204, nil, []string{"youtube.com"})
	hosting := newPartner(t, "hosting", 204, []string{"necessary"}, []string{"app.host.example"})
	s := siteWith(t, &Gateway{}, ads, counts, video, hosting)
	b := newBrowser(s, c)
	b.choose("accept")
	c.move(time.Hour)
	b.choose("save", "statistics", "functional")

	data := ads.wantTold(t, []string{"marketing"}, []string{})
	if got := video.wantTold(t, []string{}, []string{"youtube"}); got.Consent != data.Consent || got.Receipt != data.Receipt {
		t.Errorf("one was told %+v, another %+v", data, got)
	}
	history, err := s.app.store.History(t.Context(), data.Consent)
	if err != nil || len(history) != 2 || history[1].ID != data.Receipt {
		t.Errorf("the receipt is not that of the message: %+v, %v", history, err)
	}
	b.choose("refuse")
	counts.wantTold(t, []string{"statistics"}, []string{})
	if n := len(hosting.messages()); n != 0 {
		t.Errorf("who needs no consent was told %d times", n)
	}
}

func TestNobodyIsToldWhereNothingWasWithdrawn(t *testing.T) {
	c := setClock(t, time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC))
	ads := newPartner(t, "ads", 503, []string{"marketing"}, []string{"ads.example.com"})
	s := siteWith(t, &Gateway{}, ads)
	b := newBrowser(s, c)
	for _, choose := range []func(){
		func() { b.choose("refuse") }, func() { b.choose("save", "statistics") }, func() { b.choose("accept") },
		func() { b.choose("save", "marketing") }, func() { b.choose("accept") }, func() { newBrowser(s, c).choose("refuse") },
	} {
		choose()
		if list := s.app.webhooks(); len(list) != 0 {
			t.Fatalf("waiting is %+v", list)
		}
	}
}

// The form of a choice is answered when the message is on the disk: a receiver that is
// away changes nothing about that.
func TestMessageIsKeptBeforeTheChoiceIsAnswered(t *testing.T) {
	c := setClock(t, time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC))
	ads := newPartner(t, "ads", 503, []string{"marketing"}, []string{"ads.example.com"})
	s := siteWith(t, &Gateway{}, ads)
	for want := 1; want <= 3; want++ {
		b := newBrowser(s, c)
		b.choose("accept")
		b.choose("refuse")
		if got := kept(t, s.app.store); got != want {
			t.Fatalf("%d messages are kept, want %d", got, want)
		}
	}
}

func kept(t *testing.T, messages store.Messages) (n int) {
	t.Helper()
	if err := messages.Pending(t.Context(), func(store.Pending) { n++ }); err != nil {
		t.Fatal(err)
	}
	return n
}

// Who agreed under an earlier policy, and refuses when he is asked again, withdraws.
func TestChoiceUnderAnEarlierPolicyIsWithdrawnToo(t *testing.T) {
	c := setClock(t, time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC))
	ads := newPartner(t, "ads", 204, []string{"marketing"}, []string{"ads.example.com"})
	s := siteWith(t, &Gateway{}, ads)
	b := newBrowser(s, c)
	b.choose("accept")
	s.Revision = "2"
	if err := s.Provision(s.app.ctx); err != nil {
		t.Fatal(err)
	}
	b.choose("refuse")
	ads.wantTold(t, []string{"marketing"}, []string{})
}

// broken is a store that takes in no receipt.
type broken struct{ store.Store }

func (broken) Append(context.Context, store.Receipt, ...store.Message) error {
	return errors.New("no space left on device")
}

func TestWithdrawalThatTheStoreDoesNotTakeInIsToldLater(t *testing.T) {
	c := setClock(t, time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC))
	ads := newPartner(t, "ads", 204, []string{"marketing"}, []string{"ads.example.com"})
	s := siteWith(t, &Gateway{}, ads)
	b := newBrowser(s, c)
	b.choose("accept")
	whole := s.app.store
	s.app.store = broken{whole}
	if w := b.choose("refuse"); w.Code != http.StatusSeeOther {
		t.Errorf("the refusal was answered with %d", w.Code)
	}
	if w := b.choose("accept"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("what gives consent without a receipt was answered with %d", w.Code)
	}
	s.app.shared.later.retry(s.app.store)
	s.app.store = whole
	if n := kept(t, whole); n != 0 {
		t.Fatalf("%d messages are kept", n)
	}
	s.app.shared.later.retry(whole)
	s.app.shared.later.retry(whole)
	data := ads.wantTold(t, []string{"marketing"}, []string{})
	if history, err := whole.History(t.Context(), data.Consent); err != nil || len(history) != 2 {
		t.Errorf("%d receipts, %v", len(history), err)
	}
}

// What is overdue is shown without anything of a visitor's, and without the secrets.
func TestReportAndAuditListWhoWasNotTold(t *testing.T) {
	c := setClock(t, time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC))
	ads := newPartner(t, "ads", 404, []string{"marketing"}, []string{"ads.example.com"})
	s := siteWith(t, &Gateway{}, ads)
	b := newBrowser(s, c)
	b.choose("accept")
	b.choose("refuse")
	storetest.Eventually(t, "it was tried", func() bool {
		list := s.app.webhooks()
		return len(list) == 1 && list[0].Overdue == 1
	})
	want := webhookReport{
		Recipient: "ads", Type: "consent.withdrawn", Waiting: 1, Overdue: 1, Oldest: now(), First: now(), Attempts: 1, Trouble: "rejected",
	}
	r := s.app.report()
	if len(r.Webhooks) != 1 || r.Webhooks[0] != want {
		t.Errorf("report is %+v, want %+v", r.Webhooks, want)
	}
	var text strings.Builder
	r.print(&text)
	a := new(audit)
	a.webhooks(r.Webhooks)
	if len(a.Faults) != 1 || a.Faults[0].Where != "recipient ads" {
		t.Errorf("faults are %+v", a.Faults)
	}
	encoded, err := json.Marshal([]any{r, a})
	if err != nil {
		t.Fatal(err)
	}
	shown := text.String() + string(encoded)
	if !strings.Contains(text.String(), "ads        consent.withdrawn  1        1        0 ") {
		t.Errorf("the report says\n%s", text.String())
	}
	for _, told := range ads.messages() {
		var body struct{ Data withdrawn }
		if err := json.Unmarshal([]byte(told), &body); err != nil {
			t.Fatal(err)
		}
		for _, private := range []string{body.Data.Consent, body.Data.Receipt, "msg_", "token-", testSecret} {
			if private == "" || strings.Contains(shown, private) {
				t.Errorf("%q shows in %s", private, shown)
			}
		}
	}
	if got := s.app.shared.review(time.Hour); len(got) != 1 || got[0].Overdue != 1 {
		t.Errorf("metrics show %+v", got)
	}
	// Who has taken the webhook out of the configuration is told that it is missed.
	s.app.informed = nil
	if list := s.app.webhooks(); list[0].Trouble != noWebhook {
		t.Errorf("without a webhook: %+v", list)
	}
}

func TestAuditShowsNoSecretOfAWebhook(t *testing.T) {
	config, err := adapt("Caddyfile", `{
		privacy {
			recipient mailer {
				entity "Letters SAS"
				country FR
				hosts mail.example.com
				terms "1" 2026-02-01
				webhook https://mail.example.com/token-0123456789?key=0123456789 `+testSecret+`
			}
		}
	}
	:8080 {
		privacy
	}`)
	if err != nil {
		t.Fatal(err)
	}
	a, err := auditConfig([]byte(config))
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(a)
	if err != nil || !strings.Contains(string(encoded), "https://mail.example.com") || strings.Contains(string(encoded), "0123456789") || strings.Contains(string(encoded), testSecret) {
		t.Errorf("%s, %v", encoded, err)
	}
}

func TestSecretsComeFromFilesAndTheEnvironment(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(testSecret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("MAILER_SECRET", "whsec_"+base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", 32))))
	t.Setenv("SHORT_SECRET", "whsec_c2VjcmV0")
	for secret, ok := range map[string]bool{
		"{file." + file + "}": true, "{env.MAILER_SECRET}": true, testSecret: true,
		"{file." + file + ".missing}": false, "{env.MISSING_SECRET}": false, "{env.SHORT_SECRET}": false, "{http.request.host}": false,
	} {
		a := App{Transfers: &Transfers{Recipients: []Recipient{{
			Name: "mailer", Entity: "Letters SAS", Country: "FR", Hosts: []string{"mail.example.com"},
			Webhook: &Webhook{URL: "https://mail.example.com/", Secrets: []string{secret}},
		}}}}
		var err error
		if a.rules, err = a.Transfers.rules(); err != nil {
			if !ok {
				continue // refused already where it is written
			}
			t.Fatal(err)
		}
		err = a.provisionWebhooks()
		if (err == nil) != ok {
			t.Errorf("%s: %v", secret, err)
		}
		if err != nil && (!strings.Contains(err.Error(), "recipient mailer: webhook: ") || strings.Contains(err.Error(), "c2VjcmV0")) {
			t.Errorf("%s: %v", secret, err)
		}
	}
}

// Recipients are told only where data may go: what the guard refuses is never connected
// to, and the owner sees why.
func TestWebhookOutsideIsNotConnectedTo(t *testing.T) {
	c := setClock(t, time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC))
	s := siteWith(t, &Gateway{}, &partner{Recipient: Recipient{
		Name: "ads", Entity: "Ads Inc.", Country: "US", Purposes: []string{"marketing"}, Hosts: []string{"ads.example.com"},
		Webhook: &Webhook{URL: "https://ads.example.com/", Secrets: []string{testSecret}},
	}})
	b := newBrowser(s, c)
	b.choose("accept")
	b.choose("refuse")
	storetest.Eventually(t, "it is refused", func() bool {
		list := s.app.webhooks()
		return len(list) == 1 && list[0].Trouble == string(webhook.Forbidden)
	})
}

// A configuration that ends stops sending; the one that follows goes on with what waits.
func TestReloadGoesOnWithWhatWaits(t *testing.T) {
	c := setClock(t, time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC))
	ads := newPartner(t, "ads", 503, []string{"marketing"}, []string{"ads.example.com"})
	s := siteWith(t, &Gateway{}, ads)
	b := newBrowser(s, c)
	b.choose("accept")
	b.choose("refuse")
	storetest.Eventually(t, "it was tried", func() bool { return len(ads.messages()) == 1 })
	ctx, err := caddy.ProvisionContext(&caddy.Config{AppsRaw: caddy.ModuleMap{"privacy": encode(t, App{Store: s.app.Store, Transfers: s.app.Transfers})}})
	if err != nil {
		t.Fatal(err)
	}
	value, err := ctx.App("privacy")
	if err != nil {
		t.Fatal(err)
	}
	next := value.(*App)
	if err := next.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = errors.Join(next.Stop(), next.Cleanup()) })
	if err := s.app.Stop(); err != nil {
		t.Fatal(err)
	}
	ads.mu.Lock()
	ads.status = 204
	ads.mu.Unlock()
	c.move(time.Minute)
	if _, err := next.store.Resume(t.Context(), "ads"); err != nil {
		t.Fatal(err)
	}
	storetest.Eventually(t, "it has arrived", func() bool { return kept(t, next.store) == 0 })
	if told := ads.messages(); len(told) != 2 || told[0] != told[1] {
		t.Errorf("told was %q", told)
	}
}

func encode(t *testing.T, value any) []byte {
	t.Helper()
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}
