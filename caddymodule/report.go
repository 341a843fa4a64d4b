package caddymodule

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/policy"
)

// report is what `caddy privacy report` shows. It holds names of cookies, entries
// and hosts of the sites themselves, nothing of any visitor.
type report struct {
	Sites     []siteReport    `json:"sites"`
	Store     storeReport     `json:"store"`
	Transfers transfersReport `json:"transfers"`
	Webhooks  []webhookReport `json:"webhooks"`
}

type siteReport struct {
	Host    string        `json:"host"`
	Cookies []sightReport `json:"cookies"`
	Storage []sightReport `json:"storage"`
	Hosts   []sightReport `json:"hosts"`
	// Leads are hosts that redirects and forms of the site lead visitors to, where data may not go.
	Leads []sightReport `json:"leads"`
	// Forms are paths of the site that its forms send to without a proof, where others of its
	// forms are protected.
	Forms []sightReport `json:"forms"`
}

// sightReport is what is known of a cookie, of an entry of browsers' storages or of
// a host.
type sightReport struct {
	Name    string    `json:"name"`
	Purpose string    `json:"purpose,omitempty"` // empty: nobody has said what it is for
	Service string    `json:"service,omitempty"`
	First   time.Time `json:"first"`
	Last    time.Time `json:"last"`
	Set     bool      `json:"set_by_site,omitempty"` // then its lifetimes are known
	Asked   int64     `json:"asked_days,omitempty"`  // rounded up; 0 is the browser session
	Given   int64     `json:"given_days,omitempty"`
	Allowed uint64    `json:"allowed"`
	Limited uint64    `json:"limited_to_session"`
	Dropped uint64    `json:"dropped"`
	// Outside is why data may not go to the host, whoever agrees; Declare is what to write
	// in the global options if they may.
	Outside string `json:"outside,omitempty"`
	Declare string `json:"declare,omitempty"`
}

type storeReport struct {
	Reachable bool     `json:"reachable"`
	Queued    int      `json:"queued"`
	Trouble   string   `json:"trouble,omitempty"`
	Warnings  []string `json:"warnings,omitempty"`
}

// print writes the report for a person.
func (r report) print(w io.Writer) {
	if len(r.Sites) == 0 {
		fmt.Fprintln(w, "Nothing has been seen yet: open a page of the site.")
	}
	for _, site := range r.Sites {
		site.print(w)
	}
	r.Transfers.print(w)
	printWebhooks(w, r.Webhooks)
	state := "reachable"
	if !r.Store.Reachable {
		state = "not reachable (" + r.Store.Trouble + ")"
	}
	fmt.Fprintf(w, "Store: %s, receipts waiting: %d\n", state, r.Store.Queued)
	for _, warning := range r.Store.Warnings {
		fmt.Fprintf(w, "  warning: %s\n", warning)
	}
}

func (s siteReport) print(w io.Writer) {
	fmt.Fprintf(w, "%s\n", s.Host)
	table := tabwriter.NewWriter(w, 2, 0, 2, ' ', 0)
	printSights(table, "cookie", s.Cookies)
	printSights(table, "storage", s.Storage)
	printSights(table, "host", s.Hosts)
	printSights(table, "leads to", s.Leads)
	table.Flush()
	if lines := s.rules(); len(lines) > 0 {
		fmt.Fprintln(w, "  Nobody has said what these are for. Write in the site's privacy block, with the right purpose:")
		for _, line := range lines {
			fmt.Fprintf(w, "    %s\n", line)
		}
	}
	if len(s.Forms) > 0 {
		fmt.Fprintln(w, "  Forms send to these without a proof. To protect them, add to the captcha line of the site:")
		for _, seen := range s.Forms {
			fmt.Fprintf(w, "    %s\n", seen.Name)
		}
	}
	if lines := s.declarations(); len(lines) > 0 {
		fmt.Fprintln(w, "  Data may not go to these, so nobody gets to see what they bring. If it may, write in the global option privacy:")
		for _, line := range lines {
			fmt.Fprintf(w, "    %s\n", line)
		}
	}
	fmt.Fprintln(w)
}

// declarations are the lines to write for those who are outside.
func (s siteReport) declarations() []string {
	var lines []string
	for _, seen := range s.Hosts {
		if seen.Declare != "" {
			lines = append(lines, seen.Declare)
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// printSights writes the rows of one kind, with lifetimes in days.
func printSights(w io.Writer, kind string, sights []sightReport) {
	if len(sights) > 0 {
		fmt.Fprintf(w, "  %s\tpurpose\tservice\tasked\tgranted\tallowed\tto session\tdropped\tfirst seen\tlast seen\n", kind)
	}
	for _, s := range sights {
		purpose := s.Purpose
		if purpose == "" {
			purpose = "unknown"
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%s\t%s\n", s.Name, purpose, s.Service, s.days(s.Asked), s.days(s.Given),
			s.Allowed, s.Limited, s.Dropped, s.First.Format(time.DateOnly), s.Last.Format(time.DateOnly))
	}
}

// days says a lifetime, if it is known.
func (s sightReport) days(n int64) string {
	switch {
	case !s.Set:
		return "-"
	case n == 0:
		return "session"
	}
	return strconv.FormatInt(n, 10) + "d"
}

// rules are the lines to write for what nobody has classified. Rules for cookies
// hold for entries too.
func (s siteReport) rules() []string {
	const purposes = " necessary|functional|statistics|marketing"
	var lines []string
	for _, seen := range slices.Concat(s.Cookies, s.Storage) {
		if name, ok := policy.RuleName(seen.Name); ok && seen.Purpose == "" {
			lines = append(lines, "cookie "+name+purposes)
		}
	}
	slices.Sort(lines)
	lines = slices.Compact(lines)
	for _, seen := range s.Hosts {
		if seen.Purpose == "" && policy.IsHost(seen.Name) {
			lines = append(lines, "host "+seen.Name+purposes)
		}
	}
	return lines
}
