//go:build linux

package binary

import (
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

// Addresses of the island, as the table built into the gateway knows them.
const (
	resolverAddress = "10.53.0.1:53"     // within the operator's network
	siteAddress     = "193.0.6.139:9000" // in the Netherlands
	redisAddress    = "5.196.0.1:6379"   // in France
	abroadAddress   = "8.8.8.8:9000"     // in the United States
	proxyAddress    = "8.8.4.4:3128"     // there, too
)

// measured is a page with the companies of many a site.
const measured = `<!doctype html><html><head><title>News</title>
<script src="https://cdn.jsdelivr.net/npm/x@1.2.3/x.js"></script><script src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>
<link rel="preconnect" href="https://unknown.example.com"><img src="https://unknown.example.com/pixel.gif"><img src="https://8.8.8.8/pixel.gif">
</head><body><h1>News</h1><iframe src="https://www.youtube.com/embed/1"></iframe></body></html>`

// everyWay is a configuration in which all that the gateway does is done: a store, a
// mirror, metrics, health checks, and proxies to wherever they may not go.
var everyWay = settings{
	global: `	metrics
	privacy {
		store redis ` + redisAddress + `
		recipient shop {
			entity "Shop SAS"
			country FR
			hosts shop.example.com
		}
		recipient store {
			entity "Racks SAS"
			country FR
			hosts 5.196.0.1
		}
		recipient libraries {
			entity "Networks Inc."
			country US
			hosts cdn.jsdelivr.net
		}
		recipient foreign {
			entity "Foreign Inc."
			country US
			hosts foreign.example.com
		}
	}`,
	site: `	privacy
	handle /refused/* {
		reverse_proxy /refused/address ` + abroadAddress + ` {
			transport privacy
			health_uri /
			health_interval 50ms
		}
		reverse_proxy /refused/name abroad.example.com:9000 {
			transport privacy
		}
		reverse_proxy /refused/recipient foreign.example.com:9000 {
			transport privacy
		}
		reverse_proxy /refused/undeclared 5.196.0.2:80 {
			transport privacy
		}
		reverse_proxy /refused/six [2001:4860:4860::8888]:80 {
			transport privacy
		}
		reverse_proxy /refused/tunnel [2002:808:808::1]:80 {
			transport privacy
		}
		reverse_proxy /refused/translated [64:ff9b::808:808]:80 {
			transport privacy
		}
		reverse_proxy /refused/resolver other.example.com:80 {
			transport privacy {
				resolvers 8.8.8.8
			}
		}
		reverse_proxy /refused/tls https://abroad.example.com {
			transport privacy
		}
	}
	handle {
		reverse_proxy shop.example.com:9000 {
			transport privacy
			health_uri /
			health_interval 50ms
		}
	}`,
}

// TestNothingElseLeaves: of all packets that the real program causes, none goes anywhere but
// to the machine itself, to the name server of the machine, and to whom the owner has
// declared, whatever visitors ask for and pages name.
func TestNothingElseLeaves(t *testing.T) {
	if !onIsland(t) {
		return
	}
	settle(t, "10.53.0.1")
	coast := watch(t, resolverAddress, siteAddress, redisAddress)
	names := startNames(t, resolverAddress, map[string]string{
		"shop.example.com": "193.0.6.139", "abroad.example.com": "8.8.8.8", "foreign.example.com": "193.0.6.139",
		"other.example.com": "193.0.6.139", "cdn.jsdelivr.net": "8.8.8.8", "unknown.example.com": "8.8.8.8",
	})
	serveAt(t, siteAddress, measured)
	serveAt(t, abroadAddress, "abroad")
	server := storetest.StartRedis(t)
	forward(t, redisAddress, server.Address)
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"} {
		t.Setenv(name, "http://"+proxyAddress)
	}

	g := startGateway(t, everyWay)
	visit(t, g)
	storetest.Eventually(t, "receipts are in Redis", func() bool { return len(server.Do(t, "KEYS", "privacy:*").([]any)) > 1 })
	storetest.Eventually(t, "unknown hosts of pages are looked up", func() bool { return names.wasAsked("unknown.example.com") })
	g.ask(t, "/metrics")
	for _, command := range []string{"report", "audit"} {
		g.caddy(t, "privacy", command, "--address", g.admin).says(t, "8.8.8.8")
	}
	other := everyWay
	other.site += "\n\theader X-Reloaded yes"
	g.reload(t, other).succeeds(t)
	visit(t, g)
	if left := coast.left(t); len(left) != 0 {
		t.Errorf("it went to\n%s", strings.Join(left, "\n"))
	}
	for _, name := range []string{"cdn.jsdelivr.net", "foreign.example.com", "other.example.com"} {
		if names.wasAsked(name) {
			t.Errorf("the name server was asked for %s", name)
		}
	}
	g.isSeenWithoutAGuard(t, coast)
}

// visit opens pages as visitors do who have not chosen, who refuse and who accept, and
// asks for what must be refused.
func visit(t *testing.T, g *gateway) {
	t.Helper()
	stranger, refuses, accepts := newVisitor(g), newVisitor(g), newVisitor(g).accept(t)
	if err := refuses.choose("refuse"); err != nil {
		t.Fatal(err)
	}
	accepts.wantReceipts(t)
	if _, err := stranger.page(); err != nil { // names the library that is asked for later
		t.Fatal(err)
	}
	for _, v := range []*visitor{stranger, refuses, accepts} {
		for path, status := range map[string]int{
			"/": http.StatusOK, "/.privacy/": http.StatusOK, "/.privacy/mirror/cdn.jsdelivr.net/npm/x@1.2.3/x.js": http.StatusBadGateway,
			"/refused/address": http.StatusServiceUnavailable, // by its health checks
			"/refused/name":    http.StatusBadGateway, "/refused/recipient": http.StatusBadGateway, "/refused/undeclared": http.StatusBadGateway,
			"/refused/six": http.StatusBadGateway, "/refused/tunnel": http.StatusBadGateway, "/refused/translated": http.StatusBadGateway,
			"/refused/resolver": http.StatusBadGateway, "/refused/tls": http.StatusBadGateway,
		} {
			got := 0
			for range 100 { // a health check, or what a page named, comes a moment later
				a, err := v.send(http.MethodGet, path, nil)
				if err != nil {
					t.Fatal(err)
				}
				if got = a.status; got == status {
					break
				}
				time.Sleep(20 * time.Millisecond)
			}
			if got != status {
				t.Errorf("%s is answered with %d, want %d", path, got, status)
			}
		}
	}
}

// isSeenWithoutAGuard shows that the coast sees what leaves: the test itself, and the same
// program by a transport that nothing checks.
func (g *gateway) isSeenWithoutAGuard(t *testing.T, coast *coast) {
	t.Helper()
	if conn, err := net.Dial("udp", "8.8.8.8:53"); err != nil {
		t.Error(err)
	} else if _, err := conn.Write([]byte("x")); err != nil {
		t.Error(err)
	}
	if left := coast.left(t); !slices.Contains(left, "udp 8.8.8.8:53") {
		t.Errorf("a packet of the test was not seen, only %q", left)
	}
	g.reload(t, settings{site: "\tprivacy\n\treverse_proxy " + abroadAddress + " {\n\t\ttransport http {\n\t\t\tnetwork_proxy none\n\t\t}\n\t}"}).succeeds(t)
	if a, err := newVisitor(g).page(); err != nil || a.status != http.StatusOK {
		t.Errorf("%d, %v", a.status, err)
	}
	if left := coast.left(t); !slices.Contains(left, "tcp "+abroadAddress) {
		t.Errorf("packets to %s were not seen, only %q", abroadAddress, left)
	}
}

// serveAt answers every request with one page.
func serveAt(t *testing.T, address, page string) {
	t.Helper()
	listener := listenAt(t, address)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, page) // a client that has gone is no failure of the site
	})}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
}

// forward leads connections on.
func forward(t *testing.T, address, to string) {
	t.Helper()
	listener := listenAt(t, address)
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				other, err := net.Dial("tcp", to)
				if err != nil {
					return
				}
				defer other.Close()
				go func() { _, _ = io.Copy(other, conn); other.Close() }()
				_, _ = io.Copy(conn, other)
			}()
		}
	}()
}

func listenAt(t *testing.T, address string) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return listener
}
