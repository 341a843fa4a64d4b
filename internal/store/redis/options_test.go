package redis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

func TestOptionsThatContradictAreRefused(t *testing.T) {
	one, two := []string{"a:6379"}, []string{"a:6379", "b:6379"}
	dialer := new(net.Dialer).DialContext
	for name, o := range map[string]Options{
		"no address":             {},
		"a URL":                  {Addresses: []string{"redis://a:6379"}},
		"a password in the host": {Addresses: []string{"user:pass@a:6379"}},
		"database of a cluster":  {Addresses: two, DB: 1},
		"database, one address":  {Addresses: one, DB: 1, Cluster: true},
		"sentinel and cluster":   {Addresses: two, MasterName: "main", Cluster: true},
		"braces in the prefix":   {Addresses: one, KeyPrefix: "{a}:"},
	} {
		t.Run(name, func(t *testing.T) {
			o.Dialer = dialer
			if _, err := o.withDefaults(); err == nil {
				t.Error("accepted")
			}
		})
	}
	if _, err := (Options{Addresses: two, MasterName: "main", DB: 1, Dialer: dialer}).withDefaults(); err != nil {
		t.Errorf("a database behind Sentinel was refused: %v", err)
	}
	if _, err := (Options{Addresses: one}).withDefaults(); err == nil {
		t.Error("without a dialer, nobody would say where data may go")
	}
}

func TestPauseGrowsToABound(t *testing.T) {
	o := Options{Retry: time.Second}
	for failures, want := range map[int]time.Duration{
		1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 7: 50 * time.Second, 1e9: 50 * time.Second,
	} {
		got := o.pause(failures)
		if got < want*9/10 || got > want*11/10+1 {
			t.Errorf("pause after %d failures is %v, want about %v", failures, got, want)
		}
	}
}

// reply is an error as a server sends it.
type reply string

func (r reply) Error() string { return string(r) }
func (reply) RedisError()     {}

func TestFailuresAreClassified(t *testing.T) {
	for _, c := range []struct {
		err  error
		want store.Trouble
	}{
		{nil, ""},
		{reply("READONLY You can't write against a read only replica."), store.ReadOnly},
		{reply("ERR Error running script (call to f_1): @user_script:1: -READONLY You can't write"), store.ReadOnly},
		{reply("OOM command not allowed when used memory > 'maxmemory'."), store.Full},
		{reply("MISCONF Redis is configured to save RDB snapshots"), store.Full},
		{reply("NOAUTH Authentication required."), store.Refused},
		{reply("WRONGPASS invalid username-password pair"), store.Refused},
		{reply("LOADING Redis is loading the dataset in memory"), store.Loading},
		{reply("CLUSTERDOWN The cluster is down"), store.Loading},
		{reply("MOVED 1234 127.0.0.1:1"), store.Topology},
		{reply("ERR anything else"), store.Other},
		{errors.Join(errors.New("first"), reply("OOM")), store.Full},
		{context.DeadlineExceeded, store.Timeout},
		{goredis.ErrPoolTimeout, store.Timeout},
		{&net.OpError{Op: "read", Err: timeoutError{}}, store.Timeout},
		{&net.OpError{Op: "dial", Err: errors.New("connection refused")}, store.Unreachable},
		{io.EOF, store.Unreachable},
		{fmt.Errorf("%w: %w", errHandshake, errors.New("unknown authority")), store.Certificate},
		{fmt.Errorf("%w: %w", errHandshake, timeoutError{}), store.Timeout},
	} {
		if got := classify(c.err); got != c.want {
			t.Errorf("%v is %q, want %q", c.err, got, c.want)
		}
	}
}

type timeoutError struct{}

func (timeoutError) Error() string   { return "i/o timeout" }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }
