package storetest

import (
	"crypto/rand"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// NewMessage returns a message with a random ID about what happened some minutes
// before or after Noon.
func NewMessage(endpoint string, minutes int) store.Message {
	id := rand.Text()
	return store.Message{
		ID: id, Endpoint: endpoint, Type: "test.happened",
		Time:    Noon.Add(time.Duration(minutes) * time.Minute),
		Expires: Noon.AddDate(100, 0, 0),
		Body:    fmt.Appendf(nil, "{ \"message\" :\n%q}", id),
	}
}

// Lease is longer than any test.
const Lease = time.Hour

// MessageContract runs the promises of store.Messages that need the shared server,
// where there is one. open is as for Contract.
func MessageContract(t *testing.T, open func(t *testing.T, directory string) store.Store) {
	promises := map[string]func(*testing.T, store.Store){
		"TakeGivesTheLongestDueFirst":          takeGivesLongestDue,
		"MessageToOneIsNotGivenForAnother":     messageOfOneEndpoint,
		"MessageIsLentToOneAtATime":            messageIsLentOnce,
		"MessageThatIsDoneNeverComesBack":      doneStaysDone,
		"ReturnedMessageIsDueAtItsTime":        returnedIsDue,
		"DeadLetterIsKeptAndNotDue":            deadLetterIsKept,
		"LeaseThatHasPassedFreesTheMessage":    leasePasses,
		"LateHolderChangesNothing":             lateHolder,
		"ResumeMakesAllDueAndCountsAnew":       resumeMakesDue,
		"SuspensionIsKeptUntilResumed":         suspensionIsKept,
		"EveryMessageIsTakenOnceByManySenders": takenOnceByMany,
	}
	for name, promise := range promises {
		t.Run(name, func(t *testing.T) {
			s := open(t, t.TempDir())
			t.Cleanup(func() { s.Close() })
			promise(t, s)
		})
	}
}

func messagesComeWithReceipt(t *testing.T, s store.Store) {
	r, first, second := NewReceipt("a", 0), NewMessage("mailer", 0), NewMessage("shop", 0)
	must(t, s.Append(t.Context(), r, first, second))
	must(t, s.Append(t.Context(), r, NewMessage("late", 0)))
	wantPending(t, s, first, second)
	broken := NewMessage("mailer", 0)
	broken.Body = nil
	if s.Append(t.Context(), NewReceipt("b", 0), NewMessage("mailer", 0), broken) == nil {
		t.Error("a receipt was kept without one of its messages")
	}
	WantHistory(t, s, "b")
	wantPending(t, s, first, second)
}

func messagePostedTwice(t *testing.T, s store.Store) {
	first := NewMessage("mailer", 0)
	changed := first
	changed.Endpoint, changed.Body = "shop", []byte(`{"forged":true}`)
	for _, m := range []store.Message{first, first, changed} {
		must(t, s.Post(t.Context(), m))
	}
	wantPending(t, s, first)
}

func messagesPostedAtOnce(t *testing.T, s store.Store) {
	want := make([]store.Message, 64)
	for i := range want {
		want[i] = NewMessage("mailer", i)
	}
	AtOnce(t, len(want)/2, func(i int) error { return s.Post(t.Context(), want[2*i], want[2*i+1]) })
	wantPending(t, s, want...)
}

func badMessageIsRefused(t *testing.T, s store.Store) {
	m := NewMessage("mailer", 0)
	m.Expires = time.Time{}
	if s.Post(t.Context(), NewMessage("mailer", 0), m) == nil {
		t.Fatal("a message that never expires was kept")
	}
	wantPending(t, s)
}

func takeGivesLongestDue(t *testing.T, s store.Store) {
	old, middle, young, later := NewMessage("mailer", -3), NewMessage("mailer", -2), NewMessage("mailer", 0), NewMessage("mailer", 1)
	must(t, s.Post(t.Context(), later, middle, young, old))
	wantTaken(t, take(t, s, "mailer", 2, 2), old, middle)
	wantTaken(t, take(t, s, "mailer", 10, 1), young)
	wantPending(t, s, old, middle, young, later)
}

func messageOfOneEndpoint(t *testing.T, s store.Store) {
	names := []string{"mail", "mailer", "mailer s", "mäiler {x}:y", strings.Repeat("m", store.MaxEndpoint)}
	for _, name := range names {
		must(t, s.Post(t.Context(), NewMessage(name, 0)))
	}
	for _, name := range names {
		for _, l := range take(t, s, name, 10, 1) {
			if l.Endpoint != name {
				t.Errorf("%q got a message to %q", name, l.Endpoint)
			}
		}
		wantTaken(t, take(t, s, name, 10, 0))
	}
}

func messageIsLentOnce(t *testing.T, s store.Store) {
	m := NewMessage("mailer", 0)
	must(t, s.Post(t.Context(), m))
	wantTaken(t, take(t, s, "mailer", 1, 1), m)
	wantTaken(t, take(t, s, "mailer", 1, 0))
	wantPending(t, s, m)
}

func doneStaysDone(t *testing.T, s store.Store) {
	m := NewMessage("mailer", 0)
	must(t, s.Post(t.Context(), m))
	l := take(t, s, "mailer", 1, 1)[0]
	must(t, s.Done(t.Context(), l))
	must(t, s.Done(t.Context(), l))
	l.Next = Noon
	must(t, s.Return(t.Context(), l))
	wantPending(t, s)
	wantTaken(t, take(t, s, "mailer", 1, 0))
}

func returnedIsDue(t *testing.T, s store.Store) {
	soon, later := NewMessage("mailer", -1), NewMessage("mailer", 0)
	must(t, s.Post(t.Context(), soon, later))
	for _, l := range take(t, s, "mailer", 2, 2) {
		l.Progress = store.Progress{Attempts: 1, First: Noon, Next: Noon, Trouble: "timeout"}
		if l.ID == later.ID {
			l.Next = Noon.Add(time.Millisecond)
		}
		must(t, s.Return(t.Context(), l))
	}
	taken := take(t, s, "mailer", 10, 1)
	wantTaken(t, taken, soon)
	if want := (store.Progress{Attempts: 1, First: Noon, Next: Noon, Trouble: "timeout"}); taken[0].Progress != want {
		t.Errorf("progress is %+v, want %+v", taken[0].Progress, want)
	}
}

func deadLetterIsKept(t *testing.T, s store.Store) {
	m := NewMessage("mailer", 0)
	must(t, s.Post(t.Context(), m))
	kill(t, s, take(t, s, "mailer", 1, 1)[0])
	wantTaken(t, take(t, s, "mailer", 1, 0))
	must(t, s.Post(t.Context(), m))
	wantTaken(t, take(t, s, "mailer", 1, 0))
	wantPending(t, s, m)
	must(t, s.Pending(t.Context(), func(p store.Pending) {
		if !p.Dead() || p.Attempts != 3 || p.Trouble != "gone" || p.Body != nil {
			t.Errorf("pending is %+v", p)
		}
	}))
}

// kill makes a message a dead letter.
func kill(t *testing.T, s store.Store, l store.Lent) {
	t.Helper()
	l.Progress = store.Progress{Attempts: 3, First: Noon, Trouble: "gone"}
	must(t, s.Return(t.Context(), l))
}

func leasePasses(t *testing.T, s store.Store) {
	m := NewMessage("mailer", 0)
	must(t, s.Post(t.Context(), m))
	Eventually(t, "the message is lent for no time", func() bool {
		taken, err := s.Take(t.Context(), "mailer", 1, 0)
		return err == nil && len(taken) == 1
	})
	wantTaken(t, take(t, s, "mailer", 1, 1), m)
}

func lateHolder(t *testing.T, s store.Store) {
	m := NewMessage("mailer", 0)
	must(t, s.Post(t.Context(), m))
	var late store.Lent
	Eventually(t, "the message is lent for no time", func() bool {
		taken, err := s.Take(t.Context(), "mailer", 1, 0)
		if len(taken) == 1 {
			late = taken[0]
		}
		return err == nil && len(taken) == 1
	})
	present := take(t, s, "mailer", 1, 1)[0]
	kill(t, s, late)
	late.Next = Noon
	must(t, s.Return(t.Context(), late))
	wantTaken(t, take(t, s, "mailer", 1, 0))
	must(t, s.Pending(t.Context(), func(p store.Pending) {
		if p.Attempts != 0 {
			t.Errorf("pending is %+v", p)
		}
	}))
	// That the endpoint has it is true, whoever says so.
	must(t, s.Done(t.Context(), late))
	must(t, s.Return(t.Context(), present))
	wantPending(t, s)
}

func resumeMakesDue(t *testing.T, s store.Store) {
	dead, waiting, lent, other := NewMessage("mailer", -3), NewMessage("mailer", -2), NewMessage("mailer", -1), NewMessage("shop", -4)
	must(t, s.Post(t.Context(), dead, waiting, lent, other))
	kill(t, s, take(t, s, "shop", 1, 1)[0])
	for _, l := range take(t, s, "mailer", 3, 3) {
		switch l.ID {
		case dead.ID:
			kill(t, s, l)
		case waiting.ID:
			l.Progress = store.Progress{Attempts: 2, First: Noon, Next: Noon.Add(time.Hour), Trouble: "timeout"}
			must(t, s.Return(t.Context(), l))
		}
	}
	posted := s.Posted()
	resumed, err := s.Resume(t.Context(), "mailer")
	if err != nil || resumed != 2 {
		t.Fatalf("%d were resumed, %v", resumed, err)
	}
	<-posted
	taken := take(t, s, "mailer", 10, 2)
	slices.SortFunc(taken, func(a, b store.Lent) int { return a.Time.Compare(b.Time) })
	wantTaken(t, taken, dead, waiting)
	for _, l := range taken {
		if l.Attempts != 0 || !l.First.Equal(Noon) || !l.Next.Equal(Noon) || l.Trouble == "" {
			t.Errorf("progress is %+v", l.Progress)
		}
	}
	wantTaken(t, take(t, s, "shop", 1, 0))
}

func suspensionIsKept(t *testing.T, s store.Store) {
	want := func(endpoint, want string) {
		t.Helper()
		if got, err := s.Suspended(t.Context(), endpoint); err != nil || got != want {
			t.Errorf("%s is suspended at %q, %v; want %q", endpoint, got, err, want)
		}
	}
	want("mailer", "")
	must(t, s.Suspend(t.Context(), "mailer", "one"))
	must(t, s.Suspend(t.Context(), "mailer", "two"))
	want("mailer", "two")
	want("shop", "")
	if _, err := s.Resume(t.Context(), "mailer"); err != nil {
		t.Fatal(err)
	}
	want("mailer", "")
}

func takenOnceByMany(t *testing.T, s store.Store) {
	const many = 200
	var messages []store.Message
	for i := range many {
		messages = append(messages, NewMessage("mailer", -i))
	}
	must(t, s.Post(t.Context(), messages...))
	var mu sync.Mutex
	times := make(map[string]int)
	AtOnce(t, 8, func(int) error {
		for {
			taken, err := s.Take(t.Context(), "mailer", 3, Lease)
			if err != nil {
				return err
			}
			mu.Lock()
			for _, l := range taken {
				times[l.ID]++
			}
			enough := len(times) == many
			mu.Unlock()
			for _, l := range taken {
				if err := s.Done(t.Context(), l); err != nil {
					return err
				}
			}
			if len(taken) == 0 && enough {
				return nil
			}
		}
	})
	for id, n := range times {
		if n != 1 {
			t.Errorf("%s was taken %d times", id, n)
		}
	}
	wantPending(t, s)
}

// take takes messages once as many are there as are wanted: they may still be on
// their way to a shared server. With none wanted, one more try must give none.
func take(t *testing.T, s store.Store, endpoint string, n, want int) []store.Lent {
	t.Helper()
	var all []store.Lent
	Eventually(t, fmt.Sprintf("%d messages can be taken", want), func() bool {
		taken, err := s.Take(t.Context(), endpoint, n-len(all), Lease)
		all = append(all, taken...)
		return err == nil && len(all) >= want
	})
	return all
}

func wantTaken(t *testing.T, got []store.Lent, want ...store.Message) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d messages taken, want %d", len(got), len(want))
	}
	for i := range want {
		if !reflect.DeepEqual(got[i].Message, want[i]) {
			t.Fatalf("message %d is\n%+v, want\n%+v", i, got[i].Message, want[i])
		}
	}
}

// wantPending waits until exactly these messages are kept.
func wantPending(t *testing.T, s store.Messages, want ...store.Message) {
	t.Helper()
	var ids []string
	for _, m := range want {
		ids = append(ids, m.Endpoint+" "+m.ID)
	}
	slices.Sort(ids)
	Eventually(t, fmt.Sprintf("%d messages are kept", len(want)), func() bool {
		var got []string
		err := s.Pending(t.Context(), func(p store.Pending) { got = append(got, p.Endpoint+" "+p.ID) })
		slices.Sort(got)
		return err == nil && slices.Equal(got, ids)
	})
}
