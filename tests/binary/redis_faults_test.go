//go:build unix

package binary

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

// While Redis is in trouble pages come as fast as without it and choices are
// kept; afterwards all are in Redis once. The gateway is killed meanwhile.
func TestNobodyNoticesThatRedis(t *testing.T) {
	origin := newOrigin(t)
	for name, fault := range map[string]struct {
		begin, end func(*testing.T, *storetest.Server)
	}{
		"Hangs": {
			func(t *testing.T, s *storetest.Server) { s.Stop(t) },
			func(t *testing.T, s *storetest.Server) { s.Continue(t) },
		},
		"CrashesAndComesBackEmpty": {
			func(_ *testing.T, s *storetest.Server) { s.Kill() },
			func(t *testing.T, s *storetest.Server) { s.Start(t) },
		},
		"IsFull": {
			func(t *testing.T, s *storetest.Server) { s.Do(t, "CONFIG", "SET", "maxmemory", 1) },
			func(t *testing.T, s *storetest.Server) { s.Do(t, "CONFIG", "SET", "maxmemory", 0) },
		},
		"IsReadOnly": {
			func(t *testing.T, s *storetest.Server) { s.Do(t, "REPLICAOF", "127.0.0.1", "1") },
			func(t *testing.T, s *storetest.Server) { s.Do(t, "REPLICAOF", "NO", "ONE") },
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := storetest.StartRedis(t)
			g, alone := startGateway(t, sharing(origin, server)), startGateway(t, inFrontOf(origin))
			var visitors []*visitor
			choose := func() {
				for range 4 {
					visitors = append(visitors, newVisitor(g).accept(t).accept(t))
				}
			}
			choose()
			wantInRedis(t, []*storetest.Server{server}, visitors...)

			fault.begin(t, server)
			choose()
			wantAsFast(t, visitors[0], newVisitor(alone).accept(t))
			wantAsFast(t, visitors[4], newVisitor(alone).accept(t))
			wantAsFast(t, newVisitor(g), newVisitor(alone))
			for _, v := range visitors {
				if err := v.accepted(); err != nil {
					t.Error(err)
				}
			}
			visitors[4].wantReceipts(t)
			g.kill()
			g.start(t)
			choose()
			for _, v := range visitors {
				if err := v.accepted(); err != nil {
					t.Errorf("after a kill: %v", err)
				}
			}
			fault.end(t, server)
			choose()
			wantInRedis(t, []*storetest.Server{server}, visitors...)
		})
	}
}

// wantAsFast asks for pages at two gateways in turn, so that both are slowed
// alike by whatever else the machine does. Waiting for Redis would cost some
// hundred times what a page takes.
func wantAsFast(t *testing.T, troubled, healthy *visitor) {
	t.Helper()
	const rounds = 50
	var with, without []time.Duration
	for range rounds {
		without = append(without, healthy.timed(t))
		with = append(with, troubled.timed(t))
	}
	slices.Sort(with)
	slices.Sort(without)
	if with[rounds/2] > 5*without[rounds/2] {
		t.Errorf("a page takes %v beside %v without Redis", with[rounds/2], without[rounds/2])
	}
}

func (v *visitor) timed(t *testing.T) time.Duration {
	t.Helper()
	start := time.Now()
	if a, err := v.page(); err != nil || a.status != http.StatusOK {
		t.Fatalf("%d %v", a.status, err)
	}
	return time.Since(start)
}

func TestStormWhileRedisIsAwayAndAKillLoseNothing(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t)
	g := startGateway(t, sharing(newOrigin(t), server))
	server.Stop(t)
	storm := newStorm(g, 6)
	storm.waitFor(t, 40)
	g.kill()
	answered := storm.end()
	g.start(t)
	for _, v := range answered {
		list, err := v.receipts()
		if err != nil || len(list) < v.choices || len(list) > v.choices+1 {
			t.Errorf("%d receipts of %d answered choices (%v)", len(list), v.choices, err)
		}
		v.choices = len(list)
	}
	server.Continue(t)
	unanswered := 0 // first choices that were kept, but whose visitors do not know it
	storetest.Eventually(t, "all receipts are in Redis", func() bool {
		unanswered = len(receiptsIn(t, []*storetest.Server{server}))
		for _, v := range answered {
			unanswered -= v.choices
		}
		return unanswered >= 0
	})
	if unanswered > 6 {
		t.Errorf("%d receipts in Redis are nobody's", unanswered)
	}
}
