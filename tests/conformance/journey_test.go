package conformance

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// host is where the visitor of the journey reads the news.
const host = "www.example.fr"

// jar keeps cookies as a browser does, as far as one host needs it: by name,
// domain and path.
type jar map[string]*http.Cookie

// take stores what a response sets, and removes what it deletes.
func (j jar) take(t *testing.T, r *reply) {
	t.Helper()
	for _, line := range r.header["Set-Cookie"] {
		c, err := http.ParseSetCookie(line)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if c.Domain != "" && c.Domain != host && !strings.HasSuffix(host, "."+c.Domain) {
			continue
		}
		if c.Path == "" {
			c.Path = "/"
		}
		key := c.Name + " " + c.Domain + " " + c.Path
		if c.MaxAge < 0 {
			delete(j, key)
			continue
		}
		if c.MaxAge > term {
			t.Errorf("%s lasts %d s", c.Name, c.MaxAge)
		}
		j[key] = c
	}
}

// field is the Cookie field of a request for a path below the root.
func (j jar) field() string {
	var pairs []string
	for _, key := range slices.Sorted(maps.Keys(j)) {
		if j[key].Path == "/" {
			pairs = append(pairs, j[key].Name+"="+j[key].Value)
		}
	}
	return "Cookie: " + strings.Join(pairs, "; ")
}

// holds fails unless the jar has cookies of these names and no others.
func (j jar) holds(t *testing.T, step string, names ...string) {
	t.Helper()
	got := make(map[string]bool)
	for _, c := range j {
		got[c.Name] = true
	}
	if list := slices.Sorted(maps.Keys(got)); !slices.Equal(list, slices.Sorted(slices.Values(names))) {
		t.Errorf("%s: the browser holds %q, want %q", step, list, names)
	}
}

// TestVisitorsChoiceIsWhatHisBrowserHolds follows one visitor, who comes with
// trackers from before the gateway was there, from his first visit through
// refusing, accepting and withdrawing.
func TestVisitorsChoiceIsWhatHisBrowserHolds(t *testing.T) {
	eachWay(t, gateway, func(t *testing.T, s *site) {
		page := ask("set", "_ga=GA1.1.1.2; Domain=example.fr; Path=/; Max-Age=63072000", "set", "_fbp=fb.1.2.3; Path=/; Max-Age=7776000",
			"set", "PHPSESSID=s; Path=/; HttpOnly", "set", "mystery=m; Path=/; Max-Age=63072000")
		j := jar{
			"_ga example.fr /": {Name: "_ga", Value: "GA1.1.1.2", Domain: "example.fr", Path: "/"},
			"_fbp  /":          {Name: "_fbp", Value: "fb.1.2.3", Path: "/"},
		}
		visit := func(step string, asked bool, sent ...string) {
			t.Helper()
			r := s.visit(t, page, "Host: "+host, j.field()).unzip(t)
			r.whole(t, asked)
			j.take(t, r)
			var got []string
			for pair := range strings.SplitSeq(strings.Join(s.origin.last(t).Header["Cookie"], "; "), "; ") {
				if name, _, ok := strings.Cut(pair, "="); ok {
					got = append(got, name)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, sent) {
				t.Errorf("%s: the origin got %q, want %q", step, got, sent)
			}
		}
		choose := func(form string) {
			t.Helper()
			r := s.choose(t, form, "Host: "+host, j.field())
			r.is(t, http.StatusSeeOther)
			j.take(t, r)
		}

		visit("first visit", true)
		j.holds(t, "first visit", "PHPSESSID", "mystery")
		visit("second visit", true, "PHPSESSID", "mystery")

		choose("choice=refuse")
		j.holds(t, "refused", "PHPSESSID", "mystery", "privacy", record)
		visit("refused", false, "PHPSESSID", "mystery")
		j.holds(t, "refused, on a page", "PHPSESSID", "mystery", "privacy", record)

		choose("choice=save&purpose=statistics")
		visit("statistics", false, "PHPSESSID", "mystery")
		j.holds(t, "statistics", "PHPSESSID", "_ga", "mystery", "privacy", record)
		visit("statistics again", false, "PHPSESSID", "_ga", "mystery")

		choose("choice=accept")
		visit("accepted", false, "PHPSESSID", "_ga", "mystery")
		j.holds(t, "accepted", "PHPSESSID", "_fbp", "_ga", "mystery", "privacy", record)
		visit("accepted again", false, "PHPSESSID", "_fbp", "_ga", "mystery")

		// What nobody has classified lasted with his consent to everything, so it
		// goes too; the site sets it anew, for the session.
		choose("choice=refuse")
		j.holds(t, "withdrawn", "PHPSESSID", "privacy", record)
		visit("withdrawn", false, "PHPSESSID")
		j.holds(t, "withdrawn, on a page", "PHPSESSID", "mystery", "privacy", record)
	})
}

// TestVisitsNeverMoveTheEnd: neither of the record nor of what it bounds.
func TestVisitsNeverMoveTheEnd(t *testing.T) {
	s := serve(t, gateway)
	first := s.choose(t, "choice=accept")
	cookie := "Cookie: " + first.cookie(record)
	for range 5 {
		r := s.visit(t, ask("set", "_fbp=1; Max-Age=99999999"), cookie)
		if r.line(record) != "" {
			t.Errorf("a visit writes the record: %q", r.line(record))
		}
		if maxAge(t, r.line("_fbp")) > term {
			t.Errorf("%q", r.line("_fbp"))
		}
	}
	const begins = "privacy-term" // the record of a term without a choice
	begun := s.get(t, ask("set", "csrftoken=1; Max-Age=99999999"))
	if begun.line(begins) == "" {
		t.Fatalf("no term begins with a lasting cookie: %q", begun.header["Set-Cookie"])
	}
	if r := s.get(t, ask("set", "csrftoken=1; Max-Age=99999999"), "Cookie: "+begun.cookie(begins)); r.line(begins) != "" {
		t.Errorf("the term begins again: %q", r.line(begins))
	}
}
