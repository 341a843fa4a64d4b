package transfer

import "fmt"

// RefusedError says that a connection was refused, and what to write to allow it.
// It holds nothing about visitors. Callers find it with errors.As.
type RefusedError struct {
	Host     string // as it was asked for, without port
	Decision Decision
	Area     Area // where data may stay
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("no connection to %s: %s", e.Host, e.why())
}

func (e *RefusedError) why() string {
	d := &e.Decision
	switch d.Reason {
	case OutsideCountry:
		return fmt.Sprintf("its address is in %s, outside the area %q: use a server inside, or declare %s as a country of the recipient and the basis of the transfer", d.Country, e.Area, d.Country)
	case UnknownCountry:
		return "nobody knows in which country its address is: use another server, a newer database of countries, or declare the address as an own network"
	case Hidden:
		return "its address leads through a tunnel or translator to where nobody knows: use the address itself, or declare the prefix of your translator"
	case Undeclared:
		return fmt.Sprintf("nobody is declared for it: declare the recipient that answers at %s, with its company and country", e.Host)
	case RecipientOutside:
		return fmt.Sprintf("the recipient %s brings data to %s, outside the area %q: use another one, or declare the basis of the transfer", d.Recipient.Name, d.Fault, e.Area)
	case Ended:
		return fmt.Sprintf("the terms of the recipient %s, or the decision that they rest on, have ended: agree on new ones, and declare them", d.Recipient.Name)
	case OwnRefused:
		return "it is in the operator's own network, where addresses that others choose must not lead: write a public address"
	}
	return d.Reason.String()
}
