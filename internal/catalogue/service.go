package catalogue

import (
	"regexp"
	"time"
)

// Purpose says what a service stores or reads in the browser for. It decides whether consent is
// needed. Site owners may add purposes of their own.
type Purpose string

// The purposes the catalogue knows, from the least to the most strict. Only Necessary needs no
// consent.
const (
	Necessary  Purpose = "necessary"
	Functional Purpose = "functional"
	Statistics Purpose = "statistics"
	Marketing  Purpose = "marketing"
)

// Stricter reports whether p asks more of the visitor than q. A purpose that is none of the four
// counts as Marketing: the safe side.
func (p Purpose) Stricter(q Purpose) bool { return p.strictness() > q.strictness() }

func (p Purpose) strictness() int {
	switch p {
	case Necessary:
		return 0
	case Functional:
		return 1
	case Statistics:
		return 2
	default:
		return 3
	}
}

// Class says why a necessary service needs no consent: the exempt kinds of French law (CNIL
// guidelines of 17 September 2020, article 5).
type Class string

// The exempt classes.
const (
	Authentication Class = "authentication" // keeps a visitor's session or signs him in
	Basket         Class = "basket"         // remembers what he is buying
	Billing        Class = "billing"        // carries out the payment he asked for
	Choice         Class = "choice"         // remembers his choice about cookies
	Interface      Class = "interface"      // remembers a language or display he asked for
	LoadBalancing  Class = "load_balancing" // leads him to the same server
	Security       Class = "security"       // protects the site or a form against abuse
)

// Match says how a Cookie's Name is to be read.
type Match uint8

// The ways to match a name. Bytes are compared as they are, as browsers do.
const (
	Exact   Match = iota // the whole name
	Prefix               // its beginning
	Pattern              // an RE2 expression, anchored, with a literal beginning
)

// Storage says where in the browser an entry lives.
type Storage string

// The places a service keeps things in.
const (
	InCookie       Storage = ""
	LocalStorage   Storage = "localStorage"
	SessionStorage Storage = "sessionStorage"
	IndexedDB      Storage = "indexedDB"
)

// Endless is the Lifetime of what has no documented end, such as an entry of localStorage.
const Endless time.Duration = -1

// Service is somebody a page may hand a visitor's data to, or a program that runs on the site.
type Service struct {
	ID         string
	Name       string
	Entity     string // legal person that receives the data; "" = the site itself
	Country    string // of Entity, ISO 3166-1 alpha-2; "" = the site's own
	EEAEntity  string // who answers for Entity inside the European Economic Area, where one does
	EEACountry string
	Purpose    Purpose
	Class      Class // of a necessary service; "" for the others
	Cookies    []Cookie
	Hosts      []string // "example.com" with all its subdomains, or "example.com/path"
	Note       string
}

// Cookie is one thing a service keeps in the browser: a cookie, or an entry of another Storage.
type Cookie struct {
	Name       string // Exact: the name; Prefix: its beginning; Pattern: the expression
	Match      Match
	Lifetime   time.Duration // as its service asks for; 0 = browser session, Endless = no end known
	Sliding    bool          // later visits extend it
	ThirdParty bool          // kept under the service's own domain: the site never sees it
	Script     bool          // scripts on the page write it
	Storage    Storage

	literal string         // Pattern: what every match begins with
	expr    *regexp.Regexp // Pattern: the expression
}

// String is the name to show to a reader: "_ga", "_ga_*".
func (c *Cookie) String() string {
	switch c.Match {
	case Prefix:
		return c.Name + "*"
	case Pattern:
		return c.literal + "*"
	default:
		return c.Name
	}
}

// Claim says that a name is known to be a service's.
type Claim struct {
	Service *Service
	Cookie  *Cookie
}
