package dialect

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
)

var (
	now     = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	spring  = time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)
	undated time.Time
)

const (
	springISO   = "2026-03-01T09:30:00.250Z"
	springMilli = "1772357400250"
)

// jar is what a browser sends.
type jar map[string]string

func (j jar) get(name string) (string, bool) {
	value, ok := j[name]
	return value, ok
}

func didomiToken(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

var oneTrustBegin = "isGpcEnabled=0&datestamp=Sun+Mar+01+2026+10%3A30%3A00+GMT%2B0100&version=202601.1.0&hosts=&consentId=7e608f94&interactionCount=1&groups="

var refusals = []struct {
	tool  string
	jar   jar
	given time.Time
}{
	{vanilla, jar{"cc_cookie": url.PathEscape(`{"categories":["necessary"],"revision":0,"data":null,"consentTimestamp":"` + springISO + `","consentId":"104021a8","services":{"necessary":[],"analytics":[]},"lastConsentTimestamp":"` + springISO + `","expirationTime":1788000000000}`)}, spring},
	{vanilla, jar{"cc_cookie": url.PathEscape(`{"level":["necessary"],"revision":0,"data":null,"rfc_cookie":false}`)}, undated},
	{vanilla, jar{"cc_cookie": `{"categories":[],"consentTimestamp":"2019-03-01T09:30:00.000Z"}`}, time.Date(2019, 3, 1, 9, 30, 0, 0, time.UTC)},
	{pressidium, jar{"pressidium_cookie_consent": url.PathEscape(`{"categories":["necessary"],"level":["necessary"],"consent_date":"` + springISO + `","consent_uuid":"ffb2e980","last_consent_update":"` + springISO + `"}`)}, spring},
	{klaro, jar{"klaro": url.PathEscape(`{"klaro":true,"necessary-cookies":true,"preferences":false,"google-analytics":false}`)}, undated},
	{tarteaucitron, jar{"tarteaucitron": "!gtag=false!youtube=false"}, undated},
	{tarteaucitron, jar{"tarteaucitron": "!id=a5c8155833511d18!hotjar=false!"}, undated},
	{c15t, jar{"c15t": "c.necessary:1,i.t:" + springMilli + ",i.y:necessary"}, spring},
	{c15t, jar{"c15t": "c.necessary:1,c.marketing:0,i.t:1772357400"}, spring},
	{oneTrust, jar{"OptanonConsent": oneTrustBegin + "C0001%3A1%2CC0002%3A0%2CC0003%3A0%2CC0004%3A0&AwaitingReconsent=false", "OptanonAlertBoxClosed": springISO}, spring},
	{cookiebot, jar{"CookieConsent": "0"}, undated},
	{cookiebot, jar{"CookieConsent": "{stamp:%27oJ35SLjk+/==%27%2Cnecessary:true%2Cpreferences:false%2Cstatistics:false%2Cmarketing:false%2Cmethod:%27explicit%27%2Cver:1%2Cutc:" + springMilli + "%2Cregion:%27fr%27}"}, spring},
	{didomi, jar{"didomi_token": didomiToken(`{"user_id":"1784114c","created":"` + springISO + `","updated":"2026-05-01T00:00:00.000Z","vendors":{"disabled":["google"]},"purposes":{"disabled":["analytics-h7Kc"]},"version":2}`)}, spring},
	{axeptio, jar{"axeptio_cookies": "{%22$$token%22:%22tvwo7fxh%22%2C%22$$date%22:%22" + springISO + "%22%2C%22$$cookiesVersion%22:{%22name%22:%22site-fr%22}%2C%22$$completed%22:true%2C%22google_analytics%22:false%2C%22Criteo%22:false}"}, spring},
	{cookieYes, jar{"cookieyes-consent": "consentid:dWFpcGZ3,consent:no,action:yes,necessary:yes,functional:no,analytics:no,performance:no,advertisement:no,other:no,lastRenewedDate:1728636632000"}, undated},
	{complianz, jar{"cmplz_banner-status": "dismissed", "cmplz_functional": "allow", "cmplz_preferences": "deny", "cmplz_statistics": "deny", "cmplz_marketing": "deny", "cmplz_policy_id": "28"}, undated},
	{borlabsCookie, jar{"borlabs-cookie": url.PathEscape(`{"consents":{"essential":["borlabs-cookie"]},"domainPath":"www.example.de/","expires":"Sun, 21 Dec 2026 09:54:17 GMT","uid":"s91akj6x","v3":true,"version":"1"}`)}, undated},
}

func TestRefusalIsAlwaysImported(t *testing.T) {
	for _, test := range refusals {
		c, ok := Import(test.jar.get, now)
		if !ok || c.Tool != test.tool || !c.Refused || len(c.Purposes) != 0 || !c.Given.Equal(test.given) {
			t.Errorf("%v\ngives %+v, %v", test.jar, c, ok)
		}
	}
}

var acceptances = []struct {
	tool     string
	jar      jar
	purposes []string
}{
	{vanilla, jar{"cc_cookie": url.PathEscape(`{"categories":["necessary","analytics"],"services":{"necessary":["session"],"analytics":[]},"consentTimestamp":"` + springISO + `","lastConsentTimestamp":"2026-10-01T00:00:00.000Z"}`)}, toCount},
	{vanilla, jar{"cc_cookie": url.PathEscape(`{"categories":["necessary","analytics","ads"],"services":{"analytics":["posthog"]},"consentTimestamp":"` + springISO + `"}`)}, toMarket},
	{pressidium, jar{"pressidium_cookie_consent": url.PathEscape(`{"categories":["necessary","analytics","targeting"],"level":["necessary","analytics","targeting"],"consent_date":"` + springISO + `"}`)}, toCountSell},
	{c15t, jar{"c15t": "c.necessary:1,c.measurement:1,c.marketing:1,i.sid:sub_111AEM,i.t:" + springMilli + ",i.y:all"}, toCountSell},
	{oneTrust, jar{"OptanonConsent": oneTrustBegin + "C0001%3A1%2CC0002%3A1%2CC0003%3A1%2CC0004%3A0&AwaitingReconsent=false", "OptanonAlertBoxClosed": springISO}, []string{"functional", "statistics"}},
	{oneTrust, jar{"OptanonConsent": oneTrustBegin + "1%3A1%2C2%3A1%2C4%3A1%2CBG71%3A1", "OptanonAlertBoxClosed": springISO}, toCountSell},
	{oneTrust, jar{"OptanonConsent": oneTrustBegin + "C0002%3A1%2CC0004%3A1%2CC0005%3A0", "OptanonAlertBoxClosed": springISO}, toCount},
	{cookiebot, jar{"CookieConsent": "{stamp:%27oJ35%27%2Cnecessary:true%2Cpreferences:true%2Cstatistics:false%2Cmarketing:true%2Cmethod:%27explicit%27%2Cver:1%2Cutc:" + springMilli + "%2Cregion:%27fr%27}"}, []string{"functional", "marketing"}},
	{didomi, jar{"didomi_token": strings.TrimRight(didomiToken(`{"created":"`+springISO+`","updated":"`+springISO+`","vendors":{"enabled":["google"]},"purposes":{"enabled":["analytics"]}}`), "=")}, toCount},
	{axeptio, jar{"axeptio_cookies": url.PathEscape(`{"$$date":"` + springISO + `","$$completed":true,"statistics":true,"Criteo":false}`)}, toCount},
}

func TestDatedAcceptanceIsImportedWithItsFirstDate(t *testing.T) {
	for _, test := range acceptances {
		c, ok := Import(test.jar.get, now)
		if !ok || c.Tool != test.tool || c.Refused || !slices.Equal(c.Purposes, test.purposes) || !c.Given.Equal(spring) {
			t.Errorf("%v\ngives %+v, %v", test.jar, c, ok)
		}
	}
}

func TestAcceptanceEndsThirteenMonthsAfterItWasGiven(t *testing.T) {
	for _, test := range acceptances {
		last := spring.Add(cookie.Term)
		if _, ok := Import(test.jar.get, last.Add(-time.Second)); !ok {
			t.Errorf("%s: not imported on the last day", test.tool)
		}
		if c, ok := Import(test.jar.get, last); ok {
			t.Errorf("%s: %+v after thirteen months", test.tool, c)
		}
	}
}

func TestNothingIsImportedFromTheFuture(t *testing.T) {
	for _, test := range acceptances {
		if c, ok := Import(test.jar.get, spring.Add(-time.Hour)); ok {
			t.Errorf("%s: %+v an hour before", test.tool, c)
		}
	}
	for _, test := range refusals {
		if c, ok := Import(test.jar.get, spring.Add(-time.Hour)); ok && test.given.Equal(spring) {
			t.Errorf("%s: %+v an hour before", test.tool, c)
		}
	}
}

func TestWhatIsNoChoiceIsNotImported(t *testing.T) {
	for name, j := range map[string]jar{
		"nothing":                           {},
		"undated, Klaro":                    {"klaro": url.PathEscape(`{"analytics":true}`)},
		"undated, tarteaucitron":            {"tarteaucitron": "!analytics=true"},
		"undated, CookieYes":                {"cookieyes-consent": "consentid:x,consent:yes,action:yes,necessary:yes,analytics:yes,lastRenewedDate:1790000000000"},
		"undated, Complianz":                {"cmplz_banner-status": "dismissed", "cmplz_marketing": "allow"},
		"undated, Borlabs Cookie":           {"borlabs-cookie": `{"consents":{"essential":["a"],"statistics":["matomo"]}}`},
		"undated, vanilla 2":                {"cc_cookie": `{"level":["necessary","analytics"]}`},
		"partly refused, undated":           {"klaro": `{"youtube":true,"matomo":false}`},
		"not yet answered, tarteaucitron":   {"tarteaucitron": "!gtag=wait!youtube=false"},
		"not yet answered, CookieYes":       {"cookieyes-consent": "consentid:x,consent:,action:,necessary:yes,analytics:no"},
		"not yet answered, OneTrust":        {"OptanonConsent": "groups=C0001%3A1%2CC0004%3A0"},
		"not yet answered, Complianz":       {"cmplz_marketing": "deny"},
		"not yet answered, Axeptio":         {"axeptio_cookies": `{"$$date":"` + springISO + `","$$completed":false,"Criteo":false}`},
		"asked anew, OneTrust":              {"OptanonConsent": "groups=C0001%3A1%2CC0004%3A0&AwaitingReconsent=true", "OptanonAlertBoxClosed": springISO},
		"nobody asked, Cookiebot":           {"CookieConsent": "-1"},
		"implied, Cookiebot":                {"CookieConsent": "{stamp:'-1',necessary:true,preferences:true,statistics:true,marketing:true,method:'implied',ver:1,utc:" + springMilli + "}"},
		"unmethodical, Cookiebot":           {"CookieConsent": "{stamp:'a',necessary:true,preferences:true,statistics:true,marketing:true,utc:" + springMilli + "}"},
		"implied refusal, Cookiebot":        {"CookieConsent": "{stamp:'-1',necessary:true,preferences:false,statistics:false,marketing:false,method:'implied',utc:" + springMilli + "}"},
		"not by Cookiebot":                  {"CookieConsent": "{necessary:true,preferences:false,statistics:false,marketing:false}"},
		"not by c15t":                       {"c15t": "c.marketing:0,i.t:" + springMilli},
		"another tool's CookieConsent":      {"CookieConsent": "true"},
		"nothing optional":                  {"klaro": `{"klaro":true}`},
		"of an unknown category":            {"cc_cookie": `{"categories":["necessary","social"],"consentTimestamp":"` + springISO + `"}`},
		"of some services only":             {"cc_cookie": `{"categories":["analytics"],"services":{"analytics":["ga"]},"consentTimestamp":"` + springISO + `"}`},
		"of custom purposes only":           {"didomi_token": didomiToken(`{"created":"` + springISO + `","purposes":{"enabled":["p4em9a8m"]}}`)},
		"of vendors, not purposes":          {"didomi_token": didomiToken(`{"created":"` + springISO + `","purposes":{"disabled":["x"]},"vendors":{"enabled":["google"]}}`)},
		"last choice before the first":      {"cc_cookie": `{"categories":["ads"],"consentTimestamp":"` + springISO + `","lastConsentTimestamp":"2026-02-01T00:00:00Z"}`},
		"two lists that differ":             {"cc_cookie": `{"categories":["ads"],"level":["necessary"],"consent_date":"` + springISO + `"}`},
		"two answers, tarteaucitron":        {"tarteaucitron": "!gtag=false!gtag=true"},
		"two answers, Klaro":                {"klaro": `{"ga":true,"ga":false}`},
		"two answers, c15t":                 {"c15t": "c.necessary:1,c.marketing:0,c.marketing:1,i.t:" + springMilli},
		"two lists of groups":               {"OptanonConsent": "groups=C0004%3A0&groups=C0004%3A1", "OptanonAlertBoxClosed": springISO},
		"a bad date":                        {"cc_cookie": `{"categories":[],"consentTimestamp":"yesterday"}`},
		"a bad answer, Klaro":               {"klaro": `{"ga":"no"}`},
		"a bad answer, Complianz":           {"cmplz_banner-status": "dismissed", "cmplz_statistics": "deny", "cmplz_marketing": "maybe"},
		"bad percent-encoding":              {"klaro": `%7B%22ga%22%3Afalse%7`},
		"a bracket after the record":        {"klaro": `{"ga":false}}`},
		"more after the record":             {"klaro": `{"ga":false} {}`},
		"a record that is not finished":     {"klaro": `{"ga":false`},
		"an array":                          {"klaro": `[false]`},
		"bad base64":                        {"didomi_token": "!!!"},
		"an oversized refusal":              {"klaro": `{"ga":false` + strings.Repeat(" ", maxStored) + `}`},
		"a refusal and an acceptance":       {"klaro": `{"ga":false}`, "c15t": "c.necessary:1,c.marketing:1,i.t:" + springMilli},
		"acceptances of different purposes": {"cc_cookie": `{"categories":["analytics"],"consentTimestamp":"` + springISO + `"}`, "c15t": "c.necessary:1,c.marketing:1,i.t:" + springMilli},
	} {
		if c, ok := Import(j.get, now); ok {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

func TestOfTwoToolsThatAgreeTheEarlierDateCounts(t *testing.T) {
	later := `{"categories":["necessary"],"consentTimestamp":"2026-09-01T00:00:00Z"}`
	refused := "c.necessary:1,i.t:" + springMilli
	for _, j := range []jar{
		{"cc_cookie": later, "c15t": refused},
		{"cc_cookie": later, "c15t": refused, "klaro": `{"ga":false}`, "borlabs-cookie": "unreadable"},
	} {
		c, ok := Import(j.get, now)
		if !ok || !c.Refused || !c.Given.Equal(spring) {
			t.Errorf("%+v, %v", c, ok)
		}
	}
}

func BenchmarkNothingToImport(b *testing.B) {
	j := jar{"session": "x"}
	get := j.get
	b.ReportAllocs()
	for b.Loop() {
		Import(get, now)
	}
}
