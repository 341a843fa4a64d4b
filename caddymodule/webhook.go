package caddymodule

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/caddy-privacy/caddy-privacy/internal/policy"
	"github.com/caddy-privacy/caddy-privacy/internal/store"
	"github.com/caddy-privacy/caddy-privacy/internal/transfer"
	"github.com/caddy-privacy/caddy-privacy/internal/webhook"
)

// Webhook is where a recipient is told what visitors withdraw.
type Webhook struct {
	// URL is the address that messages are posted to, at one of the recipient's hosts
	// or in your own network. Only there may it be `http`.
	URL string `json:"url"`
	// Secrets sign the messages: the present one, then former ones that the recipient
	// may still go by. Write placeholders such as `{env.MAILER_SECRET}` or
	// `{file./run/secrets/mailer}`, so that they are not kept in the configuration.
	Secrets []string `json:"secrets,omitempty"`
}

// withoutSecrets is the recipient as it may be shown: of the address of its webhook, only
// where it leads is left.
func (r Recipient) withoutSecrets() Recipient {
	if r.Webhook != nil {
		u, err := url.Parse(r.Webhook.URL)
		r.Webhook = new(Webhook)
		if err == nil {
			r.Webhook.URL = u.Scheme + "://" + u.Host
		}
	}
	return r
}

// unmarshalWebhook reads where a recipient is told.
func (r *Recipient) unmarshalWebhook(d *caddyfile.Dispenser) error {
	args := d.RemainingArgs()
	if r.Webhook != nil || len(args) < 2 {
		return d.Errf("recipient %s: write its webhook once, as: webhook <url> <secret> [<former secrets...>]", r.Name)
	}
	r.Webhook = &Webhook{URL: args[0], Secrets: args[1:]}
	return nil
}

// checkWebhooks refuses addresses that messages must not, or cannot, be posted to.
func (t *Transfers) checkWebhooks(rules *transfer.Rules) error {
	own, err := prefixes("own_networks", t.OwnNetworks)
	if err != nil {
		return err
	}
	own = append(transfer.OwnNetworks(), own...)
	for i, declared := range rules.Recipients() {
		r := &t.Recipients[i]
		if r.Webhook == nil {
			continue
		}
		if err := r.checkWebhook(declared, own); err != nil {
			return fmt.Errorf("recipient %s: webhook: %v", r.Name, err)
		}
	}
	return nil
}

// checkWebhook needs the recipient as it is declared, with the hosts of its services.
func (r *Recipient) checkWebhook(declared *transfer.Recipient, own []netip.Prefix) error {
	if !store.ValidEndpoint(r.Name) {
		return fmt.Errorf("give the recipient a name of at most %d bytes, without control characters", store.MaxEndpoint)
	}
	// Errors name the host alone: the rest of an address may be a secret.
	u, err := url.Parse(r.Webhook.URL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || strings.Contains(r.Webhook.URL, "{") {
		return errors.New("write the whole address, such as https://mail.example.com/privacy")
	}
	host := strings.ToLower(u.Hostname())
	inside := isOwn(host, own)
	switch {
	case u.User != nil || u.Fragment != "":
		return fmt.Errorf("the address at %s must have no user, password or fragment: messages are signed instead", host)
	case u.Scheme == "http" && !inside:
		return fmt.Errorf("whoever is on the way to http://%s could read what is sent: write https, or an address in your own network", host)
	case !inside && !within(host, declared.Hosts):
		lines := "hosts " + strings.Join(append(slices.Clone(r.Hosts), host), " ")
		if len(r.Services) == 0 && len(declared.Services) > 0 {
			lines = "services " + r.Name + ", and " + lines // which is so by itself only as long as there are no hosts
		}
		return fmt.Errorf("%s is none of the recipient's hosts: write %s", host, lines)
	}
	return checkSecrets(r.Webhook.Secrets)
}

// checkSecrets refuses what is no secret, as far as it is written in the configuration.
func checkSecrets(secrets []string) error {
	if len(secrets) == 0 {
		return errors.New("write the secret that signs messages, such as {env.WEBHOOK_SECRET}")
	}
	for _, text := range secrets {
		if strings.Contains(text, "{") {
			continue
		}
		if _, err := webhook.ParseSecret(text); err != nil {
			return err
		}
	}
	return nil
}

// isOwn tells whether a host is in the operator's own network for certain: a name may
// lead anywhere.
func isOwn(host string, own []netip.Prefix) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && slices.ContainsFunc(own, func(p netip.Prefix) bool { return p.Contains(addr.Unmap()) })
}

// within tells whether a host is one of these, lies below one, or in a range of addresses
// among them.
func within(host string, hosts []string) bool {
	addr, err := netip.ParseAddr(host)
	return slices.ContainsFunc(hosts, func(other string) bool {
		if prefix, parseErr := netip.ParsePrefix(other); parseErr == nil {
			return err == nil && prefix.Contains(addr.Unmap())
		}
		return host == other || err != nil && strings.HasSuffix(host, "."+other)
	})
}

// informed is a recipient that is told what visitors withdraw.
type informed struct {
	webhook.Endpoint
	reach policy.Reach
}

// provisionWebhooks reads the secrets of all recipients that are told.
func (a *App) provisionWebhooks() error {
	if a.Transfers == nil {
		return nil
	}
	for i, declared := range a.rules.Recipients() {
		r := &a.Transfers.Recipients[i]
		if r.Webhook == nil {
			continue
		}
		told := informed{
			Endpoint: webhook.Endpoint{Name: r.Name, URL: r.Webhook.URL},
			// The purposes that the owner has written, and not those of services: his rules
			// may say otherwise of their hosts.
			reach: policy.Reach{Purposes: r.Purposes, Services: declared.Services, Hosts: declared.Hosts},
		}
		for _, text := range r.Webhook.Secrets {
			secret, err := readSecret(text)
			if err != nil {
				return fmt.Errorf("recipient %s: webhook: %v", r.Name, err)
			}
			told.Secrets = append(told.Secrets, secret)
		}
		a.informed = append(a.informed, told)
	}
	return nil
}

// readSecret replaces placeholders. Files often end in a line feed.
func readSecret(text string) (webhook.Secret, error) {
	value, err := caddy.NewReplacer().ReplaceOrErr(text, true, true)
	if err != nil {
		return webhook.Secret{}, err
	}
	return webhook.ParseSecret(strings.TrimSpace(value))
}
