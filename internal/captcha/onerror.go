package captcha

import "fmt"

// OnError is what the owner wants when nobody can say whether an answer is good: the
// provider is away, or does not accept the owner's keys.
type OnError uint8

// What the owner may want.
const (
	Challenge OnError = iota // the visitor's browser proves some work instead; the default
	Block                    // the form waits until the provider is back
	Allow                    // the form goes through, marked as unchecked
)

// ParseOnError reads the owner's word.
func ParseOnError(word string) (OnError, error) {
	switch word {
	case "challenge":
		return Challenge, nil
	case "block":
		return Block, nil
	case "allow":
		return Allow, nil
	}
	return Challenge, fmt.Errorf("on_error %q is unknown: write challenge, block or allow", word)
}

// Step is what happens to a request.
type Step uint8

// The steps. The zero value lets nothing through.
const (
	Refuse    Step = iota // the visitor is asked for a fresh answer
	ProveWork             // he is asked for a proof of work
	Postpone              // 503 with Retry-After; what was typed is kept
	Unchecked             // the site gets it, and is told that nobody has checked it
	Forward               // the site gets it
)

// Decide says what follows from a verdict. A visitor's fault is his own whatever the
// owner wants: nobody gets through by a wrong answer.
func (o OnError) Decide(v Verdict) Step {
	switch v.Outcome {
	case Passed:
		return Forward
	case ProviderFailed:
		return [...]Step{Challenge: ProveWork, Block: Postpone, Allow: Unchecked}[o]
	case OperatorFailed: // which a token of another site's may provoke: it opens nothing
		return [...]Step{Challenge: ProveWork, Block: Postpone, Allow: ProveWork}[o]
	}
	return Refuse
}
