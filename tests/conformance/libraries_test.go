package conformance

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const (
	// mirrored is below which the gateway serves libraries of public networks.
	mirrored = "/.privacy/mirror/"
	// library is a file of one.
	library = "cdn.jsdelivr.net/npm/x@1.2.3/dist/x.min.js"
	// learned is a page that takes it, and a style sheet beside it.
	learned = `<!DOCTYPE html><script src=/app.js></script><script src="https://` + library + `" integrity="sha384-x" crossorigin></script>
<link rel=preconnect href=https://cdn.jsdelivr.net><link rel=stylesheet href=//cdn.jsdelivr.net/npm/x@1.2.3/dist/x.css>`
)

// TestOnlyLibrariesThatPagesNameAreServed: the site is no way to all others.
func TestOnlyLibrariesThatPagesNameAreServed(t *testing.T) {
	s := serve(t, gateway)
	s.publish("/learned", learned)
	s.get(t, mirrored+library, at).is(t, http.StatusNotFound)
	r := s.visit(t, "/learned", at)
	r.loads(t)
	if strings.Count(r.body, `="`+mirrored+"cdn.jsdelivr.net/npm/x@1.2.3/dist/x.") != 2 {
		t.Errorf("%s", r.body)
	}
	for _, path := range []string{
		"", "cdn.jsdelivr.net", "cdn.jsdelivr.net/", "cdn.jsdelivr.net/npm/y@1.2.3/x.js", "cdn.jsdelivr.net/npm/x@1.2.4/dist/x.js", "unpkg.com/x@1.2.3/dist/x.min.js",
		"evil.test/x.js", "cdn.jsdelivr.net/npm/x@1.2.3/dist/../../y@1/y.js", "cdn.jsdelivr.net/npm/x@1.2.3/%2e%2e/y@1/y.js", "cdn.jsdelivr.net/npm/x@1.2.3/dist/index.html",
		"cdn.jsdelivr.net/npm/x@1.2.3/dist/x.js?u=https://evil.test", "www.facebook.com/tr", "127.0.0.1:" + s.port + "/page", "cdn.jsdelivr.net@evil.test/npm/x@1.2.3/dist/x.js",
	} {
		if r := s.get(t, mirrored+path, at); r.status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, r.status)
		}
	}
	if s.origin.count() != 1 {
		t.Error("the site was asked for a library")
	}
	s.visit(t, "/learned", at, s.decide(t, "choice=accept")).uninserted(t).equals(t, learned)
}

// TestLibrariesAreHeldWhereTheMirrorIsOff, like everything else of others.
func TestLibrariesAreHeldWhereTheMirrorIsOff(t *testing.T) {
	s := serve(t, "privacy {\n mirror off\n }\n reverse_proxy <origin>")
	s.publish("/learned", learned)
	r := s.visit(t, "/learned", at)
	r.loads(t)
	if strings.Contains(r.body, mirrored) {
		t.Errorf("%s", r.body)
	}
	s.get(t, mirrored+library, at).is(t, http.StatusNotFound)
	s.visit(t, "/learned", at, s.decide(t, "choice=save&purpose=functional")).loads(t, "cdn.jsdelivr.net")
}

// networkVariable is set in a process whose public network is one of the test's.
const networkVariable = "CONFORMANCE_NETWORK"

// TestLibrariesAreFetchedWithNothingOfTheVisitor looks at what the network is told.
func TestLibrariesAreFetchedWithNothingOfTheVisitor(t *testing.T) {
	if os.Getenv(networkVariable) != "" {
		takeLibrary(t)
		return
	}
	requests := inNetwork(t)
	if len(requests) != 1 {
		t.Fatalf("%d requests for one file that two visitors asked for", len(requests))
	}
	for name := range requests[0].Header {
		if !slices.Contains([]string{"User-Agent", "Accept", "Accept-Encoding"}, name) {
			t.Errorf("the network is told %s: %s", name, requests[0].Header[name])
		}
	}
	if agent := requests[0].Header.Get("User-Agent"); strings.Contains(agent, "visitor") {
		t.Errorf("the network is told %s", agent)
	}
}

// inNetwork runs the test again in a process that reaches public networks by a
// proxy of the test, which leads to its server. It returns what that was asked.
func inNetwork(t *testing.T) []*http.Request {
	t.Helper()
	folder, seen := publicNetwork(t)
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), networkVariable+"=1", "HTTPS_PROXY="+folder.proxy, "SSL_CERT_FILE="+filepath.Join(folder.certificates, "site.pem"), "NO_PROXY=")
	if said, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return seen()
}

// takeLibrary plays two visitors.
func takeLibrary(t *testing.T) {
	s := serve(t, gateway)
	s.publish("/learned", learned)
	s.visit(t, "/learned", at)
	for _, visitor := range []string{"a", "b"} {
		r := s.get(t, mirrored+library, at, "Cookie: id="+visitor, "User-Agent: visitor "+visitor, "Referer: http://"+host+"/secret", "X-Forwarded-For: 192.0.2.1", "Accept-Language: "+visitor)
		r.is(t, http.StatusOK)
		r.equals(t, "library()")
		r.has(t, "Content-Type", "text/javascript")
		r.has(t, "X-Content-Type-Options", "nosniff")
		if len(r.header["Set-Cookie"]) != 0 {
			t.Errorf("%q", r.header["Set-Cookie"])
		}
	}
	s.send(t, "POST", mirrored+library, "x", at).is(t, http.StatusMethodNotAllowed)
}

// network is one of the test's own.
type network struct{ proxy, certificates string }

// publicNetwork starts a server for the library and a proxy that leads to it,
// whoever is wanted. seen are the requests that came.
func publicNetwork(t *testing.T) (n network, seen func() []*http.Request) {
	t.Helper()
	var mu sync.Mutex
	var requests []*http.Request
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		requests = append(requests, r)
		mu.Unlock()
		if to, ranged := strings.CutPrefix(r.URL.Path, "/npm/ranged@1/"); ranged {
			http.Redirect(w, r, "/npm/ranged@1.2.3/"+to, http.StatusFound)
			return
		}
		w.Header().Set("Content-Type", "text/javascript")
		w.Header().Set("Set-Cookie", "id=of the network")
		io.WriteString(w, "library()")
	}))
	folder, _ := certificate(t, "cdn.jsdelivr.net")
	pair, err := tls.LoadX509KeyPair(filepath.Join(folder, "site.pem"), filepath.Join(folder, "site.key"))
	if err != nil {
		t.Fatal(err)
	}
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	server.StartTLS()
	t.Cleanup(server.Close)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer inner.Close()
		outer, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		defer outer.Close()
		io.WriteString(inner, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() {
			io.Copy(outer, inner)
			outer.Close()
		}()
		io.Copy(inner, outer)
	}))
	t.Cleanup(proxy.Close)
	return network{proxy.URL, folder}, func() []*http.Request {
		mu.Lock()
		defer mu.Unlock()
		return requests
	}
}
