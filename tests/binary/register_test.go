//go:build unix

package binary

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

// guardedFrontOf is a site whose origin is reached by transport privacy, and of which one
// part would lead to where nobody is declared.
func guardedFrontOf(origin string) settings {
	return settings{site: "\tprivacy\n\treverse_proxy /abroad 203.0.113.9:9 {\n\t\ttransport privacy\n\t}\n" +
		"\treverse_proxy " + origin + " {\n\t\ttransport privacy {\n\t\t\tkeepalive off\n\t\t}\n\t}"}
}

// connection is a line of the register of transfers.
type connection struct {
	Outcome, Reason string
	Count           uint64
	First, Last     time.Time
}

// register is where connections went, by host.
func (g *gateway) register(t *testing.T) map[string]connection {
	t.Helper()
	var report struct {
		Transfers struct {
			Connections []struct {
				Host string
				connection
			}
		}
	}
	said := g.caddy(t, "privacy", "report", "--json", "--address", g.admin).succeeds(t).stdout
	if err := json.Unmarshal([]byte(said), &report); err != nil {
		t.Fatalf("%v in %s", err, said)
	}
	lines := make(map[string]connection)
	for _, c := range report.Transfers.Connections {
		lines[c.Host] = c.connection
	}
	return lines
}

// goAbroad has the gateway refuse one connection and make another.
func (g *gateway) goAbroad(t *testing.T) {
	t.Helper()
	v := newVisitor(g)
	for path, status := range map[string]int{"/abroad": http.StatusBadGateway, "/": http.StatusOK} {
		if a, err := v.send(http.MethodGet, path, nil); err != nil || a.status != status {
			t.Fatalf("%s: %d, %v", path, a.status, err)
		}
	}
}

// TestRegisterOfTransfersOutlivesAKillAStopAndAReload: it says since when data have
// gone somewhere, whatever happened to the process meanwhile.
func TestRegisterOfTransfersOutlivesAKillAStopAndAReload(t *testing.T) {
	t.Parallel()
	origin := newOrigin(t)
	g := startGateway(t, guardedFrontOf(origin))
	g.goAbroad(t)
	first := g.register(t)
	if here := first["127.0.0.1"]; len(first) != 2 || here.Outcome != "connected" || here.Reason != "own_network" || here.Count != 1 {
		t.Fatalf("%+v", first)
	}
	file := filepath.Join(g.folder, "data", "caddy", "privacy", "privacy.db")
	storetest.Eventually(t, "the lines are on the disk", func() bool { return strings.Contains(read(t, file), `"host":"203.0.113.9"`) })
	newVisitor(g).accept(t) // is kept by a later transaction, so the one that was being written is over
	g.kill()
	g.start(t)
	g.isRegistered(t, "kill", first, 1)
	g.goAbroad(t)
	g.reload(t, guardedFrontOf(origin)).succeeds(t)
	g.isRegistered(t, "reload", first, 2)
	g.caddy(t, "stop", "--address", g.admin).succeeds(t)
	<-g.ended
	g.start(t)
	g.isRegistered(t, "stop", first, 2)
}

// isRegistered fails the test unless both lines are as they began, and have counted so
// many.
func (g *gateway) isRegistered(t *testing.T, when string, first map[string]connection, count uint64) {
	t.Helper()
	got := g.register(t)
	for host, began := range first {
		want := began
		want.Count, want.Last = count, got[host].Last
		if got[host] != want || want.Last.Before(began.Last) {
			t.Errorf("after a %s, %s is %s, want %s", when, host, fmt.Sprint(got[host]), fmt.Sprint(want))
		}
	}
	if len(got) != len(first) {
		t.Errorf("after a %s: %v", when, got)
	}
}
