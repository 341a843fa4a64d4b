package webhook

import (
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

func TestBacklogListsWhatHasNotArrived(t *testing.T) {
	c := newClock()
	messages := openStore(t, t.TempDir(), c.now)
	if list, err := Review(t.Context(), messages, c.now()); err != nil || len(list) != 0 {
		t.Fatalf("%+v, %v", list, err)
	}
	post(t, messages, c, "mailer", 3)
	taken, err := messages.Take(t.Context(), "mailer", 2, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range taken {
		l.Progress = store.Progress{Attempts: 10 - 7*i, First: c.now().Add(time.Duration(i) * time.Second), Trouble: string(Timeout)}
		if i == 1 {
			l.Next, l.Trouble = c.now().Add(time.Hour), string(Failing)
		}
		if err := messages.Return(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	c.move(time.Minute)
	post(t, messages, c, "shop", 1)
	if err := messages.Suspend(t.Context(), "shop", "digest"); err != nil {
		t.Fatal(err)
	}
	mailer := Backlog{
		Endpoint: "mailer", Type: "test.happened", Waiting: 2, Overdue: 1, Dead: 1,
		Posted: storetest.Noon, First: storetest.Noon, Attempts: 10, Trouble: Timeout,
	}
	shop := Backlog{Endpoint: "shop", Type: "test.happened", Waiting: 1, Posted: storetest.Noon.Add(time.Minute), Suspended: true}
	wantBacklog(t, messages, c, mailer, shop)
	c.move(time.Second)
	mailer.Overdue = 2
	wantBacklog(t, messages, c, mailer, shop)
	c.move(time.Minute)
	shop.Overdue = 1
	wantBacklog(t, messages, c, mailer, shop)
}

func wantBacklog(t *testing.T, messages store.Messages, c *clock, want ...Backlog) {
	t.Helper()
	got, err := Review(t.Context(), messages, c.now())
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("backlog is\n%+v (%v), want\n%+v", got, err, want)
	}
}

// Each trouble fits a metric label and a record of the store.
func TestTroublesAreFixedWords(t *testing.T) {
	for _, trouble := range Troubles() {
		p := store.Progress{Attempts: 1, First: storetest.Noon, Trouble: string(trouble)}
		if _, err := p.MarshalBinary(); err != nil || trouble == "" {
			t.Errorf("%q: %v", trouble, err)
		}
	}
	known := make(map[Trouble]bool)
	for _, trouble := range Troubles() {
		known[trouble] = true
	}
	for code := range 1000 {
		if trouble := judge(code); trouble != "" && !known[trouble] {
			t.Errorf("%d %s is %q", code, http.StatusText(code), trouble)
		}
	}
}
