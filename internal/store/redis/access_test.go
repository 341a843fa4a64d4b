//go:build unix

package redis_test

import (
	"context"
	"crypto/tls"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
	"github.com/caddy-privacy/caddy-privacy/internal/store/redis"
	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

// gatewayUser is the user that the documentation of the layout describes.
const gatewayUser = "gateway on >pass-phrase ~privacy:* resetchannels -@all " +
	"+eval +set +zadd +pttl +pexpire +zrange +mget +hgetall +hsetnx +hdel +smembers +sadd +info " +
	"+exists +hset +hget +hmget +pexpireat +zrem +zscore +time " +
	"+cluster|slots +command"

func setUser(t *testing.T, server *storetest.Server) {
	t.Helper()
	arguments := []any{"ACL", "SETUSER"}
	for word := range strings.FieldsSeq(gatewayUser) {
		arguments = append(arguments, word)
	}
	server.Do(t, arguments...)
}

func TestDocumentedUserMayDoAllThatIsNeeded(t *testing.T) {
	single := storetest.StartRedis(t)
	nodes := storetest.StartCluster(t)
	for name, servers := range map[string][]*storetest.Server{"Single": {single}, "Cluster": nodes} {
		t.Run(name, func(t *testing.T) {
			o := redis.Options{Username: "gateway", Password: "pass-phrase"}
			for _, server := range servers {
				setUser(t, server)
				o.Addresses = append(o.Addresses, server.Address)
			}
			one, other := open(t, t.TempDir(), o), open(t, t.TempDir(), o)
			exchange(t, one, other)
			k := storetest.NewKey(0)
			if err := one.AddKey(t.Context(), k); err != nil {
				t.Fatal(err)
			}
			wantKeyCount(t, other, 1)
			spends(t, one, "once", true)
			spends(t, other, "once", false)
			if err := other.DropKey(t.Context(), k.ID); err != nil {
				t.Fatal(err)
			}
			wantKeyCount(t, one, 0)
			sendAll(t, one, other)
			if h := one.Health(); !h.Reachable || len(h.Warnings) != 0 {
				t.Errorf("health is %+v", h)
			}
			for _, server := range servers {
				if denied := server.Do(t, "ACL", "LOG").([]any); len(denied) != 0 {
					t.Errorf("the server denied %v", denied)
				}
			}
		})
	}
}

func TestWrongPasswordIsNamedAndNotShown(t *testing.T) {
	server := storetest.StartRedis(t)
	setUser(t, server)
	s := open(t, t.TempDir(), redis.Options{
		Addresses: []string{server.Address}, Username: "gateway", Password: "not-the-pass-phrase",
	})
	r := storetest.NewReceipt("a", 0)
	appendTo(t, s, r)
	storetest.WantHistory(t, s, "a", r)
	storetest.Eventually(t, "the refusal is named", func() bool { return s.Health().Trouble == store.Refused })
	for _, w := range s.Health().Warnings {
		if strings.Contains(w, "pass-phrase") {
			t.Error("a warning shows the password")
		}
	}
}

func TestWithoutInfoAllElseWorks(t *testing.T) {
	server := storetest.StartRedis(t)
	setUser(t, server)
	server.Do(t, "ACL", "SETUSER", "gateway", "-info")
	s := open(t, t.TempDir(), redis.Options{
		Addresses: []string{server.Address}, Username: "gateway", Password: "pass-phrase",
	})
	r := storetest.NewReceipt("a", 0)
	appendTo(t, s, r)
	delivered(t, s)
	wantOnce(t, server, r)
	if w := s.Health().Warnings; len(w) != 1 || !strings.Contains(w[0], "+info") {
		t.Errorf("warnings: %q", w)
	}
}

func TestSentinelFailoverLosesNothing(t *testing.T) {
	master := storetest.StartRedis(t)
	host, port, _ := net.SplitHostPort(master.Address)
	replica := storetest.StartRedis(t, "--replicaof", host+" "+port, "--repl-diskless-sync-delay", "0")
	sentinel := storetest.StartSentinel(t, master)
	storetest.Eventually(t, "the sentinel knows the replica", func() bool {
		replicas, ok := sentinel.Do(t, "SENTINEL", "REPLICAS", "main").([]any)
		return ok && len(replicas) == 1
	})
	s := open(t, t.TempDir(), redis.Options{Addresses: []string{sentinel.Address}, MasterName: "main"})
	before, after := storetest.NewReceipt("a", 0), storetest.NewReceipt("a", 1)
	appendTo(t, s, before)
	delivered(t, s)
	wantRecords(t, master, before)

	master.Kill()
	appendTo(t, s, after)
	storetest.WantHistory(t, s, "a", before, after)
	delivered(t, s)
	wantOnce(t, replica, before, after)
}

func TestEveryConnectionIsMadeByTheDialerAndEncrypted(t *testing.T) {
	certificate, key, pool := storetest.SelfSigned(t, time.Now())
	server := storetest.StartRedis(t)
	server.Do(t, "CONFIG", "SET", "tls-auth-clients", "no")
	server.Do(t, "CONFIG", "SET", "tls-cert-file", certificate)
	server.Do(t, "CONFIG", "SET", "tls-key-file", key)
	server.Do(t, "CONFIG", "SET", "tls-ca-cert-file", certificate)
	address := server.OpenTLS(t)

	var dialled atomic.Int64
	dialer := func(ctx context.Context, network, to string) (net.Conn, error) {
		if to != address {
			t.Errorf("a connection to %s, want %s", to, address)
		}
		dialled.Add(1)
		return new(net.Dialer).DialContext(ctx, network, to)
	}
	s := open(t, t.TempDir(), redis.Options{Addresses: []string{address}, TLS: &tls.Config{RootCAs: pool}, Dialer: dialer})
	r := storetest.NewReceipt("a", 0)
	appendTo(t, s, r)
	delivered(t, s)
	wantOnce(t, server, r)
	if dialled.Load() == 0 {
		t.Error("the dialer was not asked")
	}

	stranger := open(t, t.TempDir(), redis.Options{Addresses: []string{address}, TLS: &tls.Config{}})
	storetest.Eventually(t, "the certificate is named", func() bool {
		return stranger.Health().Trouble == store.Certificate
	})
}
