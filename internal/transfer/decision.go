package transfer

// Decision is the answer to one question, with its reason.
type Decision struct {
	Allowed   bool
	Reason    Reason
	Country   Country    // of the address; "" when it is unknown or was not asked for
	Recipient *Recipient // nil when none is declared
	Basis     Basis      // that what lies outside the area rests on; "" when nothing does
	Fault     Country    // where the recipient brings data to, for RecipientOutside
}

func (d Decision) refused(reason Reason) Decision {
	d.Allowed, d.Reason = false, reason
	return d
}

// Reason is why.
type Reason uint8

// The reasons. Undeclared lets pass where the owner allows it.
const (
	Inside           Reason = iota // address and recipient are in the area
	OwnNetwork                     // the operator's own network
	Excepted                       // outside, on the basis that the owner declared
	Undeclared                     // nobody is declared for the host
	OutsideCountry                 // the address is outside the area
	UnknownCountry                 // nobody knows where the address is
	Hidden                         // the address leads through a tunnel or translator to where nobody knows
	RecipientOutside               // the recipient, its parent or others it brings data to are outside the area
	Ended                          // the recipient's terms, or a decision that they rest on, have ended
	OwnRefused                     // in the operator's own network, where this connection must not go
	Impersonal                     // anywhere: nothing about anybody is sent

	Reasons = iota // how many there are
)

func (r Reason) String() string {
	return [...]string{
		"inside", "own_network", "excepted", "undeclared", "outside_country", "unknown_country", "hidden", "recipient_outside", "ended", "own_refused", "impersonal",
	}[r]
}
