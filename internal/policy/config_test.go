package policy

import (
	"errors"
	"strings"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
)

func TestHostRulesAreHostsAsBrowsersSendThem(t *testing.T) {
	tests := map[string]bool{
		"example.com": true, "cdn.example.com": true, "a_b.example.com": true, "xn--mnchen-3ya.de": true, "localhost": true,
		"192.0.2.1": true, "[2001:db8::1]": true,
		strings.Repeat("a", 63) + ".test": true, strings.Repeat("a", 64) + ".test": false,
		"": false, ".": false, "example.com.": false, ".example.com": false, "a..test": false, "-a.test": false, "a-.test": false,
		"*.example.com": false, "https://example.com": false, "example.com/a": false, "example.com:443": false, "user@example.com": false,
		"Example.com": false, "münchen.de": false, "a b.test": false, `a"b.test`: false, "a;b.test": false, "example.com\n": false,
		"[::1": false, "[::zz]": false, "[2001:db8:0::1]": false, "0.1": false, "010.0.0.1": false, "1": false,
	}
	for name, want := range tests {
		_, err := New(Config{Hosts: []Rule{{name, "functional"}}}, catalogue.Default())
		if (err == nil) != want {
			t.Errorf("host %q: %v", name, err)
		}
		if err != nil && !strings.Contains(err.Error(), "such as cdn.example.com") {
			t.Errorf("host %q: %v does not say what to write", name, err)
		}
	}
}

func TestErrorOfAHostRuleSaysWhichAndWhatToWrite(t *testing.T) {
	good := Rule{"a.test", "marketing"}
	tests := []struct {
		name string
		rule Rule
		want string
	}{
		{"no such purpose", Rule{"b.test", "ads"}, "host b.test: there is no purpose \"ads\": write one of necessary, functional"},
		{"two purposes", Rule{"a.test", "necessary"}, "host a.test is given two purposes, marketing and necessary"},
		{"twice", good, "host a.test is given the purpose marketing twice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := New(Config{Cookies: []Rule{{"a.test", "statistics"}}, Hosts: []Rule{good, tt.rule}}, catalogue.Default())
			var at *RuleError
			if !errors.As(err, &at) || !at.Host || at.Rule != 1 || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v at %+v, want %q", err, at, tt.want)
			}
		})
	}
	_, err := New(Config{Cookies: []Rule{{"a", "ads"}}, Hosts: []Rule{good}}, catalogue.Default())
	if at := new(RuleError); !errors.As(err, &at) || at.Host || at.Rule != 0 {
		t.Errorf("error %v at %+v, want the rule for a cookie", err, at)
	}
}

func TestRuleThatIsProposedCanBeWritten(t *testing.T) {
	for name, want := range map[string]string{
		"basket": "basket", "cart_*": "cart_*", "rc::a": "rc::a", "a=b": "a*", "a b": "a*", "{$HOME}": "", "x{env.HOME}": "x*", "#a": "", "a#b": "a*",
		`a"b`: "a*", "a`b": "a*", "a,b": "a*", "a**": "a*", "a*b": "a*", "*": "", "": "", "privacy": "", "a\nb": "a*", "é": "",
	} {
		got, ok := RuleName(name)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q %t, want %q", name, got, ok, want)
			continue
		}
		if _, err := New(Config{Cookies: []Rule{{got, "necessary"}}}, catalogue.Default()); ok && err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func FuzzHostRule(f *testing.F) {
	for _, name := range []string{"example.com", "[::1]", "10.0.0.1", "0.1", "*.a.test", "a..b", "xn--mnchen-3ya.de", ""} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		p, err := New(Config{Hosts: []Rule{{name, "necessary"}}}, catalogue.Default())
		if err != nil {
			return
		}
		if strings.ContainsAny(name, " /\\;,'\"\r\n") || name == "" {
			t.Errorf("%q is taken for a host", name)
		}
		if d := p.Address("site.test", name, "/", &Visitor{}); d.Reason != Required {
			t.Errorf("the rule for %q does not match itself", name)
		}
	})
}
