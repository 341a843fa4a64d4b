package main

import (
	"math"
	"strings"
	"testing"
)

func TestQuantileInterpolates(t *testing.T) {
	values := []float64{4, 1, 3, 2}
	for q, want := range map[float64]float64{0: 1, 0.25: 1.75, 0.5: 2.5, 1: 4} {
		if got := quantile(values, q); got != want {
			t.Errorf("%v: %v, want %v", q, got, want)
		}
	}
	if got := quantile([]float64{7}, 0.75); got != 7 {
		t.Errorf("of one value: %v", got)
	}
}

func TestPairsAreComparedBeforeTheirMedian(t *testing.T) {
	one, other := []float64{100, 200, 400, 100, 300}, []float64{110, 220, 440, 110, 330}
	r := compare("steady", one, other, 1.04, ratio)
	if math.Abs(r.excess-1.1) > 1e-9 || r.spread > 1e-9 || r.pairs != 5 {
		t.Errorf("a disturbance that hits both halves of a pair must not show: %+v", r)
	}
	if r := compare("start", []float64{50, 60}, []float64{70, 90}, 150, difference); r.excess != 25 {
		t.Errorf("%+v", r)
	}
}

func TestOnlyMoreThanTheSpreadIsOver(t *testing.T) {
	for _, test := range []struct {
		excess, spread float64
		verdict        string
	}{
		{1.03, 0.10, "ok"}, {1.04, 0, "ok"}, {1.06, 0.03, "unclear"}, {1.06, 0.01, "OVER"},
	} {
		r := row{excess: test.excess, spread: test.spread, budget: 1.04}
		if r.verdict() != test.verdict || r.over() != (test.verdict == "OVER") {
			t.Errorf("%v ± %v of %v: %s", test.excess, test.spread, r.budget, r.verdict())
		}
	}
}

func TestOriginHasWhatTheWorksAskFor(t *testing.T) {
	page, big := article(60<<10), article(1<<20)
	if n := len(page); n < 59<<10 || n > 62<<10 {
		t.Errorf("the page has %d bytes", n)
	}
	if n := len(big); n < 1<<20-1<<10 || n > 1<<20+4<<10 {
		t.Errorf("the big page has %d bytes", n)
	}
	loading := strings.Count(page, " src=") + strings.Count(page, "<link ") + strings.Count(page, "srcset=")
	if loading < 35 || loading > 50 {
		t.Errorf("the page has %d attributes that load something", loading)
	}
	if n := len(smallJSON(1 << 10)); n < 950 || n > 1100 {
		t.Errorf("the JSON has %d bytes", n)
	}
	if n := len(asset(100 << 10)); n != 100<<10 {
		t.Errorf("the asset has %d bytes", n)
	}
}
