package conformance

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go/http3"
)

// secureFrame is a site under TLS, with all versions of HTTP.
const secureFrame = `https://localhost:<port> {
	bind 127.0.0.1
	tls <certificates>/site.pem <certificates>/site.key
	log {
		output discard
	}
	<body>
}
`

// serveSecurely runs a site under TLS and returns the settings that trust it.
func serveSecurely(t *testing.T, body string) (*site, *tls.Config) {
	t.Helper()
	folder, trust := certificate(t, "localhost")
	s := load(t, "", strings.Replace(secureFrame, "<body>", body, 1), "<certificates>", folder)
	s.client = &client{"https://127.0.0.1:" + s.port, nil}
	return s, trust
}

// certificate makes one for these names, signed by itself.
func certificate(t *testing.T, names ...string) (folder string, trust *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: names, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	folder = t.TempDir()
	for name, block := range map[string]*pem.Block{"site.pem": {Type: "CERTIFICATE", Bytes: der}, "site.key": {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(filepath.Join(folder, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	trust = &tls.Config{RootCAs: x509.NewCertPool(), ServerName: names[0]}
	trust.RootCAs.AddCert(parsed)
	return folder, trust
}

// TestEveryVersionOfHTTPIsGovernedAlike: from the first visit to the choice and
// what it allows.
func TestEveryVersionOfHTTPIsGovernedAlike(t *testing.T) {
	for _, around := range []string{"", "encode\n\t"} {
		s, trust := serveSecurely(t, around+gateway)
		one, two := new(http.Protocols), new(http.Protocols)
		one.SetHTTP1(true)
		two.SetHTTP2(true)
		versions := map[string]http.RoundTripper{
			"HTTP/1.1": &http.Transport{TLSClientConfig: trust.Clone(), Protocols: one, DisableCompression: true},
			"HTTP/2.0": &http.Transport{TLSClientConfig: trust.Clone(), Protocols: two, DisableCompression: true},
			"HTTP/3.0": &http3.Transport{TLSClientConfig: trust.Clone(), DisableCompression: true},
		}
		for version, transport := range versions {
			t.Run(strings.TrimSpace(around)+version, func(t *testing.T) {
				t.Cleanup(closing(transport))
				s.transport = transport
				governed(t, s, version, "__Host-privacy", "Host: localhost:"+s.port)
			})
		}
	}
}

// closing ends the connections of a client.
func closing(transport http.RoundTripper) func() {
	return func() {
		switch tr := transport.(type) {
		case *http3.Transport:
			tr.Close()
		case *http.Transport:
			tr.CloseIdleConnections()
		}
	}
}

// TestUnencryptedHTTP2IsGovernedAlike, as proxies and load balancers speak it.
func TestUnencryptedHTTP2IsGovernedAlike(t *testing.T) {
	s := load(t, "servers {\n protocols h1 h2c\n }", strings.Replace(frame, "<body>", gateway, 1))
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: protocols, DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	s.transport = transport
	governed(t, s, "HTTP/2.0", record, "Host: 127.0.0.1:"+s.port)
}

// TestOriginBehindHTTP2IsGovernedAlike: the gateway speaks it to the site.
func TestOriginBehindHTTP2IsGovernedAlike(t *testing.T) {
	s := serve(t, "privacy\n\treverse_proxy h2c://<origin>")
	governed(t, s, "HTTP/1.1", record, "Host: 127.0.0.1:"+s.port)
	if got := s.origin.last(t).Proto; got != "HTTP/2.0" {
		t.Errorf("the origin was asked by %s", got)
	}
}

// governed goes through what matters with one client, for whom the record has
// the given name.
func governed(t *testing.T, s *site, version, name, host string) {
	t.Helper()
	path := ask("set", "_fbp=1; Max-Age=99", "set", "PHPSESSID=1", "tag", "v1")
	resp := s.open(t, "GET", path, nil, append(document, host)...)
	if resp.Proto != version {
		t.Errorf("answered by %s", resp.Proto)
	}
	r := s.visit(t, path, host, "Cookie: _ga=1; a=2", "privacy_consent: accepted")
	r.whole(t, true)
	r.lacks(t, "Set-Cookie", "_fbp")
	r.has(t, "Set-Cookie", "PHPSESSID=1")
	if len(r.deletions("_ga")) == 0 {
		t.Error("no deletion of a tracker")
	}
	h := s.origin.last(t).Header
	if got := strings.Join(h["Cookie"], "; "); got != "a=2" {
		t.Errorf("the origin got %q", got)
	}
	if h.Get("Privacy-Consent")+h.Get("Privacy_consent") != "" {
		t.Errorf("the origin is told %q", h.Get("Privacy-Consent"))
	}
	s.send(t, "HEAD", path, "", append(document, host)...).is(t, http.StatusOK)

	r = s.choose(t, "choice=accept&back=/a", host)
	r.is(t, http.StatusSeeOther)
	secure := strings.Contains(r.line(name), "; Secure")
	if r.cookie(name) == "" || secure != strings.HasPrefix(name, "__") {
		t.Fatalf("%q", r.header["Set-Cookie"])
	}
	r = s.visit(t, path, host, "Cookie: _ga=1", "Cookie: "+r.cookie(name))
	r.whole(t, false)
	r.has(t, "Set-Cookie", "_fbp=1; Max-Age=99")
	if got := strings.Join(s.origin.last(t).Header["Cookie"], "; "); got != "_ga=1" {
		t.Errorf("with consent the origin got %q", got)
	}
	s.visit(t, path, host, "If-None-Match: "+r.header.Get("Etag")).is(t, http.StatusOK)
}
