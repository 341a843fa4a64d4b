package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// asks is how the script begins that tells what is in a browser's storages.
const asks = "<script data-entries>"

// storage are the entries that the owner is told of, with their purposes.
func (c *client) storage(t *testing.T) (seen map[string]string, text string) {
	t.Helper()
	r := c.get(t, "/privacy/report")
	r.is(t, http.StatusOK)
	var report struct {
		Sites []struct {
			Storage []struct{ Name, Purpose string }
		}
	}
	if err := json.Unmarshal([]byte(r.body), &report); err != nil {
		t.Fatal(err)
	}
	seen = make(map[string]string)
	for _, site := range report.Sites {
		for _, e := range site.Storage {
			seen[e.Name] = e.Purpose
		}
	}
	return seen, r.body
}

// entries is what the script sends.
func entries(names ...string) string {
	text, _ := json.Marshal(map[string][]string{"entries": names})
	return string(text)
}

// TestOwnerLearnsOfEntriesOfStorages by folded names and purposes, from those who
// agreed to everything.
func TestOwnerLearnsOfEntriesOfStorages(t *testing.T) {
	s, admin := watch(t, "privacy {\n cookie draft_* functional\n }\n reverse_proxy <origin>")
	yes := s.decide(t, "choice=accept")
	r := s.report(t, entries("ttclid", "mage-cache-storage", "draft_12345", "theme", "user-10032", "say-theme", "eve@example.org", ""), yes)
	r.is(t, http.StatusNoContent)
	if r.body != "" || len(r.header["Set-Cookie"]) != 0 {
		t.Errorf("%q, %v", r.body, r.header)
	}
	seen, text := admin.storage(t)
	want := map[string]string{"ttclid": "marketing", "mage-cache-storage": "necessary", "draft_*": "functional", "theme": "", "user-*": "", "*": ""}
	if !maps.Equal(seen, want) {
		t.Errorf("%v in %s", seen, text)
	}
	for _, secret := range []string{"12345", "10032", "eve", "say-"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is kept: %s", secret, text)
		}
	}
	if r := s.visit(t, "/.privacy/", at); !strings.Contains(r.body, "TikTok") || strings.Contains(r.body, "<code>theme</code>") {
		t.Errorf("visitors are to be told of the services, and of no word that anybody may have sent: %s", r.body)
	}
	if s.origin.count() != 0 {
		t.Error("the site got a report")
	}
}

// TestOnlyWhoAgreedToEverythingIsAsked, and nobody else is believed.
func TestOnlyWhoAgreedToEverythingIsAsked(t *testing.T) {
	s, admin := watch(t, gateway)
	yes := s.decide(t, "choice=accept")
	const strict = "Content-Security-Policy: default-src 'none'"
	r := s.visit(t, ask("head", strict), at, yes)
	if strings.Count(r.body, asks) != 1 || !strings.Contains(r.header.Get("Content-Security-Policy"), reportPath) {
		t.Errorf("who agreed is not asked: %q, %s", r.header["Content-Security-Policy"], r.body)
	}
	for name, fields := range map[string][]string{
		"a stranger":            {},
		"a signal":              {"Sec-GPC: 1"},
		"who refused":           {s.decide(t, "choice=refuse")},
		"who agreed to a part":  {s.decide(t, "choice=save&purpose=statistics")},
		"who agreed to one":     {s.decide(t, "choice=allow&service=youtube")},
		"a forged record":       {"Cookie: " + record + "=a.b.c"},
		"who withdrew for good": {"Cookie: privacy=necessary.functional.statistics.marketing"},
	} {
		r := s.visit(t, ask("head", strict), append([]string{at}, fields...)...)
		if policies := r.header["Content-Security-Policy"]; strings.Contains(r.body, asks) || strings.Contains(policies[0], reportPath) {
			t.Errorf("%s is asked: %q", name, policies)
		}
		s.report(t, entries("told"), fields...).is(t, http.StatusNoContent)
	}
	for _, field := range []string{"Sec-GPC: 1", "DNT: 1", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Sec-Fetch-Site: none"} {
		s.report(t, entries("told"), yes, field).is(t, http.StatusNoContent)
	}
	for _, body := range []string{`{"entries":"told"}`, `{"entries":[1,"told"]}`, `{"entries":{"told":1}}`, `["told"]`, entries("told") + "x", entries("told", strings.Repeat("x", 1<<20))} {
		s.report(t, body, yes).is(t, http.StatusNoContent)
	}
	if seen, text := admin.storage(t); len(seen) != 0 {
		t.Errorf("%s", text)
	}
}

// TestEntriesInventNoMoreThanHalfOfTheBound, so that they cannot hide the site's own.
func TestEntriesInventNoMoreThanHalfOfTheBound(t *testing.T) {
	s, admin := watch(t, gateway)
	yes := s.decide(t, "choice=accept")
	for n := range 20 {
		var names []string
		for i := range 100 {
			names = append(names, fmt.Sprintf("%c%c_%s", 'a'+n, 'a'+i%26, strings.Repeat("x", i/26)))
		}
		s.report(t, entries(names...), yes).is(t, http.StatusNoContent)
	}
	seen, _ := admin.storage(t)
	if len(seen) != 500 {
		t.Errorf("%d entries", len(seen))
	}
	if slices.Contains(slices.Collect(maps.Values(seen)), "necessary") {
		t.Errorf("%v", seen)
	}
}
