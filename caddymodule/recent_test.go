package caddymodule

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
)

// TestCookieHeaderIsDecidedForEachVisitorByHisOwnChoice: two may bring the very
// same cookies within a second.
func TestCookieHeaderIsDecidedForEachVisitorByHisOwnChoice(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	site := newSite(t, new(Gateway))
	accepted := &policy.Visitor{State: policy.Accepted, Granted: site.policy.Set([]string{"functional", "statistics", "marketing"})}
	fields := []string{"sid=1; _ga=GA1.1.1234567890.1772366400"}
	for i, visitor := range []*policy.Visitor{&site.strangers[0], accepted, &site.strangers[1], accepted, &site.strangers[0]} {
		v := &visit{gateway: site.Gateway, visitor: visitor, now: start}
		for _, watch := range []bool{false, true, false} {
			s := site.app.shared.recent.sifted(fields, v, watch)
			if dropped := visitor != accepted; s.changed != dropped || len(s.sweep) != map[bool]int{true: 1}[dropped] {
				t.Errorf("visit %d: changed %v, to be deleted %q", i, s.changed, s.sweep)
			}
		}
	}
}

// TestCookieThatEndsIsGoneTheSecondItEnds: what was decided a second ago does not
// hold any more.
func TestCookieThatEndsIsGoneTheSecondItEnds(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	c := setClock(t, start)
	site := newSite(t, new(Gateway))
	b := newBrowser(site, c)
	b.choose("accept")
	created := start.Add(2*time.Second - cookie.Term)
	b.jar["_ga"] = stored{value: fmt.Sprintf("GA1.1.1234567890.%d", created.Unix())}
	for second, want := range []bool{true, true, false, false} {
		for range 2 {
			r := httptest.NewRequest(http.MethodGet, "https://www.courrier.example/api", nil)
			r.Header.Set("Sec-Fetch-Dest", "empty")
			b.do(r)
			_, passed := cookie.First(site.seen["Cookie"], "_ga")
			if passed != want {
				t.Errorf("second %d: passed %v, want %v", second, passed, want)
			}
		}
		c.move(time.Second)
	}
}

// TestLongCookieHeadersAreNotRemembered: a client could otherwise have a megabyte kept
// by each of a few thousand requests, for good.
func TestLongCookieHeadersAreNotRemembered(t *testing.T) {
	site := newSite(t, new(Gateway))
	v := &visit{gateway: site.Gateway, visitor: &site.strangers[0], now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	for length, remembered := range map[int]bool{maxField: true, maxField + 1: false} {
		fields := []string{"sid=" + strings.Repeat("a", length-len("sid="))}
		first := site.app.shared.recent.sifted(fields, v, false)
		if again := site.app.shared.recent.sifted(fields, v, false); (again == first) != remembered {
			t.Errorf("%d bytes: remembered %v", length, again == first)
		}
	}
}

// TestEditingTheCookieHeaderChangesNobodyElses: directives that follow may replace
// values in place.
func TestEditingTheCookieHeaderChangesNobodyElses(t *testing.T) {
	site := newSite(t, new(Gateway))
	for _, cookies := range []string{"sid=1; _fbp=fb.1.1.1", "sid=1"} {
		for range 3 {
			r := httptest.NewRequest(http.MethodGet, "https://www.courrier.example/api", nil)
			r.Header["Cookie"] = []string{cookies}
			site.answer = func(_ http.ResponseWriter, r *http.Request) { r.Header["Cookie"][0] = "sid=2" }
			site.serve(r)
			if got := site.seen["Cookie"]; len(got) != 1 || got[0] != "sid=1" {
				t.Fatalf("the origin got %q", got)
			}
		}
	}
}
