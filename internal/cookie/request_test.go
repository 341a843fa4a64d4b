package cookie

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
)

func refuse(names ...string) func(name, value string) bool {
	return func(name, _ string) bool { return !slices.Contains(names, name) }
}

func everything(string, string) bool { return true }

func TestPairsAreReadAsBrowsersWriteThem(t *testing.T) {
	for field, want := range map[string]string{
		"":                            "",
		";; ;":                        "",
		"a=1":                         "a>1",
		"a=1; b=2":                    "a>1 b>2",
		"a=1;b=2;":                    "a>1 b>2",
		"a=1; a=2":                    "a>1 a>2",
		"nameless":                    ">nameless",
		"=value":                      ">value",
		"=":                           ">",
		"a==b=":                       "a>=b=",
		`a="1"; b="x,y"`:              `a>"1" b>"x,y"`,
		" \ta = 1 ":                   "a>1",
		`j={"a":1}; é=ü`:              `j>{"a":1} é>ü`,
		"(a=1; @b=%20":                "(a>1 @b>%20",
		"a=1; b=\x00; c=3":            "a>1 c>3",
		"a=1; b=\r_ga=2; c=3":         "a>1 c>3",
		"a=1; longer_name\x7f=2; c=3": "a>1 c>3",
	} {
		var got []string
		for name, value := range Pairs(field) {
			got = append(got, name+">"+value)
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("Pairs(%q) = %q, want %q", field, got, want)
		}
	}
}

func TestPairsStopWhenToldTo(t *testing.T) {
	next, stop := iter.Pull2(Pairs("a=1; b=2; c=3"))
	if name, _, _ := next(); name != "a" {
		t.Fatalf("first pair is %q", name)
	}
	stop()
}

func TestRefusedCookieNeverReachesTheSite(t *testing.T) {
	for _, c := range []struct {
		name         string
		fields, want []string
	}{
		{"first", []string{"_ga=1; a=1; b=2"}, []string{"a=1; b=2"}},
		{"middle", []string{"a=1; _ga=1; b=2"}, []string{"a=1; b=2"}},
		{"last", []string{"a=1; b=2; _ga=1"}, []string{"a=1; b=2"}},
		{"every", []string{"_ga=1; _fbp=2"}, nil},
		{"one name twice", []string{"a=1; _ga=1; _ga=2; a=2"}, []string{"a=1; a=2"}},
		{"odd blanks stay", []string{" a=1;b = 2 ;_ga=1;  c=3;"}, []string{" a=1;b = 2 ;  c=3"}},
		{"no blanks at all", []string{"_ga=;a;b;c;d;e;f;g"}, []string{"a;b;c;d;e;f;g"}},
		{"blanks around the name", []string{"a=1;\t_ga \t= 1"}, []string{"a=1"}},
		{"second field", []string{"a=1", "_ga=1", "b=2"}, []string{"a=1", "b=2"}},
		{"part of a field", []string{"a=1; _ga=2", "b=2; _ga=1; c=3"}, []string{"a=1", "b=2; c=3"}},
		{"empty pairs", []string{";; a=1;;_ga=1;;b=2"}, []string{";; a=1;b=2"}},
		{"after a NUL", []string{"a=1; b=\x00; _ga=1"}, []string{"a=1"}},
		{"hidden by a CR", []string{"a=1\r; b=2"}, []string{"b=2"}},
		{"hidden by a newline", []string{"a=1; b=1\n_ga=1"}, []string{"a=1"}},
		{"quoted", []string{`a="1; _ga=1; b=2"`}, []string{`a="1; b=2"`}},
		{"tabs are blanks", []string{"a=1;\tb=\t2"}, []string{"a=1;\tb=\t2"}},
		{"nameless stays", []string{"token; _ga=1"}, []string{"token"}},
	} {
		before := slices.Clone(c.fields)
		got, changed := Filter(c.fields, refuse("_ga", "_fbp"))
		if !slices.Equal(got, c.want) || changed != !slices.Equal(before, c.want) {
			t.Errorf("%s: Filter(%q) = %q, %v, want %q", c.name, before, got, changed, c.want)
		}
		if len(c.want) == 0 && got != nil {
			t.Errorf("%s: want nil when nothing is left, got %#v", c.name, got)
		}
		if !slices.Equal(c.fields, before) {
			t.Errorf("%s: the fields of the request were written to: %q", c.name, c.fields)
		}
	}
}

func TestNothingRefusedNothingTouched(t *testing.T) {
	fields := []string{" a=1;;b = 2; c", "", `d="x"; `}
	got, changed := Filter(fields, everything)
	if changed || &got[0] != &fields[0] || len(got) != len(fields) {
		t.Errorf("Filter = %q, %v", got, changed)
	}
	if got, changed := Filter(nil, everything); got != nil || changed {
		t.Errorf("Filter(nil) = %q, %v", got, changed)
	}
}

func TestEveryPairIsJudgedOnce(t *testing.T) {
	var asked []string
	Filter([]string{"a=1; b=2; a=3", "c"}, func(name, value string) bool {
		asked = append(asked, name+"="+value)
		return name != "b"
	})
	if want := []string{"a=1", "b=2", "a=3", "=c"}; !slices.Equal(asked, want) {
		t.Errorf("asked about %q, want %q", asked, want)
	}
}

func TestOversizedRequestsAreNoWayAroundTheFilter(t *testing.T) {
	many := func(n int) string { return strings.Repeat("a=1; ", n) }
	for _, c := range []struct {
		name      string
		fields    []string
		oversized bool
	}{
		{"200 cookies", []string{many(200) + "_ga=1"}, false},
		{"64 KiB in one", []string{"a=" + strings.Repeat("x", 64<<10) + "; _ga=1"}, false},
		{"just all", []string{many(maxPairs-1) + "_ga=1"}, false},
		{"one too many", []string{many(maxPairs) + "_ga=1"}, true},
		{"empty pairs count", []string{strings.Repeat(";", maxPairs) + "_ga=1"}, true},
		{"over two fields", []string{many(maxPairs - 100), many(101) + "_ga=1", "_ga=1; b=2"}, true},
		{"one giant", []string{"a=" + strings.Repeat("x", maxBytes) + "; _ga=1"}, true},
		{"a giant field first", []string{"a=" + strings.Repeat("x", maxBytes), "_ga=1"}, true},
	} {
		kept, changed := Filter(c.fields, refuse("_ga"))
		if !changed || strings.Contains(strings.Join(kept, ";"), "_ga") {
			t.Errorf("%s: _ga came through", c.name)
		}
		if got := Oversized(c.fields); got != c.oversized {
			t.Errorf("%s: Oversized = %v", c.name, got)
		}
		_, cut := Filter(c.fields, everything)
		if cut != c.oversized {
			t.Errorf("%s: cut %v, but told %v", c.name, cut, c.oversized)
		}
	}
}

func TestAllFindsEveryPairOfAName(t *testing.T) {
	fields := []string{"a=1; b=2; a=3; A=4", "ab=5; a=6"}
	if got := slices.Collect(All(fields, "a")); !slices.Equal(got, []string{"1", "3", "6"}) {
		t.Errorf("All = %q", got)
	}
	for value := range All(fields, "a") {
		if value != "1" {
			t.Errorf("first value is %q", value)
		}
		break
	}
}

// expected is Filter again, by splitting and joining.
func expected(fields []string, keep func(name, value string) bool) (names []string) {
	for _, field := range fields {
		for pair := range strings.SplitSeq(field, ";") {
			pair = strings.Trim(pair, " \t")
			if pair == "" || ctlBytes.MatchString(latin1(pair)) {
				continue
			}
			name, value, found := strings.Cut(pair, "=")
			if !found {
				name, value = "", pair
			}
			name, value = strings.Trim(name, " \t"), strings.Trim(value, " \t")
			if keep(name, value) {
				names = append(names, name+"="+value)
			}
		}
	}
	return names
}

func FuzzFilter(f *testing.F) {
	for _, s := range []string{
		"a=1; _ga=2; b=3", "_ga=;a;b;c;d;e", "a=\"x; _ga=1\"", "\x00=1;_ga", "a=1;;;_ga=;", " _ga\t=1; =_ga; _ga",
		"é=1; \xff=2; _ga=\x7f", "a=1\r_ga=2; b", "=====; ;_ga=", strings.Repeat("a=1;", 300) + "_ga=1",
	} {
		f.Add(s, "a=1; _ga=1")
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		fields := []string{one, two}
		if Oversized(fields) {
			return
		}
		keep := refuse("_ga", "")
		kept, changed := Filter(fields, keep)
		want := expected(fields, keep)
		if got := expected(kept, everything); !slices.Equal(got, want) {
			t.Fatalf("Filter(%q) = %q\nholds %q\nwant  %q", fields, kept, got, want)
		}
		if !changed && !slices.Equal(kept, fields) {
			t.Fatalf("Filter(%q) = %q without a word", fields, kept)
		}
		if again, twice := Filter(kept, keep); twice {
			t.Fatalf("Filter(%q) = %q, then %q", fields, kept, again)
		}
	})
}

func BenchmarkFilter(b *testing.B) {
	field := "PHPSESSID=5f3e8c1a9b7d4e2f8a6c0b1d; __Host-privacy=" + strings.Repeat("x", 220) + "; privacy=statistics.marketing"
	for i := range 9 {
		field += fmt.Sprintf("; cookie_%d=GA1.1.1234567890.%d", i, 1700000000+i)
	}
	fields := []string{field}
	b.Run("keep all 12", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Filter(fields, everything)
		}
	})
	b.Run("drop 2 of 12", func(b *testing.B) {
		b.ReportAllocs()
		keep := func(name, _ string) bool { return name != "cookie_3" && name != "cookie_7" }
		for b.Loop() {
			Filter(fields, keep)
		}
	})
}

func TestFilterAllocatesNothingWhenItKeepsAll(t *testing.T) {
	fields := []string{"a=1; b=2; c=3", "d=4"}
	if n := testing.AllocsPerRun(100, func() { Filter(fields, everything) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if n := testing.AllocsPerRun(100, func() {
		for range All(fields, "d") {
			continue
		}
	}); n != 0 {
		t.Errorf("All: %v allocations", n)
	}
}
