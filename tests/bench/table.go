package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"time"
)

// row is one comparison: what the one side costs, what the other does, and
// what the other may cost.
type row struct {
	name           string
	one, other     float64 // medians
	pairs          int
	excess, spread float64 // a ratio or a difference, and how far to trust it
	budget         float64
	rates          [2]float64 // requests a second
	p99            [2]float64 // ms: 99 of 100 answers came within it
}

// over tells whether the excess is over its budget by more than the spread.
func (r row) over() bool { return r.excess-r.spread > r.budget }

// verdict says in a word what to make of the row. Within the spread the
// measurement does not tell.
func (r row) verdict() string {
	switch {
	case r.excess <= r.budget:
		return "ok"
	case r.over():
		return "OVER"
	default:
		return "unclear"
	}
}

// compare makes a row of measurements taken in pairs. The relation of each pair
// is taken first, because what disturbs a pair disturbs both of its halves.
func compare(name string, one, other []float64, budget float64, relation func(one, other float64) float64) row {
	relations := make([]float64, len(one))
	for i := range one {
		relations[i] = relation(one[i], other[i])
	}
	return row{
		name: name, pairs: len(one), one: quantile(one, 0.5), other: quantile(other, 0.5),
		excess: quantile(relations, 0.5), spread: spread(relations), budget: budget,
	}
}

func ratio(one, other float64) float64 { return other / one }

func difference(one, other float64) float64 { return other - one }

// spread is how far the median of other measurements of the same may lie: two
// medians differ if they lie further apart (McGill, Tukey and Larsen, Variations
// of Box Plots, 1978: the notch, 1.58 interquartile ranges over √n).
func spread(values []float64) float64 {
	return 1.58 * (quantile(values, 0.75) - quantile(values, 0.25)) / math.Sqrt(float64(len(values)))
}

// quantile interpolates between the two values around it.
func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	position := q * float64(len(sorted)-1)
	below := int(position)
	above := min(below+1, len(sorted)-1)
	return sorted[below] + (position-float64(below))*(sorted[above]-sorted[below])
}

// rows is everything that was compared.
func (b *bench) rows() []row { return slices.Concat(b.costs, b.growth, b.needs) }

// print prints everything that was compared.
func (b *bench) print(w io.Writer) {
	fmt.Fprintf(w, "Cost in %s: medians of interleaved pairs.\n", b.meter.unit())
	if !b.meter.instructions {
		fmt.Fprintln(w, "This machine does not let perf count instructions, whose ratio would repeat within 0.01.")
	}
	printCosts(w, "request", "plain", "gateway", b.costs)
	if b.grow {
		printCosts(w, "growth, "+api.name, "1", strconv.Itoa(thousand), b.growth)
	}
	printNeeds(w, b.needs)
}

// printCosts prints rows that compare costs of a request.
func printCosts(w io.Writer, title, one, other string, rows []row) {
	fmt.Fprintf(w, "\n%-32s %8s %8s %6s %6s %6s %-8s %5s %14s %15s\n", title, one, other, "ratio", "±", "budget", "", "pairs", "req/s", "p99 ms")
	for _, r := range rows {
		fmt.Fprintf(w, "%-32s %8.1f %8.1f %6.3f %6.3f %6.2f %-8s %5d %6.0f %7.0f %7.1f %7.1f\n",
			r.name, r.one, r.other, r.excess, r.spread, r.budget, r.verdict(), r.pairs,
			r.rates[0], r.rates[1], r.p99[0], r.p99[1])
	}
}

// printNeeds prints rows that compare what a process needs.
func printNeeds(w io.Writer, rows []row) {
	fmt.Fprintf(w, "\n%-32s %8s %8s %6s %6s %6s\n", "process", "plain", "gateway", "more", "±", "budget")
	for _, r := range rows {
		fmt.Fprintf(w, "%-32s %8.0f %8.0f %6.0f %6.0f %6.0f %s\n", r.name, r.one, r.other, r.excess, r.spread, r.budget, r.verdict())
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
