//go:build unix

package binary

import (
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

func TestChoicesAndReceiptsOutliveAKill(t *testing.T) {
	t.Parallel()
	g := startGateway(t, inFrontOf(newOrigin(t)))
	accepts, changes, refuses := newVisitor(g).accept(t), newVisitor(g).accept(t), newVisitor(g)
	for _, v := range []*visitor{changes, refuses} {
		if err := v.choose("refuse"); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		g.kill()
		g.start(t)
		if err := accepts.accepted(); err != nil {
			t.Error(err)
		}
		for _, v := range []*visitor{changes, refuses} {
			if a, err := v.page(); err != nil || a.asked() || !strings.HasPrefix(a.header.Get("Told"), "refused") {
				t.Errorf("who refused is asked again: %t; the site was told %q (%v)", a.asked(), a.header.Get("Told"), err)
			}
		}
		for _, v := range []*visitor{accepts, changes, refuses} {
			v.wantReceipts(t)
		}
	}
	if newcomer := newVisitor(g).accept(t); newcomer.key(t) != accepts.key(t) {
		t.Error("a restart made a new key")
	}
}

// A choice that was answered is on the disk, whatever happens to the process in
// the moment after.
func TestEveryAnsweredChoiceOutlivesAKillInAStorm(t *testing.T) {
	t.Parallel()
	g := startGateway(t, inFrontOf(newOrigin(t)))
	var answered []*visitor
	for range 3 {
		storm := newStorm(g, 8)
		storm.waitFor(t, 40)
		g.kill()
		answered = append(answered, storm.end()...)
		g.start(t)
	}
	if len(answered) < 3*40 {
		t.Fatalf("only %d visitors were answered: the test proves nothing", len(answered))
	}
	for _, v := range answered {
		if err := v.accepted(); err != nil {
			t.Error(err)
		}
		// The last choice may have been kept without being answered.
		if list, err := v.receipts(); err != nil || len(list) < v.choices || len(list) > v.choices+1 {
			t.Errorf("%d receipts of %d answered choices (%v)", len(list), v.choices, err)
		}
	}
}

// storm is many visitors who choose at once, until the gateway is gone.
type storm struct {
	answered atomic.Int64
	workers  sync.WaitGroup
	mu       sync.Mutex
	visitors []*visitor
}

// newStorm begins one. Each visitor accepts twice.
func newStorm(g *gateway, workers int) *storm {
	s := new(storm)
	for range workers {
		s.workers.Go(func() {
			for {
				v := newVisitor(g)
				err := v.choose("accept")
				if err == nil {
					s.answered.Add(1)
					err = v.choose("accept")
				}
				if v.choices > 0 {
					s.mu.Lock()
					s.visitors = append(s.visitors, v)
					s.mu.Unlock()
				}
				if err != nil {
					return
				}
			}
		})
	}
	return s
}

// waitFor waits until so many visitors were answered.
func (s *storm) waitFor(t *testing.T, visitors int64) {
	t.Helper()
	storetest.Eventually(t, "choices are answered", func() bool { return s.answered.Load() >= visitors })
}

// end returns the visitors who were answered, once the gateway has gone.
func (s *storm) end() []*visitor {
	s.workers.Wait()
	return s.visitors
}

func TestStopInAStormLosesNoAnsweredChoice(t *testing.T) {
	t.Parallel()
	g := startGateway(t, inFrontOf(newOrigin(t)))
	storm := newStorm(g, 8)
	storm.waitFor(t, 40)
	g.caddy(t, "stop", "--address", g.admin).succeeds(t)
	<-g.ended
	answered := storm.end()
	g.start(t)
	for _, v := range answered {
		if err := v.accepted(); err != nil {
			t.Error(err)
		}
		if list, err := v.receipts(); err != nil || len(list) < v.choices || len(list) > v.choices+1 {
			t.Errorf("%d receipts of %d answered choices (%v)", len(list), v.choices, err)
		}
	}
}

func TestSecondProcessInAStormNeverTouchesTheStore(t *testing.T) {
	t.Parallel()
	origin := newOrigin(t)
	g := startGateway(t, inFrontOf(origin))
	second := newGateway(t, inFrontOf(origin))
	file := write(t, g.folder, "Secondfile", read(t, filepath.Join(second.folder, "Caddyfile")))
	storm := newStorm(g, 4)
	storm.waitFor(t, 10)
	for range 3 {
		g.caddy(t, "run", "--config", file, "--adapter", "caddyfile").fails(t).says(t, "another process")
	}
	g.kill()
	answered := storm.end()
	if aside, err := filepath.Glob(filepath.Join(g.folder, "data", "caddy", "privacy", "*damaged*")); err != nil || len(aside) > 0 {
		t.Errorf("the second process set aside %v (%v)", aside, err)
	}
	g.start(t)
	for _, v := range answered {
		if list, err := v.receipts(); err != nil || len(list) < v.choices {
			t.Errorf("%d receipts of %d answered choices (%v)", len(list), v.choices, err)
		}
	}
}
