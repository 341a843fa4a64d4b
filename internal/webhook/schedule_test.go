package webhook

import (
	"net/http"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

func TestRetryAfterIsReadAsTheStandardSays(t *testing.T) {
	now := storetest.Noon
	for text, want := range map[string]time.Duration{
		"": 0, "0": 0, "120": 2 * time.Minute, " 7 ": 7 * time.Second, "86400": maxAsked, "86401": maxAsked,
		"99999999999999999999999999999999": maxAsked, "-1": 0, "1.5": 0, "+5": 0, "5s": 0, "soon": 0, "１２": 0,
		"Sun, 01 Mar 2026 12:10:00 GMT":  10 * time.Minute,
		"Sunday, 01-Mar-26 12:10:00 GMT": 10 * time.Minute,
		"Sun Mar  1 12:10:00 2026":       10 * time.Minute,
		"Sun, 01 Mar 2026 11:00:00 GMT":  0,
		"Fri, 31 Dec 9999 23:59:59 GMT":  maxAsked,
	} {
		if got := retryAfter(http.Header{"Retry-After": {text}}, now); got != want {
			t.Errorf("%q asks for %v, want %v", text, got, want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, text := range []string{"120", "Sun, 01 Mar 2026 12:10:00 GMT", "99999999999999999999", "-1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got := retryAfter(http.Header{"Retry-After": {text}}, storetest.Noon); got < 0 || got > maxAsked {
			t.Errorf("%q asks for %v", text, got)
		}
	})
}

func TestEndpointThatFailsIsLeftAloneEverLongerUpToABound(t *testing.T) {
	before := time.Duration(0)
	for failures := 1; failures < 100; failures++ {
		p := pause(failures)
		if p < min(before, maxPause*9/10) || p > maxPause*11/10 {
			t.Fatalf("after %d failures it is left alone for %v, before for %v", failures, p, before)
		}
		before = p
	}
	if before < maxPause*9/10 {
		t.Errorf("the longest pause is %v", before)
	}
}
