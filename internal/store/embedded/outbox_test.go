package embedded_test

import (
	"reflect"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
	"github.com/caddy-privacy/caddy-privacy/internal/store/embedded"
	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

// appendQueued appends a receipt, listed in the outbox or not.
func appendQueued(t testing.TB, s *embedded.Store, r store.Receipt, queued bool) {
	t.Helper()
	write := s.Append
	if queued {
		write = s.Enqueue
	}
	if err := write(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}

func wantQueue(t *testing.T, s *embedded.Store, want ...store.Receipt) {
	t.Helper()
	got, err := s.Queue(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%d receipts queued: %+v\nwant %d: %+v", len(got), got, len(want), want)
	}
}

func TestOutboxGivesTheOldestFirstUntilDelivered(t *testing.T) {
	directory := t.TempDir()
	s := open(t, directory)
	old, young := storetest.NewReceipt("b", -1), storetest.NewReceipt("a", 0)
	appendQueued(t, s, young, true)
	appendQueued(t, s, old, true)
	appendQueued(t, s, storetest.NewReceipt("a", -2), false)
	wantQueue(t, s, old, young)
	if h := s.Health(); h.Queued != 2 || !h.Oldest.Equal(old.Time) {
		t.Errorf("health is %+v", h)
	}

	if err := s.Delivered(t.Context(), []store.Receipt{old}); err != nil {
		t.Fatal(err)
	}
	appendQueued(t, s, old, true) // the same receipt again is not sent again
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, directory)
	wantQueue(t, s, young)
	storetest.WantHistory(t, s, "b", old)
}

func TestUnknownServerGetsEveryReceiptAgain(t *testing.T) {
	s := open(t, t.TempDir())
	first, second := storetest.NewReceipt("a", -1), storetest.NewReceipt("a", 0)
	appendQueued(t, s, first, false)
	appendQueued(t, s, second, true)
	both := []store.Receipt{first, second}

	for _, step := range []struct {
		servers []string
		want    []store.Receipt
	}{
		{[]string{"run-1"}, both},
		{[]string{"run-1"}, nil},
		{[]string{"run-1", "run-2"}, both},
		{[]string{"run-2"}, nil},
		{[]string{"run-3"}, both},
		{[]string{"run-1"}, both},
		{nil, nil},
	} {
		if err := s.Requeue(t.Context(), step.servers); err != nil {
			t.Fatal(err)
		}
		wantQueue(t, s, step.want...)
		if err := s.Delivered(t.Context(), both); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRequeueTakesAllPortions(t *testing.T) {
	s := open(t, t.TempDir())
	const many = 2001
	storetest.AtOnce(t, many, func(i int) error {
		return s.Append(t.Context(), storetest.NewReceipt("a", i))
	})
	if err := s.Requeue(t.Context(), []string{"run-1"}); err != nil {
		t.Fatal(err)
	}
	if queued := s.Health().Queued; queued != many {
		t.Errorf("%d queued, want %d", queued, many)
	}
}
