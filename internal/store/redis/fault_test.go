//go:build unix

package redis_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
	"github.com/caddy-privacy/caddy-privacy/internal/store/redis"
	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

// Receipts made before, during and after a fault are on the server exactly once
// when it is over, and the visitor's own history was complete all the time.
func TestNothingIsLostOrDoubledWhenTheServer(t *testing.T) {
	for name, fault := range map[string]struct {
		begin, end func(*testing.T, *storetest.Server)
		trouble    store.Trouble
	}{
		"Hangs": {
			func(t *testing.T, s *storetest.Server) { s.Stop(t) },
			func(t *testing.T, s *storetest.Server) { s.Continue(t) },
			store.Timeout,
		},
		"CrashesAndComesBackEmpty": {
			func(_ *testing.T, s *storetest.Server) { s.Kill() },
			func(t *testing.T, s *storetest.Server) { s.Start(t) },
			store.Unreachable,
		},
		"IsReadOnly": {
			func(t *testing.T, s *storetest.Server) {
				s.Do(t, "CONFIG", "SET", "repl-diskless-load", "disabled")
				s.Do(t, "REPLICAOF", "127.0.0.1", "1")
			},
			func(t *testing.T, s *storetest.Server) { s.Do(t, "REPLICAOF", "NO", "ONE") },
			store.ReadOnly,
		},
		"IsFull": {
			func(t *testing.T, s *storetest.Server) { s.Do(t, "CONFIG", "SET", "maxmemory", 1) },
			func(t *testing.T, s *storetest.Server) { s.Do(t, "CONFIG", "SET", "maxmemory", 0) },
			store.Full,
		},
		"WantsAPassword": {
			func(t *testing.T, s *storetest.Server) {
				s.Do(t, "CONFIG", "SET", "requirepass", "secret")
				s.Client.Do(t.Context(), "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
			},
			func(t *testing.T, s *storetest.Server) { withPassword(t, s, "CONFIG", "SET", "requirepass", "") },
			store.Refused,
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := storetest.StartRedis(t)
			s := gateway(t, server)
			var receipts []store.Receipt
			add := func() {
				for range 5 {
					r := storetest.NewReceipt("a", len(receipts))
					appendTo(t, s, r)
					receipts = append(receipts, r)
					storetest.WantHistory(t, s, "a", receipts...)
				}
			}
			add()
			delivered(t, s)
			fault.begin(t, server)
			add()
			storetest.Eventually(t, "the fault is named", func() bool {
				h := s.Health()
				return !h.Reachable && h.Trouble == fault.trouble && h.Queued == 5 && h.Oldest.Equal(receipts[5].Time)
			})
			add()
			fault.end(t, server)
			add()
			delivered(t, s)
			wantOnce(t, server, receipts...)
			storetest.WantHistory(t, s, "a", receipts...)
		})
	}
}

// withPassword gives the server a command on a connection of its own.
func withPassword(t *testing.T, s *storetest.Server, arguments ...any) {
	t.Helper()
	conn := s.Client.Conn()
	defer conn.Close()
	if err := conn.Auth(t.Context(), "secret").Err(); err != nil {
		t.Fatal(err)
	}
	if err := conn.Do(t.Context(), arguments...).Err(); err != nil {
		t.Fatal(err)
	}
}

func TestReceiptAcknowledgedBeforeKillIsDeliveredOnce(t *testing.T) {
	server := storetest.StartRedis(t)
	directory := t.TempDir()
	argument, err := json.Marshal(childArgument{directory, server.Address})
	if err != nil {
		t.Fatal(err)
	}
	acknowledged := make(storetest.Acknowledged)
	for range 6 {
		acknowledged.AppendAndKill(t, string(argument))
	}
	s := open(t, directory, redis.Options{Addresses: []string{server.Address}})
	delivered(t, s)
	acknowledged.WantAll(t, s)
	for subject := range acknowledged {
		history, err := s.History(t.Context(), subject)
		if err != nil {
			t.Fatal(err)
		}
		if n := server.Do(t, "ZCARD", "privacy:{"+subject+"}"); n != int64(len(history)) {
			t.Errorf("%v receipts of %s on the server, want %d", n, subject, len(history))
		}
		wantRecords(t, server, history...)
	}
}

func TestQueueOutlivesTheGateway(t *testing.T) {
	server := storetest.StartRedis(t)
	server.Stop(t)
	directory := t.TempDir()
	s := open(t, directory, redis.Options{Addresses: []string{server.Address}})
	var receipts []store.Receipt
	for i := range 1200 { // more than two pipelines
		receipts = append(receipts, storetest.NewReceipt(fmt.Sprint("s", i%7), i))
	}
	storetest.AtOnce(t, len(receipts), func(i int) error { return s.Append(t.Context(), receipts[i]) })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	server.Continue(t)
	s = open(t, directory, redis.Options{Addresses: []string{server.Address}})
	delivered(t, s)
	wantOnce(t, server, receipts...)
}

func TestEvictingServerIsReportedOnce(t *testing.T) {
	server := storetest.StartRedis(t, "--maxmemory-policy", "allkeys-lru")
	s := gateway(t, server)
	for range 3 {
		appendTo(t, s, storetest.NewReceipt("a", 0))
		delivered(t, s)
	}
	if w := s.Health().Warnings; len(w) != 1 {
		t.Errorf("warnings: %q", w)
	}
}

func TestSingleServerTakenForAClusterIsExplained(t *testing.T) {
	server := storetest.StartRedis(t)
	s := open(t, t.TempDir(), redis.Options{Addresses: []string{server.Address}, Cluster: true})
	storetest.Eventually(t, "it is explained", func() bool {
		h := s.Health()
		return h.Trouble == store.Topology && len(h.Warnings) == 1
	})
}
