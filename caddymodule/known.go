package caddymodule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
	"github.com/caddy-privacy/caddy-privacy/internal/transfer"
)

// complete adds to a recipient what the catalogue knows of its services: who is behind
// them, and where those answer.
func (r *Recipient) complete(d *transfer.Recipient) error {
	services, err := r.services()
	if err != nil {
		return err
	}
	for _, s := range services {
		d.Services = append(d.Services, s.ID)
		d.Hosts = append(slices.Clip(d.Hosts), ownHosts(s, d.Hosts)...)
		if purpose := string(s.Purpose); len(r.Purposes) == 0 && !slices.Contains(d.Purposes, purpose) {
			d.Purposes = append(d.Purposes, purpose)
		}
	}
	if len(services) == 0 || r.Entity != "" || r.Country != "" || r.Parent != "" {
		return nil
	}
	first := services[0]
	d.Entity, d.Country = first.Entity, transfer.Country(first.Country)
	if first.EEAEntity != "" {
		d.Entity, d.Country, d.Parent = first.EEAEntity, transfer.Country(first.EEACountry), transfer.Country(first.Country)
	}
	return nil
}

// completed is the recipient with what is known of his services, as it is shown.
func (r Recipient) completed() Recipient {
	d, err := r.declared()
	if err != nil { // which the rules say as well
		return r
	}
	r.Entity, r.Country, r.Parent = d.Entity, string(d.Country), string(d.Parent)
	return r
}

// services are the known ones of a recipient, all from the same company.
func (r *Recipient) services() ([]*catalogue.Service, error) {
	var list []*catalogue.Service
	for _, id := range r.serviceIDs() {
		found := called(id)
		if len(found) == 0 {
			return nil, fmt.Errorf("recipient %s: there is no service %q in the catalogue: `caddy privacy explain host <name>` tells what answers at a host, or write its hosts instead", r.Name, id)
		}
		for _, s := range found {
			if len(list) > 0 && s.Entity != list[0].Entity && r.Entity == "" {
				return nil, fmt.Errorf("recipient %s: its services are of %s and of %s: declare a recipient for each company", r.Name, list[0].Entity, s.Entity)
			}
			if !slices.Contains(list, s) {
				list = append(list, s)
			}
		}
	}
	return list, nil
}

// serviceIDs are the names of a recipient's services as they are written: without any, and
// without hosts, his own may be that of one.
func (r *Recipient) serviceIDs() []string {
	if _, known := catalogue.Default().Service(r.Name); known && len(r.Services) == 0 && len(r.Hosts) == 0 {
		return []string{r.Name}
	}
	return r.Services
}

// called finds the services of a name, or with a star at its end of all that begin so.
func called(id string) (found []*catalogue.Service) {
	prefix, many := strings.CutSuffix(id, "*")
	for _, s := range catalogue.Default().Services() {
		if s.ID == id || many && prefix != "" && strings.HasPrefix(s.ID, prefix) && len(s.Hosts) > 0 {
			found = append(found, s)
		}
	}
	return found
}

// ownHosts are the hosts of a service that are wholly its own and not among others already;
// a part of a host, such as www.google.com/maps, is not the service's to declare.
func ownHosts(s *catalogue.Service, others []string) []string {
	var hosts []string
	for _, host := range s.Hosts {
		if !strings.Contains(host, "/") && !slices.Contains(others, host) && !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return hosts
}
