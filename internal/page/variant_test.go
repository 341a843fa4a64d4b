package page

import (
	"strings"
	"testing"
)

func TestVariantTag(t *testing.T) {
	v := NewVariant("config", "statistics")
	for etag, want := range map[string]string{
		`"abc"`:       `"abc` + string(v) + `"`,
		`W/"abc"`:     `W/"abc` + string(v) + `"`,
		` "a,b c" `:   `"a,b c` + string(v) + `"`,
		`""`:          `"` + string(v) + `"`,
		`abc`:         "",
		`"abc`:        "",
		`"abc" x`:     "",
		`w/"abc"`:     "",
		``:            "",
		`"a", "b"`:    "",
		`"abc-gzip"`:  `"abc-gzip` + string(v) + `"`,
		`"`:           "",
		`W/`:          "",
		`W/"abc-p12"`: `W/"abc-p12` + string(v) + `"`,
	} {
		if got := v.Tag(etag); got != want {
			t.Errorf("tag of %s: got %s, want %s", etag, got, want)
		}
	}
}

func TestVariantsDifferByEachPart(t *testing.T) {
	seen := map[Variant]bool{}
	for _, parts := range [][]string{{}, {""}, {"a"}, {"ab"}, {"a", "b"}, {"", "ab"}, {"ab", ""}} {
		v := NewVariant(parts...)
		if seen[v] || !endsInVariant("x"+string(v)) {
			t.Errorf("%q: variant %s", parts, v)
		}
		seen[v] = true
	}
}

func TestStaleVariantNeverEarnsA304(t *testing.T) {
	v, other := NewVariant("now"), NewVariant("before")
	for value, want := range map[string]string{
		v.Tag(`"abc"`):   `"abc"`,
		v.Tag(`W/"abc"`): `W/"abc"`,
		other.Tag(`"a"`): "",
		other.Tag(`"a"`) + ", " + v.Tag(`"b"`) + `,"c" ,` + other.Tag(`W/"d"`): `"b", "c"`,
		`"plain"`:          `"plain"`,
		`*`:                `*`,
		``:                 "",
		`plain`:            "",
		`"a", b, "c"`:      `"a"`,
		`"a"`:              `"a"`,
		`"-p0123456"`:      `"-p0123456"`,
		`"-p01234567"`:     "",
		`"x-p0123456g"`:    `"x-p0123456g"`,
		`"abc-p01234567x"`: `"abc-p01234567x"`,
		`"comma,-p1", "b"`: `"comma,-p1", "b"`,
	} {
		if got := v.IfNoneMatch(value); got != want {
			t.Errorf("%s: got %s, want %s", value, got, want)
		}
	}
}

// TestEncodingSuffixComesAndGoes does with the tag what Caddy's encode does on
// the way out and on the way in.
func TestEncodingSuffixComesAndGoes(t *testing.T) {
	v := NewVariant("x")
	sent := strings.TrimSuffix(v.Tag(`"abc"`), `"`) + `-gzip"`
	back := strings.ReplaceAll(sent, `-gzip"`, `"`)
	if got := v.IfNoneMatch(back); got != `"abc"` {
		t.Errorf("%s came back as %s", sent, got)
	}
	if got := NewVariant("y").IfNoneMatch(back); got != "" {
		t.Errorf("a stale tag went through as %s", got)
	}
}

func FuzzIfNoneMatch(f *testing.F) {
	v := NewVariant("x")
	f.Add(`"abc", W/"d"`)
	f.Add(v.Tag(`"abc"`))
	f.Fuzz(func(t *testing.T, value string) {
		got := v.IfNoneMatch(value)
		if len(got) > 2*len(value) {
			t.Errorf("%q grew to %q", value, got)
		}
		tag := v.Tag(value)
		if tag != "" && v.IfNoneMatch(tag) != strings.TrimSpace(value) {
			t.Errorf("%q went out as %q and came back as %q", value, tag, v.IfNoneMatch(tag))
		}
		if tag != "" && NewVariant("y").IfNoneMatch(tag) != "" {
			t.Errorf("%q passed for another variant", tag)
		}
	})
}
