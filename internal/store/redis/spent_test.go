//go:build unix

package redis_test

import (
	"context"
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
	"github.com/caddy-privacy/caddy-privacy/internal/store/redis"
	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

// spends fails the test unless the gateway is, or is not, the first to use something.
// It waits until the gateway has met the server.
func spends(t testing.TB, s pair, id string, want bool) {
	t.Helper()
	delivered(t, s)
	first, err := s.Spend(t.Context(), "work", id, time.Hour)
	if err != nil || first != want {
		t.Fatalf("the first to use %s: %v (%v), want %v", id, first, err, want)
	}
}

func TestSeveralGatewaysAcceptOnce(t *testing.T) {
	single := storetest.StartRedis(t)
	nodes := storetest.StartCluster(t)
	for name, addresses := range map[string][]string{
		"Single": {single.Address}, "Cluster": {nodes[0].Address, nodes[1].Address, nodes[2].Address},
	} {
		t.Run(name, func(t *testing.T) {
			gateways := make([]pair, 4)
			for i := range gateways {
				gateways[i] = open(t, t.TempDir(), redis.Options{Addresses: addresses})
				delivered(t, gateways[i])
			}
			for n := range 20 {
				var firsts atomic.Int64
				storetest.AtOnce(t, len(gateways), func(i int) error {
					first, err := gateways[i].Spend(t.Context(), "work", fmt.Sprint("n-", n), time.Hour)
					if first {
						firsts.Add(1)
					}
					return err
				})
				if got := firsts.Load(); got != 1 {
					t.Errorf("%d were the first", got)
				}
			}
		})
	}
}

func TestSpentLeavesTheServerAfterItsLife(t *testing.T) {
	server := storetest.StartRedis(t)
	spends(t, gateway(t, server), "a", true)
	left := time.Duration(server.Do(t, "PTTL", "privacy:spent:work:a").(int64)) * time.Millisecond
	if left <= 59*time.Minute || left > time.Hour {
		t.Errorf("it is remembered for %s, want an hour", left)
	}
}

func TestServerAwayLetsEachGatewayAcceptOnceAndIsToldAfterwards(t *testing.T) {
	for name, fault := range map[string]struct {
		begin, end func(*testing.T, *storetest.Server)
	}{
		"Hangs": {
			func(t *testing.T, s *storetest.Server) { s.Stop(t) },
			func(t *testing.T, s *storetest.Server) { s.Continue(t) },
		},
		"Crashes": {
			func(_ *testing.T, s *storetest.Server) { s.Kill() },
			func(t *testing.T, s *storetest.Server) { s.Start(t) },
		},
		"IsFull": {
			func(t *testing.T, s *storetest.Server) { s.Do(t, "CONFIG", "SET", "maxmemory", 1) },
			func(t *testing.T, s *storetest.Server) { s.Do(t, "CONFIG", "SET", "maxmemory", 0) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := storetest.StartRedis(t)
			one, other := gateway(t, server), gateway(t, server)
			delivered(t, one)
			delivered(t, other)
			fault.begin(t, server)
			spend := func(id string, want bool) {
				t.Helper()
				if first, err := one.Spend(t.Context(), "work", id, time.Hour); err != nil || first != want {
					t.Fatalf("the first to use %s: %v (%v), want %v", id, first, err, want)
				}
			}
			spend("a", true) // which notices the fault
			if h := one.Health(); h.Reachable || h.Trouble == "" {
				t.Errorf("nobody is told: %+v", h)
			}
			const n = 1200 // more than two pipelines
			for i := range n {
				spend(fmt.Sprint("n-", i), true)
			}
			spend("a", false)
			spend("n-7", false)

			fault.end(t, server)
			storetest.Eventually(t, "the server knows all", func() bool {
				count, err := server.Client.DBSize(context.Background()).Result()
				return err == nil && count == n+1
			})
			spends(t, other, "a", false)
			spends(t, other, "n-7", false)
			r := storetest.NewReceipt("a", 0) // told once, and on with other things
			appendTo(t, one, r)
			delivered(t, one)
			wantRecords(t, server, r)
			if left := server.Do(t, "PTTL", "privacy:spent:work:a").(int64); left <= 0 || left > time.Hour.Milliseconds() {
				t.Errorf("it is remembered for %d ms", left)
			}
		})
	}
}

// Whoever waits for a server that has just gone waits a tenth of a second; the bound here
// is what a busy machine makes of it.
func TestVisitorDoesNotWaitForAServerThatConnectsToNobody(t *testing.T) {
	server := storetest.StartRedis(t)
	var gone atomic.Bool
	dialer := func(ctx context.Context, network, address string) (net.Conn, error) {
		if gone.Load() {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	s := open(t, t.TempDir(), redis.Options{Addresses: []string{server.Address}, Dialer: dialer})
	delivered(t, s)
	gone.Store(true)
	server.Client.Do(t.Context(), "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	for i := range 20 {
		if first, err := s.Spend(ctx, "work", fmt.Sprint(i), time.Hour); err != nil || !first {
			t.Fatalf("the first: %v (%v)", first, err)
		}
	}
	storetest.Eventually(t, "the fault is named", func() bool { return s.Health().Trouble != "" })
}

func TestVisitorWhoHasGoneSpendsNothing(t *testing.T) {
	server := storetest.StartRedis(t)
	s := gateway(t, server)
	delivered(t, s)
	server.Stop(t)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(5*time.Millisecond, cancel)
	if first, err := s.Spend(ctx, "work", "a", time.Hour); first || err == nil {
		t.Errorf("the first: %v (%v)", first, err)
	}
	if trouble := s.Health().Trouble; trouble == store.Timeout {
		t.Error("his hurry is taken for trouble of the server")
	}
}

func BenchmarkSpend(b *testing.B) {
	s := gateway(b, storetest.StartRedis(b))
	delivered(b, s)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := s.Spend(b.Context(), "work", fmt.Sprint(i), time.Hour); err != nil {
			b.Fatal(err)
		}
	}
}
