//go:build unix

package binary

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

// gateway is a Caddy process with a folder of its own, in which it runs and
// keeps all its data.
type gateway struct {
	folder string
	site   string // host:port that visitors open
	admin  string // host:port of the admin endpoint

	// shell is what a shell does before it becomes the gateway.
	shell string

	process *exec.Cmd
	ended   chan struct{}
	log     string // path of what the present process has said
	runs    int
}

// settings are the parts of a Caddyfile that tests differ in.
type settings struct {
	global string // inside the global options
	site   string // inside the site
}

// write makes the Caddyfile.
func (s settings) write(t *testing.T, g *gateway) {
	t.Helper()
	_, port, err := net.SplitHostPort(g.site)
	if err != nil {
		t.Fatal(err)
	}
	write(t, g.folder, "Caddyfile", fmt.Sprintf("{\n\tadmin %s\n%s\n}\nhttp://:%s {\n\tbind 127.0.0.1\n%s\n}\n", g.admin, s.global, port, s.site))
}

// newGateway prepares a gateway without starting it.
func newGateway(t *testing.T, s settings) *gateway {
	t.Helper()
	g := &gateway{folder: t.TempDir(), site: freeAddress(t), admin: freeAddress(t)}
	s.write(t, g)
	t.Cleanup(func() {
		g.kill()
		if t.Failed() && g.log != "" {
			g.showTrouble(t)
		}
	})
	return g
}

// showTrouble shows the warnings and errors in the log, when a test has failed.
func (g *gateway) showTrouble(t *testing.T) {
	for line := range strings.Lines(read(t, g.log)) {
		if !strings.Contains(line, `"level":"info"`) && !strings.Contains(line, `"level":"debug"`) {
			t.Log(strings.TrimSpace(line))
		}
	}
}

// startGateway runs a gateway until the end of the test.
func startGateway(t *testing.T, s settings) *gateway {
	t.Helper()
	g := newGateway(t, s)
	g.start(t)
	return g
}

// start runs the Caddyfile and waits until it is served.
func (g *gateway) start(t *testing.T) {
	t.Helper()
	g.runs++
	g.log = filepath.Join(g.folder, fmt.Sprintf("log-%d", g.runs))
	said, err := os.Create(g.log)
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	g.process = exec.Command("sh", "-c", "set -e; "+g.shell+"\n"+`exec "$0" run --config Caddyfile --adapter caddyfile`, program)
	g.process.Dir, g.process.Env = g.folder, environment(g.folder)
	g.process.Stdout, g.process.Stderr = said, said
	if err := g.process.Start(); err != nil {
		t.Fatal(err)
	}
	process, ended := g.process, make(chan struct{})
	g.ended = ended
	go func() {
		defer close(ended)
		_ = process.Wait() // how it ended is read from its log
	}()
	storetest.Eventually(t, "the gateway serves", func() bool {
		select {
		case <-ended:
			t.Fatal("caddy run ended by itself")
		default:
		}
		return strings.Contains(read(t, g.log), "serving initial configuration")
	})
}

// kill ends the process as a crash would (SIGKILL).
func (g *gateway) kill() {
	if g.process == nil {
		return
	}
	_ = g.process.Process.Signal(syscall.SIGKILL) // fails only if it has ended already
	<-g.ended
	g.process = nil
}

// caddy runs a command beside the gateway, as its owner would.
func (g *gateway) caddy(t *testing.T, arguments ...string) spoken {
	t.Helper()
	return command(t, g.folder, arguments...)
}

// reload is `caddy reload` with other settings.
func (g *gateway) reload(t *testing.T, s settings) spoken {
	t.Helper()
	s.write(t, g)
	return g.caddy(t, "reload", "--config", "Caddyfile", "--adapter", "caddyfile")
}

// ask gets a path of the admin endpoint.
func (g *gateway) ask(t *testing.T, path string) string {
	t.Helper()
	response, err := http.Get("http://" + g.admin + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v\n%s", path, response.Status, err, body)
	}
	return string(body)
}

// freeAddress finds a port of the loopback interface below those that systems
// give to outgoing connections, which could take it before the gateway does.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 12000+rand.IntN(20000)))
		if err == nil {
			listener.Close()
			return listener.Addr().String()
		}
	}
	t.Fatal("no port is free between 12000 and 32000")
	return ""
}
