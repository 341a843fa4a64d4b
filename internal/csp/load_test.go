package csp

import (
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

const file = "https://cdn.example/npm/a@1.0/x%20y.js"

func TestSourcesStandForAddressesAsInBrowsers(t *testing.T) {
	for _, test := range []struct {
		source       string
		http, secure bool // whether it lets the file pass, from a page without and with TLS
	}{
		{"*", true, true}, {"https:", true, true}, {"http:", true, true}, {"HTTPS:", true, true}, {"wss:", false, false}, {"data:", false, false},
		{"cdn.example", true, true}, {"CDN.Example", true, true}, {"https://cdn.example", true, true}, {"http://cdn.example", true, true},
		{"*.example", true, true}, {"https://*", true, true}, {"*:*", true, true}, {"*.cdn.example", false, false}, {"dn.example", false, false}, {"*dn.example", false, false},
		{"cdn.example.", false, false}, {"cdn.example:443", true, true}, {"cdn.example:*", true, true}, {"cdn.example:8443", false, false},
		{"http://cdn.example:80", true, true}, {"https://cdn.example:80", false, false}, {"cdn.example:80", true, false}, {"cdn.example:", false, false},
		{"cdn.example/", true, true}, {"cdn.example/npm/", true, true}, {"cdn.example/npm", false, false}, {"cdn.example/NPM/", false, false},
		{"cdn.example/npm/a@1.0/x%20y.js", true, true}, {"cdn.example/npm/%61%401.0/", true, true}, {"cdn.example/npm/a@1.0/x%20y.js/", false, false},
		{"cdn.example/npm/a@1.0/?v=1", true, true}, {"cdn.example/npm/a@1.0/x%20y.js#x", true, true}, {"cdn.example/npm%2fa@1.0/", true, true},
		{"'self'", false, false}, {"'none'", false, false}, {"'cdn.example'", false, false}, {"//cdn.example", false, false}, {"ftp://cdn.example", false, false},
		{"https://cdn.example@evil.example", false, false}, {"https://", false, false}, {":443", false, false}, {"", false, false},
	} {
		u, _ := weburl.Parse(file, nil)
		for scheme, want := range map[string]bool{"http": test.http, "https": test.secure} {
			if got := Read([]string{"script-src " + test.source}, scheme).Pass(Load{Kind: Script}, &u); got != want {
				t.Errorf("%q on a page by %s: %t", test.source, scheme, got)
			}
		}
	}
}

func TestLoadsPassByWhatRulesThem(t *testing.T) {
	const digests = "sha384-AB-c_= sha256-xyz=?x md5-1"
	for _, test := range []struct {
		policies []string
		load     Load
		want     bool
	}{
		{nil, Load{Kind: Script}, true},
		{[]string{""}, Load{Kind: Other}, true},
		{[]string{"frame-ancestors 'none'; upgrade-insecure-requests"}, Load{Kind: Other}, true},
		{[]string{"object-src 'none'"}, Load{Kind: Other}, false},
		{[]string{"object-src 'none'"}, Load{Kind: Script}, true},
		{[]string{"default-src 'none'"}, Load{Kind: Font}, false},
		{[]string{"default-src cdn.example"}, Load{Kind: Font}, true},
		{[]string{"default-src cdn.example; font-src 'self'"}, Load{Kind: Font}, false},
		{[]string{"script-src-elem cdn.example; script-src 'none'"}, Load{Kind: Script}, true},
		{[]string{"script-src-elem 'none'; script-src cdn.example"}, Load{Kind: Script}, false},
		{[]string{"style-src cdn.example; script-src 'none'"}, Load{Kind: Style}, true},
		{[]string{"IMG-SRC cdn.example; img-src 'none'"}, Load{Kind: Image}, true},
		{[]string{"img-src \u00e9; img-src cdn.example"}, Load{Kind: Image}, true},
		// all policies must let it pass
		{[]string{"script-src cdn.example", "script-src 'self'"}, Load{Kind: Script}, false},
		{[]string{"script-src cdn.example, script-src 'self'"}, Load{Kind: Script}, false},
		{[]string{"script-src cdn.example", "img-src 'self'"}, Load{Kind: Script}, true},
		// nonces, digests
		{[]string{"script-src 'nonce-abc'"}, Load{Kind: Script, Nonce: "abc"}, true},
		{[]string{"script-src 'NONCE-abc' 'strict-dynamic'"}, Load{Kind: Script, Nonce: "abc"}, true},
		{[]string{"script-src 'nonce-abc'"}, Load{Kind: Script, Nonce: "ABC"}, false},
		{[]string{"script-src 'nonce-'"}, Load{Kind: Script}, false},
		{[]string{"script-src cdn.example 'strict-dynamic'"}, Load{Kind: Script}, false},
		{[]string{"default-src cdn.example 'strict-dynamic'"}, Load{Kind: Image}, true},
		{[]string{"style-src 'nonce-abc'"}, Load{Kind: Style, Nonce: "abc"}, true},
		{[]string{"img-src 'nonce-abc'"}, Load{Kind: Image, Nonce: "abc"}, false},
		{[]string{"script-src 'sha384-AB+c/=' 'SHA256-xyz='"}, Load{Kind: Script, Integrity: digests}, true},
		{[]string{"script-src 'sha384-AB+c/='"}, Load{Kind: Script, Integrity: digests}, false},
		{[]string{"script-src 'sha384-AB+c/='"}, Load{Kind: Script, Integrity: "md5-1"}, false},
		{[]string{"style-src 'sha384-AB+c/='"}, Load{Kind: Style, Integrity: "sha384-AB+c/="}, false},
	} {
		u, _ := weburl.Parse(file, nil)
		if got := Read(test.policies, "https").Pass(test.load, &u); got != test.want {
			t.Errorf("%q, %v: %t", test.policies, test.load, got)
		}
	}
}

// TestUpgradedAddressesPassAsWhatTheyBecome, as browsers upgrade before they ask.
func TestUpgradedAddressesPassAsWhatTheyBecome(t *testing.T) {
	u, _ := weburl.Parse("http://cdn.example/x.js", nil)
	p := Read([]string{"script-src https://cdn.example"}, "https")
	if p.Pass(Load{Kind: Script}, &u) {
		t.Error("http passes for https")
	}
	if !p.With("upgrade-insecure-requests", "https").Pass(Load{Kind: Script}, &u) {
		t.Error("https does not pass although it was allowed")
	}
}
