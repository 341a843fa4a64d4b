package caddymodule

import (
	"context"
	"net/http"

	"github.com/caddy-privacy/caddy-privacy/internal/consent"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
	"github.com/caddy-privacy/caddy-privacy/internal/store"
	"github.com/caddy-privacy/caddy-privacy/internal/webhook"
)

// consentWithdrawn is the type of message that tells a recipient of a withdrawal.
const consentWithdrawn = "consent.withdrawn"

// withdrawn is all that a recipient is told of it. The identifiers are random: that of
// the visitor's record, and that of the receipt which proves the choice.
type withdrawn struct {
	Site     string   `json:"site"`
	Consent  string   `json:"consent_id"`
	Receipt  string   `json:"receipt_id"`
	Purposes []string `json:"purposes"`
	Services []string `json:"services"` // of the catalogue; and hosts that were granted one by one
}

// proof is the evidence of a choice, with the messages that the choice entails.
type proof struct {
	receipt  store.Receipt
	messages []store.Message
}

// prove makes the evidence of a choice.
func (g *Gateway) prove(r *http.Request, v *visit, record consent.Record, after *policy.Visitor) (proof, error) {
	receipt, err := consent.NewReceipt(record, v.visitor.State, g.policy, g.controller(v), g.shown(r, v), v.now)
	if err != nil {
		return proof{}, err
	}
	messages, err := g.withdrawals(v, after, receipt)
	return proof{receipt, messages}, err
}

// withdrawals are the messages to each recipient that could have data of the visitor
// before a choice, and cannot after it. A choice made under another policy, which holds no
// longer, had opened the way to recipients all the same.
func (g *Gateway) withdrawals(v *visit, after *policy.Visitor, receipt store.Receipt) (messages []store.Message, err error) {
	if len(g.app.informed) == 0 {
		return nil, nil
	}
	record := *v.record
	record.Policy = g.policy.Fingerprint()
	before := record.Visitor(g.policy, v.now)
	for _, r := range g.app.informed {
		purposes, services := g.policy.Withdrawn(v.site(), &before, after, r.reach)
		if len(purposes)+len(services) == 0 {
			continue
		}
		m, err := webhook.New(r.Name, consentWithdrawn, receipt.Time, withdrawn{
			Site: v.host, Consent: receipt.Subject, Receipt: receipt.ID,
			Purposes: append([]string{}, purposes...), Services: append([]string{}, services...), // none is an empty list
		})
		if err != nil {
			return nil, err
		}
		messages = append(messages, m)
	}
	return messages, nil
}

// keep makes a proof durable.
func (g *Gateway) keep(ctx context.Context, p proof) error {
	ctx, cancel := context.WithTimeout(ctx, storePatience)
	defer cancel()
	return g.app.store.Append(ctx, p.receipt, p.messages...)
}
