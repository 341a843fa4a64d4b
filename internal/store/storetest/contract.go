// Package storetest holds every store to the same promises, and starts the real
// servers that tests need. It is used by tests only.
package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// Noon is when the contract takes place; stores under test have this clock.
var Noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// Clock returns Noon.
func Clock() time.Time { return Noon }

// Contract runs the promises of store.Store. open opens a store whose clock is
// Clock; the same directory must give the same content again.
func Contract(t *testing.T, open func(t *testing.T, directory string) store.Store) {
	promises := map[string]func(*testing.T, store.Store){
		"KeysComeNewestFirst":               keysComeNewestFirst,
		"KeyAddedTwiceIsKeptOnceAsFirst":    keyAddedTwice,
		"KeyDroppedStaysDropped":            keyDroppedStaysDropped,
		"KeysAddedAtOnceAreAllKept":         keysAddedAtOnce,
		"KeyThatCannotSignIsRefused":        badKeyIsRefused,
		"ChangedTellsOfEveryNewKey":         changedTells,
		"HistoryIsOldestFirst":              historyIsOldestFirst,
		"HistoryShowsNothingOfOthers":       historyIsOfOneSubject,
		"ReceiptAppendedTwiceIsKeptAsFirst": receiptAppendedTwice,
		"ReceiptExpiredIsNotShown":          expiredIsNotShown,
		"ReceiptsAppendedAtOnceAreAllKept":  receiptsAppendedAtOnce,
		"ReceiptWithoutEndIsRefused":        badReceiptIsRefused,
		"MessagesComeWithTheirReceipt":      messagesComeWithReceipt,
		"MessagePostedTwiceIsKeptAsFirst":   messagePostedTwice,
		"MessagesPostedAtOnceAreAllKept":    messagesPostedAtOnce,
		"MessageThatCannotBeSentIsRefused":  badMessageIsRefused,
		"WhatIsUsedOnceIsUsedByTheFirst":    usedByTheFirst,
		"UsesOfOtherKindsAreTheirOwn":       usesOfOtherKinds,
		"UseThatIsNoneIsRefused":            badUseIsRefused,
		"CancelledCallDoesNothing":          cancelledCall,
		"NothingWorksAfterClose":            nothingAfterClose,
	}
	for name, promise := range promises {
		t.Run(name, func(t *testing.T) {
			s := open(t, t.TempDir())
			t.Cleanup(func() { s.Close() })
			promise(t, s)
		})
	}
	t.Run("ContentOutlivesClose", func(t *testing.T) { contentOutlivesClose(t, open) })
}

// NewKey returns a random key created some minutes after Noon.
func NewKey(minutes int) store.Key {
	secret := make([]byte, store.SecretSize)
	rand.Read(secret)
	return store.Key{ID: rand.Text(), Secret: secret, Created: Noon.Add(time.Duration(minutes) * time.Minute)}
}

// NewReceipt returns a receipt with a random ID, made some minutes before or
// after Noon. It expires long after every clock in these tests: Redis has the
// real one.
func NewReceipt(subject string, minutes int) store.Receipt {
	id := rand.Text()
	return store.Receipt{
		ID:      id,
		Subject: subject,
		Time:    Noon.Add(time.Duration(minutes) * time.Minute),
		Expires: Noon.AddDate(100, 0, 0),
		Body:    fmt.Appendf(nil, "{ \"receipt\" :\n%q}", id),
	}
}

func keysComeNewestFirst(t *testing.T, s store.Store) {
	old, middle, young := NewKey(0), NewKey(1), NewKey(2)
	for _, k := range []store.Key{middle, young, old} {
		must(t, s.AddKey(t.Context(), k))
	}
	wantKeys(t, s, young, middle, old)
}

func keyAddedTwice(t *testing.T, s store.Store) {
	first := NewKey(0)
	second := NewKey(1)
	second.ID = first.ID
	must(t, s.AddKey(t.Context(), first))
	must(t, s.AddKey(t.Context(), second))
	wantKeys(t, s, first)
}

func keyDroppedStaysDropped(t *testing.T, s store.Store) {
	gone, kept := NewKey(0), NewKey(1)
	must(t, s.AddKey(t.Context(), gone))
	must(t, s.AddKey(t.Context(), kept))
	must(t, s.DropKey(t.Context(), gone.ID))
	must(t, s.DropKey(t.Context(), gone.ID))
	must(t, s.DropKey(t.Context(), "never-there"))
	must(t, s.AddKey(t.Context(), gone))
	wantKeys(t, s, kept)
}

func keysAddedAtOnce(t *testing.T, s store.Store) {
	want := make([]store.Key, 8)
	for i := range want {
		want[i] = NewKey(-i)
	}
	AtOnce(t, len(want), func(i int) error { return s.AddKey(t.Context(), want[i]) })
	wantKeys(t, s, want...)
}

func badKeyIsRefused(t *testing.T, s store.Store) {
	k := NewKey(0)
	k.Secret = k.Secret[:31]
	if s.AddKey(t.Context(), k) == nil {
		t.Fatal("a short secret was kept")
	}
	wantKeys(t, s)
}

func changedTells(t *testing.T, s store.Store) {
	changed := s.Changed()
	select {
	case <-changed:
		t.Fatal("told of a change before there was one")
	default:
	}
	k := NewKey(0)
	must(t, s.AddKey(t.Context(), k))
	<-changed
	changed = s.Changed()
	must(t, s.DropKey(t.Context(), k.ID))
	<-changed
}

func historyIsOldestFirst(t *testing.T, s store.Store) {
	old, middle, young := NewReceipt("a", -2), NewReceipt("a", -1), NewReceipt("a", 0)
	for _, r := range []store.Receipt{middle, young, old} {
		must(t, s.Append(t.Context(), r))
	}
	WantHistory(t, s, "a", old, middle, young)
	wantCount(t, s, 3)
}

func historyIsOfOneSubject(t *testing.T, s store.Store) {
	mine, longer, shorter := NewReceipt("ab", 0), NewReceipt("abc", 0), NewReceipt("a", 0)
	for _, r := range []store.Receipt{mine, longer, shorter} {
		must(t, s.Append(t.Context(), r))
	}
	WantHistory(t, s, "ab", mine)
	WantHistory(t, s, "nobody")
	WantHistory(t, s, "")
}

func receiptAppendedTwice(t *testing.T, s store.Store) {
	first := NewReceipt("a", 0)
	changed := first
	changed.Time = changed.Time.Add(time.Minute)
	changed.Body = []byte(`{"forged":true}`)
	for _, r := range []store.Receipt{first, first, changed} {
		must(t, s.Append(t.Context(), r))
	}
	WantHistory(t, s, "a", first)
	wantCount(t, s, 1)
}

func expiredIsNotShown(t *testing.T, s store.Store) {
	over := NewReceipt("a", -10)
	over.Expires = Noon
	kept := NewReceipt("a", -20)
	must(t, s.Append(t.Context(), over))
	must(t, s.Append(t.Context(), kept))
	WantHistory(t, s, "a", kept)
}

func receiptsAppendedAtOnce(t *testing.T, s store.Store) {
	want := make([]store.Receipt, 64)
	for i := range want {
		want[i] = NewReceipt("a", i)
	}
	AtOnce(t, len(want), func(i int) error { return s.Append(t.Context(), want[i]) })
	WantHistory(t, s, "a", want...)
}

func badReceiptIsRefused(t *testing.T, s store.Store) {
	r := NewReceipt("a", 0)
	r.Expires = time.Time{}
	if s.Append(t.Context(), r) == nil {
		t.Fatal("a receipt that never expires was kept")
	}
	wantCount(t, s, 0)
}

func cancelledCall(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if s.Append(ctx, NewReceipt("a", 0)) == nil || s.AddKey(ctx, NewKey(0)) == nil || s.Post(ctx, NewMessage("mailer", 0)) == nil {
		t.Error("a cancelled call reported success")
	}
	wantPending(t, s)
	if first, err := s.Spend(ctx, "work", "a", time.Minute); first || err == nil {
		t.Error("a cancelled call spent something")
	}
	wantKeys(t, s)
	wantCount(t, s, 0)
}

func nothingAfterClose(t *testing.T, s store.Store) {
	must(t, s.Close())
	must(t, s.Close())
	if s.Append(t.Context(), NewReceipt("a", 0)) == nil {
		t.Error("a receipt was acknowledged by a closed store")
	}
	if s.AddKey(t.Context(), NewKey(0)) == nil {
		t.Error("a key was acknowledged by a closed store")
	}
	if s.Post(t.Context(), NewMessage("mailer", 0)) == nil {
		t.Error("a message was acknowledged by a closed store")
	}
	if _, err := s.History(t.Context(), "a"); err == nil {
		t.Error("a closed store has a history")
	}
	if first, err := s.Spend(t.Context(), "work", "a", time.Minute); first || err == nil {
		t.Error("a closed store spent something")
	}
	s.Health()
}

func contentOutlivesClose(t *testing.T, open func(*testing.T, string) store.Store) {
	directory := t.TempDir()
	k, dropped, r, m := NewKey(0), NewKey(1), NewReceipt("a", 0), NewMessage("mailer", 0)
	s := open(t, directory)
	must(t, s.AddKey(t.Context(), k))
	must(t, s.AddKey(t.Context(), dropped))
	must(t, s.DropKey(t.Context(), dropped.ID))
	must(t, s.Append(t.Context(), r, m))
	wantSpend(t, s, "work", "a", true)
	must(t, s.Close())

	s = open(t, directory)
	defer s.Close()
	wantSpend(t, s, "work", "a", false)
	must(t, s.AddKey(t.Context(), dropped))
	wantKeys(t, s, k)
	WantHistory(t, s, "a", r)
	wantPending(t, s, m)
	if h := s.Health(); len(h.Warnings) != 0 {
		t.Errorf("warnings after a clean restart: %q", h.Warnings)
	}
}

// AtOnce calls do for 0 to n-1, each in a goroutine of its own, and waits for all.
func AtOnce(t testing.TB, n int, do func(i int) error) {
	t.Helper()
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			if err := do(i); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantKeys(t *testing.T, s store.Store, want ...store.Key) {
	t.Helper()
	got, err := s.Keys(t.Context())
	must(t, err)
	if len(got) != len(want) {
		t.Fatalf("%d keys, want %d", len(got), len(want))
	}
	for i := range want {
		same := got[i].ID == want[i].ID && bytes.Equal(got[i].Secret, want[i].Secret) && got[i].Created.Equal(want[i].Created)
		if !same {
			t.Fatalf("key %d is %s of %v, want %s of %v", i, got[i].ID, got[i].Created, want[i].ID, want[i].Created)
		}
	}
}

// WantHistory fails the test unless these are the receipts of the subject.
func WantHistory(t *testing.T, s store.Receipts, subject string, want ...store.Receipt) {
	t.Helper()
	got, err := s.History(t.Context(), subject)
	must(t, err)
	if len(got) != len(want) {
		t.Fatalf("%d receipts of %q, want %d", len(got), subject, len(want))
	}
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Fatalf("receipt %d of %q is\n%+v, want\n%+v", i, subject, got[i], want[i])
		}
	}
}

func wantCount(t *testing.T, s store.Store, want int) {
	t.Helper()
	got, err := s.Count(t.Context())
	must(t, err)
	if got != want {
		t.Fatalf("%d receipts kept, want %d", got, want)
	}
}
