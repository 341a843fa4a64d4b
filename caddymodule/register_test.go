package caddymodule

import (
	"context"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/transfer"
)

// connected counts a connection to a host.
func (s *shared) connected(host string) {
	s.border.register.Note(transfer.Event{Outcome: transfer.Connected, Host: host, Decision: transfer.Decision{Allowed: true, Country: "FR"}, At: now()})
}

// lines are the hosts of the register, each with its number.
func (s *shared) lines() map[string]uint64 {
	lines := make(map[string]uint64)
	for _, c := range s.border.report().Connections {
		lines[c.Host] = c.Count
	}
	return lines
}

func TestRegisterIsSavedWhileCaddyRunsAndAtItsEnd(t *testing.T) {
	directory := t.TempDir()
	s := open(t, directory)
	ctx, stop := context.WithCancel(t.Context())
	s.stop = stop
	s.stopped.Go(func() { s.remember(ctx) })
	s.connected("shop.test")
	s.connected("shop.test")
	if err := s.Destruct(); err != nil {
		t.Fatal(err)
	}
	s = open(t, directory)
	s.connected("shop.test")
	if got := s.lines(); len(got) != 1 || got["shop.test"] != 3 {
		t.Errorf("%v", got)
	}
}

func TestLinesOfTheRegisterAreSavedSoonAndCountsLater(t *testing.T) {
	clock := setClock(t, time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	directory := t.TempDir()
	s := open(t, directory)
	// isSaved is what a restart would find after a kill.
	isSaved := func(when string, want uint64) {
		t.Helper()
		text, err := s.local.Register(t.Context())
		var after transfer.Register
		if err == nil && text != nil {
			err = after.Load(text)
		}
		entries, _ := after.Snapshot()
		var got uint64
		for _, e := range entries {
			got += e.Count
		}
		if err != nil || got != want {
			t.Errorf("%s: %d are saved, %v; want %d", when, got, err, want)
		}
	}
	s.connected("shop.test")
	s.saveRegister(false)
	isSaved("a new line", 1)
	s.connected("shop.test")
	s.saveRegister(false)
	isSaved("counts alone", 1)
	s.saveRegister(true)
	isSaved("counts in their turn", 2)
	clock.move(400 * day)
	s.saveRegister(true)
	isSaved("after 400 days", 0)
}

func TestRegisterThatCannotBeReadIsSetAsideAndCountedAnew(t *testing.T) {
	directory := t.TempDir()
	s := open(t, directory)
	if err := s.local.SaveRegister(t.Context(), []byte(`{"v":1,`)); err != nil {
		t.Fatal(err)
	}
	if err := s.Destruct(); err != nil {
		t.Fatal(err)
	}
	s = open(t, directory)
	if text, err := s.local.Register(t.Context()); err != nil || text != nil {
		t.Errorf("it is still there: %q, %v", text, err)
	}
	s.connected("shop.test")
	s.saveRegister(false)
	if got := s.lines(); got["shop.test"] != 1 {
		t.Errorf("%v", got)
	}
}
