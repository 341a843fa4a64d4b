//go:build unix

package binary

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestExplainCookieSaysWhatHappensAndWhy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		caddyfile, cookie string
		says              []string
		passes            bool // before a choice
	}{
		"KnownToTheCatalogue":  {"", "_ga", []string{"the catalogue gives it the purpose statistics", "Google Analytics", "does not pass"}, false},
		"OfTheOwnersRule":      {":8080 {\nprivacy {\ncookie _ga necessary\n}\n}", "_ga", []string{"your own rule gives it the purpose necessary"}, true},
		"OfARuleWithAStar":     {":8080 {\nprivacy {\ncookie shop_* functional\n}\n}", "shop_cart", []string{"your own rule gives it the purpose functional"}, false},
		"OfAPurposeOfTheSite":  {":8080 {\nprivacy {\npurpose letters {\nname Letters\ndescription Letters.\n}\ncookie l letters\n}\n}", "l", []string{"the purpose letters"}, false},
		"Unknown":              {"", "frobnicate", []string{"cookie frobnicate <purpose>", "passes without a lifetime"}, true},
		"UnknownWhereBlocked":  {":8080 {\nprivacy {\nunknown_cookies block\n}\n}", "frobnicate", []string{"cookie frobnicate <purpose>"}, false},
		"OfTheGatewayItself":   {"", "privacy-record", []string{"the gateway's own"}, true},
		"NecessaryInCatalogue": {"", "PHPSESSID", []string{"the purpose necessary"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			if c.caddyfile != "" {
				write(t, folder, "Caddyfile", c.caddyfile)
			}
			s := command(t, folder, "privacy", "explain", "cookie", c.cookie).succeeds(t).says(t, c.says...)
			_, before, _ := strings.Cut(s.stdout, "before a choice:")
			before, _, _ = strings.Cut(before, "\n")
			if passes := !strings.Contains(before, "does not pass"); passes != c.passes {
				t.Errorf("before a choice:%s", before)
			}
		})
	}
}

func TestExplainReadsTheConfigurationThatIsNamed(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	var text strings.Builder
	for n, options := range []string{"", "", "", "", "{\ncookie _ga necessary\n}"} {
		fmt.Fprintf(&text, "%c.example:%d {\nprivacy %s\n}\n", 'a'+n, 8081+n, options)
	}
	file := write(t, folder, "elsewhere.conf", text.String())
	for range 5 { // sites come as they stand, every time
		said := command(t, folder, "privacy", "explain", "cookie", "_ga", "--config", file, "--adapter", "caddyfile").
			succeeds(t).says(t, "a.example", "the catalogue", "your own rule").stdout
		if own, last := strings.Index(said, "your own rule"), strings.Index(said, "_ga (e.example"); last < 0 || own < last {
			t.Errorf("the last site does not come last:\n%s", said)
		}
	}
	command(t, folder, "privacy", "explain", "cookie", "_ga", "--config", "missing.conf", "--adapter", "caddyfile").
		fails(t).says(t, "missing.conf")
}

func TestExplainHostSaysWhoIsBehindIt(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	command(t, folder, "privacy", "explain", "host", "www.google-analytics.com").
		succeeds(t).says(t, "Google Analytics", "statistics", "Google Ireland")
	command(t, folder, "privacy", "explain", "host", "nobody.example").succeeds(t).says(t, "nobody has said what it is for")
	command(t, folder, "privacy", "explain", "weather", "_ga").fails(t).says(t, "write cookie or host")
	command(t, folder, "privacy", "explain", "cookie").fails(t)
}

func TestReportNamesTheUnknownCookieAndTheRuleToPaste(t *testing.T) {
	t.Parallel()
	g := startGateway(t, inFrontOf(newOrigin(t)))
	g.caddy(t, "privacy", "report", "--address", g.admin).succeeds(t).says(t, "Nothing has been seen yet", "Store: reachable")
	if _, err := newVisitor(g).page(); err != nil {
		t.Fatal(err)
	}
	g.caddy(t, "privacy", "report", "--address", g.admin).succeeds(t).
		says(t, "127.0.0.1", "_ga", "statistics", "Google Analytics", "reader_number", "unknown",
			"cookie reader_number necessary|functional|statistics|marketing")
	// The address is found in the configuration too.
	g.caddy(t, "privacy", "report", "--config", "Caddyfile", "--adapter", "caddyfile").succeeds(t).says(t, "reader_number")

	var report struct {
		Sites []struct {
			Host    string
			Cookies []struct {
				Name, Purpose    string
				Limited, Dropped uint64
				Session          uint64 `json:"limited_to_session"`
			}
		}
		Store struct {
			Reachable bool
			Queued    int
		}
	}
	said := g.caddy(t, "privacy", "report", "--json", "--address", g.admin).succeeds(t)
	if err := json.Unmarshal([]byte(said.stdout), &report); err != nil {
		t.Fatalf("%v in %s", err, said.stdout)
	}
	if len(report.Sites) != 1 || report.Sites[0].Host != "127.0.0.1" || len(report.Sites[0].Cookies) != 2 {
		t.Fatalf("the report is %+v", report)
	}
	for _, c := range report.Sites[0].Cookies {
		switch {
		case c.Name == "_ga" && (c.Purpose != "statistics" || c.Dropped != 1):
			t.Errorf("%+v: want one dropped", c)
		case c.Name == "reader_number" && (c.Purpose != "" || c.Session != 1):
			t.Errorf("%+v: want one limited to the session", c)
		}
	}
}

func TestReportWithoutAGatewaySaysSo(t *testing.T) {
	t.Parallel()
	nobody := freeAddress(t)
	command(t, t.TempDir(), "privacy", "report", "--address", nobody).fails(t).says(t, nobody)

	plain := startGateway(t, settings{site: "\trespond hello"})
	plain.caddy(t, "privacy", "report", "--address", plain.admin).fails(t).
		says(t, "no site of the running configuration has the privacy directive")
}

func TestHelpShowsEveryCommandWithAnExample(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	command(t, folder, "help", "privacy").succeeds(t).
		says(t, "caddy privacy report", "caddy privacy explain cookie _ga", "caddy privacy explain host", "--config")
	command(t, folder, "help").succeeds(t).says(t, "Shows what the privacy gateway sees and decides")
	command(t, folder, "privacy", "explain", "--help").succeeds(t).says(t, "explain cookie|host <name>", "Examples:")
	command(t, folder, "privacy", "report", "--help").succeeds(t).says(t, "--json", "--address")
}
