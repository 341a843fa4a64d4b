package conformance

import (
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	tree "golang.org/x/net/html"
)

// at is the site that visitors of these tests read.
const at = "Host: " + host

// publish makes the site answer an address with a page.
func (s *site) publish(path, body string) {
	s.origin.handle(path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, body)
	})
}

// decide makes a choice and returns the Cookie field of the visitor who made it.
func (s *site) decide(t *testing.T, form string, fields ...string) (cookie string) {
	t.Helper()
	r := s.choose(t, form, append([]string{at}, fields...)...)
	r.is(t, http.StatusSeeOther)
	return "Cookie: " + r.cookie(record)
}

// loads fails unless what a browser makes of a page loads from these hosts and
// from no others, its own site aside.
func (r *reply) loads(t *testing.T, hosts ...string) {
	t.Helper()
	got := slices.Sorted(maps.Keys(loaded(t, r.body)))
	slices.Sort(hosts)
	if !slices.Equal(got, hosts) {
		t.Errorf("status %d, a page that loads from %q, want %q:\n%s", r.status, got, hosts, r.body)
	}
}

// loaded lists the hosts from which a browser loads what a page names, with
// scripts or without them.
func loaded(t *testing.T, body string) map[string]bool {
	t.Helper()
	hosts := make(map[string]bool)
	for _, scripting := range []bool{true, false} {
		root, err := tree.ParseWithOptions(strings.NewReader(body), tree.ParseOptionEnableScripting(scripting))
		if err != nil {
			t.Fatal(err)
		}
		for n := range root.Descendants() {
			if n.Type == tree.ElementNode {
				loadedBy(t, n, hosts)
			}
		}
	}
	return hosts
}

// loadedBy adds the hosts that one element loads from.
func loadedBy(t *testing.T, n *tree.Node, hosts map[string]bool) {
	value := make(map[string]string)
	for _, a := range n.Attr {
		if _, twice := value[a.Key]; !twice {
			value[a.Key] = a.Val
		}
	}
	switch {
	case n.Data == "script" && value["type"] != "" && !strings.Contains(value["type"], "javascript"):
		return // data
	case n.Data == "a" && value["ping"] == "", n.Data == "base", n.Data == "link" && value["rel"] == "canonical":
		return // nobody goes there by himself
	case n.Data == "meta" && !strings.EqualFold(value["http-equiv"], "refresh"):
		delete(value, "content")
	case n.Data == "style" && n.FirstChild != nil:
		value["style"] = n.FirstChild.Data
	case n.Data == "script" && value["src"] == "" && n.FirstChild != nil && strings.Contains(n.FirstChild.Data, "createElement"):
		value["src"] = n.FirstChild.Data
	}
	for _, name := range []string{"src", "srcset", "imagesrcset", "href", "xlink:href", "data", "poster", "background", "content", "style", "ping"} {
		for _, m := range address.FindAllStringSubmatch(value[name], -1) {
			hosts[m[1]] = true
		}
	}
	if inner := value["srcdoc"]; inner != "" {
		maps.Copy(hosts, loaded(t, inner))
	}
}

// address finds the host of each absolute address in a text.
var address = regexp.MustCompile(`(?i)(?:https?:)?//([a-z0-9.-]+)`)

// acts fails unless the scripts of a page that run, and the frames that show
// something of the site's, come from these addresses.
func (r *reply) acts(t *testing.T, want ...string) {
	t.Helper()
	root, err := tree.Parse(strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for n := range root.Descendants() {
		value := make(map[string]string)
		for _, a := range n.Attr {
			value[a.Key] = a.Val
		}
		runs := n.Data == "script" && (value["type"] == "" || strings.Contains(value["type"], "javascript"))
		shows := n.Data == "iframe" && !strings.HasPrefix(value["src"], heldPath)
		if (runs || shows) && value["src"] != "" {
			got = append(got, value["src"])
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%q act, want %q:\n%s", got, want, r.body)
	}
}

// attributes lists the names of all attributes of a page's elements.
func attributes(t *testing.T, body string) (names []string) {
	t.Helper()
	root, err := tree.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			names = append(names, a.Key)
		}
	}
	return names
}
