package caddymodule

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/caddy-privacy/caddy-privacy/internal/policy"
)

// adminReport shows, at Caddy's admin endpoint, what the gateway has seen and
// done since it was started. All that sites set is counted; of what browsers send,
// that of pages, and a sample of the rest.
type adminReport struct{}

// CaddyModule returns the Caddy module information.
func (adminReport) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{
		ID:  "admin.api.privacy",
		New: func() caddy.Module { return new(adminReport) },
	}
}

// Routes returns the one address of the report.
func (a *adminReport) Routes() []caddy.AdminRoute {
	return []caddy.AdminRoute{{Pattern: reportPath, Handler: caddy.AdminHandlerFunc(a.serve)}}
}

const reportPath = "/privacy/report"

func (*adminReport) serve(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet {
		return caddy.APIError{HTTPStatus: http.StatusMethodNotAllowed, Err: errors.New("the report can be read only, with GET")}
	}
	// The app is looked up at each request: this router was made before the
	// apps of its configuration, and outlives one that fails to start.
	value, err := caddy.ActiveContext().AppIfConfigured("privacy")
	if err != nil {
		return caddy.APIError{HTTPStatus: http.StatusNotFound, Err: errors.New("no site of the running configuration has the privacy directive")}
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(value.(*App).shared.report())
}

// report is what `caddy privacy report` shows. It holds names of cookies and
// hosts of the sites themselves, nothing of any visitor.
type report struct {
	Sites []siteReport `json:"sites"`
	Store storeReport  `json:"store"`
}

type siteReport struct {
	Host    string        `json:"host"`
	Cookies []sightReport `json:"cookies"`
	Hosts   []sightReport `json:"hosts"`
}

// sightReport is what is known of a cookie or of a host.
type sightReport struct {
	Name    string    `json:"name"`
	Purpose string    `json:"purpose,omitempty"`
	Service string    `json:"service,omitempty"`
	First   time.Time `json:"first"`
	Last    time.Time `json:"last"`
	Asked   int64     `json:"asked_days,omitempty"` // rounded up; 0 is the browser session
	Given   int64     `json:"given_days,omitempty"`
	Allowed uint64    `json:"allowed"`
	Limited uint64    `json:"limited_to_session"`
	Dropped uint64    `json:"dropped"`
}

type storeReport struct {
	Reachable bool     `json:"reachable"`
	Queued    int      `json:"queued"`
	Trouble   string   `json:"trouble,omitempty"`
	Warnings  []string `json:"warnings,omitempty"`
}

func (s *shared) report() report {
	h := s.health()
	r := report{Sites: []siteReport{}, Store: storeReport{h.Reachable, h.Queued, string(h.Trouble), h.Warnings}}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for host, inventory := range s.sites {
		r.Sites = append(r.Sites, siteReport{host, sightReports(inventory, policy.CookieKind), sightReports(inventory, policy.HostKind)})
	}
	slices.SortFunc(r.Sites, func(a, b siteReport) int { return strings.Compare(a.Host, b.Host) })
	return r
}

func sightReports(i *policy.Inventory, kind policy.Kind) []sightReport {
	reports := []sightReport{}
	for _, s := range i.Sightings(kind) {
		r := sightReport{
			Name: s.Name, Purpose: s.Purpose, First: s.First.UTC().Truncate(time.Minute), Last: s.Last.UTC().Truncate(time.Minute),
			Asked: days(s.Asked), Given: days(s.Given), Allowed: s.Allowed, Limited: s.Limited, Dropped: s.Dropped,
		}
		if s.Service != nil {
			r.Service = s.Service.Name
		}
		reports = append(reports, r)
	}
	return reports
}

// days rounds up.
func days(d time.Duration) int64 {
	const day = 24 * time.Hour
	return int64((d + day - 1) / day)
}

// Interface guards.
var _ caddy.AdminRouter = (*adminReport)(nil)
