package caddymodule

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-privacy/caddy-privacy/internal/consent"
	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
)

const twoYears = "; Path=/; Max-Age=63072000; Expires=Wed, 09 Jun 2100 10:18:14 GMT; Secure"

// starts are days on which a term may begin; adding thirteen months to the last
// two by calendar goes wrong.
var starts = map[string]time.Time{
	"ordinary day": time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
	"31 January":   time.Date(2027, 1, 31, 23, 59, 59, 0, time.UTC),
	"29 February":  time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC),
}

func TestVisitsNeverExtendThirteenMonths(t *testing.T) {
	for name, start := range starts {
		t.Run(name, func(t *testing.T) {
			c := setClock(t, start)
			site := newSite(t, new(Gateway))
			site.answer = sets("_ga=GA1.1.5.5"+twoYears, "_fbp=fb"+twoYears, "remember_web_1a=x"+twoYears, "PHPSESSID=s; Path=/")
			b := newBrowser(site, c)
			b.visit()
			b.choose("save", "statistics")
			b.visit()
			if !b.has("_ga") || b.has("_fbp") || !b.has("remember_web_1a") {
				t.Fatalf("after consent to statistics the jar holds %v", b.jar)
			}
			end := start.Add(cookie.Term)
			record := b.jar["__Host-privacy"].value
			for _, days := range []int{0, 30, 200, 392} {
				c.set(start.Add(time.Duration(days) * day))
				b.visit()
				for name, kept := range b.jar {
					if kept.end.After(end) {
						t.Errorf("day %d: %s lives until %v, the term ends %v", days, name, kept.end, end)
					}
				}
				if b.jar["__Host-privacy"].value != record {
					t.Errorf("day %d: a visit wrote the record anew", days)
				}
				if site.seen.Get("Privacy-Consent") != `partial; purposes="necessary statistics"` {
					t.Errorf("day %d: the origin was told %q", days, site.seen.Get("Privacy-Consent"))
				}
			}
			for _, days := range []int{393, 394, 456} {
				c.set(start.Add(time.Duration(days) * day))
				w := b.visit()
				if b.has("_ga") {
					t.Errorf("day %d: the tracker is still there", days)
				}
				if len(w.Body.String()) < 2000 {
					t.Errorf("day %d: the visitor is not asked again", days)
				}
			}
		})
	}
}

func TestTermThatEndedTakesSessionCookiesOfABrowserNeverClosed(t *testing.T) {
	c := setClock(t, starts["ordinary day"])
	site := newSite(t, new(Gateway))
	site.answer = sets("_hjSession_1=x; Path=/", "PHPSESSID=s; Path=/")
	b := newBrowser(site, c)
	b.choose("accept")
	b.visit()
	if !b.has("_hjSession_1") || !b.has("PHPSESSID") {
		t.Fatalf("jar %v", b.jar)
	}
	// The browser's clock is a day behind, so that it brings its record once more.
	b.lag = day
	c.move(cookie.Term + time.Hour)
	site.answer = sets()
	b.visit()
	if b.has("_hjSession_1") || b.has("PHPSESSID") || b.has("__Host-privacy") {
		t.Errorf("after the end of the term the jar holds %v", b.jar)
	}
	if site.seen.Get("Cookie") != "" {
		t.Error("the origin was shown cookies of an ended term")
	}
}

func TestSessionTrackerWithoutConsentIsTakenHoweverOldTheBrowserSession(t *testing.T) {
	c := setClock(t, starts["ordinary day"])
	site := newSite(t, new(Gateway))
	b := newBrowser(site, c)
	b.jar["_hjSession_1"] = stored{value: "from before"}
	b.visit()
	if b.has("_hjSession_1") || site.seen.Get("Cookie") != "" {
		t.Errorf("the tracker stays: %v", b.jar)
	}
}

func TestVisitorAwayFromMonthTwelveToFifteenKeepsNothing(t *testing.T) {
	c := setClock(t, starts["31 January"])
	site := newSite(t, new(Gateway))
	site.answer = sets("_ga=GA1.1.5.5" + twoYears)
	b := newBrowser(site, c)
	b.choose("accept")
	b.visit()
	c.move(365 * day)
	b.visit()
	if left := b.left(); left > 28*day {
		t.Fatalf("in month twelve a cookie still has %v", left)
	}
	c.move(92 * day)
	b.visit()
	if len(b.jar) > 0 {
		t.Errorf("in month fifteen the jar holds %v", b.jar)
	}
}

func TestNecessaryDepositWithoutAChoiceIsCountedToo(t *testing.T) {
	c := setClock(t, starts["29 February"])
	site := newSite(t, new(Gateway))
	site.answer = sets("remember_web_1a=x" + twoYears)
	b := newBrowser(site, c)
	b.visit()
	if !b.has("__Host-privacy-term") {
		t.Fatal("the first deposit is not recorded")
	}
	end := c.in(cookie.Term)
	for range 12 {
		c.move(30 * day)
		b.visit()
		if got := b.jar["remember_web_1a"].end; got.After(end) {
			t.Fatalf("after %v the cookie lives until %v", c.now().Sub(end), got)
		}
	}
	b.choose("refuse")
	if got := b.jar["__Host-privacy"].end; got.After(end) {
		t.Errorf("a late choice lives until %v, the term ends %v", got, end)
	}
}

func TestNecessaryCookieSeenInARequestBeginsTheTerm(t *testing.T) {
	c := setClock(t, starts["ordinary day"])
	site := newSite(t, new(Gateway))
	b := newBrowser(site, c)
	b.jar["wp-settings-time-1"] = stored{value: "1700000000", end: c.in(300 * day)}
	b.visit()
	if !b.has("__Host-privacy-term") {
		t.Error("a lasting cookie from before the gateway is not counted")
	}
}

func TestDeletingACookieDoesNotBuyItTime(t *testing.T) {
	c := setClock(t, starts["ordinary day"])
	site := newSite(t, new(Gateway))
	b := newBrowser(site, c)
	b.choose("accept")
	end := c.in(cookie.Term)
	c.move(380 * day)
	site.answer = sets("_ga=; Path=/; Max-Age=0; Secure", "_ga=GA1.1.5.5"+twoYears)
	b.visit()
	if got := b.jar["_ga"].end; got.IsZero() || got.After(end) {
		t.Errorf("set again after its deletion it lives until %v, the term ends %v", got, end)
	}
}

func TestWithdrawalAndNewConsentKeepTheTerm(t *testing.T) {
	c := setClock(t, starts["ordinary day"])
	site := newSite(t, new(Gateway))
	site.answer = sets("_ga=GA1.1.5.5" + twoYears)
	b := newBrowser(site, c)
	b.choose("accept")
	end := c.in(cookie.Term)
	b.visit()
	c.move(100 * day)
	b.choose("refuse")
	if b.has("_ga") {
		t.Error("withdrawal left the tracker")
	}
	c.move(100 * day)
	b.choose("accept")
	b.visit()
	if got := b.jar["_ga"].end; got.IsZero() || got.After(end) {
		t.Errorf("consent given anew lets the tracker live until %v, the term ends %v", got, end)
	}
}

func TestTwoTabsAtOnceEndWithOneChoiceAndNoLongerTerm(t *testing.T) {
	c := setClock(t, starts["ordinary day"])
	site := newSite(t, new(Gateway))
	tabs := [2]*browser{newBrowser(site, c), newBrowser(site, c)}
	var wg sync.WaitGroup
	for i, choice := range []string{"accept", "refuse"} {
		wg.Go(func() { tabs[i].choose(choice) })
	}
	wg.Wait()
	one := newBrowser(site, c)
	for _, tab := range tabs {
		// the later answer wins in the browser's jar
		maps.Copy(one.jar, tab.jar)
	}
	one.visit()
	if got := site.seen.Get("Privacy-Consent"); got != `refused; purposes="necessary"` {
		t.Errorf("the origin was told %q", got)
	}
	if one.left() > cookie.Term {
		t.Errorf("a cookie has %v left", one.left())
	}
}

func TestRotatedKeysForgetNoChoice(t *testing.T) {
	c := setClock(t, starts["31 January"])
	site := newSite(t, new(Gateway))
	b := newBrowser(site, c)
	b.choose("accept")
	opened := site.app.store
	before := site.app.shared.reader.Keyring()
	for _, after := range []time.Duration{consent.KeyLife, 392*day - consent.KeyLife} {
		c.move(after)
		if err := site.app.shared.refresh(opened); err != nil {
			t.Fatal(err)
		}
		b.visit()
		if got := site.seen.Get("Privacy-Consent"); got[:8] != "accepted" {
			t.Fatalf("%v later the origin is told %q", after, got)
		}
	}
	if site.app.shared.reader.Keyring().Same(before) {
		t.Error("the keys were never rotated")
	}
}

func TestGatewayClockSetBackNeitherForgetsNorExtends(t *testing.T) {
	c := setClock(t, starts["ordinary day"])
	site := newSite(t, new(Gateway))
	site.answer = sets("_ga=GA1.1.5.5" + twoYears)
	b := newBrowser(site, c)
	b.choose("accept")
	end := c.in(cookie.Term)
	c.move(-3 * time.Hour)
	b.visit()
	if got := b.jar["_ga"].end; got.IsZero() || got.After(end) {
		t.Errorf("the tracker lives until %v, the term ends %v", got, end)
	}
	if left := b.left(); left > cookie.Term+3*time.Hour {
		t.Errorf("by the clock set back a cookie has %v left", left)
	}
}

func TestShorterConsentLifetimeAsksAgainAtItsEnd(t *testing.T) {
	c := setClock(t, starts["ordinary day"])
	site := newSite(t, &Gateway{ConsentLifetime: caddy.Duration(182 * day)})
	b := newBrowser(site, c)
	b.choose("refuse")
	c.move(181 * day)
	b.visit()
	if got := site.seen.Get("Privacy-Consent"); got != `refused; purposes="necessary"` {
		t.Errorf("on day 181 the origin is told %q", got)
	}
	c.move(day)
	b.visit()
	if got := site.seen.Get("Privacy-Consent"); got != "" {
		t.Errorf("on day 182 the origin is told %q", got)
	}
}

func TestAnswerLongOnItsWayDoesNotUndoAChoice(t *testing.T) {
	c := setClock(t, starts["ordinary day"])
	site := newSite(t, new(Gateway))
	b := newBrowser(site, c)
	slow := httptest.NewRequest(http.MethodGet, "https://www.courrier.example/api", nil)
	site.answer = sets("remember_web_1a=x" + twoYears)
	late := site.serve(slow)
	b.choose("refuse")
	b.keep(late.Header()["Set-Cookie"])
	b.visit()
	if got := site.seen.Get("Privacy-Consent"); got != `refused; purposes="necessary"` {
		t.Errorf("the origin was told %q", got)
	}
}

func TestWithdrawalIsHonouredEvenWhenItCannotBeProved(t *testing.T) {
	c := setClock(t, starts["ordinary day"])
	site := newSite(t, new(Gateway))
	b := newBrowser(site, c)
	b.choose("accept")
	if err := site.app.shared.local.Close(); err != nil {
		t.Fatal(err)
	}
	b.choose("save", "statistics")
	b.visit()
	if got := site.seen.Get("Privacy-Consent"); got != `partial; purposes="necessary statistics"` {
		t.Errorf("after a partial withdrawal the origin was told %q", got)
	}
	if w := b.choose("accept"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("a consent that cannot be proved is answered with %d", w.Code)
	}
}

func TestErrorsOfTheSiteCarryNoTrackerEither(t *testing.T) {
	setClock(t, starts["ordinary day"])
	site := newSite(t, new(Gateway))
	w := httptest.NewRecorder()
	r := caddyhttp.PrepareRequest(httptest.NewRequest(http.MethodGet, "https://www.courrier.example/", nil), caddy.NewReplacer(), w, nil)
	err := site.ServeHTTP(w, r, caddyhttp.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Add("Set-Cookie", "_ga=GA1.1.5.5"+twoYears)
		return caddyhttp.Error(http.StatusBadGateway, nil)
	}))
	if err == nil || w.Header().Get("Set-Cookie") != "" {
		t.Errorf("error %v with the cookie %q", err, w.Header().Get("Set-Cookie"))
	}
}
