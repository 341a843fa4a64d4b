//go:build unix

package binary

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// finding is what the audit says about one thing.
type finding struct{ Where, What string }

// audited is what `caddy privacy audit --json` prints.
type audited struct {
	Faults, Exceptions, Unchecked []finding
	Recipients                    []struct{ Name, Entity string }
	Database                      string
	Transfers                     *struct {
		Area        string
		Connections []struct{ Host, Outcome, Reason string }
	}
}

func (s spoken) audited(t *testing.T) (a audited) {
	t.Helper()
	if err := json.Unmarshal([]byte(s.stdout), &a); err != nil {
		t.Fatalf("%v in %s%s", err, s.stdout, s.stderr)
	}
	return a
}

// lines are what was found, a line each. That what the program knows has become old
// since it was made is nothing that the configuration can help.
func (a audited) lines() (lines []string) {
	for kind, findings := range map[string][]finding{"fault": a.Faults, "exception": a.Exceptions, "unchecked": a.Unchecked} {
		for _, f := range findings {
			if !strings.Contains(f.What, "get a newer") || strings.Contains(f.What, "not used") {
				lines = append(lines, kind+" "+f.Where+": "+f.What)
			}
		}
	}
	slices.Sort(lines)
	return lines
}

// TestAuditOfAFileFindsExactlyWhatIsPlanted, in text and in JSON, and says by its status
// whether there is a fault.
func TestAuditOfAFileFindsExactlyWhatIsPlanted(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "..", "caddymodule", "testdata", "audit", "*.caddyfiletest"))
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	plantings := map[string]string{ // the demonstration, with what is to be found in it
		"demonstration": read(t, filepath.Join("..", "..", "Caddyfile.example")) + "----------\nfault localhost: pages are served that the gateway does not govern\n" +
			"exception recipient google: \nexception recipient linkedin: \nexception recipient meta: \nexception recipient vimeo: \nexception recipient x: \n",
	}
	for _, file := range files {
		plantings[strings.TrimSuffix(filepath.Base(file), ".caddyfiletest")] = read(t, file)
	}
	for name, planting := range plantings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			config, text, _ := strings.Cut(planting, "----------\n")
			write(t, folder, "Caddyfile", config)
			want := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
			if text == "" {
				want = nil
			}
			slices.Sort(want)
			said := command(t, folder, "privacy", "audit", "--json", "--config", "Caddyfile")
			found := said.audited(t)
			lines := found.lines()
			if !slices.EqualFunc(lines, want, strings.HasPrefix) {
				t.Errorf("found\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
			}
			for _, line := range lines {
				_, what, _ := strings.Cut(line, " ")
				command(t, folder, "privacy", "audit", "--config", "Caddyfile").says(t, "  "+what)
			}
			status := 0
			if len(found.Faults) > 0 {
				status = 1
			}
			if said.status != status || found.Transfers != nil {
				t.Errorf("it ended with %d, want %d; of what was seen it says %v", said.status, status, found.Transfers)
			}
		})
	}
}

// TestAuditThatCannotBeMadeIsNoAuditWithoutFaults.
func TestAuditThatCannotBeMadeIsNoAuditWithoutFaults(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, "broken", ":8080 {\n\tprivacy {\n\t\tmode loud\n\t}\n}\n")
	nobody := freeAddress(t)
	for says, arguments := range map[string][]string{
		"missing":    {"--config", "missing", "--adapter", "caddyfile"},
		"mode":       {"--config", "broken", "--adapter", "caddyfile"},
		nobody:       {"--address", nobody},
		"no running": {"--json", "--address", nobody},
	} {
		if s := command(t, folder, append([]string{"privacy", "audit"}, arguments...)...).says(t, says); s.status != 2 || s.stdout != "" {
			t.Errorf("%q: it ended with %d: %s", arguments, s.status, s.stdout)
		}
	}
}

// TestAuditOfARunningGatewayShowsWhereConnectionsWent, beside what is wrong with its
// configuration.
func TestAuditOfARunningGatewayShowsWhereConnectionsWent(t *testing.T) {
	t.Parallel()
	s := guardedFrontOf(newOrigin(t))
	s.global = "\tprivacy {\n\t\trecipient mailer {\n\t\t\tentity \"Letters Inc.\"\n\t\t\tcountry US\n\t\t\thosts mail.example.com\n\t\t}\n\t}"
	g := startGateway(t, s)
	for path, status := range map[string]int{"/": http.StatusOK, "/abroad": http.StatusBadGateway} {
		if a, err := newVisitor(g).send(http.MethodGet, path, nil); err != nil || a.status != status {
			t.Fatalf("%s: %d, %v", path, a.status, err)
		}
	}
	said := g.caddy(t, "privacy", "audit", "--json", "--address", g.admin)
	found := said.audited(t)
	want := []string{
		"fault " + g.site + ": no connection to 203.0.113.9: ", // the site has no name but its listener
		"fault recipient mailer: it brings data to US", "fault recipient mailer: nothing says what you have agreed on",
	}
	if lines := found.lines(); !slices.EqualFunc(lines, want, strings.HasPrefix) {
		t.Errorf("found\n%s", strings.Join(lines, "\n"))
	}
	if said.status != 1 || len(found.Recipients) != 1 || found.Recipients[0].Entity != "Letters Inc." || !strings.HasPrefix(found.Database, "IP2Location LITE 20") {
		t.Errorf("it ended with %d and says %+v", said.status, found)
	}
	if found.Transfers == nil || found.Transfers.Area != "eu" || len(found.Transfers.Connections) != 2 {
		t.Fatalf("connections are %+v", found.Transfers)
	}
	for _, c := range found.Transfers.Connections {
		if got := c.Outcome + " " + c.Reason; got != map[string]string{"127.0.0.1": "connected own_network", "203.0.113.9": "refused unknown_country"}[c.Host] {
			t.Errorf("%s: %s", c.Host, got)
		}
	}
	text := g.caddy(t, "privacy", "audit", "--address", g.admin).
		says(t, "Promises at risk", "Letters Inc.", "Connections (data may stay in: eu", "203.0.113.9", "unknown_country", "own_network", "http://www.ip2location.com")
	if text.status != 1 {
		t.Errorf("it ended with %d", text.status)
	}
	g.reload(t, settings{site: "\tprivacy\n\treverse_proxy localhost:8080"}).succeeds(t)
	g.caddy(t, "privacy", "audit", "--address", g.admin).succeeds(t).says(t, "No promise was found to be at risk", "203.0.113.9")
}
