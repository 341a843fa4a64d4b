package conformance

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
)

// declared says who answers at shop.example.com.
const declared = `recipient shop {
			entity "Shop SAS"
			country FR
			hosts shop.example.com ` + inNetherlands + ` ` + inAmerica + `
		}`

// guardedSite is a site whose upstreams are connected to by transport privacy.
func guardedSite(t *testing.T, transfers, upstreams, options string) *site {
	t.Helper()
	body := "privacy\n reverse_proxy " + upstreams + " {\n transport privacy {\n " + options + "\n }\n }\n" +
		"handle_errors {\n respond \"{err.status_code} {err.message}\" {err.status_code}\n }"
	return load(t, "", strings.Replace(frame, "<body>", body, 1), "<transfers>", transfers)
}

func TestSiteIsReachedWhereDataMayGoAndNowhereElse(t *testing.T) {
	if !abroad(t) {
		return
	}
	for _, test := range []struct {
		name, transfers, address string
		status                   int
		says                     string
	}{
		{"inside, declared", declared, inNetherlands, 200, ""},
		{"inside, undeclared", "", inNetherlands, 502, "declare the recipient that answers at 193.0.6.139"},
		{"inside, undeclared but allowed", "undeclared allow", inNetherlands, 200, ""},
		{"outside, declared", declared, inAmerica, 502, "its address is in US"},
		{"outside, undeclared but allowed", "undeclared allow", inAmerica, 502, "its address is in US"},
		{"outside, excepted", strings.Replace(declared, "country FR", "country FR\nprocessing US\ntransfer scc", 1), inAmerica, 200, ""},
		{"a recipient outside at an address inside", strings.Replace(declared, "country FR", "country FR\nparent US", 1), inNetherlands, 502, "brings data to US"},
		{"nobody knows where", "undeclared allow", nowhere, 502, "nobody knows in which country"},
		{"an own network", "own_networks 203.0.113.0/24", nowhere, 200, ""},
		{"this machine", "", "127.0.0.1", 200, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			there := settle(t, "there", test.address+":9000")
			s := guardedSite(t, test.transfers, test.address+":9000", "")
			r := s.get(t, "/")
			r.is(t, test.status)
			if test.status != http.StatusOK && there.connections.Load() != 0 {
				t.Errorf("%d connections were made", there.connections.Load())
			}
			s.logs(t, test.says)
		})
	}
}

// logs holds that the log says a text, if there is one.
func (s *site) logs(t *testing.T, text string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(s.folder, "log"))
	if err != nil || !strings.Contains(string(data), text) {
		t.Errorf("the log lacks %q, %v:\n%s", text, err, data)
	}
}

// TestOfSeveralAddressesOneInsideIsUsed, and when the name moves outside, nothing is
// sent any more from the next connection on.
func TestOfSeveralAddressesOneInsideIsUsed(t *testing.T) {
	if !abroad(t) {
		return
	}
	america, netherlands := settle(t, "america", inAmerica+":9000"), settle(t, "netherlands", inNetherlands+":9000")
	dns := nameServer(t, "127.0.0.1:0")
	dns.set("shop.example.com", inAmerica, inNetherlands)
	s := guardedSite(t, declared, "shop.example.com:9000", "resolvers "+dns.address+"\n keepalive off")
	for range 3 {
		s.get(t, "/").equals(t, "netherlands")
	}
	dns.set("shop.example.com", inAmerica)
	s.get(t, "/").is(t, http.StatusBadGateway)
	dns.set("shop.example.com", inNetherlands)
	s.get(t, "/").equals(t, "netherlands")
	if america.connections.Load() != 0 || netherlands.connections.Load() != 4 {
		t.Errorf("%d connections to america, %d to the netherlands", america.connections.Load(), netherlands.connections.Load())
	}
}

func TestOfSeveralSitesOneInsideIsUsed(t *testing.T) {
	if !abroad(t) {
		return
	}
	america := settle(t, "america", inAmerica+":9000")
	settle(t, "netherlands", inNetherlands+":9000")
	s := load(t, "", strings.Replace(frame, "<body>", "reverse_proxy "+inAmerica+":9000 "+inNetherlands+":9000 {\n lb_policy first\n lb_retries 2\n fail_duration 30s\n transport privacy\n }", 1),
		"<transfers>", declared)
	for range 3 {
		s.get(t, "/").equals(t, "netherlands")
	}
	if america.connections.Load() != 0 {
		t.Error("america was connected to")
	}
}

// TestProxiesOfTheEnvironmentAreNotUsed: behind one nobody sees where data go.
func TestProxiesOfTheEnvironmentAreNotUsed(t *testing.T) {
	if !abroad(t) {
		return
	}
	proxy := settle(t, "proxy", inAmerica+":3128")
	settle(t, "netherlands", inNetherlands+":9000")
	t.Setenv("HTTP_PROXY", "http://"+inAmerica+":3128")
	s := guardedSite(t, declared, inNetherlands+":9000", "")
	s.get(t, "/").equals(t, "netherlands")
	if proxy.connections.Load() != 0 {
		t.Error("the proxy was used")
	}
}

// TestHealthChecksGoOnlyWhereDataMayGo: they are connections too.
func TestHealthChecksGoOnlyWhereDataMayGo(t *testing.T) {
	if !abroad(t) {
		return
	}
	america, netherlands := settle(t, "america", inAmerica+":9000"), settle(t, "netherlands", inNetherlands+":9000")
	load(t, "", strings.Replace(frame, "<body>", "reverse_proxy "+inAmerica+":9000 "+inNetherlands+":9000 {\n health_uri /\n health_interval 50ms\n transport privacy\n }", 1),
		"<transfers>", declared)
	soon(t, "no check went to the netherlands", func() bool { return netherlands.connections.Load() > 0 })
	if america.connections.Load() != 0 {
		t.Error("america was checked")
	}
}

// TestConnectionsEndWithThePermission: those that pools keep are not used on after
// a reload that forbids them.
func TestConnectionsEndWithThePermission(t *testing.T) {
	if !abroad(t) {
		return
	}
	america := settle(t, "america", inAmerica+":9000")
	excepted := strings.Replace(declared, "country FR", "country FR\nprocessing US\ntransfer scc", 1)
	s := guardedSite(t, excepted, inAmerica+":9000", "")
	s.get(t, "/").equals(t, "america")
	s.reload(t, guardedText(s, declared, inAmerica+":9000"))
	s.get(t, "/").is(t, http.StatusBadGateway)
	if n := america.connections.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
	s.reload(t, guardedText(s, excepted, inAmerica+":9000"))
	s.get(t, "/").equals(t, "america")
}

func guardedText(s *site, transfers, upstream string) string {
	body := "privacy\n reverse_proxy " + upstream + " {\n transport privacy\n }"
	return strings.NewReplacer("<options>", "", "<transfers>", transfers, "<port>", s.port, "<folder>", s.folder).
		Replace(global + strings.Replace(frame, "<body>", body, 1))
}

// reload puts another configuration into force, as caddy reload does.
func (s *site) reload(t *testing.T, text string) {
	t.Helper()
	adapter := caddyfile.Adapter{ServerType: httpcaddyfile.ServerType{}}
	config, _, err := adapter.Adapt([]byte(text), map[string]any{"filename": "Caddyfile"})
	if err == nil {
		err = caddy.Load(config, true)
	}
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	// Connections are about to be closed by the other side, and new ones that its old socket takes
	// before that are reset.
	(&http.Client{Transport: s.transport}).CloseIdleConnections()
	time.Sleep(100 * time.Millisecond)
}

// TestRedisIsReachedOnlyWhereDataMayGo: it holds visitors' receipts.
func TestRedisIsReachedOnlyWhereDataMayGo(t *testing.T) {
	if !abroad(t) {
		return
	}
	america, netherlands := settle(t, "america", inAmerica+":6379"), settle(t, "netherlands", inNetherlands+":6379")
	for _, address := range []string{inAmerica, inNetherlands} {
		text := strings.Replace(global, "store embedded <folder>/privacy", "store redis "+address+":6379 {\n directory <folder>/privacy\n }", 1)
		s := &site{folder: t.TempDir(), port: freePort(t)}
		s.client = newClient(t, "http://127.0.0.1:"+s.port)
		s.reload(t, strings.NewReplacer("<options>", "", "<transfers>", declared, "<port>", s.port, "<folder>", s.folder).
			Replace(text+strings.Replace(frame, "<body>", "privacy\n respond ok", 1)))
		t.Cleanup(func() { _ = caddy.Stop() })
		s.get(t, "/").is(t, http.StatusOK)
	}
	soon(t, "the store in the netherlands was not asked", func() bool { return netherlands.connections.Load() > 0 })
	if america.connections.Load() != 0 {
		t.Error("the store in america was asked")
	}
}

// TestWaysRoundTheCheckAreRefusedAtOnce, with what to write instead.
func TestWaysRoundTheCheckAreRefusedAtOnce(t *testing.T) {
	for option, says := range map[string]string{
		"network_proxy url http://proxy.example:3128": "leave out network_proxy",
		"forward_proxy_url http://proxy.example:3128": "leave out network_proxy",
		"proxy_protocol v2":                           "leave out proxy_protocol",
		"versions 3\n tls":                            "write versions 1.1 2",
		"tls_server_name {http.request.host}":         "placeholders in the name of the server",
		"client_address half":                         "write full, truncated or none",
	} {
		text := strings.NewReplacer("<options>", "", "<transfers>", "", "<port>", freePort(t), "<folder>", t.TempDir()).
			Replace(global + strings.Replace(frame, "<body>", "reverse_proxy 127.0.0.1:9 {\n transport privacy {\n "+option+"\n }\n }", 1))
		adapter := caddyfile.Adapter{ServerType: httpcaddyfile.ServerType{}}
		config, _, err := adapter.Adapt([]byte(text), map[string]any{"filename": "Caddyfile"})
		if err == nil {
			err = caddy.Load(config, true)
		}
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", option, err)
		}
	}
}

// TestSiteIsToldOfVisitorsWhatItsOwnerWants, through the whole of Caddy.
func TestSiteIsToldOfVisitorsWhatItsOwnerWants(t *testing.T) {
	agent := "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.7339.127 Safari/537.36"
	asks := []string{"User-Agent: " + agent, "Accept-Language: fr-CA,fr;q=0.9", "Referer: https://other.example/secret", "CF-Connecting-IP: 198.51.100.7"}
	for options, want := range map[string]map[string]string{
		"": {"X-Forwarded-For": "127.0.0.1", "User-Agent": agent, "Referer": "https://other.example/secret", "Cf-Connecting-Ip": "198.51.100.7"},
		"client_address truncated\n user_agent family\n referer origin\n languages first": {
			"X-Forwarded-For": "127.0.0.0", "Cf-Connecting-Ip": "198.51.0.0", "User-Agent": "Mozilla/5.0 (X11; Linux) Chrome/140.0", "Referer": "https://other.example/", "Accept-Language": "fr",
		},
		"client_address none\n user_agent none\n referer none\n languages none": {"X-Forwarded-For": "", "Cf-Connecting-Ip": "", "User-Agent": "", "Referer": "", "Accept-Language": ""},
	} {
		s := load(t, "", strings.Replace(frame, "<body>", "reverse_proxy <origin> {\n transport privacy {\n "+options+"\n }\n }", 1))
		s.get(t, "/page", asks...).is(t, http.StatusOK)
		told := s.origin.last(t).Header
		for name, value := range want {
			if told.Get(name) != value {
				t.Errorf("%q: %s is %q, want %q", options, name, told.Get(name), value)
			}
		}
	}
}
