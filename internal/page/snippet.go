package page

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

// maxSnippet is the longest inline script, in bytes, that is held until it is
// all there. The snippets of services are far shorter; what is longer is an
// application, and passes: what it loads is stopped by policy and guard.
const maxSnippet = 32 << 10

// snippet is an inline script that waits in the Writer's output until it is
// known what it loads.
type snippet struct {
	open  bool
	rules bool // speculation rules instead of code
	tag   int  // where its start tag begins in the output
	text  int  // where its text begins
	name  int  // length of `<script`
	size  int  // of the text, so far
}

// begin holds a script whose tag will be passed at the end of an output so long.
// Data blocks, and scripts that are elsewhere, do not wait.
func (s *snippet) begin(t *tag, output, length int) {
	if _, elsewhere := t.attr("src"); elsewhere {
		return
	}
	value, _ := t.attr("type")
	kind := strings.TrimSpace(decoded(value))
	*s = snippet{tag: output, text: output + length, name: t.nameEnd}
	s.rules = strings.EqualFold(kind, "speculationrules")
	s.open = s.rules || runs(kind)
}

// runs reports whether a type makes a browser execute a script (HTML 4.12.1).
func runs(kind string) bool {
	kind = strings.ToLower(kind)
	switch kind {
	case "", "module", "application/javascript", "application/ecmascript", "application/x-javascript",
		"application/x-ecmascript", "text/ecmascript", "text/x-javascript", "text/x-ecmascript", "text/jscript", "text/livescript":
		return true
	}
	return strings.HasPrefix(kind, "text/javascript")
}

// close judges the script, whose end tag comes next, and takes its effect away
// if it loads what is refused.
func (s *snippet) close(out []byte, b *blocker) []byte {
	s.open = false
	code := out[s.text:]
	refused := b.loader(code)
	if s.rules {
		refused = b.speculates(code)
	}
	if !refused {
		return out
	}
	return s.refuse(out, b)
}

// refuse makes data of the script.
func (s *snippet) refuse(out []byte, b *blocker) []byte {
	b.held++
	return slices.Insert(out, s.tag+s.name, []byte(` type="text/plain"`)...)
}

// giveUp lets a script go that is too long to wait for. Speculation rules, which
// nothing else stops, do not pass.
func (s *snippet) giveUp(out []byte, b *blocker) []byte {
	s.open = false
	if s.rules {
		return s.refuse(out, b)
	}
	return out
}

// loader reports whether code is the snippet of a service that is refused: it
// makes elements or requests, and holds the address of the service's script.
func (b *blocker) loader(code []byte) bool {
	if !slices.ContainsFunc(makes, func(word string) bool { return bytes.Contains(code, []byte(word)) }) {
		return false
	}
	for rest := code; ; {
		i := bytes.Index(rest, []byte("//"))
		if i < 0 {
			return false
		}
		before := rest[:i]
		rest = rest[i+2:]
		if address, ok := literal(before, rest); ok && b.refusesSnippet(address) {
			return true
		}
	}
}

// makes are words of which code that loads something has at least one.
var makes = []string{"createElement", "document.write", "import(", "insertBefore", "appendChild", "fetch(", "sendBeacon", "new Image", "XMLHttpRequest"}

// literal reads the address around a double slash: what follows up to the end of
// the string it stands in. Comments and addresses within other words are none.
func literal(before, after []byte) (address string, ok bool) {
	before = bytes.TrimSuffix(bytes.TrimSuffix(before, []byte("https:")), []byte("http:"))
	before = bytes.TrimSuffix(before, []byte(`\/\/`))
	if len(before) == 0 || !strings.ContainsRune("\"'`=", rune(before[len(before)-1])) {
		return "", false
	}
	end := bytes.IndexAny(after, "\"'`\\<> \t\r\n$")
	if end <= 0 {
		return "", false
	}
	return "https://" + string(after[:end]), true
}

func (b *blocker) refusesSnippet(address string) bool {
	u, ok := weburl.Parse(address, nil)
	if !ok || !strings.Contains(u.Host, ".") {
		return false
	}
	answer := b.Ask(&u)
	return !answer.OK && answer.Service != "" && loadsCode(&u)
}

// loadsCode reports whether an address in a snippet is that of a script, or the
// beginning of one that the snippet completes.
func loadsCode(u *weburl.URL) bool {
	if strings.Contains(u.Path, ".js") {
		return true
	}
	return slices.ContainsFunc(scripts, func(known string) bool {
		host, path, _ := strings.Cut(known, "/")
		return (u.Host == host || strings.HasSuffix(u.Host, "."+host)) && strings.HasPrefix(u.Path, "/"+path)
	})
}

// scripts are addresses of scripts whose name does not end in .js, and
// beginnings of addresses that snippets complete, as the services document them.
var scripts = []string{
	"www.googletagmanager.com/gtag/js", "static.hotjar.com/c/hotjar-", "www.clarity.ms/tag/", "widget.intercom.io/widget/",
	"matomo.cloud/", "js.hs-scripts.com/", "cdn.heapanalytics.com/js/heap-", "maps.googleapis.com/maps/api/js",
	"www.youtube.com/iframe_api", "cdn.segment.com/analytics", "static.zdassets.com/ekr/snippet", "embed.tawk.to/",
}

// speculates reports whether speculation rules (HTML 7.6.1) name an address that
// is refused, or leave the choice to links of the document that may lead anywhere.
func (b *blocker) speculates(rules []byte) bool {
	var tree any
	if json.Unmarshal(rules, &tree) != nil {
		return true
	}
	if bytes.Contains(rules, []byte("selector_matches")) && !bytes.Contains(rules, []byte("href_matches")) {
		return true
	}
	return b.leadsAway(tree)
}

// leadsAway reports whether a text anywhere in a tree is an address that is refused.
func (b *blocker) leadsAway(node any) bool {
	switch node := node.(type) {
	case string:
		return !b.judgeText(node).OK
	case []any:
		return slices.ContainsFunc(node, b.leadsAway)
	case map[string]any:
		for _, child := range node {
			if b.leadsAway(child) {
				return true
			}
		}
	}
	return false
}
