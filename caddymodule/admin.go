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
// done. All that sites set is counted; of what browsers send, that of pages, and a
// sample of the rest; of what they store, what pages tell.
type adminReport struct{}

// CaddyModule returns the Caddy module information.
func (adminReport) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{
		ID:  "admin.api.privacy",
		New: func() caddy.Module { return new(adminReport) },
	}
}

// Routes returns the address of the report, and that of what is sent again.
func (a *adminReport) Routes() []caddy.AdminRoute {
	return []caddy.AdminRoute{
		{Pattern: reportPath, Handler: caddy.AdminHandlerFunc(a.serve)},
		{Pattern: resendPath, Handler: caddy.AdminHandlerFunc(serveResend)},
	}
}

const reportPath = "/privacy/report"

func (*adminReport) serve(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet {
		return caddy.APIError{HTTPStatus: http.StatusMethodNotAllowed, Err: errors.New("the report can be read only, with GET")}
	}
	app, err := runningApp()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(app.report())
}

// runningApp is that of the configuration in force. It is looked up at each request:
// the admin router was made before the apps of its configuration, and outlives one that
// fails to start.
func runningApp() (*App, error) {
	value, err := caddy.ActiveContext().AppIfConfigured("privacy")
	if err != nil {
		return nil, caddy.APIError{HTTPStatus: http.StatusNotFound, Err: errors.New("no site of the running configuration has the privacy directive")}
	}
	return value.(*App), nil
}

// report is that of what is shared, and of the recipients of this configuration.
func (a *App) report() report {
	r := a.shared.report()
	r.Webhooks = a.webhooks()
	return r
}

func (s *shared) report() report {
	h := s.health()
	r := report{
		Sites: []siteReport{}, Store: storeReport{h.Reachable, h.Queued, string(h.Trouble), h.Warnings},
		Transfers: s.border.report(),
	}
	for host, i := range s.sites.snapshot() {
		r.Sites = append(r.Sites, siteReport{
			host, sightReports(i.Sightings(policy.CookieKind)), sightReports(i.Sightings(policy.StorageKind)), s.hostReports(i), sightReports(i.Sightings(policy.LeadKind)), sightReports(i.Sightings(policy.FormKind)),
		})
	}
	slices.SortFunc(r.Sites, func(a, b siteReport) int { return strings.Compare(a.Host, b.Host) })
	return r
}

func sightReports(sights []policy.Sighting) []sightReport {
	reports := []sightReport{}
	for _, s := range sights {
		r := sightReport{
			Name: s.Name, Purpose: s.Purpose, First: s.First.UTC().Truncate(time.Minute), Last: s.Last.UTC().Truncate(time.Minute),
			Set: s.Set, Asked: days(s.Asked), Given: days(s.Given), Allowed: s.Allowed, Limited: s.Limited, Dropped: s.Dropped,
		}
		if s.Service != nil {
			r.Service = s.Service.Name
		}
		for _, also := range s.Also {
			r.Service += ", " + also.Name
		}
		reports = append(reports, r)
	}
	return reports
}

// hostReports says of hosts whether data may go there, too.
func (s *shared) hostReports(i *policy.Inventory) []sightReport {
	sights := i.Sightings(policy.HostKind)
	reports := sightReports(sights)
	app := s.border.latest()
	if app == nil {
		return reports
	}
	for n, seen := range sights {
		if d := app.browsed(seen.Name, seen.Service); !d.Allowed {
			reports[n].Outside, reports[n].Declare = d.Reason.String(), declaration(seen.Name, seen.Service)
		}
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
