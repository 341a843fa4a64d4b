package page

import (
	"strings"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/csp"
	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

// counted are rules that remember, and how often they were asked.
func counted(asked *int) *Rules {
	rules := *refuseOthers
	rules.Answers = new(Answers)
	rules.Ask = func(u *weburl.URL) Answer {
		*asked++
		return refuseOthers.Ask(u)
	}
	return &rules
}

func TestRememberedAnswersAreThoseThatWereGiven(t *testing.T) {
	page := strings.Join([]string{
		`<script src="https://t.example/a.js"></script><script src="https://t.example/fbevents.js"></script>`,
		`<iframe src="https://t.example/v"></iframe><iframe src="//u.example/v"></iframe><iframe src="https://t.example/fbevents"></iframe>`,
		`<img src="https://images.example.fr/a" srcset="https://t.example/a 2x"><img src="http://[broken"><img src="//t.ex&#97;mple/p">`,
		`<p style="background: url(https://t.example/b)"><link rel=stylesheet href="https://fonts.example/c">`,
	}, "\n")
	want, _ := hold(t, refuseOthers, page, len(page))
	asked := 0
	rules := counted(&asked)
	for round := range 3 {
		before := asked
		asked = 0
		if got, _ := hold(t, rules, page, len(page)); got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
		if round == 1 && asked > before/2 { // two may have the same slot
			t.Errorf("asked %d times about what is remembered, and %d times at first", asked, before)
		}
	}
}

func TestAnswersAreAskedForAgainEveryMinute(t *testing.T) {
	asked := 0
	rules := counted(&asked)
	for _, at := range []struct {
		second int64
		asked  int
	}{{600, 1}, {600, 1}, {659, 1}, {660, 2}, {719, 2}, {7200, 3}} {
		rules.Now = at.second
		hold(t, rules, `<img src="https://t.example/p.gif">`, 100)
		if asked != at.asked {
			t.Errorf("at %d s: asked %d times by now, want %d", at.second, asked, at.asked)
		}
	}
}

// TestAddressWithoutSchemeIsAnotherOnHTTP: policies of the site may tell them apart.
func TestAddressWithoutSchemeIsAnotherOnHTTP(t *testing.T) {
	const page = `<script src="//cdn.example/a.js"></script>`
	rules := *refuseOthers
	rules.Answers, rules.Ask = new(Answers), func(*weburl.URL) Answer { return Answer{Instead: "/copy.js"} }
	for _, scheme := range []string{"https", "http"} {
		rules.Address = &weburl.URL{Scheme: scheme, Host: home.Host, Path: "/"}
		rules.Policies = csp.Read([]string{"script-src https://cdn.example"}, scheme)
		if got, _ := hold(t, &rules, page, 100); strings.Contains(got, "/copy.js") != (scheme == "https") {
			t.Errorf("over %s: %s", scheme, got)
		}
	}
}

func TestAddressesThatDependOnThePageAreNotRemembered(t *testing.T) {
	asked := 0
	rules := counted(&asked)
	const relative = `<img src="../p?q#">`
	elsewhere := weburl.URL{Scheme: "https", Host: "other.example", Path: "/"}
	if got, _ := hold(t, rules, relative, 100); got != relative {
		t.Errorf("on the site itself: %s", got)
	}
	rules.Own, rules.Address = true, &elsewhere
	if got, _ := hold(t, rules, relative, 100); got == relative {
		t.Error("taken for the same on another site")
	}
	long := `<img src="https://t.example/` + strings.Repeat("a", maxAddress) + `">`
	before := asked
	hold(t, rules, long, 1000)
	hold(t, rules, long, 1000)
	if asked != before+2 {
		t.Error("an address beyond the bound was remembered")
	}
}
