package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
	"github.com/caddy-privacy/caddy-privacy/internal/store/embedded"
	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

// keyText is a secret as the owner writes it.
const keyText = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func secret(t testing.TB, text string) Secret {
	t.Helper()
	s, err := ParseSecret(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// receiver is somebody who is told things. It holds every message against its
// signature, and remembers it.
type receiver struct {
	*httptest.Server
	t     *testing.T
	clock *clock

	mu     sync.Mutex
	answer http.HandlerFunc
	came   []attempt
}

// attempt is one message as it arrived.
type attempt struct {
	id, body string
	at       time.Time // of the sender's clock
}

// newReceiver answers with 204 unless a test says otherwise.
func newReceiver(t *testing.T, c *clock) *receiver {
	r := &receiver{t: t, clock: c, answer: status(http.StatusNoContent)}
	r.Server = httptest.NewServer(http.HandlerFunc(r.receive))
	t.Cleanup(r.Close)
	return r
}

func status(code int, fields ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, field := range fields {
			name, value, _ := strings.Cut(field, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(code)
	}
}

func (r *receiver) receive(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil || q.Method != http.MethodPost || q.Header.Get("Content-Type") != "application/json" {
		r.t.Errorf("%s of %q: %v", q.Method, q.Header.Get("Content-Type"), err)
	}
	id, stamp := q.Header.Get("webhook-id"), q.Header.Get("webhook-timestamp")
	if !verified(keyText, id, stamp, body, q.Header.Get("webhook-signature")) {
		r.t.Errorf("the signature of %s is wrong", id)
	}
	unix, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		r.t.Error(err)
	}
	r.mu.Lock()
	r.came = append(r.came, attempt{id, string(body), time.Unix(unix, 0).UTC()})
	answer := r.answer
	r.mu.Unlock()
	answer(w, q)
}

// verified is the recipe of the specification, written once more from its text.
func verified(key, id, stamp string, body []byte, signatures string) bool {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(key, "whsec_"))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, raw)
	fmt.Fprintf(mac, "%s.%s.%s", id, stamp, body)
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return slices.Contains(strings.Split(signatures, " "), want)
}

// answers says how to answer from now on.
func (r *receiver) answers(h http.HandlerFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = h
}

func (r *receiver) attempts() []attempt {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.came)
}

// times tells how often each message came, and fails the test if it ever changed.
func (r *receiver) times() map[string]int {
	r.t.Helper()
	times, bodies := make(map[string]int), make(map[string]string)
	for _, a := range r.attempts() {
		if times[a.id]++; times[a.id] > 1 && bodies[a.id] != a.body {
			r.t.Errorf("%s came with another body", a.id)
		}
		bodies[a.id] = a.body
	}
	return times
}

func (r *receiver) endpoint(name string) Endpoint {
	return Endpoint{Name: name, URL: r.URL + "/hook?token=1", Secrets: []Secret{secret(r.t, keyText)}}
}

// clock is moved by a test.
type clock struct{ nanos atomic.Int64 }

func newClock() *clock {
	c := new(clock)
	c.nanos.Store(storetest.Noon.UnixNano())
	return c
}

func (c *clock) now() time.Time       { return time.Unix(0, c.nanos.Load()).UTC() }
func (c *clock) move(d time.Duration) { c.nanos.Add(int64(d)) }

func openStore(t *testing.T, directory string, now func() time.Time) *embedded.Store {
	t.Helper()
	s, err := embedded.Open(embedded.Options{Directory: directory, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// post keeps messages about what happens now, and returns their ids.
func post(t *testing.T, s store.Messages, c *clock, endpoint string, n int) (ids []string) {
	t.Helper()
	for i := range n {
		m, err := New(endpoint, "test.happened", c.now(), map[string]int{"number": i})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Post(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, m.ID)
	}
	return ids
}

// pendingOf lists what is kept, sorted by id.
func pendingOf(t *testing.T, s store.Messages) (list []store.Pending) {
	t.Helper()
	if err := s.Pending(t.Context(), func(p store.Pending) { list = append(list, p) }); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(list, func(a, b store.Pending) int { return strings.Compare(a.ID, b.ID) })
	return list
}

// options of a sender that looks often.
func options(s store.Messages, c *clock, endpoints ...Endpoint) Options {
	return Options{
		Messages: s, Endpoints: endpoints, Now: c.now, Poll: 5 * time.Millisecond,
		Transport: &http.Transport{MaxResponseHeaderBytes: 16 << 10},
	}
}

// start sends until the end of the test.
func start(t *testing.T, o Options) *Sender {
	t.Helper()
	s := Start(o)
	t.Cleanup(s.Close)
	return s
}
