package catalogue

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestLongestPatternWins(t *testing.T) {
	tests := []struct {
		patterns []string
		name     string
		want     string // empty: none
	}{
		{nil, "", ""},
		{nil, "a", ""},
		{[]string{"*"}, "", "*"},
		{[]string{"*"}, "a", "*"},
		{[]string{"a"}, "a", "a"},
		{[]string{"a"}, "ab", ""},
		{[]string{"a*"}, "a", "a*"},
		{[]string{"a*"}, "A", ""},
		{[]string{"a", "a*"}, "a", "a"},
		{[]string{"a*", "ab*", "abc"}, "abc", "abc"},
		{[]string{"a*", "ab*", "abd*"}, "abc", "ab*"},
		{[]string{"a*", "abc*", "abd*", "ac*"}, "abe", "a*"},
		{[]string{"*", "a*", "abc*", "abcd*"}, "abd", "a*"},
		{[]string{"*", "b*"}, "a", "*"},
		{[]string{"*", "b*"}, "c", "*"},
		{[]string{"\xff*", "\x00*"}, "\xff\xff", "\xff*"},
		{[]string{"\xff*", "\x00*"}, "\x00", "\x00*"},
	}
	for _, test := range tests {
		x := indexOf(test.patterns)
		longest, ok := x.Longest(test.name)
		if ok != (test.want != "") || longest != test.want {
			t.Errorf("%q in %q: longest %q %v, want %q", test.name, test.patterns, longest, ok, test.want)
		}
	}
}

func TestZeroIndexMatchesNothing(t *testing.T) {
	var x Index[int]
	if _, ok := x.Longest("a"); ok {
		t.Error("matched")
	}
}

// FuzzIndex holds the index to a plain search of all patterns.
func FuzzIndex(f *testing.F) {
	f.Add("a a* ab* *", "abc")
	f.Add("_ga _ga_* _g*", "_ga_1")
	f.Add("\xff* \xff\xff*", "\xff\xff\xff")
	f.Fuzz(func(t *testing.T, text, name string) {
		patterns := strings.Split(text, " ")
		x := indexOf(patterns)
		var want []string
		for pattern := range setOf(patterns) {
			if beginning, ok := strings.CutSuffix(pattern, "*"); ok && strings.HasPrefix(name, beginning) || pattern == name && !ok {
				want = append(want, pattern)
			}
		}
		slices.SortFunc(want, func(a, b string) int { return precedence(b) - precedence(a) })
		got, ok := x.Longest(name)
		if ok != (len(want) > 0) || ok && got != want[0] {
			t.Errorf("%q in %q: %q %v, want %q", name, patterns, got, ok, want)
		}
	})
}

// precedence orders the patterns that match one name: the whole name, then long before short.
func precedence(pattern string) int {
	if strings.HasSuffix(pattern, "*") {
		return len(pattern)
	}
	return 1 << 30
}

func setOf(patterns []string) map[string]string {
	set := make(map[string]string)
	for _, p := range patterns {
		set[p] = p
	}
	return set
}

func indexOf(patterns []string) *Index[string] { return NewIndex(setOf(patterns)) }

func BenchmarkIndex(b *testing.B) {
	for _, size := range []int{1, 100, 10_000} {
		patterns := make([]string, size)
		for i := range patterns {
			patterns[i] = fmt.Sprintf("_name_%d_*", i)
		}
		x := indexOf(patterns)
		for _, name := range []string{"_name_0_and_more", "_name_is_unknown", "basket"} {
			b.Run(fmt.Sprintf("%d/%s", size, name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					x.Longest(name)
				}
			})
		}
	}
}
