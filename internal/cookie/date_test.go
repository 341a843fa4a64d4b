package cookie

import (
	"testing"
	"time"
)

func TestDateIsReadByTheBrowsersRules(t *testing.T) {
	for s, want := range map[string]string{
		"Wed, 09 Jun 2100 10:18:14 GMT":        "2100-06-09T10:18:14Z",
		`"Wed, 09 Jun 2100 10:18:14 GMT"`:      "2100-06-09T10:18:14Z",
		"Wednesday, 09-Jun-99 10:18:14 GMT":    "1999-06-09T10:18:14Z",
		"Wed Jun  9 10:18:14 2100":             "2100-06-09T10:18:14Z",
		"Wed, 9 Jun 2100 1:2:3":                "2100-06-09T01:02:03Z",
		"10:18:14 09 jUNe 2100 +0200":          "2100-06-09T10:18:14Z",
		"2100 Jun 09 10:18:14":                 "2100-06-09T10:18:14Z",
		"09 Jun 69 10:18:14":                   "2069-06-09T10:18:14Z",
		"09 Jun 70 10:18:14":                   "1970-06-09T10:18:14Z",
		"09 Jun 00 10:18:14":                   "2000-06-09T10:18:14Z",
		"09 Jun 1601 10:18:14":                 "1601-06-09T10:18:14Z",
		"29 Feb 2028 23:59:59":                 "2028-02-29T23:59:59Z",
		"01:02:03x 04y Janvier 2030z":          "2030-01-04T01:02:03Z",
		"00:00:00 1 jan 2030 2 feb 2031 1:1:1": "2030-01-01T00:00:00Z",
		"09 Jun 2100":                          "",
		"09 Jun 10:18:14":                      "",
		"Jun 2100 10:18:14":                    "",
		"09 06 2100 10:18:14":                  "",
		"30 Feb 2028 10:18:14":                 "",
		"29 Feb 2027 10:18:14":                 "",
		"31 Apr 2027 10:18:14":                 "",
		"00 Jun 2100 10:18:14":                 "",
		"32 Jun 2100 10:18:14":                 "",
		"09 Jun 1600 10:18:14":                 "",
		"09 Jun 100 10:18:14":                  "",
		"09 Jun 21000 10:18:14":                "",
		"09 Jun 2100 24:00:00":                 "",
		"09 Jun 2100 10:60:00":                 "",
		"09 Jun 2100 10:18:60":                 "",
		"09 Jun 2100 10:18":                    "",
		"09 Jun 2100 010:18:14":                "",
		"09 Jun 2100 10:18:014":                "",
		"":                                     "",
		"0":                                    "",
	} {
		got, ok := ParseDate(s)
		if ok != (want != "") || ok && got.Format(time.RFC3339) != want {
			t.Errorf("ParseDate(%q) = %v, %v, want %q", s, got, ok, want)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{
		"Wed, 09 Jun 2100 10:18:14 GMT", "9-Jun-99 1:1:1", "1:2:3:4 31 feb 70", "::: 1 1 1", "00:00:00\x0000 0000 jan",
		"1:1:1\xff 2\xff mar\xff 2000\xff", "99:99:99 99 dec 9999", "1:1 :1 1 may 1601", "1a 2a 3a:4:5 sep6 2020",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := ParseDate(s)
		if want, wanted := jarDate(s); ok != wanted || ok && !got.Equal(want) {
			t.Fatalf("ParseDate(%q) = %v, %v, want %v, %v", s, got, ok, want, wanted)
		}
	})
}

func BenchmarkParseDate(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ParseDate("Wed, 09 Jun 2027 10:18:14 GMT")
	}
}
