package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

var errCrashed = errors.New("the process has crashed")

// crashing is a store whose process crashes at one of its calls, before or after the
// call has its effect: from then on nothing is done any more, nor sent.
type crashing struct {
	store.Messages
	transport http.RoundTripper
	calls     atomic.Int64 // until the crash
	before    bool
}

// call makes one call, unless the process has crashed.
func (c *crashing) call(do func() error) error {
	left := c.calls.Add(-1)
	if left < 0 || left == 0 && c.before {
		return errCrashed
	}
	if err := do(); err != nil || left == 0 {
		return errors.Join(err, errCrashed)
	}
	return nil
}

func (c *crashing) crashed() bool { return c.calls.Load() <= 0 }

func (c *crashing) RoundTrip(r *http.Request) (*http.Response, error) {
	if c.crashed() {
		return nil, errCrashed
	}
	return c.transport.RoundTrip(r)
}

func (c *crashing) Take(ctx context.Context, endpoint string, n int, lease time.Duration) (taken []store.Lent, err error) {
	err = c.call(func() (err error) {
		taken, err = c.Messages.Take(ctx, endpoint, n, lease)
		return err
	})
	if err != nil {
		return nil, err
	}
	return taken, nil
}

func (c *crashing) Done(ctx context.Context, l store.Lent) error {
	return c.call(func() error { return c.Messages.Done(ctx, l) })
}

func (c *crashing) Return(ctx context.Context, l store.Lent) error {
	return c.call(func() error { return c.Messages.Return(ctx, l) })
}

func (c *crashing) Suspend(ctx context.Context, endpoint, address string) error {
	return c.call(func() error { return c.Messages.Suspend(ctx, endpoint, address) })
}

func (c *crashing) Suspended(ctx context.Context, endpoint string) (address string, err error) {
	err = c.call(func() (err error) {
		address, err = c.Messages.Suspended(ctx, endpoint)
		return err
	})
	return address, err
}

// The process is killed at every call of the store in turn, and started again. Whatever
// the receiver answers first, in the end it has each message, once unless the crash left
// open whether it had arrived.
func TestCrashAtAnyPointLosesNothing(t *testing.T) {
	for name, first := range map[string]http.HandlerFunc{
		"Accepted": status(http.StatusOK), "Failing": status(http.StatusInternalServerError), "Gone": status(http.StatusGone),
	} {
		for _, before := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/BeforeTheCall=%t", name, before), func(t *testing.T) {
				for calls := 1; crashAt(t, calls, before, first); calls++ {
				}
			})
		}
	}
}

// crashAt tells whether there was a call of that number.
func crashAt(t *testing.T, calls int, before bool, first http.HandlerFunc) (crashed bool) {
	t.Helper()
	c := newClock()
	r := newReceiver(t, c)
	r.answers(first)
	directory := t.TempDir()
	messages := openStore(t, directory, c.now)
	ids := post(t, messages, c, "mailer", atOnce+2)
	doomed := &crashing{Messages: messages, before: before}
	doomed.calls.Store(int64(calls))
	e := &endpoint{Endpoint: r.endpoint("mailer")}
	o := options(doomed, c)
	doomed.transport, o.Transport = o.Transport, doomed
	drive(newSender(o), e)
	crashed = doomed.crashed()
	arrived := r.times()
	if err := messages.Close(); err != nil {
		t.Fatal(err)
	}

	r.answers(status(http.StatusNoContent))
	messages = openStore(t, directory, c.now)
	defer messages.Close()
	if at, err := messages.Suspended(t.Context(), "mailer"); err != nil {
		t.Fatal(err)
	} else if at != "" {
		if _, err := messages.Resume(t.Context(), "mailer"); err != nil {
			t.Fatal(err)
		}
	}
	c.move(time.Hour)
	drive(newSender(options(messages, c)), &endpoint{Endpoint: r.endpoint("mailer")})
	if left := pendingOf(t, messages); len(left) != 0 {
		t.Fatalf("crash at call %d: %d messages were not sent", calls, len(left))
	}
	for _, id := range ids {
		if n := r.times()[id]; n < 1 || n > arrived[id]+1 {
			t.Errorf("crash at call %d: %s came %d times, before it %d times", calls, id, n, arrived[id])
		}
	}
	return crashed
}

// While the store takes nothing in, messages are sent again and again; once it does,
// they are done.
func TestStoreThatFailsForAWhileLosesNothing(t *testing.T) {
	c := newClock()
	r := newReceiver(t, c)
	messages := openStore(t, t.TempDir(), c.now)
	failing := &crashing{Messages: messages}
	failing.calls.Store(3)
	id := post(t, messages, c, "mailer", 1)[0]
	start(t, options(failing, c, r.endpoint("mailer")))
	storetest.Eventually(t, "it was sent", func() bool { return r.times()[id] == 1 && failing.crashed() })
	failing.calls.Store(1 << 40)
	c.move(time.Minute) // the lease has passed
	storetest.Eventually(t, "it is done", func() bool { return len(pendingOf(t, messages)) == 0 })
	if n := r.times()[id]; n > 2 {
		t.Errorf("it came %d times", n)
	}
}
