package webhook

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// answer is what came of one exchange.
type answer struct {
	trouble   Trouble       // empty: it was delivered
	asked     time.Duration // how long the endpoint wants to be left alone
	brokenOff bool          // by Close: nobody knows whether it has arrived
}

// send posts a message once. Of the answer only its header is read; a redirect is not
// followed, because the transport follows none.
func (s *Sender) send(e *endpoint, l store.Lent) answer {
	ctx, cancel := context.WithTimeout(s.sending, s.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader(l.Body))
	if err != nil {
		return answer{trouble: Unreachable}
	}
	now := s.Now()
	request.Header = header(e.Secrets, l.Message, now)
	response, err := s.Transport.RoundTrip(request)
	switch {
	case err == nil:
		response.Body.Close()
		return read(response, now)
	case s.sending.Err() != nil:
		return answer{brokenOff: true}
	case s.Forbidden(err):
		return answer{trouble: Forbidden}
	}
	return answer{trouble: classify(err)}
}

// read judges an answer by its header.
func read(r *http.Response, now time.Time) answer {
	a := answer{trouble: judge(r.StatusCode)}
	if a.trouble.general() {
		a.asked = retryAfter(r.Header, now)
	}
	return a
}

// settle notes what came of an exchange. What the store does not take in is sent again
// when the lease has passed, with the same id.
func (s *Sender) settle(e *endpoint, l store.Lent, a answer) {
	ctx, cancel := s.patience()
	defer cancel()
	switch {
	case a.brokenOff:
		_ = s.Messages.Return(ctx, l)
		return
	case a.trouble == "":
		_ = s.Messages.Done(ctx, l)
		s.tell(e, l, Delivered, a)
		return
	case a.trouble == Gone:
		_ = s.Messages.Suspend(ctx, e.Name, e.digest())
	}
	outcome := Failed
	if l.Progress = after(l.Progress, a, s.Now()); l.Dead() {
		outcome = GivenUp
	}
	_ = s.Messages.Return(ctx, l)
	s.tell(e, l, outcome, a)
}

func (s *Sender) tell(e *endpoint, l store.Lent, outcome Outcome, a answer) {
	s.Told(Event{e.Name, l.Type, outcome, a.trouble, e.failures})
}

// after is the progress of a message after a failure.
func after(p store.Progress, a answer, now time.Time) store.Progress {
	if p.Attempts == 0 && p.First.IsZero() {
		p.First = now
	}
	p.Attempts++
	p.Trouble = string(a.trouble)
	p.Next, _ = next(p.Attempts, a.asked, now)
	return p
}
