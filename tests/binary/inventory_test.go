//go:build unix

package binary

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

// newMeasuredOrigin is a site of which one page measures its visitors.
func newMeasuredOrigin(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Told", r.Header.Get("Privacy-Consent"))
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Add("Set-Cookie", "reader_number=1; Path=/; Max-Age=63072000")
		body := html
		if r.URL.Path == "/measured" {
			body = strings.Replace(html, "<title>", `<script src="https://static.hotjar.com/c.js"></script><script src="https://late.example/x.js"></script><title>`, 1)
		}
		_, _ = io.WriteString(w, body) // a client that has gone is no failure of the site
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// mayLoad fails the test unless a page's scripts may load from these hosts.
func (a answer) mayLoad(t *testing.T, hosts ...string) {
	t.Helper()
	policy := strings.Join(a.header["Content-Security-Policy"], ", ")
	for _, host := range hosts {
		if !strings.Contains(policy, " "+host+" ") && !strings.Contains(policy, " "+host+";") {
			t.Errorf("scripts may not load from %s: %s", host, policy)
		}
	}
}

// The first page after a restart knows what the site uses: for a visitor who
// agreed to a part of it nothing breaks.
func TestWhatASiteUsesIsKnownAfterAStopAndAfterAKill(t *testing.T) {
	t.Parallel()
	s := inFrontOf(newMeasuredOrigin(t))
	s.global = "privacy {\n recipient late {\n entity \"Late SAS\"\n country FR\n hosts example\n }\n }"
	g := startGateway(t, s)
	reader := newVisitor(g)
	if a, err := reader.send(http.MethodPost, "/.privacy/choice", url.Values{"choice": {"save"}, "purpose": {"statistics", "marketing"}}); err != nil || a.status != http.StatusSeeOther {
		t.Fatalf("%d, %v", a.status, err)
	}
	if a, err := reader.send(http.MethodGet, "/measured", nil); err != nil || !strings.HasPrefix(a.header.Get("Told"), "partial") {
		t.Fatalf("the site was told %q, %v", a.header.Get("Told"), err)
	}
	file := filepath.Join(g.folder, "data", "caddy", "privacy", "privacy.db")
	storetest.Eventually(t, "what was seen is on the disk", func() bool { return strings.Contains(read(t, file), "late.example") })
	newVisitor(g).accept(t) // is kept by a later transaction, so the one that was being written is over
	for name, end := range map[string]func(){
		"kill": g.kill,
		"stop": func() { g.caddy(t, "stop", "--address", g.admin).succeeds(t); <-g.ended },
	} {
		end()
		g.start(t)
		a, err := reader.page()
		if err != nil {
			t.Fatal(name, err)
		}
		a.mayLoad(t, "*.hotjar.com", "late.example")
		wantReported(t, g, name, "reader_number")
	}
}

// At a stop nothing is lost that was counted, and the rules that the owner has
// written meanwhile hold for all of it.
func TestCountsGoOnAfterAStopUnderTheRulesOfToday(t *testing.T) {
	t.Parallel()
	origin := newMeasuredOrigin(t)
	g := startGateway(t, inFrontOf(origin))
	for range 3 {
		if _, err := newVisitor(g).send(http.MethodGet, "/measured", nil); err != nil {
			t.Fatal(err)
		}
	}
	g.caddy(t, "stop", "--address", g.admin).succeeds(t)
	<-g.ended
	settings{site: "\tprivacy {\n\t\tcookie reader_number functional\n\t\thost late.example necessary\n\t}\n\treverse_proxy " + origin}.write(t, g)
	g.start(t)
	report := func() string { return g.caddy(t, "privacy", "report", "--address", g.admin).succeeds(t).stdout }
	if row := rows(report())["reader_number"]; len(row) < 2 || row[1] != "unknown" {
		t.Errorf("before anybody came, the report is not the one of before: %q", row)
	}
	if _, err := newVisitor(g).page(); err != nil {
		t.Fatal(err)
	}
	said := report()
	if got := strings.Join(rows(said)["reader_number"], " "); !strings.HasPrefix(got, "reader_number functional 400d session 0 3 1 ") {
		t.Errorf("the row is %q in\n%s", got, said)
	}
	if got := rows(said)["late.example"]; len(got) < 2 || got[1] != "necessary" || strings.Contains(said, "Nobody has said") {
		t.Errorf("the row is %q in\n%s", got, said)
	}
}

// rows are the lines of a report's tables, by name.
func rows(report string) map[string][]string {
	found := make(map[string][]string)
	for line := range strings.Lines(report) {
		if fields := strings.Fields(line); len(fields) > 5 {
			found[fields[0]] = fields
		}
	}
	return found
}
