package mirror

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestManyAskOneFetch(t *testing.T) {
	release := make(chan struct{})
	b := newBench(t, func(w http.ResponseWriter, r *http.Request) {
		<-release
		file("text/javascript", "1")(w, r)
	})
	var wait sync.WaitGroup
	for range 50 {
		wait.Go(func() {
			if w := b.ask(floating); w.Code != http.StatusOK || w.Body.String() != "1" {
				t.Errorf("%d %q", w.Code, w.Body)
			}
		})
	}
	for len(b.cdn.seen()) == 0 {
		time.Sleep(time.Millisecond)
	}
	close(release)
	wait.Wait()
	if n := len(b.cdn.seen()); n != 1 {
		t.Errorf("the CDN was asked %d times", n)
	}
}

func TestFailuresAreRememberedForAMinute(t *testing.T) {
	for _, status := range []int{http.StatusNotFound, http.StatusInternalServerError, http.StatusTooManyRequests} {
		b := newBench(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		for range 3 {
			if w := b.ask(lasting); w.Code == http.StatusOK {
				t.Errorf("%d: answered with %d", status, w.Code)
			}
		}
		if n := len(b.cdn.seen()); n != 1 {
			t.Errorf("%d: asked %d times", status, n)
		}
		b.clock.advance(61 * time.Second)
		b.cdn.answer(file("text/javascript", "1"))
		if w := b.ask(lasting); w.Code != http.StatusOK {
			t.Errorf("%d: not asked again: %d", status, w.Code)
		}
	}
}

func TestRememberedFailuresAreBounded(t *testing.T) {
	r := make(refusals)
	for i := range 10 * maxRefusals {
		r.add(strconv.Itoa(i), errGone, time.Unix(0, 0))
		if len(r) > maxRefusals {
			t.Fatalf("%d remembered", len(r))
		}
	}
}

// silent never answers.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestSilentCDNDoesNotHoldVisitors(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		m, err := New(Options{Dir: dir, Transport: silent{}, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		get := func(place string) int {
			w := httptest.NewRecorder()
			m.ServeHTTP(w, httptest.NewRequest(http.MethodGet, Prefix+place, nil))
			return w.Code
		}
		if got := get(floating); got != http.StatusBadGateway || time.Since(begin) > fetchTime {
			t.Errorf("without a copy: %d after %v", got, time.Since(begin))
		}
		if err := m.shelf.keep(meta{Address: "https://" + floating, Type: "text/javascript"}, []byte("1")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		begin = time.Now()
		if got := get(floating); got != http.StatusOK || time.Since(begin) > patience {
			t.Errorf("with a copy: %d after %v", got, time.Since(begin))
		}
		time.Sleep(fetchTime)
	})
}

// counting notes how many fetches run at one time.
type counting struct {
	mu           sync.Mutex
	running, top int
}

func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	c.running++
	c.top = max(c.top, c.running)
	c.mu.Unlock()
	time.Sleep(time.Second)
	c.mu.Lock()
	c.running--
	c.mu.Unlock()
	return nil, errors.New("refused")
}

func TestFetchesAtOneTimeAreBounded(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		c := &counting{}
		m, err := New(Options{Dir: dir, Transport: c, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		var wait sync.WaitGroup
		for i := range 3 * atOnce {
			wait.Go(func() {
				place := "unpkg.com/x" + strings.Repeat("x", i) + "/x.js"
				m.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, Prefix+place, nil))
			})
		}
		wait.Wait()
		if c.top != atOnce {
			t.Errorf("%d at one time, want %d", c.top, atOnce)
		}
	})
}
