package dialect

import (
	"net/url"
	"slices"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
)

// Choice is what a visitor once told another consent tool. Nothing of the
// tool's record that tells visitors apart is kept.
type Choice struct {
	Tool string
	// Given is when he first chose, in whole seconds of UTC. It is zero if a
	// refusal is not dated; that of a refusal may lie beyond cookie.Term.
	Given time.Time
	// Purposes are those he accepted. The list is shared: not to be written to.
	Purposes []string
	// Refused is true if he accepted nothing of what he was asked.
	Refused bool
}

// Cookies gives the value of a cookie of the request, as it was sent.
type Cookies func(name string) (value string, ok bool)

// maxStored bounds what is read of one cookie, in bytes. No browser keeps more
// for name and value together (RFC 6265bis, 5.6).
const maxStored = 4096

// stored are the tools whose choices can be read from cookies. Usercentrics is
// not among them, which keeps them out of the server's reach, nor is Didomi's
// binary string, which needs the site's configuration to be read.
var stored = [...]struct {
	tool string
	read func(Cookies) (answers, bool)
}{
	{vanilla, vanillaChoice("cc_cookie")},
	{pressidium, vanillaChoice("pressidium_cookie_consent")},
	{klaro, klaroChoice},
	{tarteaucitron, tarteaucitronChoice},
	{c15t, c15tChoice},
	{oneTrust, oneTrustChoice},
	{cookiebot, cookiebotChoice},
	{didomi, didomiChoice},
	{axeptio, axeptioChoice},
	{cookieYes, cookieYesChoice},
	{complianz, complianzChoice},
	{borlabsCookie, borlabsChoice},
}

// Import reads the choice that a visitor made with another consent tool. A
// refusal always counts. Acceptance counts for the purposes that the tool's
// categories name, and only if it is dated and younger than cookie.Term; the
// first date a record holds is the one that counts. It is no choice at all if
// the record cannot be read, is dated in the future, or carries nothing over,
// and if two tools contradict each other.
func Import(cookies Cookies, now time.Time) (c Choice, ok bool) {
	for _, s := range &stored {
		a, readable := s.read(cookies)
		if !readable {
			continue
		}
		next, valid := a.choice(s.tool, now)
		switch {
		case !valid:
		case !ok:
			c, ok = next, true
		case !c.agrees(next):
			return Choice{}, false
		case next.before(c):
			c = next
		}
	}
	return c, ok
}

func (c Choice) agrees(other Choice) bool {
	return c.Refused == other.Refused && slices.Equal(c.Purposes, other.Purposes)
}

// before reports whether c is dated, and earlier than what other says.
func (c Choice) before(other Choice) bool {
	return !c.Given.IsZero() && (other.Given.IsZero() || c.Given.Before(other.Given))
}

// answers is what a record says, whatever its form.
type answers struct {
	given    time.Time
	granted  purposes // a category of theirs was accepted
	withheld purposes // and one refused
	yes, no  bool     // something was accepted, refused
}

// add notes the answer for one category or service. A name that is not known
// grants nothing when accepted, and withholds marketing when refused.
func (a *answers) add(name string, accepted bool) {
	p, known := category(name)
	switch {
	case known && p == necessary:
	case accepted:
		a.yes = true
		a.granted |= p
	default:
		a.no = true
		a.withheld |= demanded(name)
	}
}

// accept notes that a category was accepted. If only some of its services were,
// it does not count for the purpose.
func (a *answers) accept(name string, inPart bool) {
	a.add(name, true)
	if inPart {
		a.withheld |= demanded(name)
	}
}

// choice judges the answers by the rules of Import.
func (a *answers) choice(tool string, now time.Time) (Choice, bool) {
	c := Choice{Tool: tool, Given: a.given.UTC().Truncate(time.Second)}
	if c.Given.After(now) {
		return Choice{}, false
	}
	if a.no && !a.yes {
		c.Refused = true
		return c, true
	}
	p := a.granted &^ a.withheld
	if p == 0 || !now.Before(c.Given.Add(cookie.Term)) { // no date lies beyond any term
		return Choice{}, false
	}
	c.Purposes = p.names()
	return c, true
}

// raw returns a cookie that is neither empty nor oversized.
func (cookies Cookies) raw(name string) (string, bool) {
	value, ok := cookies(name)
	return value, ok && value != "" && len(value) <= maxStored
}

// text returns a cookie without its percent-encoding.
func (cookies Cookies) text(name string) (string, bool) {
	value, ok := cookies.raw(name)
	if !ok {
		return "", false
	}
	text, err := url.PathUnescape(value)
	return text, err == nil
}
