package dialect

import (
	"net/url"
	"strings"
)

// tarteaucitronChoice reads tarteaucitron: "!gtag=true!hotjar=false", without
// a date. "wait" is the answer nobody has given yet.
func tarteaucitronChoice(cookies Cookies) (a answers, ok bool) {
	text, ok := cookies.text("tarteaucitron")
	if !ok {
		return a, false
	}
	record, ok := members(strings.Trim(text, "!"), "!", "=")
	for name, value := range record {
		switch {
		case value == "true" || value == "false":
			a.add(name, value == "true")
		case name != "id":
			return a, false
		}
	}
	return a, ok
}

// c15tChoice reads c15t: "c.necessary:1,c.marketing:1,i.t:1767225600000",
// where what was refused is not listed and i.t is the date.
func c15tChoice(cookies Cookies) (a answers, ok bool) {
	text, ok := cookies.text("c15t")
	if !ok {
		return a, false
	}
	record, ok := members(text, ",", ":")
	if !ok || record["c.necessary"] != "1" {
		return a, false
	}
	for name, value := range record {
		if name, isCategory := strings.CutPrefix(name, "c."); isCategory {
			a.add(name, value == "1")
		}
	}
	a.no = true // what is not listed
	a.given, ok = epoch(record["i.t"])
	return a, ok
}

// oneTrustChoice reads the groups of OptanonConsent. They hold defaults until
// the visitor chooses, which OptanonAlertBoxClosed dates.
func oneTrustChoice(cookies Cookies) (a answers, ok bool) {
	closed, _ := cookies.text("OptanonAlertBoxClosed")
	given, ok := written(closed)
	if !ok || given.IsZero() {
		return a, false
	}
	text, ok := cookies.raw("OptanonConsent")
	if !ok {
		return a, false
	}
	record, ok := members(text, "&", "=")
	if !ok || record["AwaitingReconsent"] == "true" {
		return a, false
	}
	list, err := url.PathUnescape(record["groups"])
	if err != nil || list == "" {
		return a, false
	}
	groups, ok := members(list, ",", ":")
	for name, value := range groups {
		if value != "0" && value != "1" {
			return a, false
		}
		a.add(oneTrustGroup(name), value == "1")
	}
	a.given = given
	return a, ok
}

// cookiebotChoice reads CookieConsent: "0" for a refusal, or
// "{stamp:'…',necessary:true,statistics:false,…,method:'explicit',utc:…}".
// Method "implied", and "-1", are given to those whom nobody has asked.
func cookiebotChoice(cookies Cookies) (a answers, ok bool) {
	text, ok := cookies.text("CookieConsent")
	if text == "0" {
		a.no = true
		return a, true
	}
	text, begun := strings.CutPrefix(text, "{")
	text, ended := strings.CutSuffix(text, "}")
	if !ok || !begun || !ended {
		return a, false
	}
	record, ok := members(text, ",", ":")
	if !ok || record["stamp"] == "" || record["method"] == "'implied'" {
		return a, false
	}
	for _, name := range [...]string{"preferences", "statistics", "marketing"} {
		value := record[name]
		if value != "true" && value != "false" {
			return a, false
		}
		a.add(name, value == "true")
	}
	if a.yes && record["method"] != "'explicit'" {
		return a, false
	}
	a.given, ok = epoch(record["utc"])
	return a, ok
}

// cookieYesChoice reads cookieyes-consent:
// "consentid:…,consent:no,action:yes,necessary:yes,functional:no,…". Its
// lastRenewedDate is when the owner asked anew, not when the visitor answered.
func cookieYesChoice(cookies Cookies) (a answers, ok bool) {
	text, ok := cookies.text("cookieyes-consent")
	if !ok {
		return a, false
	}
	record, ok := members(text, ",", ":")
	if !ok || record["action"] != "yes" {
		return a, false
	}
	for name, value := range record {
		switch name {
		case "consentid", "consent", "action", "lastRenewedDate":
			continue
		}
		if value != "yes" && value != "no" {
			return a, false
		}
		a.add(name, value == "yes")
	}
	return a, true
}

// complianzChoice reads the cookies of Complianz, one for each category and
// none with a date. What it calls functional is necessary.
func complianzChoice(cookies Cookies) (a answers, ok bool) {
	if status, _ := cookies.raw("cmplz_banner-status"); status != "dismissed" {
		return a, false
	}
	for _, name := range [...]string{"preferences", "statistics", "marketing"} {
		switch value, present := cookies.raw("cmplz_" + name); {
		case value == "allow" || value == "deny":
			a.add(name, value == "allow")
		case present:
			return a, false
		}
	}
	return a, a.yes || a.no
}

// members splits a flat record into names and values. It is not read if a piece
// is no pair, or a name comes twice.
func members(text, separator, equals string) (map[string]string, bool) {
	record := map[string]string{}
	for piece := range strings.SplitSeq(text, separator) {
		name, value, ok := strings.Cut(piece, equals)
		name = strings.TrimSpace(name)
		if _, twice := record[name]; !ok || twice {
			return nil, false
		}
		record[name] = value
	}
	return record, true
}
