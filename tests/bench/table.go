package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"
	"time"
)

// row is one comparison: what the one side costs, what the other does, and
// what the other may cost.
type row struct {
	name           string
	one, other     float64 // medians
	excess, spread float64 // a ratio or a difference, and how far to trust it
	budget         float64
	rates          [2]float64       // requests a second
	p99            [2]float64 // ms: 99 of 100 answers came within it
}

// verdict is over only when the excess is over its budget by more than the
// spread; within the spread the measurement does not tell.
func (r *row) verdict() string {
	switch {
	case r.excess <= r.budget:
		return "ok"
	case r.excess-r.spread <= r.budget:
		return "unclear"
	default:
		return "over"
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
		name: name, one: quantile(one, 0.5), other: quantile(other, 0.5),
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

// printCosts prints rows that compare costs per request.
func printCosts(w io.Writer, title, one, other string, rows []row) {
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "%s\t%s\t%s\tratio\t±\tbudget\t\treq/s\t\tp99 ms\t\t\n", title, one, other)
	for _, r := range rows {
		fmt.Fprintf(t, "%s\t%.1f\t%.1f\t%.3f\t%.3f\t%.2f\t%s\t%.0f\t%.0f\t%.1f\t%.1f\t\n",
			r.name, r.one, r.other, r.excess, r.spread, r.budget, r.verdict(),
			r.rates[0], r.rates[1], r.p99[0], r.p99[1])
	}
	t.Flush()
}

// printProcesses prints rows that compare what a process needs once.
func printProcesses(w io.Writer, rows []row) {
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "the process\tplain\tgateway\tmore\t±\tbudget\t\t\n")
	for _, r := range rows {
		fmt.Fprintf(t, "%s\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\t%s\t\n", r.name, r.one, r.other, r.excess, r.spread, r.budget, r.verdict())
	}
	t.Flush()
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
