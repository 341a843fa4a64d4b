package caddymodule

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/caddy-privacy/caddy-privacy/internal/policy"
	"github.com/caddy-privacy/caddy-privacy/internal/transfer"
)

// metrics are the gateway's Prometheus counters. Labels hold fixed words only:
// no host, no name, nothing of a visitor. They live as long as what is shared,
// so that a change of configuration does not reset them.
type metrics struct {
	cookies [2][policy.Actions][policy.Reasons]prometheus.Counter // by direction
	choices map[string]prometheus.Counter
	pages   map[string]prometheus.Counter
	// connections that the gateway and its transports made, by what came of them and why.
	connections [transfer.Outcomes][transfer.Reasons]prometheus.Counter
	webhooks    *prometheus.CounterVec // attempts to tell recipients something
	forms       *prometheus.CounterVec // that were sent to protected paths
	all         []prometheus.Collector
}

// direction is where a cookie was met.
type direction uint8

const (
	fromSite direction = iota
	fromBrowser
)

func (d direction) String() string { return [...]string{"response", "request"}[d] }

const (
	namespace = "caddy"
	subsystem = "privacy"
)

func newMetrics(s *shared) *metrics {
	cookies := prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: namespace, Subsystem: subsystem, Name: "cookies_total",
		Help: "Cookies that were decided about. Those of requests are counted when they are not simply allowed.",
	}, []string{"direction", "action", "reason"})
	choices := prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: namespace, Subsystem: subsystem, Name: "choices_total",
		Help: "Choices that visitors made.",
	}, []string{"state"})
	pages := prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: namespace, Subsystem: subsystem, Name: "pages_total",
		Help: "Pages of the site by what was done with them.",
	}, []string{"result"})
	connections := prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: namespace, Subsystem: subsystem, Name: "connections_total",
		Help: "Connections that the gateway and transport privacy made or refused.",
	}, []string{"outcome", "reason"})
	m := &metrics{choices: make(map[string]prometheus.Counter), pages: make(map[string]prometheus.Counter), webhooks: newWebhookCounter(), forms: newFormCounter()}
	for d := range m.cookies {
		for a := range m.cookies[d] {
			for r := range m.cookies[d][a] {
				m.cookies[d][a][r] = cookies.WithLabelValues(direction(d).String(), policy.Action(a).String(), policy.Reason(r).String())
			}
		}
	}
	for o := range m.connections {
		for r := range m.connections[o] {
			m.connections[o][r] = connections.WithLabelValues(transfer.Outcome(o).String(), transfer.Reason(r).String())
		}
	}
	for _, state := range []policy.State{policy.Declined, policy.Partial, policy.Accepted} {
		m.choices[state.String()] = choices.WithLabelValues(state.String())
	}
	for _, result := range []string{pageAsked, pageQuiet, pageUnreadable} {
		m.pages[result] = pages.WithLabelValues(result)
	}
	queued := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: namespace, Subsystem: subsystem, Name: "receipts_queued",
		Help: "Receipts kept here that the shared store does not have yet.",
	}, func() float64 { return float64(s.health().Queued) })
	reachable := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: namespace, Subsystem: subsystem, Name: "store_reachable",
		Help: "Whether the last exchange with the store succeeded.",
	}, func() float64 { return truth(s.health().Reachable) })
	age := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: namespace, Subsystem: subsystem, Name: "country_database_age_seconds",
		Help: "How old the knowledge is in which country addresses are, by the older of two databases.",
	}, func() float64 {
		var oldest float64
		for _, status := range s.border.geography.current.Load().Status() {
			oldest = max(oldest, status.Age.Seconds())
		}
		return oldest
	})
	m.all = append([]prometheus.Collector{cookies, choices, pages, connections, m.webhooks, m.forms, queued, reachable, age}, webhookGauges(s)...)
	return m
}

// newFormCounter makes the counter of protected forms that were sent.
func newFormCounter() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: namespace, Subsystem: subsystem, Name: "forms_total",
		Help: "Protected forms that were sent, by what came of the check, and why.",
	}, []string{"outcome", "reason"})
}

// What is done with a page.
const (
	pageAsked      = "asked"      // the notice was inserted
	pageQuiet      = "quiet"      // no notice: the choice is made
	pageUnreadable = "unreadable" // passed as it was: compressed or in a charset that cannot be read
)

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// register joins the metrics to the registry of a configuration; two sites of
// one configuration share them.
func (m *metrics) register(r *prometheus.Registry) error {
	for _, c := range m.all {
		var already prometheus.AlreadyRegisteredError
		if err := r.Register(c); err != nil && !errors.As(err, &already) {
			return err
		}
	}
	return nil
}

func (m *metrics) count(from direction, d *policy.Decision) {
	m.cookies[from][d.Action][d.Reason].Inc()
}

// tally is what is to be counted of one header, by action and reason.
type tally [policy.Actions][policy.Reasons]uint16

func (m *metrics) add(from direction, t *tally) {
	for action := range t {
		for reason, n := range t[action] {
			if n != 0 {
				m.cookies[from][action][reason].Add(float64(n))
			}
		}
	}
}
