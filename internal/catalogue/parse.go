package catalogue

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// file, entry and item mirror the JSON text of a catalogue.
type file struct {
	AsOf     string  `json:"as_of"` // day of the last review, 2006-01-02
	Services []entry `json:"services"`
}

type entry struct {
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	Entity     optional `json:"entity"`
	Country    optional `json:"country"`
	EEAEntity  string   `json:"eea_entity"`
	EEACountry string   `json:"eea_country"`
	Purpose    Purpose  `json:"purpose"`
	Class      Class    `json:"class"`
	Cookies    []item   `json:"cookies"`
	Hosts      []string `json:"hosts"`
	Note       string   `json:"note"`
}

type item struct {
	Name        string  `json:"name"`    // "name" or "beginning*"
	Pattern     string  `json:"pattern"` // instead of name
	Life        string  `json:"life"`    // "session", "endless" or a number with a unit
	Sliding     bool    `json:"sliding"`
	Third       bool    `json:"third"`
	Script      bool    `json:"script"`
	Distinctive bool    `json:"distinctive"` // short, yet nobody else's
	Storage     Storage `json:"storage"`
}

// optional is a text or an explicit null, which stands for the site itself.
type optional struct {
	written bool
	text    string
}

func (o *optional) UnmarshalJSON(data []byte) error {
	o.written = true
	return json.Unmarshal(data, &o.text)
}

// shortest is the length in bytes from which a name or a beginning of one is long enough to be
// recognised by itself. Shorter ones belong to anybody.
const shortest = 4

// Parse reads a catalogue. It refuses whatever it does not understand, and names the service.
func Parse(data []byte) (*Catalogue, error) {
	var f file
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		return nil, fmt.Errorf("catalogue: not the expected JSON: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("catalogue: remove what follows the closing brace")
	}
	if _, err := time.Parse(time.DateOnly, f.AsOf); err != nil {
		return nil, fmt.Errorf("catalogue: as_of must be a day such as 2026-01-31, not %q", f.AsOf)
	}
	c := &Catalogue{services: make([]Service, len(f.Services))}
	seen := make(map[string]bool, len(f.Services))
	for i := range f.Services {
		e := &f.Services[i]
		if e.ID == "" {
			return nil, fmt.Errorf("catalogue: service number %d (%q) has no id", i+1, e.Name)
		}
		if seen[e.ID] {
			return nil, fmt.Errorf("catalogue: service %q is there twice", e.ID)
		}
		seen[e.ID] = true
		if err := e.fill(&c.services[i]); err != nil {
			return nil, fmt.Errorf("catalogue: service %q: %w", e.ID, err)
		}
	}
	pack(c.services)
	c.compile()
	return c, nil
}

func (e *entry) fill(s *Service) error {
	if err := e.check(); err != nil {
		return err
	}
	*s = Service{
		ID: e.ID, Name: e.Name, Entity: e.Entity.text, Country: e.Country.text,
		EEAEntity: e.EEAEntity, EEACountry: e.EEACountry,
		Purpose: e.Purpose, Class: e.Class, Hosts: e.Hosts, Note: e.Note,
		Cookies: make([]Cookie, len(e.Cookies)),
	}
	seen := make(map[string]bool, len(e.Cookies))
	for i := range e.Cookies {
		it := &e.Cookies[i]
		if err := it.fill(&s.Cookies[i]); err != nil {
			return fmt.Errorf("cookie %q: %w", it.Name+it.Pattern, err)
		}
		key := it.Name + it.Pattern + string(it.Storage)
		if seen[key] {
			return fmt.Errorf("cookie %q is there twice", it.Name+it.Pattern)
		}
		seen[key] = true
	}
	for _, h := range e.Hosts {
		if !validHost(h) {
			return fmt.Errorf("host %q: write a lower-case name such as example.com or example.com/path", h)
		}
	}
	return nil
}

func (e *entry) check() error {
	switch {
	case e.Name == "":
		return errors.New("name is missing")
	case !e.Entity.written || !e.Country.written:
		return errors.New("entity or country is missing: write null where it is the site itself")
	case (e.Entity.text == "") != (e.Country.text == ""):
		return errors.New("entity and country must both be given, or both be null")
	case (e.EEAEntity == "") != (e.EEACountry == ""):
		return errors.New("eea_entity and eea_country must both be given, or both be left out")
	case !validCountry(e.Country.text), !validCountry(e.EEACountry):
		return errors.New("country and eea_country must be two capital letters (ISO 3166-1)")
	}
	switch e.Purpose {
	case Necessary:
		if !e.Class.exempt() {
			return fmt.Errorf("class %q is not an exempt one: a necessary service must say why it is", e.Class)
		}
	case Functional, Statistics, Marketing:
		if e.Class != "" {
			return errors.New("class is for necessary services only")
		}
	default:
		return fmt.Errorf("purpose %q must be necessary, functional, statistics or marketing", e.Purpose)
	}
	return nil
}

func (c Class) exempt() bool {
	switch c {
	case Authentication, Basket, Billing, Choice, Interface, LoadBalancing, Security:
		return true
	}
	return false
}

func (it *item) fill(c *Cookie) error {
	life, err := lifetime(it.Life)
	if err != nil {
		return err
	}
	switch it.Storage {
	case InCookie, LocalStorage, SessionStorage, IndexedDB:
	default:
		return fmt.Errorf("storage %q must be localStorage, sessionStorage or indexedDB, or be left out", it.Storage)
	}
	*c = Cookie{
		Name: it.Name, Lifetime: life, Sliding: it.Sliding,
		ThirdParty: it.Third, Script: it.Script, Storage: it.Storage,
	}
	switch {
	case (it.Name == "") == (it.Pattern == ""):
		return errors.New("give either a name or a pattern")
	case it.Pattern != "":
		c.Match, c.Name = Pattern, it.Pattern
		if c.literal, err = literal(it.Pattern); err == nil {
			c.expr, err = regexp.Compile(it.Pattern)
		}
		return err
	}
	if text, ok := strings.CutSuffix(it.Name, "*"); ok {
		c.Match, c.Name = Prefix, text
	}
	switch {
	case c.Name == "" || strings.ContainsAny(c.Name, "=; \t*"):
		return errors.New("no cookie can be called so")
	case len(c.Name) < shortest && c.visible() && !it.Distinctive:
		return errors.New("too short to be recognised by its name: drop it, or state that it is distinctive")
	}
	return nil
}

// literal checks a pattern and returns what every match begins with, so that it need not be run for
// other names.
func literal(pattern string) (string, error) {
	rest, anchored := strings.CutPrefix(pattern, "^")
	expr, err := regexp.Compile(rest)
	if err != nil {
		return "", err
	}
	text, _ := expr.LiteralPrefix()
	if !anchored || !strings.HasSuffix(pattern, "$") || len(text) < 2 {
		return "", errors.New("a pattern must be written ^…$ and begin with two plain characters")
	}
	return text, nil
}

// units are the ends of a lifetime. A month is 365.25/12 days.
var units = []struct {
	suffix string
	length time.Duration
}{
	{"min", time.Minute},
	{"mo", 2629800 * time.Second},
	{"s", time.Second},
	{"h", time.Hour},
	{"d", 24 * time.Hour},
	{"y", 365 * 24 * time.Hour},
}

// lifetime reads "session", "endless", "30min", "13mo", "393d", "2y" …
func lifetime(text string) (time.Duration, error) {
	switch text {
	case "session":
		return 0, nil
	case "endless":
		return Endless, nil
	}
	for _, unit := range units {
		digits, ok := strings.CutSuffix(text, unit.suffix)
		if !ok {
			continue
		}
		if n, err := strconv.ParseUint(digits, 10, 32); err == nil && n > 0 && n <= uint64(200*365*24*time.Hour/unit.length) {
			return time.Duration(n) * unit.length, nil
		}
		break
	}
	return 0, fmt.Errorf(`life %q must be "session", "endless" or like 10s, 30min, 20h, 90d, 13mo, 2y`, text)
}

func validCountry(code string) bool {
	return code == "" || len(code) == 2 && code[0]-'A' < 26 && code[1]-'A' < 26
}

func validHost(entry string) bool {
	name, _, _ := strings.Cut(entry, "/")
	if name != canonical(name) || !strings.Contains(name, ".") || strings.ContainsAny(entry, " *:?#\\") {
		return false
	}
	return !strings.HasPrefix(name, ".") && !strings.Contains(name, "..")
}
