package dialect

import "strings"

// The consent tools, as their makers call them.
const (
	axeptio       = "Axeptio"
	borlabsCookie = "Borlabs Cookie"
	c15t          = "c15t"
	complianz     = "Complianz"
	cookiebot     = "Cookiebot"
	cookieYes     = "CookieYes"
	didomi        = "Didomi"
	klaro         = "Klaro"
	oneTrust      = "OneTrust"
	osano         = "Osano"
	pressidium    = "Pressidium Cookie Consent"
	tarteaucitron = "tarteaucitron"
	usercentrics  = "Usercentrics"
	vanilla       = "vanilla-cookieconsent"
)

// domains are those from which consent tools are loaded, with what is below
// them.
var domains = map[string]string{
	"axept.io":                          axeptio,
	"cdn-cookieyes.com":                 cookieYes,
	"cmp.inmobi.com":                    "InMobi CMP",
	"cmp.quantcast.com":                 "InMobi CMP",
	"consensu.org":                      "consentmanager",
	"consentframework.com":              "Sirdata CMP",
	"consentmanager.net":                "consentmanager",
	"cookie-script.com":                 "CookieScript",
	"cookiebot.com":                     cookiebot,
	"cookiebot.eu":                      cookiebot,
	"cookiefirst.com":                   "CookieFirst",
	"cookiehub.eu":                      "CookieHub",
	"cookiehub.net":                     "CookieHub",
	"cookieinformation.com":             "Cookie Information",
	"cookielaw.org":                     oneTrust,
	"cookiepro.com":                     oneTrust,
	"fundingchoicesmessages.google.com": "Google Privacy & messaging",
	"iubenda.com":                       "iubenda",
	"ketchcdn.com":                      "Ketch",
	"onetrust.com":                      oneTrust,
	"osano.com":                         osano,
	"privacy-center.org":                didomi,
	"privacy-mgmt.com":                  "Sourcepoint",
	"tarteaucitron.io":                  tarteaucitron,
	"termly.io":                         "Termly",
	"truste.com":                        "TrustArc",
	"trustarc.com":                      "TrustArc",
	"trustcommander.net":                "TrustCommander",
	"usercentrics.eu":                   usercentrics,
}

// files are the scripts that sites keep on their own host or load from a public
// CDN, without the ".min" that may stand before ".js".
var files = map[string]string{
	"cookieconsent.esm.js":     vanilla,
	"cookieconsent.js":         vanilla,
	"cookieconsent.umd.js":     vanilla,
	"iframemanager.js":         "iframemanager",
	"klaro-no-css.js":          klaro,
	"klaro-no-translations.js": klaro,
	"klaro.js":                 klaro,
	"orejime.js":               "Orejime",
	"otsdkstub.js":             oneTrust,
	"tarteaucitron.js":         tarteaucitron,
}

// plugins are the folders of WordPress plugins that show a consent dialog.
var plugins = map[string]string{
	"borlabs-cookie":            borlabsCookie,
	"complianz-gdpr":            complianz,
	"complianz-gdpr-premium":    complianz,
	"cookie-law-info":           cookieYes,
	"pressidium-cookie-consent": pressidium,
}

// Tool reports whether a script is the consent tool itself, and which, by the
// host in lower case and the path it comes from. What the tool then loads, if
// it runs, is not its business.
func Tool(host, path string) (name string, ok bool) {
	for domain, more := host, true; more; _, domain, more = strings.Cut(domain, ".") {
		if name, ok = domains[domain]; ok {
			return name, true
		}
	}
	file := strings.ToLower(path[strings.LastIndexByte(path, '/')+1:])
	if name, ok = files[strings.Replace(file, ".min.js", ".js", 1)]; ok {
		return name, true
	}
	if _, rest, found := strings.Cut(path, "/plugins/"); found {
		folder, _, _ := strings.Cut(rest, "/")
		name, ok = plugins[folder]
	}
	return name, ok
}
