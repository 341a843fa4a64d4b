package caddymodule

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"

	"github.com/caddy-privacy/caddy-privacy/internal/transfer"
)

// startApp runs the app of a configuration until the test ends it.
func startApp(t *testing.T, app App) *App {
	t.Helper()
	ctx, err := caddy.ProvisionContext(&caddy.Config{AppsRaw: caddy.ModuleMap{"privacy": caddyconfig.JSON(app, nil)}})
	if err != nil {
		t.Fatal(err)
	}
	value, err := ctx.App("privacy")
	if err != nil {
		t.Fatal(err)
	}
	running := value.(*App)
	if err := running.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := running.Cleanup(); err != nil {
			t.Error(err)
		}
	})
	return running
}

// world is a list of countries in which all addresses are those of the table built into
// the gateway but for 198.51.100.0/24, which is in a country of the test's.
func world(t *testing.T, country string) string {
	t.Helper()
	table, err := transfer.NewCountries(transfer.CountriesOptions{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	var list strings.Builder
	for block := range 1 << 16 { // blocks of 65536 addresses are coarse enough to be quick
		addr := netip.AddrFrom4([4]byte{byte(block >> 8), byte(block), 6, 139})
		prefix := netip.PrefixFrom(addr, 16).Masked()
		code := string(table.Country(addr))
		if prefix.Contains(netip.MustParseAddr("198.51.100.1")) {
			code = country
		}
		if code != "" {
			list.WriteString(prefix.String() + "," + code + "\n")
		}
	}
	return list.String()
}

// TestDamagedCountriesDoNotTakeThePlaceOfGoodOnesAtAReload: what the configuration in
// force knows is known to the next one too.
func TestDamagedCountriesDoNotTakeThePlaceOfGoodOnesAtAReload(t *testing.T) {
	file := filepath.Join(t.TempDir(), "world.csv")
	if err := os.WriteFile(file, []byte(world(t, "FR")), 0o600); err != nil {
		t.Fatal(err)
	}
	app := App{Store: &Store{Directory: t.TempDir()}, Transfers: &Transfers{Countries: file}}
	first := startApp(t, app)
	test := netip.MustParseAddr("198.51.100.1")
	if got := first.countries.First.Country(test); got != "FR" {
		t.Fatalf("the file is not used: %q, %v", got, first.countries.Alarm())
	}
	if err := os.WriteFile(file, []byte(strings.Repeat("damaged\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	second := startApp(t, app)
	if got := second.countries.First.Country(test); got != "FR" || second.countries.Alarm() == nil {
		t.Errorf("after a reload: %q, %v", got, second.countries.Status())
	}
	app.Transfers.CountriesMaxAge = caddy.Duration(time.Hour)
	if other := startApp(t, app); other.countries == second.countries {
		t.Error("another bound of age is not used")
	}
}

// TestOwnerIsToldOfARefusalOnceInAnHour, and of another one at once.
func TestOwnerIsToldOfARefusalOnceInAnHour(t *testing.T) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	var b border
	event := func(host string, reason transfer.Reason, after time.Duration) transfer.Event {
		return transfer.Event{Outcome: transfer.Refused, Host: host, Decision: transfer.Decision{Reason: reason}, At: noon.Add(after)}
	}
	for _, step := range []struct {
		event transfer.Event
		told  bool
	}{
		{event("a", transfer.Undeclared, 0), true},
		{event("a", transfer.Undeclared, time.Minute), false},
		{event("b", transfer.Undeclared, time.Minute), true},
		{event("a", transfer.OutsideCountry, 2*time.Minute), true},
		{event("a", transfer.Undeclared, 61*time.Minute), true},
		{event("a", transfer.Undeclared, 62*time.Minute), false},
	} {
		if got := b.warns(refusal(step.event), step.event.At); got != step.told {
			t.Errorf("%s, %s: told %v", step.event.Host, step.event.Decision.Reason, got)
		}
	}
	for n := range 2 * maxWarned {
		b.warns(strconv.Itoa(n), noon)
	}
	if len(b.warned) > maxWarned {
		t.Errorf("%d are remembered", len(b.warned))
	}
}

// TestProxyOfTheOwnerIsNoWayRoundWhatHeHasDeclared: libraries come by it, unless their
// network is a recipient that is refused.
func TestProxyOfTheOwnerIsNoWayRoundWhatHeHasDeclared(t *testing.T) {
	app := startApp(t, App{Store: &Store{Directory: t.TempDir()}, Transfers: &Transfers{
		Recipients: []Recipient{{Name: "cdn", Entity: "CDN Inc.", Country: "US", Hosts: []string{"cdn.jsdelivr.net"}}},
	}})
	address, err := url.Parse("http://127.0.0.1:3128")
	if err != nil {
		t.Fatal(err)
	}
	proxy := admitted(app.shared.border.guard.Dialer(transfer.DialerOptions{Impersonal: true}), http.ProxyURL(address))
	for library, isRefused := range map[string]bool{"https://cdn.jsdelivr.net/npm/x@1/x.js": true, "https://unpkg.com/x@1/x.js": false} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, library, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := proxy(request)
		var refused *transfer.RefusedError
		if errors.As(err, &refused) != isRefused || got != address {
			t.Errorf("%s: %v, %v", library, got, err)
		}
	}
}

// handlerFunc handles an event of Caddy's.
type handlerFunc func(caddy.Event)

func (h handlerFunc) Handle(_ context.Context, e caddy.Event) error {
	h(e)
	return nil
}

// TestHandlersAreToldOfRefusalsAndNobodyWaitsForThem: who connects goes on at once.
func TestHandlersAreToldOfRefusalsAndNobodyWaitsForThem(t *testing.T) {
	app := startApp(t, App{Store: &Store{Directory: t.TempDir()}})
	told, dialed := make(chan map[string]any), make(chan struct{})
	err := app.events.On(transferRefused, handlerFunc(func(e caddy.Event) {
		<-dialed
		told <- e.Data
	}))
	if err != nil {
		t.Fatal(err)
	}
	dialer := app.guard.Dialer(transfer.DialerOptions{})
	for range 2 {
		if _, err := dialer.DialContext(t.Context(), "tcp", "8.8.8.8:9"); err == nil {
			t.Fatal("connected")
		}
	}
	close(dialed)
	got := <-told
	if want := map[string]any{"outcome": "refused", "host": "8.8.8.8", "country": "US", "reason": "outside_country"}; !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	select {
	case again := <-told:
		t.Errorf("told again within the hour: %v", again)
	case <-time.After(50 * time.Millisecond):
	}
}
