package conformance

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// contacts are header fields that make browsers load or report: one of others
// beside one of the site's own, where a field can hold both.
func contacts(h http.Header) {
	h["Link"] = []string{
		"<https://cdn.test/a.css>; rel=preload; as=style, </own.css>; rel=preload; as=style", "<https://connect.test>; rel=preconnect",
		`<//lookup.test>; rel="dns-prefetch"`, "<https://static.example.fr/own.js>; rel=modulepreload", "<https://canonical.test/>; rel=canonical",
	}
	h["Refresh"] = []string{"5; url=https://refresh.test/"}
	h["Reporting-Endpoints"] = []string{`main="https://reports.test/r", own="https://reports.example.fr/r"`}
	h["Report-To"] = []string{`{"group":"default","max_age":86400,"endpoints":[{"url":"https://nel.test/r"}]}`}
	h["Nel"] = []string{`{"report_to":"default","max_age":86400}`}
	h["Sourcemap"] = []string{"https://map.test/a.map"}
	h["Content-Type"] = []string{"text/html"}
}

// others are the hosts that contacts would have a browser meet.
var others = []string{"cdn.test", "connect.test", "lookup.test", "refresh.test", "reports.test", "nel.test", "map.test"}

// names lists which of the others an answer's header names.
func names(h http.Header) (found []string) {
	for _, name := range others {
		for _, values := range h {
			if strings.Contains(strings.Join(values, ","), name) {
				found = append(found, name)
				break
			}
		}
	}
	return found
}

// TestHeaderFieldsLeadToNobodyBeforeAYes, on pages and on all else; what is the
// site's own stays, and who agreed gets all.
func TestHeaderFieldsLeadToNobodyBeforeAYes(t *testing.T) {
	s := serve(t, gateway)
	s.origin.handle("/fields", func(w http.ResponseWriter, r *http.Request) {
		contacts(w.Header())
		if kind := r.URL.Query().Get("type"); kind != "" {
			w.Header().Set("Content-Type", kind)
		}
		io.WriteString(w, html)
	})
	yes, no := s.decide(t, "choice=accept"), s.decide(t, "choice=refuse")
	for _, path := range []string{"/fields", "/fields?type=text/css", "/fields?type=application/json"} {
		for _, cookie := range []string{"Cookie: a=b", no} {
			r := s.visit(t, path, at, cookie)
			if found := names(r.header); len(found) != 0 {
				t.Errorf("%s: the header leads to %q: %v", path, found, r.header)
			}
			r.has(t, "Link", "</own.css>; rel=preload; as=style")
			r.has(t, "Link", "<https://static.example.fr/own.js>; rel=modulepreload")
			r.has(t, "Link", "<https://canonical.test/>; rel=canonical")
			r.has(t, "Reporting-Endpoints", `own="https://reports.example.fr/r"`)
			// Browsers keep what an earlier answer told them until they are told otherwise.
			if nel := r.header.Get("Nel"); !strings.Contains(nel, `"max_age":0`) {
				t.Errorf("%s: NEL %q does not take back", path, nel)
			}
		}
		if found := names(s.visit(t, path, at, yes).header); len(found) != len(others) {
			t.Errorf("%s: after a yes the header leads to %q alone", path, found)
		}
	}
}

// TestEarlyHintsLeadToNobodyBeforeAYes (RFC 8297).
func TestEarlyHintsLeadToNobodyBeforeAYes(t *testing.T) {
	s := serve(t, gateway)
	s.origin.handle("/hinted", func(w http.ResponseWriter, _ *http.Request) {
		contacts(w.Header())
		w.WriteHeader(http.StatusEarlyHints)
		io.WriteString(w, html)
	})
	_, answer := s.dial(t, "GET /hinted HTTP/1.1\nHost: "+host+"\nAccept: text/html\nConnection: close\n\n")
	for _, status := range []int{http.StatusEarlyHints, http.StatusOK} {
		resp, err := http.ReadResponse(answer, nil)
		if err != nil {
			t.Fatal(err)
		}
		r := &reply{status: resp.StatusCode, header: resp.Header}
		r.is(t, status)
		r.has(t, "Link", "</own.css>")
		for _, name := range []string{"cdn.test", "connect.test", "lookup.test"} {
			r.lacks(t, "Link", name)
		}
	}
}

// TestRefusalTakesReportsBack: what a browser was told to report before.
func TestRefusalTakesReportsBack(t *testing.T) {
	s := serve(t, gateway)
	yes := s.decide(t, "choice=accept")
	for _, choice := range []string{"choice=refuse", "choice=save&purpose=statistics"} {
		s.choose(t, choice, at, yes).has(t, "Nel", `"max_age":0`)
	}
	s.choose(t, "choice=accept", at).lacks(t, "Nel", "max_age")
}
