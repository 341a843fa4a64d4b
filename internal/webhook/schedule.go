package webhook

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// schedule is how long to wait after each failure: the example of the specification
// ("Deliverability and reliability"). A message that fails once more, some three days
// after the first attempt, is a dead letter.
var schedule = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour,
	10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// next is when to try again after so many failures; ok is false when the schedule is
// over. An endpoint that asks for more time gets it.
func next(failures int, asked time.Duration, now time.Time) (at time.Time, ok bool) {
	if failures > len(schedule) {
		return time.Time{}, false
	}
	return now.Add(max(vary(schedule[failures-1]), asked)), true
}

// vary changes a time by up to a tenth, so that what failed together is not tried
// again together.
func vary(d time.Duration) time.Duration { return d*9/10 + rand.N(d/5+1) }

// An endpoint that fails is left alone for a while, doubled with each further failure.
const (
	firstPause = time.Second
	maxPause   = 5 * time.Minute
)

// pause is how long to leave an endpoint alone after so many failures in a row.
func pause(failures int) time.Duration {
	return vary(min(firstPause<<min(failures-1, 20), maxPause))
}

// maxAsked is the longest that an endpoint can ask for.
const maxAsked = 24 * time.Hour

// retryAfter reads the field of that name (RFC 9110, section 10.2.3): seconds, or a
// date. What cannot be read, or lies in the past, asks for nothing.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := strings.Trim(h.Get("Retry-After"), " \t")
	if text == "" {
		return 0
	}
	if strings.Trim(text, "0123456789") == "" {
		return seconds(text)
	}
	date, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return min(max(date.Sub(now), 0), maxAsked)
}

// seconds reads digits, however many.
func seconds(digits string) time.Duration {
	total := time.Duration(0)
	for i := range len(digits) {
		total = min(10*total+time.Duration(digits[i]-'0')*time.Second, maxAsked)
	}
	return total
}
