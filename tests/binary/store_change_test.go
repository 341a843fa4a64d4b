//go:build unix

package binary

import (
	"strings"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

// An owner who adds Redis, or takes it away, reloads as for any other change.
func TestReloadCanChangeTheStoreAndLosesNothing(t *testing.T) {
	t.Parallel()
	origin, server := newOrigin(t), storetest.StartRedis(t)
	g := startGateway(t, inFrontOf(origin))
	v := newVisitor(g).accept(t)
	key := v.key(t)

	g.reload(t, sharing(origin, server)).succeeds(t)
	if err := v.accepted(); err != nil {
		t.Error(err)
	}
	v.accept(t)
	wantInRedis(t, []*storetest.Server{server}, v)

	g.reload(t, inFrontOf(origin)).succeeds(t)
	if err := v.accepted(); err != nil {
		t.Error(err)
	}
	v.accept(t).wantReceipts(t)
	if v.key(t) != key {
		t.Error("the key is another")
	}
}

func TestReloadsLeaveOneCourierAtWork(t *testing.T) {
	t.Parallel()
	origin, server := newOrigin(t), storetest.StartRedis(t)
	g := startGateway(t, sharing(origin, server))
	for n := range 3 {
		next := numbered(origin, n)
		next.global = sharing(origin, server).global
		g.reload(t, next).succeeds(t)
		next.global = "\tprivacy {\n\t\tstore redis " + server.Address + " {\n\t\t\tdirectory other\n\t\t\ttls {\n\t\t\t\tca missing.pem\n\t\t\t}\n\t\t}\n\t}"
		g.reload(t, next).fails(t).says(t, "missing.pem")
	}
	for _, work := range []string{"redis.(*Store).courier", "caddymodule.(*shared).keep", "embedded.(*Store).sweepEvery"} {
		storetest.Eventually(t, "one goroutine is left in "+work, func() bool {
			return strings.Count(g.ask(t, "/debug/pprof/goroutine?debug=2"), work+"(") == 1
		})
	}
}

// A page that is answered before the keys are known would ask again who has
// chosen, and delete what he agreed to. Redis hangs, so that opening takes long.
func TestNobodyWhoChoseIsAskedAgainDuringAStart(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t)
	g := startGateway(t, sharing(newOrigin(t), server))
	v := newVisitor(g).accept(t)
	server.Stop(t)
	for range 6 {
		g.kill()
		answered := make(chan error)
		go func() {
			for {
				if _, err := v.page(); err != nil {
					continue // it does not listen yet
				}
				answered <- v.accepted()
				return
			}
		}()
		g.start(t)
		if err := <-answered; err != nil {
			t.Fatal(err)
		}
	}
}
