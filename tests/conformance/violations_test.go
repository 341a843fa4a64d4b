package conformance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// reportPath is where browsers report what the gateway's policy stopped.
const reportPath = "/.privacy/report"

// watch runs a site whose admin endpoint answers too, at a client of its own.
func watch(t *testing.T, body string) (s *site, admin *client) {
	t.Helper()
	port := freePort(t)
	s = load(t, "admin 127.0.0.1:"+port, strings.Replace(frame, "<body>", body, 1))
	return s, newClient(t, "http://127.0.0.1:"+port)
}

// hosts are those that the owner is told of, by name.
func (c *client) hosts(t *testing.T) (seen map[string]string, text string) {
	t.Helper()
	r := c.get(t, "/privacy/report")
	r.is(t, http.StatusOK)
	var report struct {
		Sites []struct {
			Hosts []struct{ Name, Purpose string }
		}
	}
	if err := json.Unmarshal([]byte(r.body), &report); err != nil {
		t.Fatal(err)
	}
	seen = make(map[string]string)
	for _, site := range report.Sites {
		for _, h := range site.Hosts {
			seen[h.Name] = h.Purpose
		}
	}
	return seen, r.body
}

// violation is what browsers send (CSP 3, 5.3).
func violation(blocked string) string {
	return `{"csp-report":{"document-uri":"http://www.example.fr/account?mail=eve@example.org","referrer":"https://search.test/?q=secret",` +
		`"violated-directive":"default-src","effective-directive":"script-src-elem","original-policy":"default-src 'self'","disposition":"enforce",` +
		`"blocked-uri":"` + blocked + `","status-code":200,"script-sample":"secret()"}}`
}

func (s *site) report(t *testing.T, body string, fields ...string) *reply {
	t.Helper()
	return s.send(t, "POST", reportPath, body, append([]string{at, "Content-Type: application/csp-report"}, fields...)...)
}

// TestOwnerLearnsOfHostsThatOnlyBrowsersSee, by name and purpose, and of nothing
// else that a report says.
func TestOwnerLearnsOfHostsThatOnlyBrowsersSee(t *testing.T) {
	s, admin := watch(t, gateway)
	for _, blocked := range []string{"https://late.test/pixel/eve@example.org?id=secret#secret", "https://static.hotjar.com/secret.js", "wss://socket.test"} {
		r := s.report(t, violation(blocked))
		r.is(t, http.StatusNoContent)
		if r.body != "" || len(r.header["Set-Cookie"]) != 0 {
			t.Errorf("%q, %v", r.body, r.header)
		}
	}
	seen, text := admin.hosts(t)
	if seen["late.test"] == "necessary" || seen["static.hotjar.com"] != "statistics" {
		t.Errorf("%s", text)
	}
	for _, name := range []string{"late.test", "static.hotjar.com", "socket.test"} {
		if _, ok := seen[name]; !ok {
			t.Errorf("%s is missing: %s", name, text)
		}
	}
	for _, secret := range []string{"secret", "eve", "pixel", "account", "search.test"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is kept: %s", secret, text)
		}
	}
	log, err := os.ReadFile(filepath.Join(s.folder, "log"))
	if err != nil || !strings.Contains(string(log), "late.test") || strings.Contains(string(log), "secret") {
		t.Errorf("the log says, %v: %s", err, log)
	}
	r := s.visit(t, "/.privacy/", at)
	if strings.Contains(r.body, "late.test") || strings.Contains(r.body, "Hotjar") {
		t.Error("visitors are told of what anybody may have reported")
	}
	if s.origin.count() != 0 {
		t.Error("the site got a report")
	}
}

// TestReportsThatAreNoneChangeNothing.
func TestReportsThatAreNoneChangeNothing(t *testing.T) {
	s, admin := watch(t, gateway)
	for name, body := range map[string]string{
		"empty": "", "junk": "\x00\xff{", "array": "[]", "null": "null", "other": `{"csp-report":[]}`, "no address": `{"csp-report":{}}`,
		"word": violation("inline"), "eval": violation("eval"), "data": violation("data"), "blob": violation("blob:x"), "own": violation("http://www.example.fr/x"),
		"below own": violation("https://cdn.example.fr/x"), "no host": violation("https:///"), "deep": strings.Repeat(`{"csp-report":`, 900), "file": violation("file:///etc/passwd"),
		"reporting api": `[{"type":"csp-violation","body":{"blockedURL":"https://api.test/"}}]`, "huge": violation("https://huge.test/" + strings.Repeat("a", 1<<20)),
		"long": violation("https://" + strings.Repeat("a.", 5000) + "test/"), "number": `{"csp-report":{"blocked-uri":7}}`,
	} {
		if r := s.report(t, body); r.status != http.StatusNoContent {
			t.Errorf("%s: status %d", name, r.status)
		}
	}
	for _, method := range []string{"GET", "HEAD", "PUT", "DELETE", "OPTIONS"} {
		r := s.send(t, method, reportPath, "", at)
		r.is(t, http.StatusMethodNotAllowed)
		r.has(t, "Allow", "POST")
	}
	if seen, text := admin.hosts(t); len(seen) != 0 {
		t.Errorf("%s", text)
	}
}

// TestReportsInventNoMoreThanTheBound: a thousand a second fill nothing, and hide
// nothing of what pages name.
func TestReportsInventNoMoreThanTheBound(t *testing.T) {
	s, admin := watch(t, gateway)
	var all sync.WaitGroup
	for worker := range 10 {
		all.Go(func() {
			for i := range 150 {
				if r := s.report(t, violation(fmt.Sprintf("https://a%db%d.test/", worker, i))); r.status != http.StatusNoContent {
					t.Errorf("status %d", r.status)
				}
			}
		})
	}
	all.Wait()
	seen, _ := admin.hosts(t)
	if len(seen) == 0 || len(seen) > 500 {
		t.Errorf("%d hosts are kept", len(seen))
	}
	s.publish("/services", services)
	s.visit(t, "/services", at)
	if seen, text := admin.hosts(t); seen["static.hotjar.com"] != "statistics" {
		t.Errorf("%s", text)
	}
}

// TestReportsHideNothingThatPagesName: what somebody has reported before a page
// names it loads like all else for who agreed to it.
func TestReportsHideNothingThatPagesName(t *testing.T) {
	s := serve(t, gateway)
	s.publish("/named", "<!DOCTYPE html><img src=https://unknown.test/a.png>")
	marketing := s.decide(t, "choice=save&purpose=marketing")
	s.report(t, violation("https://unknown.test/"))
	s.visit(t, "/page", at, marketing).confines(t)
	s.visit(t, "/named", at)
	s.visit(t, "/named", at, marketing).confines(t, "unknown.test")
}
