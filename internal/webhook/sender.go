package webhook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"sync"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// Endpoint is somebody who is told things.
type Endpoint struct {
	Name    string   // that messages are for
	URL     string   // that they are posted to
	Secrets []Secret // that sign them: the present one, and former ones that it still trusts
}

// Options say what a Sender sends, and how.
type Options struct {
	Messages  store.Messages
	Endpoints []Endpoint
	// Transport makes each exchange: it connects only where data may go, and bounds
	// the header of an answer.
	Transport http.RoundTripper
	Now       func() time.Time // the clock
	// Forbidden tells whether the transport failed because data must not go there.
	// May be nil.
	Forbidden func(error) bool
	// Told hears what came of each attempt. It may be nil, is called by several
	// goroutines at once, and must not wait.
	Told func(Event)
	// Timeout bounds one attempt. 0 means 20 seconds, of the 15 to 30 that the
	// specification recommends.
	Timeout time.Duration
	// Poll is how often to look for messages that other gateways have posted, or whose
	// time has come. 0 means every five seconds.
	Poll time.Duration
}

// Event is what came of one attempt.
type Event struct {
	Endpoint string
	Type     string
	Outcome  Outcome
	Trouble  Trouble // empty when it was delivered
	Failures int     // of the endpoint in a row, this one included
}

// Outcome is what became of a message.
type Outcome uint8

// The outcomes.
const (
	Delivered Outcome = iota
	Failed            // and will be tried again
	GivenUp           // and is a dead letter

	Outcomes = iota // how many there are
)

func (o Outcome) String() string { return [...]string{"delivered", "failed", "given_up"}[o] }

// Bounds of a Sender.
const (
	atOnce  = 4 // exchanges with one endpoint
	timeout = 20 * time.Second
	poll    = 5 * time.Second
	// leaseMargin is what a lease lasts beyond an attempt: the time to note what came
	// of it.
	leaseMargin = 40 * time.Second
	// storePatience bounds each call of the store.
	storePatience = 5 * time.Second
	// farewell is how long Close waits for answers before it breaks exchanges off.
	farewell = 3 * time.Second
)

// Sender sends the messages of its endpoints, each endpoint's by a goroutine of its
// own: that one is slow or away delays no other.
type Sender struct {
	Options
	looping  context.Context // ends at Close
	sending  context.Context // ends when Close breaks exchanges off
	stop     context.CancelFunc
	breakOff context.CancelFunc
	done     sync.WaitGroup
}

// Start begins to send, until Close.
func Start(o Options) *Sender {
	s := newSender(o)
	for _, e := range o.Endpoints {
		s.done.Go(func() { s.serve(&endpoint{Endpoint: e}) })
	}
	return s
}

func newSender(o Options) *Sender {
	if o.Forbidden == nil {
		o.Forbidden = func(error) bool { return false }
	}
	if o.Told == nil {
		o.Told = func(Event) {}
	}
	if o.Timeout <= 0 {
		o.Timeout = timeout
	}
	if o.Poll <= 0 {
		o.Poll = poll
	}
	s := &Sender{Options: o}
	s.looping, s.stop = context.WithCancel(context.Background())
	s.sending, s.breakOff = context.WithCancel(context.Background())
	return s
}

// Close begins no further exchange, and waits a moment for those under way. What is
// broken off is due again at once, for whoever sends next.
func (s *Sender) Close() {
	s.stop()
	over := time.AfterFunc(farewell, s.breakOff)
	s.done.Wait()
	over.Stop()
	s.breakOff()
}

// endpoint is one with what this sender knows of it. It belongs to one goroutine.
type endpoint struct {
	Endpoint
	failures int       // in a row
	resting  time.Time // it is left alone until then
}

// digest stands for the address of an endpoint, which may itself be a secret.
func (e *endpoint) digest() string {
	sum := sha256.Sum256([]byte(e.URL))
	return hex.EncodeToString(sum[:8])
}

// serve sends what is due to one endpoint, whenever something is.
func (s *Sender) serve(e *endpoint) {
	for s.looping.Err() == nil {
		posted := s.Messages.Posted()
		for s.round(e) {
		}
		wait := time.NewTimer(s.Poll)
		select {
		case <-s.looping.Done():
		case <-posted:
		case <-wait.C:
		}
		wait.Stop()
	}
}

// round takes messages that are due and sends them, all at once. It tells whether there
// may be more. Whatever the store fails at is tried again in the next round.
func (s *Sender) round(e *endpoint) (more bool) {
	if s.looping.Err() != nil || s.Now().Before(e.resting) || !s.admitted(e) {
		return false
	}
	n := atOnce
	if e.failures > 0 {
		n = 1 // to see whether it is back
	}
	taken := s.take(e, n)
	answers := make([]answer, len(taken))
	var all sync.WaitGroup
	for i := range taken {
		all.Go(func() { answers[i] = s.send(e, taken[i]) })
	}
	all.Wait()
	s.learn(e, answers)
	for i := range taken {
		s.settle(e, taken[i], answers[i])
	}
	return len(taken) == n
}

// admitted tells whether an endpoint wants messages. One that has another address than
// that which wanted none is tried again, with all that was given up.
func (s *Sender) admitted(e *endpoint) bool {
	ctx, cancel := s.patience()
	defer cancel()
	address, err := s.Messages.Suspended(ctx, e.Name)
	if err != nil || address == e.digest() {
		return false
	}
	if address != "" {
		_, err = s.Messages.Resume(ctx, e.Name)
	}
	return err == nil
}

func (s *Sender) take(e *endpoint, n int) []store.Lent {
	ctx, cancel := s.patience()
	defer cancel()
	taken, err := s.Messages.Take(ctx, e.Name, n, s.Timeout+leaseMargin)
	if err != nil {
		return nil
	}
	return taken
}

// learn draws from the answers of a round whether to leave the endpoint alone.
func (s *Sender) learn(e *endpoint, answers []answer) {
	failed, asked := false, time.Duration(0)
	for _, a := range answers {
		asked = max(asked, a.asked)
		switch {
		case a.brokenOff:
		case a.trouble.general():
			failed = true
		default: // it answers
			e.failures, e.resting = 0, time.Time{}
		}
	}
	if failed {
		e.failures++
		e.resting = s.Now().Add(max(pause(e.failures), asked))
	}
}

// patience bounds a call of the store. It outlives Close: what came of an exchange must
// be noted.
func (s *Sender) patience() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(s.looping), storePatience)
}
