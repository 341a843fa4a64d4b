package dialect

import (
	"strings"
	"testing"
)

func TestConsentToolIsKnownByItsScript(t *testing.T) {
	for _, test := range []struct{ host, path, want string }{
		{"consent.cookiebot.com", "/uc.js", cookiebot},
		{"consentcdn.cookiebot.eu", "/consentconfig/x/state.js", cookiebot},
		{"cdn.cookielaw.org", "/scripttemplates/otSDKStub.js", oneTrust},
		{"cookie-cdn.cookiepro.com", "/scripttemplates/otSDKStub.js", oneTrust},
		{"www.example.fr", "/js/otSDKStub.js", oneTrust},
		{"sdk.privacy-center.org", "/0f1a/loader.js", didomi},
		{"app.usercentrics.eu", "/browser-ui/latest/loader.js", usercentrics},
		{"cdn.iubenda.com", "/cs/iubenda_cs.js", "iubenda"},
		{"static.axept.io", "/sdk.js", axeptio},
		{"cdn.consentmanager.net", "/delivery/autoblocking/x.js", "consentmanager"},
		{"cdn-cookieyes.com", "/client_data/x/script.js", cookieYes},
		{"www.example.fr", "/tarteaucitron/tarteaucitron.min.js", tarteaucitron},
		{"cdn.jsdelivr.net", "/gh/orestbida/cookieconsent@v3.1.0/dist/cookieconsent.umd.js", vanilla},
		{"cdn.kiprotect.com", "/klaro/v0.7/klaro.js", klaro},
		{"www.example.fr", "/klaro.js", klaro},
		{"www.example.fr", "/wp-content/plugins/complianz-gdpr/cookiebanner/js/complianz.min.js", complianz},
		{"www.example.fr", "/wp-content/plugins/borlabs-cookie/assets/javascript/borlabs-cookie.min.js", borlabsCookie},
		{"www.example.fr", "/wp-content/plugins/cookie-law-info/lite/frontend/js/script.min.js", cookieYes},
	} {
		if name, ok := Tool(test.host, test.path); !ok || name != test.want {
			t.Errorf("%s%s is taken for %q", test.host, test.path, name)
		}
	}
}

func TestOrdinaryScriptIsNoConsentTool(t *testing.T) {
	for _, test := range []struct{ host, path string }{
		{"www.example.fr", "/app.js"},
		{"www.example.fr", ""},
		{"www.example.fr", "/klaro.js/app.js"},
		{"", ""},
		{"notcookiebot.com", "/uc.js"},
		{"cookiebot.com.example.fr", "/uc.js"},
		{"www.google.com", "/recaptcha/api.js"},
		{"www.example.fr", "/wp-content/plugins/contact-form-7/index.js"},
	} {
		if name, ok := Tool(test.host, test.path); ok || name != "" {
			t.Errorf("%s%s is taken for %s", test.host, test.path, name)
		}
	}
}

func TestSettingsIsOneListOfSelectors(t *testing.T) {
	seen := map[string]bool{}
	for selector := range strings.SplitSeq(Settings, ",") {
		if selector == "" || selector != strings.TrimSpace(selector) || seen[selector] {
			t.Errorf("selector %q", selector)
		}
		seen[selector] = true
		for _, pair := range [...]string{"[]", "()"} {
			if strings.Count(selector, pair[:1]) != strings.Count(selector, pair[1:]) {
				t.Errorf("%s is not closed", selector)
			}
		}
		if strings.Count(selector, `"`)%2 != 0 {
			t.Errorf("%s has an open string", selector)
		}
	}
	for _, selector := range []string{
		`[data-cc="show-preferencesModal"]`, `.tarteaucitronOpenPanel`, `.ot-sdk-show-settings`, `.cky-banner-element`, `.cmplz-manage-consent`,
	} {
		if !seen[selector] {
			t.Errorf("%s is missing", selector)
		}
	}
}

func BenchmarkTool(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Tool("www.example.fr", "/assets/app.js")
	}
}
