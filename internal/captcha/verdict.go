// Package captcha decides whether a form was sent by a person. Whoever checks an
// answer, be it our own proof of work or a provider, is a Verifier and comes to a
// Verdict; what follows from one is decided here, in one place.
package captcha

import "context"

// Verifier checks the answer that came with a form.
type Verifier interface {
	// Verify never returns a Verdict without a reason, and ends with the context. It must be
	// asked once about an answer: most are good for one time.
	Verify(ctx context.Context, a Answer) Verdict
}

// Answer is what a form brought as its proof, and what it must be the proof for.
type Answer struct {
	Token string // as the browser sent it
	Form  string // identifier of the protected form: the action that the token must name
	Host  string // of the site, without port: where the token must have been made
	// Afterwards says that the form was filled in before its challenge was asked for: how long that
	// took, nobody can tell.
	Afterwards bool
	// Address of the visitor. It is empty unless the owner wants providers to get it.
	Address string
}

// Verdict is what came of a check, with its reason.
type Verdict struct {
	Outcome Outcome
	Reason  Reason
	Score   float64 // 0 to 1, how likely it was a person; of providers that say so, see Scored
	Scored  bool
}

// Passed tells whether the form may go on by this verdict alone.
func (v Verdict) Passed() bool { return v.Outcome == Passed }

// Outcome says whose turn it is.
type Outcome uint8

// The outcomes. The zero value lets nobody pass.
const (
	VisitorFailed  Outcome = iota // the visitor can try again
	OperatorFailed                // our key, secret or quota: the owner has to act
	ProviderFailed                // who should have told cannot be reached, or talks nonsense
	Passed

	Outcomes = iota // how many there are
)

func (o Outcome) String() string {
	return [...]string{"visitor", "operator", "provider", "passed"}[o]
}

// Reason is why.
type Reason uint8

// The reasons.
const (
	Missing       Reason = iota // there is no token
	Malformed                   // it cannot be read, or is none of ours
	Forged                      // its signature is wrong
	Expired                     // it is too old
	Spent                       // it was used before
	Elsewhere                   // it is for another site or another form
	Unsolved                    // the task is not done
	Hasty                       // the form was filled in faster than people can
	Baited                      // a field that people do not see was filled in
	LowScore                    // the provider takes it for a machine
	Misconfigured               // the provider refuses our key or secret
	OverQuota                   // the provider has no more checks for us
	Unreachable                 // no connection, no answer in time, or the breaker is open
	Unreadable                  // the provider's answer is not what it documents
	Solved                      // it is good

	Reasons = iota // how many there are
)

func (r Reason) String() string {
	return [...]string{
		"missing", "malformed", "forged", "expired", "spent", "elsewhere", "unsolved", "hasty", "baited", "low_score",
		"misconfigured", "over_quota", "unreachable", "unreadable", "solved",
	}[r]
}
