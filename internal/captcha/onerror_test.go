package captcha

import (
	"strings"
	"testing"
)

func TestOwnerDecidesOnlyWhatIsNoVisitorsFault(t *testing.T) {
	for word, want := range map[string][Outcomes]Step{
		"challenge": {VisitorFailed: Refuse, OperatorFailed: ProveWork, ProviderFailed: ProveWork, Passed: Forward},
		"block":     {VisitorFailed: Refuse, OperatorFailed: Postpone, ProviderFailed: Postpone, Passed: Forward},
		"allow":     {VisitorFailed: Refuse, OperatorFailed: ProveWork, ProviderFailed: Unchecked, Passed: Forward},
	} {
		o, err := ParseOnError(word)
		if err != nil {
			t.Fatal(err)
		}
		for outcome, step := range want {
			if got := o.Decide(Verdict{Outcome: Outcome(outcome), Score: 1, Scored: true}); got != step {
				t.Errorf("on_error %s: %s leads to step %d, want %d", word, Outcome(outcome), got, step)
			}
		}
	}
	if _, err := ParseOnError("open"); err == nil || !strings.Contains(err.Error(), "challenge, block or allow") {
		t.Errorf("an unknown word: %v", err)
	}
}

func TestVerdictThatWasForgottenRefuses(t *testing.T) {
	for _, o := range []OnError{Challenge, Block, Allow} {
		if step := o.Decide(Verdict{}); step != Refuse {
			t.Errorf("the zero verdict leads to step %d", step)
		}
	}
}
