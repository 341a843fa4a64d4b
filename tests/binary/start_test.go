//go:build unix

package binary

import (
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

func TestExampleRunsAndNamesTheTwoAddressesToOpen(t *testing.T) {
	t.Parallel()
	g := newGateway(t, settings{})
	site, bare := "http://localhost:"+portOf(t, g.site), "http://localhost:"+portOf(t, freeAddress(t))
	example := strings.NewReplacer(
		"http://localhost:8080", site, "http://localhost:8081", bare,
		"{$PRIVACY_UPSTREAM:localhost:8081}", strings.TrimPrefix(bare, "http://"),
		"root tests/site", "root "+filepath.Join(root(t), "tests", "site"),
	).Replace(read(t, filepath.Join(root(t), "Caddyfile.example")))
	write(t, g.folder, "Caddyfile", strings.Replace(example, "{\n\tprivacy {", "{\n\tadmin "+g.admin+"\n\tprivacy {", 1))
	g.start(t)

	governed, free := "", ""
	for line := range strings.Lines(read(t, g.log)) {
		switch {
		case strings.Contains(line, `"not governed by privacy"`):
			free += line
		case strings.Contains(line, `"governed by privacy"`):
			governed += line
		}
	}
	if !strings.Contains(governed, `"`+site+`"`) || !strings.Contains(governed, site+"/.privacy/") || strings.Contains(governed, bare) {
		t.Errorf("the log names as governed:\n%s", governed)
	}
	if !strings.Contains(free, `"`+bare+`"`) || strings.Contains(free, site) {
		t.Errorf("the log names as not governed:\n%s", free)
	}
	through, without := open(t, site), open(t, bare)
	if !through.asked() || without.asked() {
		t.Errorf("asked through the gateway: %t, without: %t", through.asked(), without.asked())
	}
	if v := newVisitor(g); v.site != "" {
		v.site = strings.TrimPrefix(site, "http://")
		v.accept(t).wantReceipts(t)
	}
}

// open gets the first page of a site as a newcomer.
func open(t *testing.T, address string) answer {
	t.Helper()
	v := &visitor{site: strings.TrimPrefix(address, "http://"), jar: make(map[string]string)}
	a, err := v.page()
	if err != nil || a.status != http.StatusOK {
		t.Fatalf("%s: %d %v", address, a.status, err)
	}
	return a
}

func portOf(t *testing.T, address string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestSecondProcessOnTheSameDataIsRefusedAndDisturbsNothing(t *testing.T) {
	t.Parallel()
	origin := newOrigin(t)
	first := startGateway(t, inFrontOf(origin))
	before := newVisitor(first).accept(t)

	second := newGateway(t, inFrontOf(origin))
	file := write(t, first.folder, "Secondfile", read(t, filepath.Join(second.folder, "Caddyfile")))
	first.caddy(t, "run", "--config", file, "--adapter", "caddyfile").fails(t).
		says(t, filepath.Join("caddy", "privacy", "privacy.db"), "another process", "caddy reload")

	if err := before.accepted(); err != nil {
		t.Error(err)
	}
	before.accept(t).wantReceipts(t)
	newVisitor(first).accept(t).wantReceipts(t)
}

func TestStoreThatCannotBeWrittenIsNamedWithWhatToDo(t *testing.T) {
	for name, directory := range map[string]func(*testing.T, string) string{
		"BelowAFile": func(t *testing.T, folder string) string {
			return filepath.Join(write(t, folder, "file", ""), "privacy")
		},
		"WhereNobodyMay": func(*testing.T, string) string { return "/sys/privacy" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGateway(t, settings{})
			place := directory(t, g.folder)
			with := inFrontOf(newOrigin(t))
			with.global = "\tprivacy {\n\t\tstore embedded " + place + "\n\t}"
			with.write(t, g)
			g.caddy(t, "run", "--config", "Caddyfile", "--adapter", "caddyfile").fails(t).
				says(t, "opening the store", place[:len(place)-len("/privacy")], "choose another directory")
		})
	}
}
