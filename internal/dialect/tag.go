package dialect

import "strings"

// tag is a start tag that may be written for a consent tool. Each of its
// methods knows the markup of one: it fills in the demand and reports whether
// the tag speaks to that tool. Tags are passed by value, and the methods called
// directly, so that a tag for none costs no memory.
type tag struct {
	element string
	kind    string // of the attribute type
	attr    Attributes
}

// inert reports whether a script does not run because of its type, and for that
// reason alone. "opt-in" is how Klaro's pages said it before 0.6.
func (t tag) inert() bool {
	return strings.EqualFold(t.kind, "text/plain") || strings.EqualFold(t.kind, "opt-in")
}

// oneTrust: class="optanon-category-C0002-C0004", beside type="text/plain" or
// data-src.
func (t tag) oneTrust(d *Demand) bool {
	const prefix = "optanon-category-"
	class, _ := t.attr("class")
	if !strings.Contains(class, prefix) {
		return false
	}
	var all purposes
	found := false
	for name := range strings.FieldsSeq(class) {
		groups, ok := strings.CutPrefix(name, prefix)
		if !ok {
			continue
		}
		found = true
		for group := range strings.SplitSeq(groups, "-") {
			all |= demanded(oneTrustGroup(group))
		}
	}
	d.Tool, d.Purposes = oneTrust, all.names()
	return found
}

// oneTrustGroup gives the present name of a category that had a plain number
// until 2019.
func oneTrustGroup(name string) string {
	switch name {
	case "1", "2", "3", "4":
		return "c000" + name
	}
	return name
}

// didomi: <script type="didomi/javascript" data-vendor="…" data-purposes="…">,
// or type="didomi/html" around markup.
func (t tag) didomi(d *Demand) bool {
	if t.element != "script" {
		return false
	}
	if d.Markup = strings.EqualFold(t.kind, "didomi/html"); !d.Markup && !strings.EqualFold(t.kind, "didomi/javascript") {
		return false
	}
	vendor, ok := t.attr("data-vendor")
	if !ok {
		vendor, _ = t.attr("data-vendor-raw")
	}
	d.Tool = didomi
	d.serves(vendor)
	if list, ok := t.attr("data-purposes"); ok {
		d.needs(list, ",")
	}
	return true
}

// cookiebot: data-cookieconsent="statistics,marketing". The value "ignore"
// asks Cookiebot to leave the tag alone, and nobody else.
func (t tag) cookiebot(d *Demand) bool {
	list, ok := t.attr("data-cookieconsent")
	if !ok || strings.EqualFold(strings.TrimSpace(list), "ignore") {
		return false
	}
	d.Tool = cookiebot
	d.needs(list, ",")
	return true
}

// cookieYes: data-cookieyes="cookieyes-analytics".
func (t tag) cookieYes(d *Demand) bool {
	list, ok := t.attr("data-cookieyes")
	if !ok {
		return false
	}
	d.Tool = cookieYes
	d.needs(list, ",")
	return true
}

// usercentrics: data-usercentrics="Google Analytics", and uc-src for what its
// Smart Data Protector holds back.
func (t tag) usercentrics(d *Demand) bool {
	service, ok := t.attr("data-usercentrics")
	if !ok {
		if _, ok = t.attr("uc-src"); !ok {
			return false
		}
	}
	d.Tool = usercentrics
	d.serves(service)
	return true
}

// complianz: data-category and data-service, and the address in data-cmplz-src
// or data-src-cmplz. An inline script of it reads as vanilla-cookieconsent's.
func (t tag) complianz(d *Demand) bool {
	_, script := t.attr("data-cmplz-src")
	if !script {
		if _, frame := t.attr("data-src-cmplz"); !frame {
			return false
		}
	}
	name, _ := t.attr("data-category")
	d.Tool = complianz
	d.Service, _ = t.attr("data-service")
	d.Purposes = demanded(name).names()
	return true
}

// borlabs: <script type="text/template" data-borlabs-cookie-script-blocker-id>.
func (t tag) borlabs(d *Demand) bool {
	if t.element != "script" || !t.template() {
		return false
	}
	service, ok := t.attr("data-borlabs-cookie-script-blocker-id")
	if ok {
		d.Tool = borlabsCookie
		d.serves(service)
	}
	return ok
}

// template reports the types by which Borlabs Cookie holds scripts back.
func (t tag) template() bool {
	return strings.EqualFold(t.kind, "text/template") || strings.EqualFold(t.kind, "text/template-module")
}

// vanilla: <script type="text/plain" data-category="analytics"
// data-service="…"> of vanilla-cookieconsent 3, data-cookiecategory of 2 and
// of Pressidium. A "!" before the name is for scripts that run on refusal.
func (t tag) vanilla(d *Demand) bool {
	if t.element != "script" {
		return false
	}
	name, ok := t.attr("data-cookiecategory")
	if !ok && t.inert() {
		name, ok = t.attr("data-category")
	}
	if !ok {
		return false
	}
	service, _ := t.attr("data-service")
	name, offCategory := strings.CutPrefix(strings.TrimSpace(name), "!")
	service, offService := strings.CutPrefix(strings.TrimSpace(service), "!")
	d.Tool, d.Service = vanilla, service
	d.Purposes = demanded(name).names()
	d.Negated = offCategory || offService
	return true
}

// frame: <iframe data-category="marketing" data-src="…"> of c15t.
func (t tag) frame(d *Demand) bool {
	name, ok := t.attr("data-category")
	if !ok || t.element != "iframe" || !t.waits("data-src", "src") {
		return false
	}
	d.Tool, d.Purposes = c15t, demanded(name).names()
	return true
}

// klaro: data-name="youtube" on a script without a running type, and on what
// has data-src or data-href instead of an address. A service may be called like
// a category, and is then taken for one.
func (t tag) klaro(d *Demand) bool {
	name, ok := t.attr("data-name")
	if !ok || !t.inert() && (t.element == "script" || !t.waits("data-src", "src") && !t.waits("data-href", "href")) {
		return false
	}
	d.Tool, d.Service = klaro, strings.TrimSpace(name)
	d.Purposes = demanded(name).names()
	return true
}

// waits reports whether an address stands in one attribute while the other, the
// live one, loads nothing.
func (t tag) waits(held, live string) bool {
	_, ok := t.attr(held)
	return ok && t.blank(live)
}

// blank reports whether an address attribute loads nothing from anywhere.
func (t tag) blank(name string) bool {
	address, _ := t.attr(name)
	address = strings.TrimSpace(address)
	return address == "" || strings.EqualFold(address, "about:blank") || strings.HasPrefix(address, "data:")
}
