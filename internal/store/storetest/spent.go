package storetest

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

func usedByTheFirst(t *testing.T, s store.Store) {
	var firsts atomic.Int64
	AtOnce(t, 64, func(int) error {
		first, err := s.Spend(t.Context(), "work", "nonce", time.Hour)
		if first {
			firsts.Add(1)
		}
		return err
	})
	if n := firsts.Load(); n != 1 {
		t.Fatalf("%d were the first", n)
	}
	wantSpend(t, s, "work", "nonce", false)
}

func usesOfOtherKinds(t *testing.T, s store.Store) {
	for _, name := range [][2]string{{"work", "a"}, {"work", "b"}, {"pass", "a"}, {"wor", "k"}, {"pass", "a-1"}, {"pass-a", "1"}} {
		wantSpend(t, s, name[0], name[1], true)
		wantSpend(t, s, name[0], name[1], false)
	}
}

func badUseIsRefused(t *testing.T, s store.Store) {
	for _, bad := range []struct {
		kind, id string
		life     time.Duration
	}{
		{"", "a", time.Hour}, {"work", "", time.Hour}, {"work", "a:b", time.Hour}, {"wo:rk", "a", time.Hour}, {"work", "{a}", time.Hour},
		{"work", strings.Repeat("a", 65), time.Hour}, {"work", "a", 0}, {"work", "a", -time.Hour}, {"work", "a", store.MaxLife + 1},
	} {
		if first, err := s.Spend(t.Context(), bad.kind, bad.id, bad.life); first || err == nil {
			t.Errorf("%q of %q was spent for %s", bad.id, bad.kind, bad.life)
		}
	}
	wantSpend(t, s, "work", "a", true)
}

func wantSpend(t *testing.T, s store.Spent, kind, id string, want bool) {
	t.Helper()
	first, err := s.Spend(t.Context(), kind, id, time.Hour)
	must(t, err)
	if first != want {
		t.Fatalf("the first to use %s of %s: %v, want %v", id, kind, first, want)
	}
}
