package policy

import (
	"fmt"
	"strings"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
)

// Config is a site's rules as its owner wrote them. The zero value is the
// default policy.
type Config struct {
	// Purposes are the owner's own, beside the four built-in ones.
	Purposes []Purpose
	// Cookies assign names to purposes; they outrank the catalogue.
	Cookies []Rule
	// Unknown is the rule for cookies that nobody has classified.
	Unknown Unknown
	// Lifetime of a choice; zero means thirteen months.
	Lifetime time.Duration
	// Revision is any text; changing it asks every visitor again.
	Revision string
}

// Rule assigns the cookies of a name to a purpose. A name that ends in `*`
// stands for all that begin so; the longest matching rule wins.
type Rule struct {
	Name    string
	Purpose string
}

// Unknown says what happens to cookies that nobody has classified, until the
// visitor accepts everything.
type Unknown string

// The rules for unknown cookies. Default: SessionUnknown.
const (
	SessionUnknown Unknown = "session" // they pass without a lifetime
	BlockUnknown   Unknown = "block"
	AllowUnknown   Unknown = "allow"
)

// New compiles a site's rules over the catalogue of known services.
func New(c Config, known *catalogue.Catalogue) (*Policy, error) {
	purposes, err := withOwn(c.Purposes)
	if err != nil {
		return nil, err
	}
	if c.Unknown == "" {
		c.Unknown = SessionUnknown
	}
	switch c.Unknown {
	case SessionUnknown, BlockUnknown, AllowUnknown:
	default:
		return nil, fmt.Errorf("unknown_cookies %q: write block, session or allow", c.Unknown)
	}
	if c.Lifetime == 0 {
		c.Lifetime = cookie.Term
	}
	if err := CheckLifetime(c.Lifetime); err != nil {
		return nil, err
	}
	p := &Policy{
		purposes: purposes, known: known, unknown: c.Unknown, lifetime: c.Lifetime, written: c.Cookies,
		fingerprint: fingerprint(purposes, c.Unknown, c.Revision),
	}
	return p, p.addRules(c.Cookies)
}

// CheckLifetime refuses a lifetime of a choice that no promise covers.
func CheckLifetime(d time.Duration) error {
	const day = 24 * time.Hour
	if d < day {
		return fmt.Errorf("consent_lifetime %v is too short: write at least 1d, or visitors are asked on every page", d)
	}
	if d > cookie.Term {
		return fmt.Errorf("consent_lifetime of %d days is longer than thirteen months: write at most %dd (the CNIL recommends 182d)", d/day, cookie.Term/day)
	}
	return nil
}

// RuleError says which rule of a Config is at fault, so that the caller can
// point to the line where it was written.
type RuleError struct {
	Rule int // index in Config.Cookies
	Err  error
}

func (e *RuleError) Error() string { return e.Err.Error() }

func (e *RuleError) Unwrap() error { return e.Err }

func (p *Policy) addRules(rules []Rule) error {
	if len(rules) == 0 {
		return nil
	}
	given := make(map[string]purposeIndex, len(rules))
	for n, r := range rules {
		i, err := p.checkRule(r, given)
		if err != nil {
			return &RuleError{n, err}
		}
		given[r.Name] = i
	}
	p.rules = catalogue.NewIndex(given)
	return nil
}

func (p *Policy) checkRule(r Rule, given map[string]purposeIndex) (purposeIndex, error) {
	if err := checkName(r.Name); err != nil {
		return 0, err
	}
	i := indexOf(p.purposes, r.Purpose)
	if i < 0 {
		return 0, fmt.Errorf("cookie %s: there is no purpose %q: write one of %s, or define it with the purpose option", r.Name, r.Purpose, p.names())
	}
	if before, ok := given[r.Name]; ok {
		return 0, contradiction(r, p.purposes[before].ID)
	}
	return purposeIndex(i), nil
}

func contradiction(r Rule, before string) error {
	if before == r.Purpose {
		return fmt.Errorf("cookie %s is given the purpose %s twice: keep one line", r.Name, before)
	}
	return fmt.Errorf("cookie %s is given two purposes, %s and %s: keep one line", r.Name, before, r.Purpose)
}

// checkName refuses names of cookies that no browser could send, and stars
// that are not at the end.
func checkName(name string) error {
	plain := strings.TrimSuffix(name, "*")
	switch {
	case plain == "":
		return fmt.Errorf("cookie %q would match every cookie: use the option unknown_cookies for those that have no rule", name)
	case strings.Contains(plain, "*"):
		return fmt.Errorf("cookie %s: a star is possible at the end only, such as %s*", name, plain[:strings.IndexByte(plain, '*')])
	case strings.ContainsAny(plain, "=; \t\r\n\x00"):
		return fmt.Errorf("cookie %q: write the name alone, without value, spaces or semicolon", name)
	case IsOwn(plain):
		return fmt.Errorf("cookie %s is the gateway's own record: it needs no rule", name)
	}
	return nil
}

// IsOwn tells whether a name belongs to the gateway's own cookies.
func IsOwn(name string) bool {
	switch name {
	case "privacy", "privacy-record", "privacy-term",
		"__Host-privacy", "__Host-privacy-term", "__Secure-privacy", "__Secure-privacy-term":
		return true
	}
	return false
}

func (p *Policy) names() string {
	ids := make([]string, len(p.purposes))
	for i := range p.purposes {
		ids[i] = p.purposes[i].ID
	}
	return strings.Join(ids, ", ")
}
