//go:build unix

package binary

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

// whsec is the secret of the recipient; former is one that it had before.
const (
	whsec  = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	former = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
)

// hook is a recipient's receiver of messages on loopback. It is down until it is
// opened.
type hook struct {
	address string
	mu      sync.Mutex
	came    []delivery
}

type delivery struct {
	header http.Header
	body   []byte
}

func (h *hook) open(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", h.address)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: h}
	t.Cleanup(func() { server.Close() })
	go func() { _ = server.Serve(listener) }() // until it is closed
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the sender has gone
	}
	h.mu.Lock()
	h.came = append(h.came, delivery{r.Header, body})
	h.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

// wantOnly waits until so many messages came, and checks that each came once.
func (h *hook) wantOnly(t *testing.T, n int) []delivery {
	t.Helper()
	storetest.Eventually(t, fmt.Sprintf("%d messages came", n), func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return len(h.came) >= n
	})
	h.mu.Lock()
	defer h.mu.Unlock()
	ids := make(map[string]bool)
	for _, d := range h.came {
		ids[d.header.Get("webhook-id")] = true
	}
	if len(h.came) != n || len(ids) != n {
		t.Errorf("%d messages came %d times, want %d once", len(ids), len(h.came), n)
	}
	return h.came
}

// recipe is the one of the README: it prints the signature that a message must have.
const recipe = `key=$(printf %s "${secret#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \n')
printf '%s.%s.%s' "$id" "$timestamp" "$body" |
	openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64`

// signed checks a message by the recipe, with each secret.
func (d delivery) signed(t *testing.T, secrets ...string) {
	t.Helper()
	if !strings.Contains(read(t, "../../README.md"), strings.ReplaceAll(recipe, "\n", "\n    ")) {
		t.Error("the README has another recipe")
	}
	var want []string
	for _, secret := range secrets {
		c := exec.Command("sh", "-c", recipe)
		c.Env = append(environment(t.TempDir()), "secret="+secret, "body="+string(d.body),
			"id="+d.header.Get("webhook-id"), "timestamp="+d.header.Get("webhook-timestamp"))
		output, err := c.Output()
		if err != nil {
			t.Fatalf("openssl: %v", err)
		}
		want = append(want, "v1,"+strings.TrimSpace(string(output)))
	}
	if got := d.header.Get("webhook-signature"); got != strings.Join(want, " ") {
		t.Errorf("the signature is %q, want %q", got, want)
	}
}

// informing is a site with a recipient that is told of withdrawals.
func informing(t *testing.T, s settings, h *hook, options string) settings {
	folder := t.TempDir()
	one, other := write(t, folder, "secret", whsec+"\n"), write(t, folder, "former", former+"\n")
	s.global = fmt.Sprintf(`	privacy {
		%s
		recipient mailer {
			entity "Letters SAS"
			country FR
			hosts mail.example.com
			purposes marketing
			terms "1" 2026-02-01
			webhook http://%s/told {file.%s} {file.%s}
		}
	}`, options, h.address, one, other)
	return s
}

// withdraw makes a visitor agree and then refuse.
func withdraw(t *testing.T, g *gateway) *visitor {
	t.Helper()
	v := newVisitor(g).accept(t)
	if err := v.choose("refuse"); err != nil {
		t.Fatal(err)
	}
	return v
}

// A withdrawal that was answered is told to the recipient although it was away and the
// gateway was killed meanwhile: once, with a signature that openssl makes, too.
func TestWithdrawalIsToldAlthoughTheGatewayWasKilled(t *testing.T) {
	t.Parallel()
	h := &hook{address: freeAddress(t)}
	g := startGateway(t, informing(t, inFrontOf(newOrigin(t)), h, ""))
	v := withdraw(t, g)
	g.kill()
	h.open(t)
	g.start(t)
	d := h.wantOnly(t, 1)[0]
	d.signed(t, whsec, former)

	list, err := v.receipts()
	if err != nil || len(list) != 2 {
		t.Fatalf("%d receipts, %v", len(list), err)
	}
	var receipt struct {
		ID      string `json:"dct:identifier"`
		Subject string `json:"dpv:hasDataSubject"`
	}
	if err := json.Unmarshal([]byte(list[1]), &receipt); err != nil {
		t.Fatal(err)
	}
	var message struct {
		Type string
		Time time.Time `json:"timestamp"`
		Data map[string]any
	}
	if err := json.Unmarshal(d.body, &message); err != nil || message.Type != "consent.withdrawn" || message.Time.IsZero() {
		t.Fatalf("%s, %v", d.body, err)
	}
	want := map[string]any{
		"site": strings.Split(g.site, ":")[0], "consent_id": strings.TrimPrefix(receipt.Subject, "urn:privacy:visitor:"),
		"receipt_id": receipt.ID, "purposes": []any{"marketing"}, "services": []any{},
	}
	if fmt.Sprint(message.Data) != fmt.Sprint(want) {
		t.Errorf("told was %v, want %v", message.Data, want)
	}
	g.kill()
	g.start(t)
	withdraw(t, g)
	h.wantOnly(t, 2)
}

func TestOwnerSeesWhoWasNotToldAndSendsAgain(t *testing.T) {
	t.Parallel()
	h := &hook{address: freeAddress(t)}
	g := startGateway(t, informing(t, inFrontOf(newOrigin(t)), h, ""))
	withdraw(t, g)
	withdraw(t, g)
	storetest.Eventually(t, "the report lists it", func() bool {
		return strings.Contains(g.ask(t, "/privacy/report"), `"trouble":"unreachable"`)
	})
	g.caddy(t, "privacy", "report", "--address", g.admin).succeeds(t).says(t, "mailer     consent.withdrawn  2", "unreachable")
	g.caddy(t, "privacy", "audit", "--address", g.admin).fails(t).says(t, "recipient mailer: it has not been told", "consent.withdrawn")
	g.caddy(t, "privacy", "resend", "nobody", "--address", g.admin).fails(t).says(t, "no recipient of this name has a webhook")
	for _, private := range []string{"msg_", "consent_id", "receipt_id", whsec, former} {
		for _, shown := range []string{g.ask(t, "/privacy/report"), read(t, g.log)} {
			if strings.Contains(shown, private) {
				t.Errorf("%q is shown in %s", private, shown)
			}
		}
	}
	h.open(t)
	g.caddy(t, "privacy", "resend", "mailer", "--address", g.admin).succeeds(t).says(t, "messages to mailer are due now")
	h.wantOnly(t, 2)
	storetest.Eventually(t, "nothing is left", func() bool {
		return strings.Contains(g.ask(t, "/privacy/report"), `"webhooks":[]`)
	})
	g.caddy(t, "privacy", "report", "--address", g.admin).succeeds(t)
	if told := g.caddy(t, "privacy", "audit", "--address", g.admin).stdout; strings.Contains(told, "has not been told") {
		t.Errorf("the audit still says\n%s", told)
	}
}

// What a gateway had to tell that is gone for good, disk and all, another tells that
// shares its Redis.
func TestAnotherGatewayTellsWhatOneThatIsGoneHadToTell(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t)
	h := &hook{address: freeAddress(t)}
	site := informing(t, inFrontOf(newOrigin(t)), h, "store redis "+server.Address)
	one := startGateway(t, site)
	withdraw(t, one)
	storetest.Eventually(t, "the message is in Redis, and was tried", func() bool {
		return strings.Contains(one.ask(t, "/privacy/report"), `"trouble":"unreachable"`) &&
			server.Do(t, "ZCARD", "privacy:{outbox}:due:mailer") == int64(1)
	})
	one.kill()
	h.open(t)
	other := startGateway(t, site)
	other.caddy(t, "privacy", "resend", "mailer", "--address", other.admin).succeeds(t)
	h.wantOnly(t, 1)
}
