package caddymodule

import (
	"context"
	"net/http"

	"go.uber.org/zap"

	"github.com/caddy-privacy/caddy-privacy/internal/consent"
	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
	"github.com/caddy-privacy/caddy-privacy/internal/dialect"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
)

// importChoice takes over, once, what a visitor told the consent tool that the
// site had before, so that he is not asked again: a refusal always, an agreement
// with the date it was given on. What gives consent counts only with its receipt.
func (g *Gateway) importChoice(r *http.Request, v *visit) {
	if v.recorded || v.visitor.Chosen() || len(r.Header["Cookie"]) == 0 {
		return
	}
	choice, ok := dialect.Import(storedIn(r.Header), v.now)
	if !ok || !choice.Refused && v.visitor.State == policy.Signal {
		return // what the browser says by now outweighs an earlier agreement
	}
	if !g.app.shared.imports.admit(v.now) {
		return // he is asked instead: clients that keep no record must not fill the store
	}
	given := choice.Given
	if given.IsZero() || !v.now.Before(given.Add(cookie.Term)) {
		given = v.now // of a refusal; agreements so old are not read
	}
	record, err := consent.Choose(consent.Record{}, consent.Grant{Purposes: choice.Purposes}, g.policy, given)
	if err != nil || !v.now.Before(record.Until) {
		return
	}
	visitor := record.Visitor(g.policy, v.now)
	visitor.Header = g.policy.Header(&visitor)
	if err := g.proveImport(r, v, record, choice.Tool); err != nil {
		g.logger.Error("receipt of an imported choice cannot be kept", zap.Error(err))
		if visitor.Exceeds(v.visitor) {
			return
		}
	}
	g.app.shared.metrics.choices[visitor.State.String()].Inc()
	v.visitor, v.record, v.imported = &visitor, &record, true
}

// storedIn looks up cookies in a request's header; of several of one name the
// first counts, as for most servers.
func storedIn(h http.Header) dialect.Cookies {
	return func(name string) (string, bool) { return cookie.First(h["Cookie"], name) }
}

// proveImport keeps the receipt. Our own text was not shown: it names the tool
// instead.
func (g *Gateway) proveImport(r *http.Request, v *visit, record consent.Record, tool string) error {
	notice := consent.Notice{Site: v.host, Method: "import:" + tool, Page: v.origin() + ownFolder}
	receipt, err := consent.NewReceipt(record, policy.None, g.policy, g.controller(v), notice, v.now)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), storePatience)
	defer cancel()
	return g.app.store.Append(ctx, receipt)
}

// keepImport gives the browser the record of an imported choice.
func (g *Gateway) keepImport(lines []string, v *visit) []string {
	token, err := g.app.shared.reader.Keyring().Sign(*v.record)
	if err != nil {
		return lines
	}
	return append(lines, g.names.line(g.names.choice(v.secure), token, *v.record, v), g.names.mirrorLine(*v.record, v))
}

// replaces tells whether another consent tool's script is held back.
func (g *Gateway) replaces() bool { return g.ConsentTool == toolReplace }

// otherTool tells whether an address is that of another consent tool's script,
// which the owner wants replaced.
func (g *Gateway) otherTool(host, path string) bool {
	if !g.replaces() {
		return false
	}
	_, ok := dialect.Tool(host, path)
	return ok
}
