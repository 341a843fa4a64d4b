package csp

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

var grants = Grants{Scripts: []string{"'sha256-ours'"}, Styles: []string{"'sha256-style'"}, Connect: []string{"https://site.example/.privacy/choice"}, FormAction: "https://site.example/.privacy/form"}

func TestAllowEditsOnlyWhatWouldRefuse(t *testing.T) {
	const connect, form = "https://site.example/.privacy/choice", "https://site.example/.privacy/form"
	for policy, want := range map[string]string{
		// nothing refused, nothing changed
		"":               "",
		" ; ":            " ; ",
		"img-src 'none'": "img-src 'none'",
		"require-trusted-types-for 'script'; trusted-types x": "require-trusted-types-for 'script'; trusted-types x",
		"upgrade-insecure-requests; frame-ancestors 'none'":   "upgrade-insecure-requests; frame-ancestors 'none'",
		"default-src 'self' 'unsafe-inline'":                  "default-src 'self' 'unsafe-inline'",
		"SCRIPT-SRC * 'UNSAFE-INLINE'":                        "SCRIPT-SRC * 'UNSAFE-INLINE'",
		"connect-src *; form-action 'Self'":                   "connect-src *; form-action 'Self'",
		"connect-src https:; form-action HTTPS:":              "connect-src https:; form-action HTTPS:",
		"connect-src " + connect:                              "connect-src " + connect,
		"script-src 'sha256-ours'; style-src 'sha256-style'":  "script-src 'sha256-ours'; style-src 'sha256-style'",
		// the directive that rules is edited, the others are not
		"script-src 'self'":                           "script-src 'self' 'sha256-ours'",
		"Script-Src  'self' ;img-src *":               "Script-Src  'self' 'sha256-ours' ;img-src *",
		"script-src-elem a; script-src b":             "script-src-elem a 'sha256-ours'; script-src b",
		"script-src b; script-src-attr 'none'":        "script-src b 'sha256-ours'; script-src-attr 'none'",
		"style-src-elem a; style-src b;":              "style-src-elem a 'sha256-style'; style-src b;",
		"script-src a; script-src b":                  "script-src a 'sha256-ours'; script-src b",
		"script-src 'self'; default-src 'self'":       "script-src 'self' 'sha256-ours'; default-src 'self'; style-src 'self' 'sha256-style'",
		"script-src":                                  "script-src 'sha256-ours'",
		"script-src ;":                                "script-src 'sha256-ours' ;",
		"connect-src 'none'; form-action\t'NONE' ":    "connect-src " + connect + "; form-action\t" + form + " ",
		"connect-src a; form-action":                  "connect-src a " + connect + "; form-action " + form,
		"script-src 'none'; style-src 'NONE'":         "script-src 'sha256-ours'; style-src 'sha256-style'",
		"script-src 'none' a":                         "script-src 'none' a 'sha256-ours'",
		"script-src 'unsafe-inline' 'nonce-x'":        "script-src 'unsafe-inline' 'nonce-x' 'sha256-ours'",
		"script-src 'unsafe-inline' 'SHA384-x'":       "script-src 'unsafe-inline' 'SHA384-x' 'sha256-ours'",
		"script-src 'unsafe-inline' 'strict-dynamic'": "script-src 'unsafe-inline' 'strict-dynamic' 'sha256-ours'",
		"style-src 'unsafe-inline' 'strict-dynamic'":  "style-src 'unsafe-inline' 'strict-dynamic'",
		// default-src stays what it is
		"default-src 'none'":  "default-src 'none'; script-src 'sha256-ours'; style-src 'sha256-style'; connect-src " + connect,
		"default-src 'self'":  "default-src 'self'; script-src 'self' 'sha256-ours'; style-src 'self' 'sha256-style'",
		"default-src 'self';": "default-src 'self'; script-src 'self' 'sha256-ours'; style-src 'self' 'sha256-style';",
		"default-src;":        "default-src; script-src 'sha256-ours'; style-src 'sha256-style'; connect-src " + connect + ";",
		// several policies in one line
		"script-src a, script-src b,img-src c": "script-src a 'sha256-ours', script-src b 'sha256-ours',img-src c",
		// sandboxes
		"sandbox; script-src a; connect-src a; form-action a; style-src a": "sandbox; script-src a; connect-src a; form-action a; style-src a 'sha256-style'",
		"sandbox allow-scripts; script-src a; form-action a":               "sandbox allow-scripts; script-src a 'sha256-ours'; form-action a",
		"sandbox Allow-Forms; script-src a; form-action a":                 "sandbox Allow-Forms; script-src a; form-action a " + form,
	} {
		if got := Allow(policy, grants); got != want {
			t.Errorf("%q\n got %q\nwant %q", policy, got, want)
		}
	}
}

func TestNothingIsGrantedThatWasNotAskedFor(t *testing.T) {
	const policy = "default-src 'none'; form-action 'none'"
	if got := Allow(policy, Grants{}); got != policy {
		t.Errorf("%q became %q", policy, got)
	}
	if got, want := Allow(policy, Grants{Styles: []string{"'sha256-x'"}}), policy+"; style-src 'sha256-x'"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAFileOfTheSitesOwnLoadsByItsAddressOrByItsHash(t *testing.T) {
	const url = "https://site.example/.privacy/forms.js"
	g := Grants{Origin: "https://site.example", File: url, FileHash: "'sha256-file'"}
	for policy, want := range map[string]string{
		"":                                  "",
		"img-src 'none'":                    "img-src 'none'",
		"script-src 'self'":                 "script-src 'self'",
		"script-src https://site.example":   "script-src https://site.example",
		"default-src 'self'":                "default-src 'self'",
		"script-src 'none'":                 "script-src " + url,
		"script-src cdn.example":            "script-src cdn.example " + url,
		"script-src 'nonce-x'":              "script-src 'nonce-x' " + url,
		"script-src 'unsafe-inline'":        "script-src 'unsafe-inline' " + url, // a hash would switch it off
		"script-src-elem 'none'":            "script-src-elem " + url,
		"default-src 'none'":                "default-src 'none'; script-src " + url,
		"default-src cdn.example":           "default-src cdn.example; script-src cdn.example " + url,
		"script-src a; sandbox":             "script-src a; sandbox",
		"script-src a; sandbox allow-forms": "script-src a; sandbox allow-forms",
		// where addresses do not count
		"script-src 'strict-dynamic' 'nonce-x'":                   "script-src 'strict-dynamic' 'nonce-x' 'sha256-file' " + url,
		"script-src 'strict-dynamic' 'sha256-file'; worker-src *": "script-src 'strict-dynamic' 'sha256-file'; worker-src *",
		// as a worker
		"worker-src 'none'":                            "worker-src " + url,
		"worker-src blob:; script-src 'self'":          "worker-src blob: " + url + "; script-src 'self'",
		"child-src 'none'; script-src *":               "child-src " + url + "; script-src *",
		"script-src-elem 'self'; script-src 'none'":    "script-src-elem 'self'; script-src " + url,
		"script-src-elem 'self'; default-src 'none'":   "script-src-elem 'self'; default-src 'none'; worker-src " + url,
		"default-src 'none'; script-src-elem 'none'; ": "default-src 'none'; script-src-elem " + url + "; worker-src " + url + "; ",
	} {
		if got := Allow(policy, g); got != want {
			t.Errorf("%q\n got %q\nwant %q", policy, got, want)
		}
	}
}

func TestEveryScriptIsAllowed(t *testing.T) {
	two := Grants{Scripts: []string{"'sha256-one'", "'sha256-two'"}}
	for policy, want := range map[string]string{
		"default-src 'none'":                    "default-src 'none'; script-src 'sha256-one' 'sha256-two'",
		"script-src 'none'; img-src *":          "script-src 'sha256-one' 'sha256-two'; img-src *",
		"script-src-elem 'sha256-two' a":        "script-src-elem 'sha256-two' a 'sha256-one'",
		"script-src 'unsafe-inline'":            "script-src 'unsafe-inline'",
		"script-src 'unsafe-inline' 'sha256-x'": "script-src 'unsafe-inline' 'sha256-x' 'sha256-one' 'sha256-two'",
		"script-src 'nonce-x', default-src a;":  "script-src 'nonce-x' 'sha256-one' 'sha256-two', default-src a; script-src a 'sha256-one' 'sha256-two';",
	} {
		if got := Allow(policy, two); got != want {
			t.Errorf("%q\n got %q\nwant %q", policy, got, want)
		}
	}
}

// TestFramesAreNoWorkers: child-src rules both, and workers without it are ruled by
// script-src (CSP 3, 6.8.3).
func TestFramesAreNoWorkers(t *testing.T) {
	const url = "https://site.example/.privacy/held"
	for policy, want := range map[string]string{
		"default-src a; script-src b":              "default-src a; script-src b; frame-src a " + url,
		"default-src a; child-src b":               "default-src a; child-src b " + url,
		"frame-src 'none'; child-src b":            "frame-src " + url + "; child-src b",
		"frame-src 'self'":                         "frame-src 'self'",
		"frame-src https://site.example/.privacy/": "frame-src https://site.example/.privacy/",
		"frame-src https://site.example:8443":      "frame-src https://site.example:8443 " + url,
	} {
		if got := Allow(policy, Grants{Origin: "https://site.example", Frame: url}); got != want {
			t.Errorf("%q\n got %q\nwant %q", policy, got, want)
		}
	}
}

// judge tells which of a set of loads one policy allows, written from CSP 3
// without regard to how Allow works.
func judge(policy string) map[string]bool {
	lists := map[string][]string{}
	for d := range strings.SplitSeq(policy, ";") {
		if f := strings.Fields(strings.ToLower(d)); len(f) > 0 {
			if _, seen := lists[f[0]]; !seen {
				lists[f[0]] = f[1:]
			}
		}
	}
	allowed := map[string]bool{}
	try := func(probe string, test func(list []string) bool, names ...string) {
		for _, name := range names {
			if list, ok := lists[name]; ok {
				allowed[probe] = test(list)
				return
			}
		}
		allowed[probe] = true
	}
	contains := func(source string) func([]string) bool {
		return func(list []string) bool { return slices.Contains(list, source) }
	}
	inline := func(hash string, script, attr bool) func([]string) bool {
		return func(list []string) bool {
			all := slices.Contains(list, "'unsafe-inline'")
			for _, s := range list {
				if strings.HasPrefix(s, "'nonce-") || strings.HasPrefix(s, "'sha") || script && s == "'strict-dynamic'" {
					all = false
				}
			}
			return all || slices.Contains(list, hash) && (!attr || slices.Contains(list, "'unsafe-hashes'"))
		}
	}
	url := func(url, host string, self bool) func([]string) bool {
		return func(list []string) bool {
			return slices.ContainsFunc(list, func(s string) bool {
				return s == "*" || s == "https:" || s == host || s == url || s == "'self'" && self
			})
		}
	}
	external := func(list []string) bool {
		return !slices.Contains(list, "'strict-dynamic'") && url("https://cdn.example/x.js", "https://cdn.example", false)(list)
	}
	script := []string{"script-src-elem", "script-src", "default-src"}
	style := []string{"style-src-elem", "style-src", "default-src"}
	try("our script", inline("'sha256-ours'", true, false), script...)
	try("other script", inline("'sha256-else'", true, false), script...)
	try("script with nonce", contains("'nonce-x'"), script...)
	try("external script", external, script...)
	try("loaded by trusted script", contains("'strict-dynamic'"), script...)
	try("handler", inline("'sha256-else'", true, true), "script-src-attr", "script-src", "default-src")
	try("eval", contains("'unsafe-eval'"), "script-src", "default-src")
	try("worker", external, "worker-src", "child-src", "script-src", "default-src")
	try("our style", inline("'sha256-style'", false, false), style...)
	try("other style", inline("'sha256-else'", false, false), style...)
	try("style attribute", inline("'sha256-else'", false, true), "style-src-attr", "style-src", "default-src")
	try("external style", url("https://cdn.example/x.css", "https://cdn.example", false), style...)
	for _, connect := range grants.Connect {
		try("our request", url(connect, "", true), "connect-src", "default-src")
	}
	try("request to the site", url("https://site.example/x", "https://site.example", true), "connect-src", "default-src")
	try("request elsewhere", url("https://cdn.example/x", "https://cdn.example", false), "connect-src", "default-src")
	try("our form", url(grants.FormAction, "", true), "form-action")
	try("other form", url("https://cdn.example/f", "https://cdn.example", false), "form-action")
	try("image", url("https://cdn.example/x.png", "https://cdn.example", false), "img-src", "default-src")
	return allowed
}

func TestAllowWeakensNothingElse(t *testing.T) {
	names := []string{
		"default-src", "script-src", "script-src-elem", "script-src-attr", "style-src", "style-src-elem", "style-src-attr",
		"connect-src", "form-action", "img-src", "worker-src", "child-src", "Script-Src", "report-uri",
	}
	sources := []string{
		"'self'", "'none'", "*", "https:", "https://cdn.example", "'unsafe-inline'", "'unsafe-eval'", "'nonce-x'", "'sha256-else'", "'strict-dynamic'",
		"'unsafe-hashes'", "'sha256-ours'", "data:",
	}
	r := rand.New(rand.NewPCG(1, 9))
	for range 5000 {
		var policy strings.Builder
		for range r.IntN(6) {
			policy.WriteString(names[r.IntN(len(names))])
			for range r.IntN(4) {
				policy.WriteString(" " + sources[r.IntN(len(sources))])
			}
			policy.WriteString(";")
		}
		before, changed := judge(policy.String()), Allow(policy.String(), grants)
		if again := Allow(changed, grants); again != changed {
			t.Fatalf("%q became %q, then %q", policy.String(), changed, again)
		}
		for probe, now := range judge(changed) {
			want := before[probe] || strings.HasPrefix(probe, "our ")
			if now != want {
				t.Fatalf("%q became %q: %s was %v, is %v", policy.String(), changed, probe, before[probe], now)
			}
		}
	}
}

func TestAllowOpensEveryAddressThatTheScriptsTalkTo(t *testing.T) {
	g := Grants{Origin: "https://a.test", Connect: []string{"https://a.test/x", "https://a.test/y"}}
	for before, want := range map[string]string{
		"default-src 'none'": "default-src 'none'; connect-src https://a.test/x https://a.test/y",
		"connect-src b.test": "connect-src b.test https://a.test/x https://a.test/y",
		"connect-src 'self'": "connect-src 'self'",
	} {
		if got := Allow(before, g); got != want {
			t.Errorf("%q: got %q, want %q", before, got, want)
		}
	}
}

func FuzzAllow(f *testing.F) {
	f.Add("default-src 'none'; script-src a, form-action 'none';")
	f.Add("script-src 'none' ;;sandbox")
	f.Fuzz(func(t *testing.T, policy string) {
		changed := Allow(policy, grants)
		if again := Allow(changed, grants); again != changed {
			t.Errorf("%q became %q, then %q", policy, changed, again)
		}
		if Allow(policy, Grants{}) != policy {
			t.Errorf("%q was changed for nothing", policy)
		}
	})
}

func BenchmarkAllow(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Allow("default-src 'self'; img-src * data:; script-src 'self' https://cdn.example 'nonce-abc'; frame-ancestors 'none'", grants)
	}
}
