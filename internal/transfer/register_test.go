package transfer

import (
	"strconv"
	"testing"
	"time"
)

func TestRegisterCountsByRecipientHostCountryAndBasis(t *testing.T) {
	r := new(Register)
	at := func(hours int) time.Time { return noon.Add(time.Duration(hours) * time.Hour) }
	inside := Decision{Allowed: true, Country: "FR", Recipient: &shop}
	outside := Decision{Reason: OutsideCountry, Country: "US", Recipient: &shop}
	r.Note(Event{Connected, "shop.test", inside, "old", at(1)})
	r.Note(Event{Connected, "shop.test", inside, "new", at(3)})
	r.Note(Event{Connected, "shop.test", inside, "new", at(2)})
	r.Note(Event{Refused, "shop.test", outside, "new", at(4)})
	r.Note(Event{Refused, "other.test", Decision{Reason: Undeclared}, "new", at(5)})
	got, lost := r.Snapshot()
	want := []Entry{
		{"", "other.test", "", "", Refused, Undeclared, "new", at(5), at(5), 1},
		{"shop", "shop.test", "FR", "", Connected, Inside, "new", at(1), at(3), 3},
		{"shop", "shop.test", "US", "", Refused, OutsideCountry, "new", at(4), at(4), 1},
	}
	if lost != 0 || len(got) != len(want) {
		t.Fatalf("%+v, %d lost", got, lost)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%+v, want %+v", got[i], want[i])
		}
	}
}

func TestRegisterIsBoundedAndRefusalsDoNotHideConnections(t *testing.T) {
	r := new(Register)
	note := func(outcome Outcome, host string) { r.Note(Event{Outcome: outcome, Host: host, At: noon}) }
	for i := range 3 * maxEntries {
		note(Refused, strconv.Itoa(i))
	}
	if got, lost := r.Snapshot(); len(got) != maxEntries/2 || lost != 3*maxEntries-maxEntries/2 {
		t.Errorf("%d entries, %d lost", len(got), lost)
	}
	for i := range maxEntries {
		note(Connected, strconv.Itoa(i))
	}
	note(Connected, "0")
	note(Refused, "0")
	got, lost := r.Snapshot()
	if len(got) != maxEntries || lost != 3*maxEntries {
		t.Errorf("%d entries, %d lost", len(got), lost)
	}
}

func TestRegisterCountsAGuard(t *testing.T) {
	r := new(Register)
	s := newShop(t)
	s.guard.told = r.Note
	conn, err := s.dial(DialerOptions{}, "127.0.0.2")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, err = s.dial(DialerOptions{}, "127.0.0.3")
	refusal(t, err)
	s.places.move("127.0.0.2", "US")
	s.guard.Recheck()
	got, _ := r.Snapshot()
	if len(got) != 3 || got[0].Outcome != Connected || got[0].Database != s.places.Database() || got[1].Outcome != Closed || got[2].Outcome != Refused {
		t.Errorf("%+v", got)
	}
	for outcome := range Outcome(Outcomes) {
		if outcome.String() == "" {
			t.Errorf("outcome %d has no word", outcome)
		}
	}
}

func BenchmarkNote(b *testing.B) {
	r := new(Register)
	e := Event{Connected, "shop.test", Decision{Allowed: true, Country: "FR", Recipient: &shop}, "world", noon}
	b.ReportAllocs()
	for b.Loop() {
		r.Note(e)
	}
}
