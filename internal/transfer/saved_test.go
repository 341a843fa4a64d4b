package transfer

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// event is something that happened some hours after noon.
func event(outcome Outcome, host string, country Country, hours int) Event {
	return Event{outcome, host, Decision{Country: country, Recipient: &shop}, "world", noon.Add(time.Duration(hours) * time.Hour)}
}

// reloaded is a register after a restart.
func reloaded(t *testing.T, r *Register) *Register {
	t.Helper()
	after := new(Register)
	if err := after.Load(r.Save()); err != nil {
		t.Fatal(err)
	}
	return after
}

func TestRegisterOutlivesARestart(t *testing.T) {
	r := new(Register)
	for outcome := range Outcome(Outcomes) {
		for reason := range Reason(Reasons) {
			r.Note(Event{outcome, "shop.test", Decision{Reason: reason, Country: "FR", Basis: SCC, Recipient: &shop}, "world", noon})
		}
	}
	r.Note(event(Refused, "", "", 0))
	r.Note(event(Refused, "nowhere.test", "ZZ", 0))
	for i := range maxEntries {
		r.Note(event(Refused, strconv.Itoa(i), "US", 0))
	}
	want, lost := r.Snapshot()
	got, stillLost := reloaded(t, r).Snapshot()
	if !slices.EqualFunc(got, want, sameEntry) || lost == 0 || stillLost != lost {
		t.Errorf("%d lines of %d, %d lost of %d", len(got), len(want), stillLost, lost)
	}
}

func sameEntry(a, b Entry) bool {
	sameTimes := a.First.Equal(b.First) && a.Last.Equal(b.Last)
	a.First, a.Last, b.First, b.Last = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	return sameTimes && a == b
}

// TestWhatIsCountedBeforeTheRegisterIsReadIsAdded: connections are made before the
// store is open.
func TestWhatIsCountedBeforeTheRegisterIsReadIsAdded(t *testing.T) {
	before, r := new(Register), new(Register)
	before.Note(event(Connected, "shop.test", "FR", 1))
	before.Note(event(Connected, "shop.test", "FR", 2))
	r.Note(Event{Connected, "shop.test", Decision{Country: "FR", Recipient: &shop}, "newer", noon.Add(5 * time.Hour)})
	if err := r.Load(before.Save()); err != nil {
		t.Fatal(err)
	}
	got, _ := r.Snapshot()
	if len(got) != 1 || got[0].Count != 3 || got[0].Database != "newer" || !got[0].First.Equal(noon.Add(time.Hour)) || !got[0].Last.Equal(noon.Add(5*time.Hour)) {
		t.Errorf("%+v", got)
	}
}

func TestLinesAreForgottenInTheirTime(t *testing.T) {
	r := new(Register)
	r.Note(event(Connected, "shop.test", "FR", 0))
	r.Note(event(Closed, "shop.test", "FR", 0))
	r.Note(event(Refused, "shop.test", "US", 0))
	for _, step := range []struct {
		days, left int
	}{{90, 3}, {91, 2}, {393, 2}, {394, 0}} {
		r.Forget(noon.AddDate(0, 0, step.days))
		if got, _ := r.Snapshot(); len(got) != step.left {
			t.Errorf("after %d days: %d lines", step.days, len(got))
		}
	}
	for i := range maxEntries / 2 { // the room is free again
		r.Note(event(Refused, strconv.Itoa(i), "US", 0))
	}
	if _, lost := r.Snapshot(); lost != 0 {
		t.Errorf("%d were lost", lost)
	}
}

func TestRegisterKnowsWhatIsNotSaved(t *testing.T) {
	r := new(Register)
	is := func(when string, lines, counts bool) {
		t.Helper()
		if r.Unsaved(false) != lines || r.Unsaved(true) != counts {
			t.Errorf("%s: %v, with counts %v", when, r.Unsaved(false), r.Unsaved(true))
		}
	}
	is("empty", false, false)
	r.Note(event(Connected, "shop.test", "FR", 0))
	is("a new line", true, true)
	text := r.Save()
	is("saved", false, false)
	r.SaveAgain()
	is("not kept", false, true)
	r.Save()
	r.Note(event(Connected, "shop.test", "FR", 1))
	is("counted", false, true)
	r.Save()
	r.Forget(noon.AddDate(2, 0, 0))
	is("forgotten", false, true)
	r = new(Register)
	if err := r.Load(text); err != nil {
		t.Fatal(err)
	}
	is("read", false, false)
}

func TestSavedRegisterThatIsDamagedIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "damaged",
		`{"v":1,`:                         "damaged",
		`{"v":1,"lines":[{"first":"x"}]}`: "damaged",
		`{"v":2}`:                         "another version",
		`{}`:                              "another version",
		strings.Repeat(" ", maxSaved+1):   "larger than any",
	} {
		if err := new(Register).Load([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
	r := new(Register)
	if err := r.Load([]byte(`{"v":1,"lines":[
		{"host":"a","outcome":"connected","reason":"inside","country":"FR","first":1,"last":2,"count":1},
		{"host":"b","outcome":"lost","reason":"inside","first":1,"last":2},
		{"host":"c","outcome":"connected","reason":"trust","first":1,"last":2},
		{"host":"d","outcome":"connected","reason":"inside","country":"FRA","first":1,"last":2},
		{"host":"e","outcome":"connected","reason":"inside","basis":"trust","first":1,"last":2},
		{"host":"f","outcome":"connected","reason":"inside","first":3,"last":2},
		{"host":"g","outcome":"connected","reason":"inside","first":-1,"last":2},
		{"host":"` + strings.Repeat("h", maxWord+1) + `","outcome":"connected","reason":"inside","first":1,"last":2}]}`)); err != nil {
		t.Fatal(err)
	}
	if got, _ := r.Snapshot(); len(got) != 1 || got[0].Host != "a" {
		t.Errorf("%+v", got)
	}
}

func FuzzLoad(f *testing.F) {
	r := new(Register)
	r.Note(event(Connected, "shop.test", "FR", 0))
	r.Note(event(Refused, "shop.test", "US", 0))
	f.Add(r.Save())
	f.Add([]byte(`{"v":1,"lost":18446744073709551615,"lines":[{"outcome":"refused","reason":"inside","last":9223372036854775807}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r := new(Register)
		if r.Load(text) != nil {
			return
		}
		want, _ := r.Snapshot()
		if got, _ := reloaded(t, r).Snapshot(); !slices.EqualFunc(got, want, sameEntry) {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}
