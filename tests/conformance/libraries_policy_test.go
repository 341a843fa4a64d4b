package conformance

import (
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
)

// bound answers with a page that takes a library, under the policies of its query:
// enforced ones, and ones that only report.
func (s *site) bound(t *testing.T, body string) {
	t.Helper()
	s.origin.handle("/bound", func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Link", "<https://"+library+">; rel=preload; as=script")
		h["Content-Security-Policy"] = r.URL.Query()["enforced"]
		h["Content-Security-Policy-Report-Only"] = r.URL.Query()["reported"]
		io.WriteString(w, body)
	})
}

// TestLibrariesPassASitesOwnPolicyWhereTheirNetworkDid, and nowhere else.
func TestLibrariesPassASitesOwnPolicyWhereTheirNetworkDid(t *testing.T) {
	const (
		script = `<!DOCTYPE html><script nonce=abc src="https://` + library + `" integrity="sha384-x" crossorigin></script>`
		place  = " http://" + host + mirrored + "cdn.jsdelivr.net/"
	)
	s := serve(t, gateway)
	s.bound(t, script)
	for _, test := range []struct {
		enforced, want []string
		taken, linked  bool
	}{
		{[]string{"script-src https://cdn.jsdelivr.net"}, []string{"script-src https://cdn.jsdelivr.net" + place}, true, true},
		{[]string{"default-src *.jsdelivr.net/npm/; img-src 'self'"}, nil, true, true},
		{[]string{"script-src 'self' https://cdn.jsdelivr.net"}, []string{"script-src 'self' https://cdn.jsdelivr.net"}, true, true},
		{[]string{"script-src 'self' 'nonce-abc'"}, []string{"script-src 'self' 'nonce-abc'"}, true, false},
		{[]string{"script-src 'self'"}, []string{"script-src 'self'"}, false, false},
		{[]string{"script-src https://cdn.jsdelivr.net", "default-src 'self'"}, []string{"script-src https://cdn.jsdelivr.net" + place, "default-src 'self'"}, false, false},
		{[]string{"script-src https://cdn.jsdelivr.net/gh/"}, []string{"script-src https://cdn.jsdelivr.net/gh/" + place + "gh/"}, false, false},
	} {
		pairs := []string{"reported", "script-src https://cdn.jsdelivr.net"}
		for _, line := range test.enforced {
			pairs = append(pairs, "enforced", line)
		}
		r := s.visit(t, strings.Replace(ask(pairs...), "/page", "/bound", 1), at)
		r.loads(t)
		if taken := strings.Contains(r.body, `nonce=abc src="`+mirrored+library+`" integrity="sha384-x" crossorigin>`); taken != test.taken {
			t.Errorf("%q: taken from the mirror: %t", test.enforced, taken)
		}
		if linked := strings.Contains(r.header.Get("Link"), "<"+mirrored+library+">"); linked != test.linked || !linked && r.header.Get("Link") != "" {
			t.Errorf("%q: Link is %q", test.enforced, r.header.Get("Link"))
		}
		lines := r.header["Content-Security-Policy"]
		for i, want := range test.want {
			if line := withoutHashes(lines[i]); line != want && !strings.HasPrefix(line, want+";") {
				t.Errorf("%q became %q, want %q", test.enforced, line, want)
			}
		}
		if r := withoutHashes(r.header.Get("Content-Security-Policy-Report-Only")); r != "script-src https://cdn.jsdelivr.net"+place {
			t.Errorf("reported is %q", r)
		}
	}
	yes := s.decide(t, "choice=accept")
	s.visit(t, "/bound?enforced=script-src+https://cdn.jsdelivr.net", at, yes).uninserted(t).equals(t, script)
	s.visit(t, "/bound?enforced=script-src+https://cdn.jsdelivr.net", at, yes).lacks(t, "Content-Security-Policy", mirrored)
}

// withoutHashes is a policy without what lets the notice pass.
func withoutHashes(line string) string {
	return strings.Join(slices.DeleteFunc(strings.Split(line, " "), func(source string) bool { return strings.HasPrefix(source, "'sha256-") }), " ")
}

// TestForbiddenLibrariesAreNoWayIn: who smuggles an element into a page whose policy
// trusts the site alone does not get the site to serve every library there is.
func TestForbiddenLibrariesAreNoWayIn(t *testing.T) {
	s := serve(t, gateway)
	s.bound(t, `<!DOCTYPE html><meta http-equiv=content-security-policy content="img-src 'none'"><script src="https://`+library+`"></script>
<style>@import "https://`+library+`"</style><script>document.createElement("script").src="https://`+library+`"</script>`)
	s.visit(t, "/bound?enforced=default-src+'self'", at)
	s.get(t, mirrored+library, at).is(t, http.StatusNotFound)
}

// TestPolicyInThePageIsReadAsOneOfTheHeader, for what follows it.
func TestPolicyInThePageIsReadAsOneOfTheHeader(t *testing.T) {
	s := serve(t, gateway)
	meta := func(policy string) string {
		return `<!DOCTYPE html><meta http-equiv="Content-Security-Policy" content="` + policy + `"><script src="https://` + library + `"></script>`
	}
	s.publish("/allowed", meta("script-src https://cdn.jsdelivr.net; form-action 'none'"))
	r := s.visit(t, "/allowed", at)
	r.loads(t)
	for _, want := range []string{
		`src="` + mirrored + library, "script-src https://cdn.jsdelivr.net &#39;sha256-", " http://" + host + mirrored + "cdn.jsdelivr.net/; form-action http://" + host + "/.privacy/choice\"",
	} {
		if !strings.Contains(r.body, want) {
			t.Errorf("%s\nlacks %s", r.body, want)
		}
	}
	s.publish("/forbidden", meta("script-src 'self'"))
	if r := s.visit(t, "/forbidden", at); !strings.Contains(r.body, `data-held-src="https://`+library) {
		t.Errorf("%s", r.body)
	}
}

// TestLibrariesAreNoWorkers: browsers take these from the site alone, so that no
// policy had to forbid those of a network.
func TestLibrariesAreNoWorkers(t *testing.T) {
	if os.Getenv(networkVariable) == "" {
		inNetwork(t)
		return
	}
	s := serve(t, gateway)
	s.publish("/learned", learned)
	s.visit(t, "/learned", at)
	for _, dest := range []string{"worker", "sharedworker", "serviceworker"} {
		s.get(t, mirrored+library, at, "Sec-Fetch-Dest: "+dest).is(t, http.StatusNotFound)
	}
	s.get(t, mirrored+library, at, "Sec-Fetch-Dest: script").is(t, http.StatusOK)
}

// TestRangesOfVersionsLeadToTheirVersion, which no page has named.
func TestRangesOfVersionsLeadToTheirVersion(t *testing.T) {
	if os.Getenv(networkVariable) == "" {
		inNetwork(t)
		return
	}
	s := serve(t, gateway)
	s.publish("/range", `<!DOCTYPE html><script src="https://cdn.jsdelivr.net/npm/ranged@1/x.js"></script>`)
	s.visit(t, "/range", at)
	r := s.get(t, mirrored+"cdn.jsdelivr.net/npm/ranged@1/x.js", at)
	r.is(t, http.StatusFound)
	s.get(t, r.header.Get("Location"), at).is(t, http.StatusOK)
}
