//go:build unix

package binary

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

// numbered is a configuration that differs from others in its rules and says
// its number in every answer.
func numbered(origin string, n int) settings {
	return settings{site: fmt.Sprintf("\theader Configuration %d\n\tprivacy {\n\t\tcookie own_%d necessary\n\t}\n\treverse_proxy %s", n, n, origin)}
}

func TestReloadUnderLoadFailsNoRequestAndLosesNoChoice(t *testing.T) {
	t.Parallel()
	origin := newOrigin(t)
	g := startGateway(t, numbered(origin, 0))
	before := newVisitor(g).accept(t)
	key := before.key(t)

	crowd := newCrowd(t, g, before, 40)
	const reloads = 4
	for n := range reloads {
		crowd.waitFor(t, 200)
		g.reload(t, numbered(origin, n+1)).succeeds(t)
	}
	crowd.waitFor(t, 200)
	choosers := crowd.disperse(t)

	if a, err := before.page(); err != nil || a.header.Get("Configuration") != fmt.Sprint(reloads) {
		t.Errorf("after %d reloads configuration %q answers (%v)", reloads, a.header.Get("Configuration"), err)
	}
	if len(choosers) < reloads {
		t.Errorf("only %d choices were made meanwhile", len(choosers))
	}
	for _, v := range append(choosers, before) {
		if err := v.accepted(); err != nil {
			t.Error(err)
		}
		v.wantReceipts(t)
		if v.key(t) != key {
			t.Error("a reload changed the key")
		}
	}
}

// crowd asks for pages all the time, and one of it makes choices.
type crowd struct {
	answered atomic.Int64
	over     atomic.Bool
	all      sync.WaitGroup
	choosers []*visitor // of the one who chooses
	failures chan error
}

// newCrowd sends readers, who have the choice of one visitor, and one chooser.
func newCrowd(t *testing.T, g *gateway, known *visitor, readers int) *crowd {
	t.Helper()
	c := &crowd{failures: make(chan error, 1)}
	for range readers {
		c.repeat(func() error {
			v := newVisitor(g)
			v.jar["privacy-record"] = known.jar["privacy-record"]
			return v.accepted()
		})
	}
	c.repeat(func() error {
		v := newVisitor(g)
		if err := v.choose("accept"); err != nil {
			return err
		}
		c.choosers = append(c.choosers, v)
		return v.accepted()
	})
	t.Cleanup(func() { c.over.Store(true); c.all.Wait() })
	return c
}

func (c *crowd) repeat(act func() error) {
	c.all.Go(func() {
		for !c.over.Load() {
			if err := act(); err != nil {
				select {
				case c.failures <- err:
				default: // one failure is enough
				}
				return
			}
			c.answered.Add(1)
		}
	})
}

// waitFor lets the crowd be answered so many times more.
func (c *crowd) waitFor(t *testing.T, more int64) {
	t.Helper()
	enough := c.answered.Load() + more
	storetest.Eventually(t, "the crowd is answered", func() bool {
		select {
		case err := <-c.failures:
			t.Fatal(err)
		default:
		}
		return c.answered.Load() >= enough
	})
}

// disperse ends the crowd, and returns the visitors who made a choice in it.
func (c *crowd) disperse(t *testing.T) []*visitor {
	t.Helper()
	c.over.Store(true)
	c.all.Wait()
	select {
	case err := <-c.failures:
		t.Error(err)
	default:
	}
	return c.choosers
}

func TestFailedReloadLeavesTheOldConfigurationAlive(t *testing.T) {
	t.Parallel()
	origin := newOrigin(t)
	good := inFrontOf(origin)
	g := startGateway(t, good)
	before := newVisitor(g).accept(t)
	key := before.key(t)

	taken := strings.TrimPrefix(origin, "127.0.0.1:")
	for _, bad := range []struct {
		name  string
		says  string
		whole settings
	}{
		{"it cannot be read", "unrecognized option", settings{site: "\tprivacy {\n\t\tcolour blue\n\t}"}},
		{"the app cannot be provisioned", "MISSING_FROM_THE_ENVIRONMENT", settings{
			global: "\tprivacy {\n\t\tstore redis localhost:1 {\n\t\t\tpassword {env.MISSING_FROM_THE_ENVIRONMENT}\n\t\t}\n\t}", site: good.site}},
		{"a handler after privacy cannot be provisioned", "no-such.pem", settings{
			site: good.site + " {\n\t\ttransport http {\n\t\t\ttls_client_auth no-such.pem no-such.key\n\t\t}\n\t}"}},
		{"the store cannot be opened", "opening the store", settings{
			global: "\tprivacy {\n\t\tstore embedded /sys/privacy\n\t}", site: good.site}},
		{"an address is taken", "address already in use", settings{
			site: good.site + "\n}\nhttp://:" + taken + " {\n\tbind 127.0.0.1\n\tprivacy"}},
	} {
		g.reload(t, bad.whole).fails(t).says(t, bad.says)
		if err := before.accepted(); err != nil {
			t.Errorf("%s: %v", bad.name, err)
		}
		after := newVisitor(g).accept(t)
		if err := after.accepted(); err != nil {
			t.Errorf("%s, then a choice: %v", bad.name, err)
		}
		after.wantReceipts(t)
		if after.key(t) != key {
			t.Errorf("%s: the key is another", bad.name)
		}
		wantReported(t, g, bad.name, "_ga", "reader_number")
	}
	g.reload(t, numbered(origin, 7)).succeeds(t)
	if err := before.accepted(); err != nil {
		t.Error(err)
	}
	wantReported(t, g, "a good reload", "_ga", "reader_number")
}

// wantReported fails the test unless the admin report still names cookies that
// were seen at the beginning.
func wantReported(t *testing.T, g *gateway, after string, names ...string) {
	t.Helper()
	var report struct {
		Sites []struct {
			Cookies []struct{ Name string }
		}
		Store struct{ Reachable bool }
	}
	if err := json.Unmarshal([]byte(g.ask(t, "/privacy/report")), &report); err != nil {
		t.Fatal(err)
	}
	if !report.Store.Reachable {
		t.Errorf("after this: %s: the store is reported as not reachable", after)
	}
	seen := make(map[string]bool)
	for _, site := range report.Sites {
		for _, c := range site.Cookies {
			seen[c.Name] = true
		}
	}
	for _, name := range names {
		if !seen[name] {
			t.Errorf("after this: %s: the report has forgotten %s", after, name)
		}
	}
}
