//go:build unix

package redis_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/redis/go-redis/v9/logging"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
	"github.com/caddy-privacy/caddy-privacy/internal/store/embedded"
	"github.com/caddy-privacy/caddy-privacy/internal/store/redis"
	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

// childArgument tells the child of a kill test what to open.
type childArgument struct{ Directory, Address string }

func TestMain(m *testing.M) {
	logging.Disable()
	storetest.AppendWhenChild(func(argument string) (store.Store, error) {
		var a childArgument
		if err := json.Unmarshal([]byte(argument), &a); err != nil {
			return nil, err
		}
		local, err := embedded.Open(embedded.Options{Directory: a.Directory, Now: storetest.Clock})
		if err != nil {
			return nil, err
		}
		s, err := redis.Open(local, quick(redis.Options{Addresses: []string{a.Address}}))
		return pair{s, local}, err
	})
	os.Exit(m.Run())
}

// pair is a gateway's store with the local one beside it, closed together.
type pair struct {
	*redis.Store
	local *embedded.Store
}

func (p pair) Close() error { return errors.Join(p.Store.Close(), p.local.Close()) }

// quick makes a gateway look often, so that tests need not wait.
func quick(o redis.Options) redis.Options {
	if o.Dialer == nil {
		o.Dialer = new(net.Dialer).DialContext
	}
	o.Now = storetest.Clock
	o.Share = 20 * time.Millisecond
	o.Retry = 2 * time.Millisecond
	return o
}

// open opens a gateway's store in a directory.
func open(t testing.TB, directory string, o redis.Options) pair {
	t.Helper()
	local, err := embedded.Open(embedded.Options{Directory: directory, Now: storetest.Clock})
	if err != nil {
		t.Fatal(err)
	}
	s, err := redis.Open(local, quick(o))
	if err != nil {
		t.Fatal(err)
	}
	p := pair{s, local}
	t.Cleanup(func() { p.Close() })
	return p
}

// gateway opens the store of a new gateway.
func gateway(t testing.TB, server *storetest.Server) pair {
	t.Helper()
	return open(t, t.TempDir(), redis.Options{Addresses: []string{server.Address}})
}

func TestContractOnOneServer(t *testing.T) {
	server := storetest.StartRedis(t)
	fresh := func(t *testing.T, directory string) store.Store {
		return open(t, directory, redis.Options{Addresses: []string{server.Address}, KeyPrefix: t.Name() + ":", DB: 3})
	}
	storetest.Contract(t, fresh)
	storetest.MessageContract(t, fresh)
}

func TestContractOnACluster(t *testing.T) {
	nodes := storetest.StartCluster(t)
	addresses := []string{nodes[0].Address, nodes[1].Address}
	fresh := func(t *testing.T, directory string) store.Store {
		return open(t, directory, redis.Options{Addresses: addresses, KeyPrefix: t.Name() + ":"})
	}
	storetest.Contract(t, fresh)
	storetest.MessageContract(t, fresh)
	t.Run("WhatOneGatewayWritesAnotherReads", func(t *testing.T) {
		one := open(t, t.TempDir(), redis.Options{Addresses: addresses})
		other := open(t, t.TempDir(), redis.Options{Addresses: addresses[:1], Cluster: true})
		exchange(t, one, other)
		used := 0
		for _, node := range nodes {
			if node.Do(t, "DBSIZE").(int64) > 0 {
				used++
			}
		}
		if used < 2 {
			t.Error("the receipts are all on one node")
		}
	})
}

func TestContractWithoutAnyServer(t *testing.T) {
	server := storetest.StartRedis(t)
	server.Kill()
	storetest.Contract(t, func(t *testing.T, directory string) store.Store {
		return open(t, directory, redis.Options{Addresses: []string{server.Address}})
	})
}

func TestWhatOneGatewayWritesAnotherReads(t *testing.T) {
	server := storetest.StartRedis(t)
	exchange(t, gateway(t, server), gateway(t, server))
}

// exchange appends on both gateways, and finds on each what was appended on either.
func exchange(t *testing.T, one, other pair) {
	t.Helper()
	for subject := range 8 {
		name := string(rune('a' + subject))
		first, second := storetest.NewReceipt(name, 0), storetest.NewReceipt(name, 1)
		appendTo(t, one, second)
		appendTo(t, other, first)
		delivered(t, one)
		delivered(t, other)
		shows(t, one, name, first, second)
		shows(t, other, name, first, second)
	}
}

func TestKeysOfAllGatewaysAreTheUnion(t *testing.T) {
	server := storetest.StartRedis(t)
	gateways := []pair{gateway(t, server), gateway(t, server), gateway(t, server)}
	storetest.AtOnce(t, len(gateways), func(i int) error {
		return gateways[i].AddKey(context.Background(), storetest.NewKey(i))
	})
	for _, g := range gateways {
		wantKeyCount(t, g, 3)
	}
	// A gateway that starts later has them before it serves.
	keys, err := gateway(t, server).Keys(t.Context())
	if err != nil || len(keys) != 3 {
		t.Fatalf("%d keys at start (%v)", len(keys), err)
	}
	// What one drops, all drop, and nobody brings it back.
	if err := gateways[1].DropKey(t.Context(), keys[0].ID); err != nil {
		t.Fatal(err)
	}
	for _, g := range gateways {
		wantKeyCount(t, g, 2)
	}
	if err := gateways[2].AddKey(t.Context(), keys[0]); err != nil {
		t.Fatal(err)
	}
	wantKeyCount(t, gateway(t, server), 2)
	if n := server.Do(t, "HLEN", "privacy:{keys}"); n != int64(2) {
		t.Errorf("%v keys on the server, want 2", n)
	}
}

func TestChangedTellsOfAnotherGatewaysKey(t *testing.T) {
	server := storetest.StartRedis(t)
	one, other := gateway(t, server), gateway(t, server)
	changed := other.Changed()
	if err := one.AddKey(t.Context(), storetest.NewKey(0)); err != nil {
		t.Fatal(err)
	}
	<-changed
	wantKeyCount(t, other, 1)
}

func TestReceiptLeavesTheServerWhenItExpires(t *testing.T) {
	server := storetest.StartRedis(t)
	s := gateway(t, server)
	early, late := storetest.NewReceipt("a", 0), storetest.NewReceipt("a", 1)
	early.Expires = late.Expires.AddDate(-1, 0, 0)
	over := storetest.NewReceipt("b", 0)
	over.Time, over.Expires = time.Unix(1e9, 0).UTC(), time.Unix(1e9+1, 0).UTC()
	for _, r := range []store.Receipt{late, early, over} {
		appendTo(t, s, r)
		delivered(t, s)
	}
	for key, want := range map[string]time.Time{
		"privacy:{a}:" + early.ID: early.Expires,
		"privacy:{a}:" + late.ID:  late.Expires,
		"privacy:{a}":             late.Expires,
	} {
		got := time.UnixMilli(server.Do(t, "PEXPIRETIME", key).(int64))
		if d := got.Sub(want).Abs(); d > time.Minute {
			t.Errorf("%s expires %v, want %v", key, got, want)
		}
	}
	if n := server.Do(t, "EXISTS", "privacy:{b}", "privacy:{b}:"+over.ID); n != int64(0) {
		t.Error("an expired receipt was kept on the server")
	}
}

func TestReceiptsFromBeforeRedisAreShared(t *testing.T) {
	directory := t.TempDir()
	alone, err := embedded.Open(embedded.Options{Directory: directory, Now: storetest.Clock})
	if err != nil {
		t.Fatal(err)
	}
	r := storetest.NewReceipt("a", 0)
	appendTo(t, alone, r)
	if err := alone.Close(); err != nil {
		t.Fatal(err)
	}
	server := storetest.StartRedis(t)
	one := open(t, directory, redis.Options{Addresses: []string{server.Address}})
	delivered(t, one)
	shows(t, gateway(t, server), "a", r)
}

func appendTo(t testing.TB, s store.Receipts, r store.Receipt) {
	t.Helper()
	if err := s.Append(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}

// delivered waits until the outbox is empty and the server reachable.
func delivered(t testing.TB, s pair) {
	t.Helper()
	storetest.Eventually(t, "all is delivered", func() bool {
		h := s.Health()
		return h.Reachable && h.Queued == 0
	})
}

// shows waits until a gateway shows receipts that others made: on a busy machine
// it may have to do without the server's answer at first.
func shows(t *testing.T, s pair, subject string, want ...store.Receipt) {
	t.Helper()
	storetest.Eventually(t, "the gateway shows what others made", func() bool {
		got, err := s.History(t.Context(), subject)
		return err == nil && reflect.DeepEqual(got, want)
	})
}

func wantKeyCount(t *testing.T, s pair, want int) {
	t.Helper()
	storetest.Eventually(t, "the keys are shared", func() bool {
		keys, err := s.Keys(t.Context())
		return err == nil && len(keys) == want
	})
}

// wantOnce fails the test unless the server has exactly these receipts, once each.
func wantOnce(t *testing.T, server *storetest.Server, receipts ...store.Receipt) {
	t.Helper()
	wantRecords(t, server, receipts...)
	index := make(map[string]int64)
	for _, r := range receipts {
		index[r.Subject]++
	}
	for subject, want := range index {
		if got := server.Do(t, "ZCARD", "privacy:{"+subject+"}"); got != want {
			t.Errorf("%v receipts of %s in the index, want %d", got, subject, want)
		}
	}
	total := int64(len(receipts) + len(index))
	if got := server.Do(t, "DBSIZE"); got != total {
		t.Errorf("the server has %v keys, want %d", got, total)
	}
}

// wantRecords fails the test unless the server has each receipt as it was made.
func wantRecords(t *testing.T, server *storetest.Server, receipts ...store.Receipt) {
	t.Helper()
	for _, r := range receipts {
		var got store.Receipt
		record := server.Do(t, "GET", "privacy:{"+r.Subject+"}:"+r.ID).(string)
		if err := got.UnmarshalBinary([]byte(record)); err != nil || !reflect.DeepEqual(got, r) {
			t.Fatalf("the server has %+v (%v), want %+v", got, err, r)
		}
	}
}
