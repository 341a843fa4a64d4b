package conformance

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/captchatest"
)

// checked is a site whose contact form a provider checks, and the provider.
func checked(t *testing.T, kind, options string) (*site, *captchatest.Server) {
	t.Helper()
	third := captchatest.New(time.Now)
	listening := httptest.NewServer(third)
	t.Cleanup(func() { third.Close(); listening.Close() })
	account := captchatest.Accounts[kind]
	body := "privacy {\n captcha /contact {\n " + kind + " {\n site_key " + account.Site + "\n secret " + account.Secret + "\n host " + listening.URL + "\n script_host " + listening.URL
	if account.Project != "" {
		body += "\n project " + account.Project
	}
	body += "\n }\n " + options + "\n }\n }\n reverse_proxy <origin>"
	recipient := "recipient captcha {\n services " + string(account.Service) + "\n transfer scc\n }"
	return load(t, "", strings.Replace(frame, "<body>", body, 1), "<transfers>", recipient), third
}

// tokenNames are those that tokens begin with.
var tokenNames = map[string]string{
	"recaptcha v2": "recaptcha_v2", "recaptcha v2 invisible": "recaptcha_invisible", "recaptcha v3": "recaptcha_v3",
	"recaptcha enterprise": "recaptcha_enterprise", "hcaptcha": "hcaptcha", "turnstile": "turnstile", "friendly": "friendly",
}

// token is what a provider's script puts into the contact form.
func token(third *captchatest.Server, kind string) string {
	minted := third.Mint(kind, "http://"+host, captcha.Identifier("/contact"))
	return "say-token=" + url.QueryEscape(tokenNames[kind]+":"+minted) + "&name=Ada"
}

// TestProviderIsAskedAboutThoseWhoAgreedAlone, by each provider's protocol.
func TestProviderIsAskedAboutThoseWhoAgreedAlone(t *testing.T) {
	for kind, name := range tokenNames {
		t.Run(name, func(t *testing.T) {
			s, third := checked(t, kind, "")
			service := captchatest.Accounts[kind].Service
			told := ""
			s.origin.handle("POST /contact", func(_ http.ResponseWriter, r *http.Request) { told = r.Header.Get("Privacy-Captcha") })
			refused := s.decide(t, "choice=refuse")
			for _, cookie := range []string{"Cookie: a=b", refused} {
				if r := s.get(t, "/.privacy/challenge?form=/contact", at, cookie); strings.Contains(r.body, "provider") {
					t.Errorf("a provider is named to who has not agreed: %s", r.body)
				}
				s.post(t, "/contact", urlencoded, token(third, kind), cookie).is(t, http.StatusForbidden)
			}
			if scripts, checks := third.Count(service); scripts+checks != 0 {
				t.Errorf("before consent: %d scripts, %d checks", scripts, checks)
			}
			s.post(t, "/contact", urlencoded, "say-token="+url.QueryEscape(s.proof(t, "/contact")), refused).is(t, http.StatusOK)
			if told != "work" {
				t.Errorf("the site was told %q", told)
			}

			yes := s.decide(t, "choice=accept")
			if r := s.get(t, "/.privacy/challenge?form=/contact", at, yes); !strings.Contains(r.body, `"name":"`+name+`"`) {
				t.Errorf("no provider for who has agreed: %s", r.body)
			}
			form := token(third, kind)
			s.post(t, "/contact", urlencoded, form, yes).is(t, http.StatusOK)
			if !strings.HasPrefix(told, name) {
				t.Errorf("the site was told %q", told)
			}
			if _, checks := third.Count(service); checks != 1 {
				t.Errorf("%d checks", checks)
			}
			s.post(t, "/contact", urlencoded, form, yes).is(t, http.StatusForbidden) // it is used up
			s.post(t, "/contact", urlencoded, "say-token="+url.QueryEscape(s.proof(t, "/contact")), yes).is(t, http.StatusOK)
		})
	}
}

// TestPeopleGetThroughWithoutTheProvider: it is down, slow or over quota.
func TestPeopleGetThroughWithoutTheProvider(t *testing.T) {
	for _, mode := range []captchatest.Mode{captchatest.Broken, captchatest.HTML, captchatest.Quota} {
		for option, want := range map[string]int{"": http.StatusForbidden, "on_error block": http.StatusServiceUnavailable, "on_error allow": http.StatusOK} {
			if mode == captchatest.Quota && option == "on_error allow" {
				want = http.StatusForbidden // the owner's fault opens nothing
			}
			s, third := checked(t, "recaptcha v3", option)
			third.Set(captchatest.Recaptcha, captchatest.Checks, mode)
			yes := s.decide(t, "choice=accept")
			s.post(t, "/contact", urlencoded, token(third, "recaptcha v3"), yes).is(t, want)
			s.logs(t, "captcha provider does not check")
			if option != "" {
				continue
			}
			if r := s.get(t, "/.privacy/challenge?form=/contact", at, yes); strings.Contains(r.body, "provider") {
				t.Errorf("%v: the provider is used again: %s", mode, r.body)
			}
			s.post(t, "/contact", urlencoded, "say-token="+url.QueryEscape(s.proof(t, "/contact")), yes).is(t, http.StatusOK)
		}
	}
}

// TestWhomTheProviderTakesForAMachineCanProveWork.
func TestWhomTheProviderTakesForAMachineCanProveWork(t *testing.T) {
	s, third := checked(t, "recaptcha v3", "")
	third.SetScore(0.1)
	yes := s.decide(t, "choice=accept")
	s.post(t, "/contact", urlencoded, token(third, "recaptcha v3"), yes).is(t, http.StatusForbidden)
	if r := s.get(t, "/.privacy/challenge?form=/contact", at, yes); strings.Contains(r.body, "provider") {
		t.Errorf("the provider is used again: %s", r.body)
	}
}

// TestProviderOutsideIsNeverAsked unless it is excepted.
func TestProviderOutsideIsNeverAsked(t *testing.T) {
	s := load(t, "", strings.Replace(frame, "<body>", "privacy {\n captcha /contact {\n recaptcha v3 {\n site_key a\n secret b\n }\n }\n }\n reverse_proxy <origin>", 1), "<transfers>", "")
	yes := s.decide(t, "choice=accept")
	if r := s.get(t, "/.privacy/challenge?form=/contact", at, yes); strings.Contains(r.body, "provider") {
		t.Errorf("%s", r.body)
	}
	s.logs(t, "captcha provider is never asked")
}
