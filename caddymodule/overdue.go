package caddymodule

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/caddy-privacy/caddy-privacy/internal/webhook"
)

// webhookReport is what one recipient has not been told yet, of one type of message. It
// says nothing of any visitor.
type webhookReport struct {
	Recipient string    `json:"recipient"`
	Type      string    `json:"type"`
	Waiting   int       `json:"waiting"`
	Overdue   int       `json:"overdue"` // of those that wait: tried in vain, or older than a minute
	GivenUp   int       `json:"given_up"`
	Oldest    time.Time `json:"oldest"`               // when that happened
	First     time.Time `json:"first_tried,omitzero"` // the first attempt at any of them
	Attempts  int       `json:"attempts,omitempty"`   // that failed, of the message tried most often
	Trouble   string    `json:"trouble,omitempty"`    // of the last attempt
}

// noWebhook is the trouble of messages to a recipient that the configuration knows no
// more, or no webhook of.
const noWebhook = "no_webhook"

// webhooks lists what recipients have not been told.
func (a *App) webhooks() []webhookReport {
	list := []webhookReport{}
	for _, b := range a.shared.review(0) {
		r := webhookReport{
			Recipient: b.Endpoint, Type: b.Type, Waiting: b.Waiting, Overdue: b.Overdue, GivenUp: b.Dead,
			Oldest: b.Posted.UTC().Truncate(time.Minute), First: b.First.UTC().Truncate(time.Minute),
			Attempts: b.Attempts, Trouble: string(b.Trouble),
		}
		switch {
		case !a.tells(b.Endpoint):
			r.Trouble = noWebhook
		case b.Suspended:
			r.Trouble = string(webhook.Gone)
		}
		list = append(list, r)
	}
	return list
}

// tells tells whether a recipient of this name has a webhook.
func (a *App) tells(name string) bool {
	return slices.ContainsFunc(a.informed, func(r informed) bool { return r.Name == name })
}

// late tells whether a recipient has not been told in time.
func (r webhookReport) late() bool { return r.Overdue+r.GivenUp > 0 }

func printWebhooks(w io.Writer, list []webhookReport) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintln(w, "Webhooks: recipients that have not been told yet")
	table := tabwriter.NewWriter(w, 2, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  recipient\tmessages\twaiting\toverdue\tgiven up\toldest\tfirst tried\tattempts\ttrouble")
	for _, r := range list {
		first := "-"
		if !r.First.IsZero() {
			first = r.First.Format(time.DateTime)
		}
		fmt.Fprintf(table, "  %s\t%s\t%d\t%d\t%d\t%s\t%s\t%d\t%s\n", r.Recipient, r.Type, r.Waiting, r.Overdue, r.GivenUp,
			r.Oldest.Format(time.DateTime), first, r.Attempts, dash(r.Trouble))
	}
	table.Flush()
	fmt.Fprintln(w)
}

// webhooks lists recipients that were not told in time as promises at risk.
func (a *audit) webhooks(list []webhookReport) {
	for _, r := range list {
		if !r.late() {
			continue
		}
		write := ""
		switch {
		case r.Trouble == noWebhook:
			write = "webhook <url> <secret>"
		case r.GivenUp > 0 || r.Trouble == string(webhook.Gone):
			write = "caddy privacy resend " + r.Recipient
		}
		a.fault("recipient "+r.Recipient, fmt.Sprintf("it has not been told %d messages %s that are overdue, and %d that were given up, the oldest of %s (%s)",
			r.Overdue, r.Type, r.GivenUp, r.Oldest.Format(time.DateOnly), dash(r.Trouble)), write)
	}
}

// backlogs remember what was last found waiting, because metrics are asked for often.
type backlogs struct {
	mu   sync.Mutex
	at   time.Time
	list []webhook.Backlog
}

// review lists what has not arrived; it may be that old. What the store cannot tell stays
// as it was.
func (s *shared) review(age time.Duration) []webhook.Backlog {
	s.backlogs.mu.Lock()
	defer s.backlogs.mu.Unlock()
	opened, at := s.current(), now()
	if opened == nil || !s.backlogs.at.IsZero() && at.Sub(s.backlogs.at) < age {
		return s.backlogs.list
	}
	ctx, cancel := context.WithTimeout(context.Background(), storePatience)
	defer cancel()
	if list, err := webhook.Review(ctx, opened, at); err == nil {
		s.backlogs.at, s.backlogs.list = at, list
	}
	return s.backlogs.list
}

// gaugeAge is how old the numbers of messages may be that metrics show.
const gaugeAge = 15 * time.Second

func newWebhookCounter() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: namespace, Subsystem: subsystem, Name: "webhooks_total",
		Help: "Attempts to tell recipients something, by what came of them.",
	}, []string{"outcome", "trouble"})
}

// webhookGauges count what has not arrived.
func webhookGauges(s *shared) (gauges []prometheus.Collector) {
	for state, count := range map[string]func(webhook.Backlog) int{
		"waiting":  func(b webhook.Backlog) int { return b.Waiting },
		"overdue":  func(b webhook.Backlog) int { return b.Overdue },
		"given_up": func(b webhook.Backlog) int { return b.Dead },
	} {
		gauges = append(gauges, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Namespace: namespace, Subsystem: subsystem, Name: "webhook_messages",
			Help:        "Messages that recipients do not have yet. Those that are overdue are among those that wait.",
			ConstLabels: prometheus.Labels{"state": state},
		}, func() float64 {
			total := 0
			for _, b := range s.review(gaugeAge) {
				total += count(b)
			}
			return float64(total)
		}))
	}
	return gauges
}
