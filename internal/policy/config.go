package policy

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

// Config is a site's rules as its owner wrote them. The zero value is the
// default policy.
type Config struct {
	// Purposes are the owner's own, beside the four built-in ones.
	Purposes []Purpose
	// Cookies assign names to purposes; they outrank the catalogue.
	Cookies []Rule
	// Hosts assign hosts, each with all below it, to purposes; they outrank the
	// catalogue. The site's own hosts, those of its registrable domain, are
	// necessary unless a rule says otherwise.
	Hosts []Rule
	// OwnHosts are the site itself, each with all below it, beside its registrable
	// domain.
	OwnHosts []string
	// Border says where data may go. Nil means anywhere.
	Border Border
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
		border: c.Border, fingerprint: fingerprint(purposes, c.Unknown, c.Revision), serial: serials.Add(1),
	}
	if err := p.addRules(c.Cookies); err != nil {
		return nil, err
	}
	return p, p.addHosts(c.Hosts, c.OwnHosts)
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
	Host bool // it is one of Config.Hosts, or of Config.OwnHosts behind them, else one of Config.Cookies
	Rule int  // its index there
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
			return &RuleError{Rule: n, Err: err}
		}
		given[r.Name] = i
	}
	p.rules = catalogue.NewIndex(given)
	return nil
}

// hostRule is what the owner says of a host.
type hostRule struct {
	purpose purposeIndex
	own     bool // it is the site itself
}

func (p *Policy) addHosts(rules []Rule, own []string) error {
	p.hosts = make(map[string]hostRule, len(rules)+len(own))
	for n, r := range rules {
		if err := p.addHost(r, false); err != nil {
			return &RuleError{Host: true, Rule: n, Err: err}
		}
	}
	for n, name := range own {
		if err := p.addHost(Rule{name, p.purposes[necessary].ID}, true); err != nil {
			return &RuleError{Host: true, Rule: len(rules) + n, Err: err}
		}
	}
	return nil
}

func (p *Policy) addHost(r Rule, own bool) error {
	i, err := p.checkHost(r)
	if err == nil {
		p.hosts[r.Name] = hostRule{i, own}
	}
	return err
}

// checkHost refuses what is no host, and hosts with two purposes.
func (p *Policy) checkHost(r Rule) (purposeIndex, error) {
	if !isHost(r.Name) {
		return 0, fmt.Errorf("host %q: write the name alone, in lower case and as browsers send it, such as cdn.example.com, which stands for all hosts below it too", r.Name)
	}
	i := indexOf(p.purposes, r.Purpose)
	if i < 0 {
		return 0, fmt.Errorf("host %s: there is no purpose %q: write one of %s, or define it with the purpose option", r.Name, r.Purpose, p.names())
	}
	if before, ok := p.hosts[r.Name]; ok {
		return 0, contradiction("host", r, p.purposes[before.purpose].ID)
	}
	return purposeIndex(i), nil
}

// isHost tells whether a name is a host as an address that was read holds it; any
// other would never match, or, as 0.1 does, match addresses of strangers.
func isHost(name string) bool {
	u, ok := weburl.Parse("https://"+name, nil)
	return ok && u.Host == name && hostName.MatchString(name)
}

// hostName is a host in ASCII (RFC 1123 section 2.1; underscores are in use), or
// an address.
var hostName = regexp.MustCompile(`^(([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?|\[[0-9a-f:.]+\])$`)

func (p *Policy) checkRule(r Rule, given map[string]purposeIndex) (purposeIndex, error) {
	if err := checkName(r.Name); err != nil {
		return 0, err
	}
	i := indexOf(p.purposes, r.Purpose)
	if i < 0 {
		return 0, fmt.Errorf("cookie %s: there is no purpose %q: write one of %s, or define it with the purpose option", r.Name, r.Purpose, p.names())
	}
	if before, ok := given[r.Name]; ok {
		return 0, contradiction("cookie", r, p.purposes[before].ID)
	}
	return purposeIndex(i), nil
}

func contradiction(what string, r Rule, before string) error {
	if before == r.Purpose {
		return fmt.Errorf("%s %s is given the purpose %s twice: keep one line", what, r.Name, before)
	}
	return fmt.Errorf("%s %s is given two purposes, %s and %s: keep one line", what, r.Name, before, r.Purpose)
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

// RuleName returns the name to write in a rule for a cookie or an entry that is
// kept under this name: the name itself, or what of it can be written in a
// Caddyfile without quotes, followed by a star. ok is false when nothing can.
func RuleName(name string) (rule string, ok bool) {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/|+~!$%&"
	if beginning := name[:len(name)-len(strings.TrimLeft(name, plain))]; beginning != name {
		name = beginning + "*"
	}
	return name, checkName(name) == nil
}

// IsOwn tells whether a name belongs to the gateway's own cookies.
func IsOwn(name string) bool {
	switch name {
	case "privacy", "privacy-record", "privacy-term", "privacy-pass",
		"__Host-privacy", "__Host-privacy-term", "__Host-privacy-pass", "__Secure-privacy", "__Secure-privacy-term":
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
