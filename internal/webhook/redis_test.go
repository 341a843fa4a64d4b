//go:build unix

package webhook

import (
	"net"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
	"github.com/caddy-privacy/caddy-privacy/internal/store/redis"
	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

// share opens the store of one more gateway.
func share(t *testing.T, server *storetest.Server, c *clock) store.Messages {
	t.Helper()
	s, err := redis.Open(openStore(t, t.TempDir(), c.now), redis.Options{
		Addresses: []string{server.Address}, Dialer: new(net.Dialer).DialContext, Now: c.now,
		Share: 20 * time.Millisecond, Retry: 2 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestGatewaysThatShareAStoreDeliverOnceEach(t *testing.T) {
	c, server := newClock(), storetest.StartRedis(t)
	r := newReceiver(t, c)
	var gateways []store.Messages
	for range 4 {
		g := share(t, server, c)
		gateways = append(gateways, g)
		start(t, options(g, c, r.endpoint("mailer")))
	}
	var ids []string
	for range 25 {
		for _, g := range gateways {
			ids = append(ids, post(t, g, c, "mailer", 1)...)
		}
	}
	storetest.Eventually(t, "all came", func() bool { return len(r.times()) == len(ids) })
	storetest.Eventually(t, "all are forgotten", func() bool { return len(pendingOf(t, gateways[0])) == 0 })
	wantOnce(t, r, ids)
}

// What is posted while the server is away is sent when it is back, and what its fault
// left open is sent again with the same id.
func TestFaultOfTheSharedStoreLosesNoMessage(t *testing.T) {
	c, server := newClock(), storetest.StartRedis(t)
	r := newReceiver(t, c)
	one, other := share(t, server, c), share(t, server, c)
	start(t, options(one, c, r.endpoint("mailer")))
	start(t, options(other, c, r.endpoint("mailer")))
	ids := post(t, one, c, "mailer", 10)
	server.Kill()
	ids = append(ids, post(t, one, c, "mailer", 10)...)
	ids = append(ids, post(t, other, c, "mailer", 10)...)
	server.Start(t)
	ids = append(ids, post(t, other, c, "mailer", 10)...)
	storetest.Eventually(t, "all came", func() bool { return len(r.times()) == len(ids) })
	storetest.Eventually(t, "all are forgotten", func() bool {
		return len(pendingOf(t, one)) == 0 && len(pendingOf(t, other)) == 0
	})
	for _, id := range ids {
		if n := r.times()[id]; n < 1 || n > 2 {
			t.Errorf("%s came %d times", id, n)
		}
	}
}
