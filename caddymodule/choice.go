package caddymodule

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"go.uber.org/zap"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
	"github.com/caddy-privacy/caddy-privacy/internal/consent"
	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
	"github.com/caddy-privacy/caddy-privacy/internal/ui"
)

// maxForm bounds the choice form, in bytes: a few names and an address.
const maxForm = 16 << 10

// Why a choice was not taken.
var (
	errOrigin      = errors.New("the form was sent from another site")
	errForm        = errors.New("the form is incomplete")
	errUnavailable = errors.New("the choice cannot be recorded")
	errNotFound    = errors.New("the privacy gateway has no such page")
)

// serveChoice takes a visitor's choice: it is recorded durably, then the browser
// is given it, and whatever is no longer allowed is deleted there.
func (g *Gateway) serveChoice(w http.ResponseWriter, r *http.Request, v *visit) error {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		return g.refuse(w, r, v, http.StatusMethodNotAllowed, errForm)
	}
	if !sameOrigin(r, v) {
		return g.refuse(w, r, v, http.StatusForbidden, errOrigin)
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return g.refuse(w, r, v, http.StatusBadRequest, errForm)
	}
	granted, ok := g.granted(r.PostForm, v)
	if !ok {
		return g.refuse(w, r, v, http.StatusBadRequest, errForm)
	}
	after, err := g.choose(r, v, granted)
	if errors.Is(err, consent.ErrTooMany) {
		return g.refuse(w, r, v, http.StatusBadRequest, errForm)
	}
	if err != nil {
		g.logger.Error("choice cannot be recorded", zap.Error(err))
		return g.refuse(w, r, v, http.StatusServiceUnavailable, errUnavailable)
	}
	return g.confirm(w, r, v, after)
}

// granted reads what the pressed button and the switches mean. Services that were
// granted one by one stay so until everything is refused, or they are removed.
func (g *Gateway) granted(form url.Values, v *visit) (consent.Grant, bool) {
	now := consent.Grant{Purposes: g.policy.IDs(v.visitor.Granted), Services: v.visitor.Services}
	switch form.Get("choice") {
	case "accept":
		return consent.Grant{Purposes: g.policy.IDs(g.policy.All())}, true
	case "refuse":
		return consent.Grant{}, true
	case "save":
		now.Purposes = form["purpose"]
		return now, true
	case "allow":
		subject, ok := single(form)
		now.Services = append(slices.Clone(now.Services), subject)
		return now, ok && g.offers(subject)
	case "remove":
		subject, ok := single(form)
		now.Services = slices.DeleteFunc(slices.Clone(now.Services), func(s string) bool { return s == subject })
		return now, ok
	default:
		return consent.Grant{}, false
	}
}

// single reads the one service, or the one host that nobody knows, that a form is
// about.
func single(form url.Values) (string, bool) {
	if id := form.Get("service"); id != "" {
		service, ok := catalogue.Default().Service(id)
		return id, ok && service.Purpose != catalogue.Necessary
	}
	host, ok := wholeHost(form.Get("host"))
	if service, known := catalogue.Default().Host(host); ok && known {
		return service.ID, service.Purpose != catalogue.Necessary
	}
	return host, ok && policy.IsHost(host)
}

// offers tells whether something can load if a visitor grants it.
func (g *Gateway) offers(subject string) bool {
	if service, ok := catalogue.Default().Service(subject); ok {
		return g.app.Passes("", service)
	}
	return g.app.Passes(subject, nil)
}

// sameOrigin tells whether the form was sent from a page of this site, so that
// no other can choose in the visitor's name. Browsers say so by Fetch Metadata;
// older ones by Origin (RFC 6454) or Referer. Saying nothing is not enough.
func sameOrigin(r *http.Request, v *visit) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin"
	}
	from := r.Header.Get("Origin")
	if from == "" || from == "null" {
		from = r.Header.Get("Referer")
	}
	u, err := url.Parse(from)
	return err == nil && u.Host != "" && strings.EqualFold(u.Scheme+"://"+u.Host, v.origin())
}

// choose makes the new record and its receipt. What takes consent away is honoured
// even when it cannot be proved afterwards; what gives some is not.
func (g *Gateway) choose(r *http.Request, v *visit, granted consent.Grant) (*chosen, error) {
	record, err := consent.Choose(*v.record, granted, g.policy, v.now)
	if err != nil {
		return nil, err
	}
	token, err := g.app.shared.reader.Keyring().Sign(record)
	if err != nil {
		return nil, err
	}
	visitor := record.Visitor(g.policy, v.now)
	visitor.Header = g.policy.Header(&visitor)
	p, err := g.prove(r, v, record, &visitor)
	if err == nil {
		err = g.keep(r.Context(), p)
	}
	if err != nil {
		if visitor.Exceeds(v.visitor) {
			return nil, err
		}
		g.logger.Error("receipt of a refusal cannot be kept: the store is asked again every minute", zap.Error(err))
		g.app.shared.later.add(p)
	}
	g.app.shared.metrics.choices[visitor.State.String()].Inc()
	return &chosen{record: record, token: token, visitor: visitor}, nil
}

// chosen is a choice that holds from now on.
type chosen struct {
	record  consent.Record
	token   string
	visitor policy.Visitor
}

func (g *Gateway) controller(v *visit) consent.Controller {
	if g.Controller == nil {
		return consent.Controller{Name: v.host}
	}
	return consent.Controller(*g.Controller)
}

// confirm gives the browser the record and takes from it what is no longer
// allowed. The panel's script is told what it passes on; others are led
// back to where they came from.
func (g *Gateway) confirm(w http.ResponseWriter, r *http.Request, v *visit, c *chosen) error {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	if c.visitor.State != policy.Accepted {
		// Browsers report to whom an earlier answer named for as long as that said.
		h["Nel"] = []string{`{"report_to":"default","max_age":0}`}
	}
	h["Set-Cookie"] = append(h["Set-Cookie"],
		g.names.line(g.names.choice(v.secure), c.token, c.record, v), g.names.mirrorLine(c.record, v),
		g.names.deletion(g.names.term(v.secure), v))
	h["Set-Cookie"] = append(h["Set-Cookie"], g.withdraw(r, v, &c.visitor)...)
	if !strings.Contains(r.Header.Get("Accept"), "application/json") {
		// http.Redirect would clean the path, and lead to another page.
		h["Location"] = []string{back(r.PostForm.Get("back"))}
		w.WriteHeader(http.StatusSeeOther)
		return nil
	}
	h.Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(ui.Answer{
		State:   c.visitor.State.String(),
		Reload:  c.visitor.Granted != 0 || len(c.visitor.Services) > 0,
		Signals: g.guard(&c.visitor).Signals,
	})
}

// withdraw lists the lines that delete what the visitor does not allow any more,
// unknown cookies that an earlier consent to everything let last among them: this
// is the only moment to tell them from those of the browser session. What is left
// over of the others is deleted by the next responses.
func (g *Gateway) withdraw(r *http.Request, v *visit, after *policy.Visitor) []string {
	var unknown, refused []string
	for _, field := range r.Header["Cookie"] {
		for name, value := range cookie.Pairs(field) {
			if policy.IsOwn(name) {
				continue
			}
			was := g.policy.Cookie(name, value, v.visitor, v.now).Action
			switch is := g.policy.Cookie(name, value, after, v.now).Action; {
			case is == policy.Drop && !slices.Contains(refused, name):
				refused = append(refused, name)
			case is == policy.Session && was == policy.Allow && !slices.Contains(unknown, name):
				unknown = append(unknown, name)
			}
		}
	}
	path, _, _ := strings.Cut(back(r.PostForm.Get("back")), "?")
	budget := deletionsPerResponse
	lines := cookie.Sweep(unknown, v.host, path, v.secure, g.app.shared.turn(), 2*budget)
	return append(lines, cookie.Sweep(refused, v.host, path, v.secure, g.app.shared.turn(), budget)...)
}

// back is where the visitor came from, if that is an address of this site, and
// otherwise the privacy page. A browser reads `//` and `/\` as another host.
func back(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(address, "/") ||
		strings.HasPrefix(address, "//") || strings.ContainsAny(address, "\\\r\n\t\x00") {
		return ownFolder + "?saved"
	}
	return address
}
