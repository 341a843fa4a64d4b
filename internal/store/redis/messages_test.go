//go:build unix

package redis_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
	"github.com/caddy-privacy/caddy-privacy/internal/store/embedded"
	"github.com/caddy-privacy/caddy-privacy/internal/store/redis"
	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

// takeOne waits until a gateway is lent a message to mailer.
func takeOne(t *testing.T, g pair) store.Lent {
	t.Helper()
	var taken []store.Lent
	storetest.Eventually(t, "a message can be taken", func() bool {
		var err error
		taken, err = g.Take(t.Context(), "mailer", 1, storetest.Lease)
		return err == nil && len(taken) == 1
	})
	return taken[0]
}

func postTo(t *testing.T, g pair, messages ...store.Message) {
	t.Helper()
	if err := g.Post(t.Context(), messages...); err != nil {
		t.Fatal(err)
	}
}

// copies are the messages that a gateway keeps on its own disk.
func copies(t *testing.T, g pair) (n int) {
	t.Helper()
	if err := g.local.Pending(t.Context(), func(store.Pending) { n++ }); err != nil {
		t.Fatal(err)
	}
	return n
}

// sendAll posts on both gateways, and each does all that can be done with messages.
func sendAll(t *testing.T, one, other pair) {
	t.Helper()
	postTo(t, one, storetest.NewMessage("mailer", 0), storetest.NewMessage("mailer", 1), storetest.NewMessage("mailer", -1))
	postTo(t, other, storetest.NewMessage("mailer", -2))
	for i, g := range []pair{one, other} {
		l := takeOne(t, g)
		l.Progress = store.Progress{Attempts: 1, First: storetest.Noon, Trouble: "timeout"}
		if i == 0 {
			l.Next = storetest.Noon.Add(time.Hour)
		}
		if err := g.Return(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	if err := one.Suspend(t.Context(), "mailer", "digest"); err != nil {
		t.Fatal(err)
	}
	if at, err := other.Suspended(t.Context(), "mailer"); err != nil || at != "digest" {
		t.Errorf("suspended at %q, %v", at, err)
	}
	storetest.Eventually(t, "all four are on the server, and resumed", func() bool {
		n, err := other.Resume(t.Context(), "mailer")
		return err == nil && n == 4
	})
	for range 4 {
		if err := one.Done(t.Context(), takeOne(t, one)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMessageOfOneGatewayIsSentByAnotherAndForgottenByBoth(t *testing.T) {
	server := storetest.StartRedis(t)
	one, other := gateway(t, server), gateway(t, server)
	m := storetest.NewMessage("mailer", 0)
	postTo(t, one, m)
	if err := other.Done(t.Context(), takeOne(t, other)); err != nil {
		t.Fatal(err)
	}
	storetest.Eventually(t, "the copy is gone", func() bool { return copies(t, one) == 0 })
	// A copy that was under way all the time is not sent again.
	postTo(t, one, m)
	storetest.Eventually(t, "it is known to be done", func() bool { return copies(t, one) == 0 })
	if n := server.Do(t, "ZCARD", "privacy:{outbox}:due:mailer"); n != int64(0) {
		t.Errorf("%v messages are due", n)
	}
	if left := server.Do(t, "HGETALL", "privacy:{outbox}:m:"+m.ID); fmt.Sprint(left) != "map[done:1]" && fmt.Sprint(left) != "[done 1]" {
		t.Errorf("of a message that is done is left %v", left)
	}
}

func TestMessagesLeaveTheServerWhenTheyExpire(t *testing.T) {
	server := storetest.StartRedis(t)
	g := gateway(t, server)
	lasting, over := storetest.NewMessage("mailer", 0), storetest.NewMessage("mailer", 0)
	over.Time, over.Expires = time.Unix(1e9, 0).UTC(), time.Unix(1e9+1, 0).UTC()
	postTo(t, g, lasting, over)
	takeOne(t, g)
	if n := server.Do(t, "EXISTS", "privacy:{outbox}:m:"+over.ID); n != int64(0) {
		t.Error("an expired message was kept on the server")
	}
	got := time.UnixMilli(server.Do(t, "PEXPIRETIME", "privacy:{outbox}:m:"+lasting.ID).(int64))
	if d := got.Sub(lasting.Expires).Abs(); d > time.Minute {
		t.Errorf("it expires %v, want %v", got, lasting.Expires)
	}
	// One that expires while it is listed is not shown, and taken off the list.
	for _, list := range []string{"due", "dead"} {
		server.Do(t, "ZADD", "privacy:{outbox}:"+list+":mailer", 1, "gone")
	}
	seen := 0
	if err := g.Pending(t.Context(), func(store.Pending) { seen++ }); err != nil || seen != 1 {
		t.Errorf("%d messages are shown, %v", seen, err)
	}
	server.Do(t, "ZADD", "privacy:{outbox}:due:mailer", 1, "gone")
	if taken, err := g.Take(t.Context(), "mailer", 1, storetest.Lease); err != nil || len(taken) != 0 {
		t.Errorf("taken is %+v, %v", taken, err)
	}
	for list, want := range map[string]int64{"due": 0, "dead": 0, "lent": 1} {
		if n := server.Do(t, "ZCARD", "privacy:{outbox}:"+list+":mailer"); n != want {
			t.Errorf("%v are listed as %s, want %d", n, list, want)
		}
	}
}

// Messages posted before, during and after a fault are all there when it is over,
// once each, and none of those that were done comes back.
func TestNoMessageIsLostWhenTheServer(t *testing.T) {
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
		"LosesDataUnnoticed": {
			func(t *testing.T, s *storetest.Server) { s.Do(t, "FLUSHALL") },
			func(*testing.T, *storetest.Server) {},
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := storetest.StartRedis(t)
			directory := t.TempDir()
			o := redis.Options{Addresses: []string{server.Address}}
			g := open(t, directory, o)
			finished := storetest.NewMessage("mailer", 0)
			postTo(t, g, finished)
			if err := g.Done(t.Context(), takeOne(t, g)); err != nil {
				t.Fatal(err)
			}
			var messages []store.Message
			add := func() {
				for range 5 {
					m := storetest.NewMessage("mailer", 0)
					postTo(t, g, m)
					messages = append(messages, m)
				}
			}
			add()
			storetest.Eventually(t, "messages are on the server", func() bool {
				return server.Do(t, "ZCARD", "privacy:{outbox}:due:mailer") == int64(5)
			})
			fault.begin(t, server)
			add()
			if err := g.Close(); err != nil {
				t.Fatal(err)
			}
			g = open(t, directory, o)
			add()
			fault.end(t, server)
			add()
			wantEachOnce(t, g, messages)
		})
	}
}

// wantEachOnce takes messages until all were there, each once.
func wantEachOnce(t *testing.T, g pair, messages []store.Message) {
	t.Helper()
	times := make(map[string]int)
	storetest.Eventually(t, "all messages were taken", func() bool {
		taken, err := g.Take(t.Context(), "mailer", 100, storetest.Lease)
		for _, l := range taken {
			times[l.ID]++
			if err := g.Done(t.Context(), l); err != nil {
				t.Fatal(err)
			}
		}
		return err == nil && len(taken) == 0 && len(times) >= len(messages)
	})
	for _, m := range messages {
		if times[m.ID] != 1 {
			t.Errorf("%s was taken %d times", m.ID, times[m.ID])
		}
		delete(times, m.ID)
	}
	if len(times) > 0 {
		t.Errorf("%d others were taken, too", len(times))
	}
}

func TestMessagesFromBeforeRedisAreShared(t *testing.T) {
	directory := t.TempDir()
	alone, err := embedded.Open(embedded.Options{Directory: directory, Now: storetest.Clock})
	if err != nil {
		t.Fatal(err)
	}
	m := storetest.NewMessage("mailer", 0)
	if err := alone.Post(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if err := alone.Close(); err != nil {
		t.Fatal(err)
	}
	server := storetest.StartRedis(t)
	open(t, directory, redis.Options{Addresses: []string{server.Address}})
	if got := takeOne(t, gateway(t, server)); got.ID != m.ID {
		t.Errorf("another message was taken: %s", got.ID)
	}
}

// While the server is away, the owner is shown at least what this gateway has.
func TestPendingShowsOwnMessagesWithoutTheServer(t *testing.T) {
	server := storetest.StartRedis(t)
	server.Kill()
	g := gateway(t, server)
	postTo(t, g, storetest.NewMessage("mailer", 0), storetest.NewMessage("mailer", 0))
	seen := 0
	if err := g.Pending(t.Context(), func(store.Pending) { seen++ }); err != nil || seen != 2 {
		t.Errorf("%d messages are shown, %v", seen, err)
	}
	if _, err := g.Take(t.Context(), "mailer", 1, storetest.Lease); err == nil {
		t.Error("a message was lent without the server")
	}
}
