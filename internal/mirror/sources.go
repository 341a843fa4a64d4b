package mirror

import (
	"regexp"
	"strings"
)

// sources are the hosts and folders that the mirror serves: public, static
// files that need no account and say nothing of the visitor. Beside them stand
// the reasons why others are missing.
//
//   - esm.sh, esm.run, Skypack and jsDelivr's /+esm: their modules import each
//     other by paths of the CDN's root, which would be paths of the site here.
//   - kit.fontawesome.com, use.typekit.net, code.highcharts.com: licensed by
//     domain, and counted.
//   - polyfill.io and its relatives, bootcss, staticfile: once sold, and used to
//     spread malware.
//   - js.stripe.com, www.gstatic.com and the like: services, not libraries.
var sources = map[string][]source{
	// Packages of npm and files of GitHub: each page names its own authors.
	"cdn.jsdelivr.net":     jsDelivr,
	"fastly.jsdelivr.net":  jsDelivr, // the same files by another network
	"gcore.jsdelivr.net":   jsDelivr, // the same files by another network
	"unpkg.com":            {{prefix: "/", holds: isPackage, lasting: pinnedPackage, kind: module}},
	"cdnjs.cloudflare.com": {released("/ajax/libs/")}, // 4,000 libraries, one folder a version
	"ajax.googleapis.com":  {released("/ajax/libs/")}, // jQuery, AngularJS, Web Font Loader and a dozen more
	"ajax.aspnetcdn.com":   {released("/ajax/")},      // jQuery and its validation for ASP.NET
	"code.jquery.com":      {released("/")},           // jQuery, jQuery UI and its pictures

	// Bootstrap and Font Awesome by their former homes, which old themes still use.
	"maxcdn.bootstrapcdn.com":     {released("/")},
	"netdna.bootstrapcdn.com":     {released("/")},
	"stackpath.bootstrapcdn.com":  {released("/")},
	"use.fontawesome.com":         {released("/releases/")}, // Font Awesome 5 and 6 without a kit
	"code.ionicframework.com":     {released("/ionicons/")}, // the icons of AdminLTE
	"cdn.materialdesignicons.com": {released("/")},          // community icons

	// Libraries that recommend their own address.
	"d3js.org":           {released("/d3.")}, // the rest of the host is a web site
	"cdn.plot.ly":        {released("/plotly-")},
	"cdn.datatables.net": {released("/")},
	"cdn.quilljs.com":    {released("/")},
	"cdn.socket.io":      {released("/")},
	"vjs.zencdn.net":     {released("/")}, // Video.js

	// Fonts. The style sheet depends on the browser, hence our fixed User-Agent.
	"fonts.googleapis.com": {
		googleSheet("/css"), googleSheet("/css2"), googleSheet("/icon"),
		{prefix: "/earlyaccess/", holds: isFile},
	},
	"fonts.gstatic.com": {
		{prefix: "/s/", holds: isFile, lasting: always}, // a folder a version
		{prefix: "/ea/", holds: isFile, lasting: always},
		// Subsets that ?text= and ?icon_names= made.
		{prefix: "/l/font", holds: isWhole, kind: font, parameters: []string{"kit", "skey"}},
		{prefix: "/icon/font", holds: isWhole, kind: font, parameters: []string{"kit", "skey"}},
	},
	// Google's families by a company in Slovenia; still a third party.
	"fonts.bunny.net": {
		googleSheet("/css"), googleSheet("/css2"), googleSheet("/icon"),
		{prefix: "/", holds: isFile},
	},
}

// jsDelivr keeps npm, GitHub and WordPress.org, and joins files on request.
var jsDelivr = []source{
	{prefix: "/npm/", holds: isPackage, lasting: pinnedPackage, kind: module},
	{prefix: "/gh/", holds: isFile, lasting: pinnedRepository.MatchString},
	{prefix: "/wp/", holds: isFile},
	{prefix: "/fontsource/", holds: isFile},
	{prefix: "/combine/", holds: isCombination, kind: module},
	{prefix: "/", holds: isOldProject, lasting: numbered.MatchString},
}

// source is a folder of a host.
type source struct {
	prefix string
	// holds tells whether a name that follows the prefix is a file.
	holds func(name string) bool
	// lasting tells whether the name fixes the content; nil: none does.
	lasting func(name string) bool
	// kind is that of names without a known extension.
	kind kind
	// parameters are those of the query that name content, beside a version.
	parameters []string
}

// released is a folder with a file for each version of a library.
func released(prefix string) source {
	return source{prefix: prefix, holds: isFile, lasting: numbered.MatchString}
}

// googleSheet is a style sheet made from its query.
func googleSheet(prefix string) source {
	return source{prefix: prefix, holds: isWhole, kind: style,
		parameters: []string{"family", "display", "subset", "text", "effect", "icon_names"}}
}

func always(string) bool { return true }

// isWhole holds when the prefix is the whole path.
func isWhole(name string) bool { return name == "" }

func isFile(name string) bool {
	_, ok := kinds[extension(name)]
	return ok
}

// isPackage also takes a package without a file, which stands for its main one.
func isPackage(name string) bool {
	if isFile(name) {
		return true
	}
	if strings.HasPrefix(name, "@") {
		_, rest, ok := strings.Cut(name, "/")
		if !ok {
			return false
		}
		name = rest
	}
	return name != "" && !strings.Contains(name, "/")
}

// isCombination takes a list such as npm/jquery@3,npm/bootstrap@5/dist/x.min.js.
func isCombination(name string) bool {
	for part := range strings.SplitSeq(name, ",") {
		if rest, ok := strings.CutPrefix(part, "npm/"); ok && isPackage(rest) {
			continue
		}
		if rest, ok := strings.CutPrefix(part, "gh/"); !ok || !isFile(rest) {
			return false
		}
	}
	return true
}

// isOldProject takes jsDelivr's addresses of before 2017: PROJECT/1.2.3/FILE.
func isOldProject(name string) bool {
	_, rest, _ := strings.Cut(name, "/")
	return rest != "" && '0' <= rest[0] && rest[0] <= '9' && isFile(rest)
}

// Whole versions. A range (@1, @^1.2.0, @latest, /1.12/) is answered with
// another file one day.
var (
	numbered         = regexp.MustCompile(`(?:^|[/-])v?[0-9]+\.[0-9]+\.[0-9]+`)
	pinnedName       = regexp.MustCompile(`^(?:@[^/@]+/)?[^/@]+@` + version)
	pinnedRepository = regexp.MustCompile(`^[^/@]+/[^/@]+@(?:` + version + `|[0-9a-f]{40}/)`)
)

const version = `v?[0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.+-]*)?(?:/|$)`

// pinnedPackage leaves out a package's main file: a CDN may choose another.
func pinnedPackage(name string) bool {
	return isFile(name) && pinnedName.MatchString(name)
}
