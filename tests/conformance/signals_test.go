package conformance

import (
	"net/http"
	"strings"
	"testing"
)

// TestClientsCannotTellTheOriginWhatTheyChose, however they spell it.
func TestClientsCannotTellTheOriginWhatTheyChose(t *testing.T) {
	s := serve(t, gateway)
	for _, name := range []string{
		"Privacy-Consent", "privacy-consent", "PRIVACY-CONSENT", "Privacy_Consent", "privacy_consent", "PRIVACY_CONSENT", "Privacy.Consent",
		"privacy!consent", "Privacy~Consent", "privacy+consent",
	} {
		_, answer := s.dial(t, "GET /page HTTP/1.1\nHost: x\n"+name+": accepted\n"+name+": accepted\nConnection: close\n\n")
		if resp, err := http.ReadResponse(answer, nil); err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %v", name, err)
		}
		for got, values := range s.origin.last(t).Header {
			if strings.Contains(strings.Join(values, ""), "accepted") {
				t.Errorf("%s reached the origin as %s: %q", name, got, values)
			}
		}
		if got, told := s.origin.last(t).Header["Privacy-Consent"]; told {
			t.Errorf("%s: the origin is told %q", name, got)
		}
	}
}

// TestClientsCannotHaveTheSignalsRemoved by calling them hop-by-hop.
func TestClientsCannotHaveTheSignalsRemoved(t *testing.T) {
	s := serve(t, gateway)
	_, answer := s.dial(t, "GET /page HTTP/1.1\nHost: x\nSec-GPC: 1\nConnection: close, Privacy-Consent, sec-gpc\nConnection: privacy-consent\n\n")
	if _, err := http.ReadResponse(answer, nil); err != nil {
		t.Fatal(err)
	}
	h := s.origin.last(t).Header
	if !strings.HasPrefix(h.Get("Privacy-Consent"), "signal;") || h.Get("Sec-Gpc") != "1" {
		t.Errorf("the origin is told %q and Sec-GPC %q", h.Get("Privacy-Consent"), h.Get("Sec-Gpc"))
	}
}

// TestSignalOfTheBrowserIsARefusalWithoutAsking, and an explicit choice
// outranks it.
func TestSignalOfTheBrowserIsARefusalWithoutAsking(t *testing.T) {
	s := serve(t, gateway)
	for _, signal := range []string{"Sec-GPC: 1", "DNT: 1"} {
		r := s.visit(t, ask("set", "_fbp=1", "set", "PHPSESSID=1"), signal)
		r.whole(t, false)
		r.lacks(t, "Set-Cookie", "_fbp")
		if h := s.origin.last(t).Header; !strings.HasPrefix(h.Get("Privacy-Consent"), "signal;") || h.Get("Sec-Gpc") != "1" {
			t.Errorf("%s: the origin is told %q and Sec-GPC %q", signal, h.Get("Privacy-Consent"), h.Get("Sec-Gpc"))
		}
		r = s.visit(t, ask("set", "_fbp=1"), signal, "Cookie: "+s.choose(t, "choice=accept", signal).cookie(record))
		r.has(t, "Set-Cookie", "_fbp=1")
		if signal == "Sec-GPC: 1" && s.origin.last(t).Header.Get("Sec-Gpc") != "1" {
			t.Error("the browser's own signal was removed")
		}
	}
	for _, other := range []string{"Sec-GPC: 0", "Sec-GPC: true", "DNT: 0"} {
		s.visit(t, "/page", other).whole(t, true)
	}
}

// TestOriginHearsNoForWhoRefused: their browsers did not say so themselves.
func TestOriginHearsNoForWhoRefused(t *testing.T) {
	s := serve(t, gateway)
	for choice, want := range map[string]string{"refuse": "1", "accept": ""} {
		s.get(t, "/page", "Cookie: "+s.choose(t, "choice="+choice).cookie(record))
		if got := s.origin.last(t).Header.Get("Sec-Gpc"); got != want {
			t.Errorf("%s: Sec-GPC %q", choice, got)
		}
	}
	s.get(t, "/page")
	if got, ok := s.origin.last(t).Header["Sec-Gpc"]; ok {
		t.Errorf("Sec-GPC %q for who has not chosen", got)
	}
}

// TestOtherHandlersAreToldTheChoice by a placeholder.
func TestOtherHandlersAreToldTheChoice(t *testing.T) {
	s := serve(t, "privacy\n\trespond {http.vars.privacy}")
	if got := s.get(t, "/").body; !strings.HasPrefix(got, "none;") {
		t.Errorf("%q", got)
	}
	if got := s.get(t, "/", "Cookie: "+s.choose(t, "choice=refuse").cookie(record)).body; !strings.HasPrefix(got, "refused;") {
		t.Errorf("%q", got)
	}
}
