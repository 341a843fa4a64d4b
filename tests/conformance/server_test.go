// Package conformance drives the gateway from outside, inside a real Caddy with
// access logs on, and holds it to its promises for every kind of response. The
// site behind it is an HTTP server of the test; browsers are played by plain
// HTTP clients that send what browsers send.
package conformance

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/caddy-privacy/caddy-privacy/caddymodule"
)

// global begins every configuration: nothing is kept outside the test's folder.
const global = `{
	admin off
	persist_config off
	auto_https disable_redirects
	grace_period 2s
	storage file_system <folder>/caddy
	log {
		output file <folder>/log
	}
	privacy {
		store embedded <folder>/privacy
		<transfers>
	}
	<options>
}
`

// everywhere lets pages load from the hosts of the tests: where data may go is the matter of
// transfers_test.go and beyond_test.go.
const everywhere = `recipient everywhere {
			entity  "Everywhere SE"
			country DE
			hosts   test example 192.0.2.1 youtube.com youtube-nocookie.com ytimg.com googlevideo.com yt3.ggpht.com youtu.be youtubei.googleapis.com facebook.net facebook.com hotjar.com vimeo.com dailymotion.com
		}`

// frame is a site at a port of its own that answers for any host name.
const frame = `http://:<port> {
	bind 127.0.0.1
	log {
		output discard
	}
	<body>
}
`

// gateway is a privacy block in front of the test's origin, without options.
const gateway = `privacy
	reverse_proxy <origin>`

// site is a running Caddy and the origin behind it.
type site struct {
	*client
	origin *origin
	folder string
	port   string
}

// serve runs one site with the given directives.
func serve(t *testing.T, body string) *site {
	t.Helper()
	return load(t, "", strings.Replace(frame, "<body>", body, 1))
}

// load runs a whole configuration. In it <origin>, <port>, <folder> and what
// more says in pairs are replaced.
func load(t *testing.T, options, sites string, more ...string) *site {
	t.Helper()
	s := &site{origin: newOrigin(t), folder: t.TempDir(), port: freePort(t)}
	s.client = newClient(t, "http://127.0.0.1:"+s.port)
	text := strings.NewReplacer("<options>", options).Replace(global) + sites
	text = strings.NewReplacer(append(more, "<origin>", s.origin.address, "<port>", s.port, "<folder>", s.folder, "<transfers>", everywhere)...).Replace(text)
	adapter := caddyfile.Adapter{ServerType: httpcaddyfile.ServerType{}}
	config, _, err := adapter.Adapt([]byte(text), map[string]any{"filename": "Caddyfile"})
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if err := caddy.Load(config, true); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	t.Cleanup(func() {
		if err := caddy.Stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			s.showLog(t)
		}
	})
	return s
}

// showLog shows what Caddy said, when a test has failed.
func (s *site) showLog(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(s.folder, "log"))
	if err != nil {
		t.Log(err)
		return
	}
	for line := range strings.Lines(string(data)) {
		if strings.Contains(line, `"level":"error"`) {
			t.Log(strings.TrimSpace(line))
		}
	}
}

// eachWay runs a test on a site with and without compression around the gateway.
func eachWay(t *testing.T, body string, test func(*testing.T, *site)) {
	t.Helper()
	for name, around := range map[string]string{"plain": "", "encode": "encode\n\t"} {
		t.Run(name, func(t *testing.T) { test(t, serve(t, around+body)) })
	}
}

// write puts a file where the configuration can serve it as <folder>/name.
func (s *site) write(t *testing.T, name, content string) {
	t.Helper()
	path := filepath.Join(s.folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
