package cookie

import (
	"strings"
	"testing"
	"time"
)

// day is a fixed moment for tests in which only durations matter.
var day = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

func TestTermNeverOutlivesThirteenCalendarMonths(t *testing.T) {
	for first := day; first.Before(day.AddDate(8, 0, 0)); first = first.AddDate(0, 0, 1) {
		month := time.Date(first.Year(), first.Month()+13, 1, 12, 0, 0, 0, time.UTC)
		end := month.AddDate(0, 0, min(first.Day(), month.AddDate(0, 1, -1).Day())-1)
		if first.Add(Term).After(end) {
			t.Errorf("deposit %v: Term ends %v, thirteen months end %v", first, first.Add(Term), end)
		}
	}
	if Term != 393*24*time.Hour {
		t.Errorf("Term is %v", Term)
	}
}

func TestEveryControlByteIsSeenWhereverItStands(t *testing.T) {
	for c := range 256 {
		want := c < 0x20 && c != '\t' || c == 0x7f
		for at := range 20 {
			for _, filler := range []string{"x", "\t", "\xff"} {
				s := strings.Repeat(filler, at) + string([]byte{byte(c)}) + strings.Repeat(filler, 19-at)
				if controls(s) != want {
					t.Fatalf("controls(%q) = %v", s, !want)
				}
			}
		}
	}
}
