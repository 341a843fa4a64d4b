package disclosure

import (
	"net/http"
	"net/url"
	"strings"
)

// originOf is a referrer reduced to its origin where it is on another host than the
// site. What cannot be read, and what is no page of the web, goes.
func originOf(referrer, host string) string {
	u, err := url.Parse(referrer)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return ""
	case strings.EqualFold(u.Host, host):
		return referrer
	}
	return u.Scheme + "://" + u.Host + "/"
}

// browsers are told by the first of these products in a User-Agent, the more
// particular first: most call themselves by the names of others too.
var browsers = []struct{ product, name string }{
	{"Edg/", "Edg"}, {"EdgA/", "Edg"}, {"OPR/", "OPR"}, {"SamsungBrowser/", "SamsungBrowser"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
	{"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Version/", "Safari"},
}

// systems are told likewise.
var systems = []struct{ mark, name string }{
	{"Windows", "Windows NT 10.0"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Macintosh", "Macintosh"}, {"CrOS", "X11; CrOS"}, {"Linux", "X11; Linux"},
}

// familyOf is a User-Agent in the usual form that tells the browser, its major
// version, its system, and whether it is a telephone; nothing for programs that it
// does not know.
func familyOf(agent string) string {
	system := ""
	for _, s := range systems {
		if strings.Contains(agent, s.mark) {
			system = s.name
			break
		}
	}
	for _, b := range browsers {
		_, rest, ok := strings.Cut(agent, b.product)
		if !ok || system == "" {
			continue
		}
		major := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
		if major == "" || len(major) > 4 {
			return ""
		}
		family := "Mozilla/5.0 (" + system + ") " + b.name + "/" + major + ".0"
		if strings.Contains(agent, "Mobile") {
			family += " Mobile"
		}
		return family
	}
	return ""
}

// lowHints are the client hints that every site gets unasked (User-Agent Client
// Hints, 3.1): they say no more than familyOf does.
var lowHints = map[string]bool{"Sec-Ch-Ua": true, "Sec-Ch-Ua-Mobile": true, "Sec-Ch-Ua-Platform": true}

// legacyHints are client hints that were named before all were given one prefix.
var legacyHints = map[string]bool{
	"Device-Memory": true, "Dpr": true, "Viewport-Width": true, "Width": true, "Rtt": true, "Downlink": true, "Ect": true,
}

// dropHints removes the client hints that tell browsers apart.
func dropHints(h http.Header) {
	for name := range h {
		if strings.HasPrefix(name, "Sec-Ch-") && !lowHints[name] || legacyHints[name] {
			delete(h, name)
		}
	}
}

// firstLanguage is the first language of a list, without region and preference.
func firstLanguage(list string) string {
	first, _, _ := strings.Cut(list, ",")
	first, _, _ = strings.Cut(first, ";")
	first, _, _ = strings.Cut(strings.TrimSpace(first), "-")
	if len(first) > 3 {
		return ""
	}
	return first
}
