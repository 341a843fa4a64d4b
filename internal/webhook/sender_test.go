package webhook

import (
	"net/http"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

// drive sends what is due, and returns what came of it.
func drive(s *Sender, e *endpoint) {
	for s.round(e) {
	}
}

// The clock is moved to each attempt, and a moment before it nothing is sent.
func TestMessageIsTriedOverTheWholeScheduleAndThenADeadLetter(t *testing.T) {
	c := newClock()
	r := newReceiver(t, c)
	r.answers(status(http.StatusInternalServerError))
	messages := openStore(t, t.TempDir(), c.now)
	var events []Event
	o := options(messages, c)
	o.Told = func(e Event) { events = append(events, e) }
	s, e := newSender(o), &endpoint{Endpoint: r.endpoint("mailer")}
	id := post(t, messages, c, "mailer", 1)[0]
	begun := c.now()
	drive(s, e)
	for n, delay := range schedule {
		p := pendingOf(t, messages)[0]
		wait := p.Next.Sub(c.now())
		if p.Attempts != n+1 || !p.First.Equal(begun) || p.Trouble != string(Failing) || wait < delay*9/10 || wait > delay*11/10 {
			t.Fatalf("after %d attempts: %+v, to be tried again in %v, want about %v", n+1, p.Progress, wait, delay)
		}
		c.move(wait - time.Nanosecond)
		drive(s, e)
		if got := len(r.attempts()); got != n+1 {
			t.Fatalf("%d attempts before the time of the %dth", got, n+2)
		}
		c.move(time.Nanosecond)
		drive(s, e)
		if got := r.attempts(); len(got) != n+2 || !got[n+1].at.Equal(c.now().Truncate(time.Second)) {
			t.Fatalf("at the time of attempt %d: %+v", n+2, got)
		}
	}
	if p := pendingOf(t, messages)[0]; !p.Dead() || p.Attempts != len(schedule)+1 {
		t.Fatalf("after the schedule: %+v", p.Progress)
	}
	if lasted := c.now().Sub(begun); lasted < 68*time.Hour || lasted > 84*time.Hour {
		t.Errorf("the schedule lasted %v", lasted)
	}
	if last := events[len(events)-1]; len(events) != 10 || last != (Event{"mailer", "test.happened", GivenUp, Failing, 10}) || events[0].Outcome != Failed {
		t.Errorf("told was %+v", events)
	}
	c.move(300 * 24 * time.Hour)
	drive(s, e)
	if n := r.times()[id]; n != 10 {
		t.Fatalf("%d attempts", n)
	}

	// The owner has it tried again, from the beginning of the schedule.
	if n, err := messages.Resume(t.Context(), "mailer"); err != nil || n != 1 {
		t.Fatalf("%d resumed, %v", n, err)
	}
	drive(s, e)
	if p := pendingOf(t, messages)[0]; p.Attempts != 1 || p.Dead() || !p.First.Equal(begun) {
		t.Fatalf("after it was resumed: %+v", p.Progress)
	}
	r.answers(status(http.StatusNoContent))
	c.move(time.Hour)
	drive(s, e)
	if left := pendingOf(t, messages); len(left) != 0 || r.times()[id] != 12 {
		t.Errorf("%d messages are left after %d attempts", len(left), r.times()[id])
	}
}

func TestMessagesArriveOnceEachAndAreForgotten(t *testing.T) {
	c := newClock()
	r := newReceiver(t, c)
	messages := openStore(t, t.TempDir(), c.now)
	start(t, options(messages, c, r.endpoint("mailer")))
	ids := post(t, messages, c, "mailer", 50)
	storetest.Eventually(t, "all are forgotten", func() bool { return len(pendingOf(t, messages)) == 0 })
	wantOnce(t, r, ids)
}

func wantOnce(t *testing.T, r *receiver, ids []string) {
	t.Helper()
	times := r.times()
	for _, id := range ids {
		if times[id] != 1 {
			t.Errorf("%s came %d times", id, times[id])
		}
		delete(times, id)
	}
	if len(times) > 0 {
		t.Errorf("%d others came", len(times))
	}
}

func TestEndpointThatHangsDelaysNoOther(t *testing.T) {
	c := newClock()
	slow, quick := newReceiver(t, c), newReceiver(t, c)
	release := make(chan struct{})
	slow.answers(func(w http.ResponseWriter, _ *http.Request) { <-release; w.WriteHeader(http.StatusNoContent) })
	messages := openStore(t, t.TempDir(), c.now)
	post(t, messages, c, "slow", 20)
	start(t, options(messages, c, slow.endpoint("slow"), quick.endpoint("quick")))
	storetest.Eventually(t, "the slow one holds as many as it may", func() bool { return len(slow.attempts()) == atOnce })
	ids := post(t, messages, c, "quick", 100)
	storetest.Eventually(t, "the other has all", func() bool { return len(quick.attempts()) == len(ids) })
	if n := len(slow.attempts()); n != atOnce {
		t.Errorf("%d exchanges with one endpoint at once", n)
	}
	close(release)
	storetest.Eventually(t, "the slow one has all, too", func() bool { return len(pendingOf(t, messages)) == 0 })
}

func TestManySendersOfOneStoreDeliverOnceEach(t *testing.T) {
	c := newClock()
	r := newReceiver(t, c)
	messages := openStore(t, t.TempDir(), c.now)
	for range 5 {
		start(t, options(messages, c, r.endpoint("mailer")))
	}
	ids := post(t, messages, c, "mailer", 200)
	storetest.Eventually(t, "all are forgotten", func() bool { return len(pendingOf(t, messages)) == 0 })
	wantOnce(t, r, ids)
}

func TestEndpointThatIsGoneGetsNothingUntilItsAddressChangesOrItIsResumed(t *testing.T) {
	c := newClock()
	r := newReceiver(t, c)
	r.answers(status(http.StatusGone))
	messages := openStore(t, t.TempDir(), c.now)
	s, e := newSender(options(messages, c)), &endpoint{Endpoint: r.endpoint("mailer")}
	ids := post(t, messages, c, "mailer", 1)
	drive(s, e)
	ids = append(ids, post(t, messages, c, "mailer", 3)...)
	for range 20 {
		c.move(24 * time.Hour)
		drive(s, e)
		drive(s, &endpoint{Endpoint: r.endpoint("mailer")}) // one that was restarted
	}
	if n := len(r.attempts()); n != 1 {
		t.Fatalf("%d attempts after it was gone", n)
	}
	if left := pendingOf(t, messages); len(left) != len(ids) {
		t.Fatalf("%d of %d messages are left", len(left), len(ids))
	}
	if at, err := messages.Suspended(t.Context(), "mailer"); err != nil || at == "" || at == e.URL {
		t.Errorf("suspended at %q, %v", at, err)
	}

	r.answers(status(http.StatusNoContent))
	moved := r.endpoint("mailer")
	moved.URL = r.URL + "/elsewhere"
	drive(s, &endpoint{Endpoint: moved})
	if left := pendingOf(t, messages); len(left) != 0 {
		t.Errorf("%d messages are left", len(left))
	}
	if at, err := messages.Suspended(t.Context(), "mailer"); err != nil || at != "" {
		t.Errorf("suspended at %q, %v", at, err)
	}
}

// What Close breaks off may have arrived or not: it is sent again, with the same id,
// and no attempt is counted.
func TestCloseLeavesNothingBehind(t *testing.T) {
	c := newClock()
	r := newReceiver(t, c)
	release := make(chan struct{})
	defer close(release)
	r.answers(func(http.ResponseWriter, *http.Request) { <-release })
	messages := openStore(t, t.TempDir(), c.now)
	s := Start(options(messages, c, r.endpoint("mailer")))
	id := post(t, messages, c, "mailer", 1)[0]
	storetest.Eventually(t, "it is under way", func() bool { return len(r.attempts()) == 1 })
	s.stop()
	s.breakOff()
	s.Close()
	if p := pendingOf(t, messages)[0]; p.Progress != (store.Progress{Next: storetest.Noon}) {
		t.Errorf("its progress is %+v", p.Progress)
	}
	r.answers(status(http.StatusOK))
	start(t, options(messages, c, r.endpoint("mailer")))
	storetest.Eventually(t, "it has arrived", func() bool { return len(pendingOf(t, messages)) == 0 })
	if n := r.times()[id]; n != 2 {
		t.Errorf("it came %d times", n)
	}
}

func TestEndpointInTroubleIsTriedWithOneMessageAtATime(t *testing.T) {
	c := newClock()
	r := newReceiver(t, c)
	r.answers(status(http.StatusServiceUnavailable, "Retry-After: 3600"))
	messages := openStore(t, t.TempDir(), c.now)
	s, e := newSender(options(messages, c)), &endpoint{Endpoint: r.endpoint("mailer")}
	ids := post(t, messages, c, "mailer", 20)
	drive(s, e)
	for _, step := range []struct {
		move time.Duration
		want int
	}{{0, atOnce}, {time.Hour - time.Second, atOnce}, {time.Second, atOnce + 1}, {time.Minute, atOnce + 1}} {
		c.move(step.move)
		drive(s, e)
		if n := len(r.attempts()); n != step.want {
			t.Fatalf("%d attempts, want %d", n, step.want)
		}
	}
	r.answers(status(http.StatusOK))
	c.move(2 * time.Hour)
	drive(s, e)
	if left := pendingOf(t, messages); len(left) != 0 || len(r.times()) != len(ids) {
		t.Errorf("%d messages are left", len(left))
	}
}
