//go:build unix

package binary

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

// canary stands for whatever a visitor gives away without being asked. It may
// not come out of the gateway.
const canary = "canary-bird"

// sing sends requests full of canaries: well-formed, forged, refused and too large.
func sing(t *testing.T, g *gateway) *visitor {
	t.Helper()
	surplus := strings.Repeat("many="+canary+"; ", 300)
	for _, r := range []struct {
		method, path, cookies string
		form                  url.Values
	}{
		{http.MethodGet, "/news", "_ga=" + canary + "; stranger=" + canary + "; PHPSESSID=" + canary, nil},
		{http.MethodGet, "/news", "privacy-record=" + canary + "." + canary + "." + canary + "; privacy=" + canary, nil},
		{http.MethodGet, "/news", surplus, nil},
		{http.MethodGet, "/.privacy/", "", nil},
		{http.MethodGet, "/.privacy/receipt", "stranger=" + canary, nil},
		{http.MethodGet, "/.privacy/nothing/" + canary, "", nil},
		{http.MethodPost, "/.privacy/choice", "_ga=" + canary, url.Values{"choice": {canary}}},
		{http.MethodPost, "/.privacy/choice", "", url.Values{"choice": {"accept"}, "back": {strings.Repeat(canary, 4000)}}},
		{http.MethodPost, "/.privacy/choice", "", url.Values{"choice": {"save"}, "purpose": {canary}, "back": {"/" + canary}}},
	} {
		request, err := http.NewRequestWithContext(t.Context(), r.method, "http://"+g.site+r.path+"?q="+canary, strings.NewReader(r.form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{
			"Accept": "text/html", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "same-origin",
			"Content-Type": "application/x-www-form-urlencoded", "Cookie": r.cookies,
			"User-Agent": canary, "Referer": "http://" + g.site + "/" + canary, "Accept-Language": "fr, " + canary,
			"X-Forwarded-For": canary, "Authorization": canary, "Privacy-Consent": canary,
		} {
			request.Header.Set(name, value)
		}
		response, err := transport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
	}
	return newVisitor(g).accept(t)
}

func TestGatewayLogsNothingOfAVisitor(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t)
	with := sharing(newOrigin(t), server)
	with.global += "\n\tdebug"
	with.site += "\n\tlog"
	g := startGateway(t, with)
	v := sing(t, g)
	server.Kill()
	sing(t, g)
	g.reload(t, with).succeeds(t)
	if _, err := v.receipts(); err != nil {
		t.Fatal(err)
	}
	secrets := append([]string{canary, v.jar["privacy-record"]}, strings.Split(v.jar["privacy-record"], ".")...)

	own := 0
	for line := range strings.Lines(read(t, g.log)) {
		var entry struct{ Logger string }
		if json.Unmarshal([]byte(line), &entry) != nil || !strings.HasPrefix(entry.Logger, "privacy") && !strings.HasPrefix(entry.Logger, "http.handlers.privacy") {
			continue
		}
		own++
		for _, secret := range secrets {
			if strings.Contains(line, secret) {
				t.Errorf("the log tells of a visitor: %s", line)
			}
		}
	}
	if own < 3 {
		t.Errorf("only %d lines of the log are the gateway's: the test proves nothing", own)
	}
	for where, text := range map[string]string{"metrics": g.ask(t, "/metrics"), "report": g.ask(t, "/privacy/report")} {
		if strings.Contains(text, canary) {
			t.Errorf("the %s tell of a visitor", where)
		}
	}
}

func TestMetricsCountWithoutGrowingByWhatClientsInvent(t *testing.T) {
	t.Parallel()
	g := startGateway(t, inFrontOf(newOrigin(t)))
	before := series(t, g)
	if before["caddy_privacy_store_reachable"] != "1" || before["caddy_privacy_receipts_queued"] != "0" {
		t.Errorf("the store is %q, queued %q", before["caddy_privacy_store_reachable"], before["caddy_privacy_receipts_queued"])
	}
	for i := range 50 {
		v := newVisitor(g)
		v.jar[fmt.Sprintf("invented_%d", i)] = "x"
		if _, err := v.send(http.MethodGet, fmt.Sprintf("/%d", i), nil); err != nil {
			t.Fatal(err)
		}
	}
	newVisitor(g).accept(t)
	after := series(t, g)
	if len(after) != len(before) {
		t.Errorf("%d series have become %d", len(before), len(after))
	}
	for name, want := range map[string]string{
		`caddy_privacy_choices_total{state="accepted"}`: "1",
		`caddy_privacy_pages_total{result="asked"}`:     "50",
	} {
		if after[name] != want {
			t.Errorf("%s is %q, want %s", name, after[name], want)
		}
	}
	g.reload(t, inFrontOf(newOrigin(t))).succeeds(t)
	if again := series(t, g); again[`caddy_privacy_choices_total{state="accepted"}`] != "1" {
		t.Error("a reload has forgotten what was counted")
	}
}

// series reads the gateway's own metrics.
func series(t *testing.T, g *gateway) map[string]string {
	t.Helper()
	own := make(map[string]string)
	for line := range strings.Lines(g.ask(t, "/metrics")) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "} "); ok && strings.HasPrefix(name, "caddy_privacy_") {
			own[name+"}"] = value
		} else if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok && strings.HasPrefix(name, "caddy_privacy_") {
			own[name] = value
		}
	}
	return own
}
