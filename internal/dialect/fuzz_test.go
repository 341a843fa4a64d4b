package dialect

import (
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
)

// fuzzStored tries values of one cookie. What is imported from it must be a
// refusal, or an acceptance that is dated within the term.
func fuzzStored(f *testing.F, name string, others jar) {
	seeds := []jar{}
	for _, test := range refusals {
		seeds = append(seeds, test.jar)
	}
	for _, test := range acceptances {
		seeds = append(seeds, test.jar)
	}
	for _, seed := range seeds {
		if value, ok := seed[name]; ok {
			f.Add(value)
		}
	}
	f.Fuzz(func(t *testing.T, value string) {
		c, ok := Import(func(asked string) (string, bool) {
			if asked == name {
				return value, true
			}
			return others.get(asked)
		}, now)
		switch {
		case !ok:
			if c.Tool != "" {
				t.Errorf("%+v is no choice", c)
			}
		case len(value) > maxStored:
			t.Errorf("%d bytes were read", len(value))
		case c.Given.After(now), c.Refused == (len(c.Purposes) > 0):
			t.Errorf("%+v", c)
		case !c.Refused && (c.Given.IsZero() || now.Sub(c.Given) >= cookie.Term):
			t.Errorf("acceptance of %v", c.Given)
		}
	})
}

func FuzzVanilla(f *testing.F)       { fuzzStored(f, "cc_cookie", nil) }
func FuzzPressidium(f *testing.F)    { fuzzStored(f, "pressidium_cookie_consent", nil) }
func FuzzKlaro(f *testing.F)         { fuzzStored(f, "klaro", nil) }
func FuzzTarteaucitron(f *testing.F) { fuzzStored(f, "tarteaucitron", nil) }
func FuzzC15t(f *testing.F)          { fuzzStored(f, "c15t", nil) }
func FuzzCookiebot(f *testing.F)     { fuzzStored(f, "CookieConsent", nil) }
func FuzzDidomi(f *testing.F)        { fuzzStored(f, "didomi_token", nil) }
func FuzzAxeptio(f *testing.F)       { fuzzStored(f, "axeptio_cookies", nil) }
func FuzzCookieYes(f *testing.F)     { fuzzStored(f, "cookieyes-consent", nil) }
func FuzzBorlabsCookie(f *testing.F) { fuzzStored(f, "borlabs-cookie", nil) }

func FuzzOneTrust(f *testing.F) {
	fuzzStored(f, "OptanonConsent", jar{"OptanonAlertBoxClosed": springISO})
}

func FuzzOneTrustDate(f *testing.F) {
	fuzzStored(f, "OptanonAlertBoxClosed", jar{"OptanonConsent": "groups=C0001%3A1%2CC0002%3A1%2CC0004%3A0"})
}

func FuzzComplianz(f *testing.F) {
	fuzzStored(f, "cmplz_marketing", jar{"cmplz_banner-status": "dismissed", "cmplz_statistics": "deny"})
}
