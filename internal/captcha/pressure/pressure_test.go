package pressure

import (
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

var (
	solved  = captcha.Verdict{Outcome: captcha.Passed, Reason: captcha.Solved}
	forged  = captcha.Verdict{Outcome: captcha.VisitorFailed, Reason: captcha.Forged}
	offline = captcha.Verdict{Outcome: captcha.ProviderFailed, Reason: captcha.Unreachable}
)

// bench is a gauge with its clock.
type bench struct {
	*Gauge
	now time.Time
}

func newBench(calm int) *bench {
	b := &bench{now: storetest.Noon}
	b.Gauge = New(calm, func() time.Time { return b.now })
	return b
}

// minutes lets time pass, with so many verdicts in each minute.
func (b *bench) minutes(n int, v captcha.Verdict, each int) {
	for range n * each {
		b.now = b.now.Add(time.Minute / time.Duration(each))
		b.Note(v)
	}
}

func TestCalmFormStaysCheap(t *testing.T) {
	for name, c := range map[string]struct {
		verdict captcha.Verdict
		each    int
	}{"Accepted": {solved, 290}, "Refused": {forged, 29}, "ProviderAway": {offline, 290}} {
		b := newBench(300)
		b.minutes(60, c.verdict, c.each)
		if level := b.Level(); level != 0 {
			t.Errorf("%s: level %d", name, level)
		}
	}
}

func TestEachDoublingOfThePressureIsALevel(t *testing.T) {
	for each, want := range map[int]int{31: 1, 59: 1, 62: 2, 130: 3, 260: 4, 520: 5} {
		b := newBench(300)
		b.minutes(30, forged, each)
		if level := b.Level(); level != want {
			t.Errorf("%d refused each minute: level %d, want %d", each, level, want)
		}
	}
}

func TestRefusedFormsPressTenTimesAsHard(t *testing.T) {
	accepted, refused := newBench(300), newBench(300)
	accepted.minutes(30, solved, 700)
	refused.minutes(30, forged, 70)
	if a, r := accepted.Level(), refused.Level(); a != 2 || r != 2 {
		t.Errorf("levels %d and %d, want 2", a, r)
	}
}

func TestPressureRisesAtOnceAndFallsALevelAMinute(t *testing.T) {
	b := newBench(300)
	for range 10_000_000 / 1000 {
		b.Note(forged)
	}
	top := b.Level()
	if top < 4 || top > 9 {
		t.Fatalf("level %d under attack", top)
	}
	for level := top - 1; level >= 0; level-- {
		b.now = b.now.Add(time.Minute)
		if got := b.Level(); got != level {
			t.Errorf("after %s: level %d, want %d", b.now.Sub(storetest.Noon), got, level)
		}
	}
}

func TestAttackHoweverStrongIsOverInTenMinutes(t *testing.T) {
	b := newBench(1)
	for range 1_000_000 {
		b.Note(forged)
	}
	b.now = b.now.Add(10 * time.Minute)
	if level := b.Level(); level != 0 {
		t.Errorf("level %d", level)
	}
}

func TestClockSetBackCoolsNothing(t *testing.T) {
	b := newBench(300)
	b.minutes(30, forged, 70)
	b.now = b.now.Add(-time.Hour)
	if level := b.Level(); level != 2 {
		t.Errorf("level %d, want 2", level)
	}
	b.now = b.now.Add(2 * time.Minute)
	if level := b.Level(); level != 0 {
		t.Errorf("level %d, want 0", level)
	}
}

func TestGaugeIsNotedFromSeveralSides(t *testing.T) {
	b := newBench(0)
	storetest.AtOnce(t, 20, func(int) error {
		for range 100 {
			b.Note(forged)
			b.Level()
		}
		return nil
	})
	if b.heat != 20_000 {
		t.Errorf("the heat is %v, want 20000", b.heat)
	}
}

func BenchmarkNoteAndLevel(b *testing.B) {
	gauge := newBench(0)
	b.ReportAllocs()
	for b.Loop() {
		gauge.Note(solved)
		gauge.Level()
	}
}
