package page

import (
	"slices"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/dialect"
	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

func TestTagsForOtherToolsActOnceTheirPurposeIsGranted(t *testing.T) {
	statistics := func(d dialect.Demand) bool {
		return !slices.ContainsFunc(d.Purposes, func(p string) bool { return p != "statistics" })
	}
	for page, want := range map[string]string{
		`<script type="text/plain" data-category="analytics">a()</script>`:                     `<script>a()</script>`,
		`<script type="text/plain" data-category="ads">a()</script>`:                           `<script type="text/plain" data-category="ads">a()</script>`,
		`<script type="text/plain" data-cookieconsent="statistics" data-src="/a.js"></script>`: `<script data-cookieconsent="statistics" src="/a.js"></script>`,
		`<iframe data-cookieconsent="statistics" data-src="https://t.example/v"></iframe>`:     `<iframe src="/.privacy/held?host=t.example" referrerpolicy="same-origin" data-cookieconsent="statistics" data-held-src="https://t.example/v"></iframe>`,
		`<script class="optanon-category-C0002" type="text/plain" src="/b.js"></script>`:       `<script class="optanon-category-C0002" src="/b.js"></script>`,
		`<script type="application/json" data-settings="x">{}</script>`:                        `<script type="application/json" data-settings="x">{}</script>`,
	} {
		rules := &Rules{Address: &home, Waiting: "/.privacy/held", Grants: statistics, Ask: func(u *weburl.URL) Answer {
			return Answer{OK: u.Host == home.Host}
		}}
		for _, size := range []int{len(page), 3} {
			if got, _ := hold(t, rules, page, size); trimmed(got) != trimmed(want) {
				t.Errorf("in pieces of %d\n got %s\nwant %s", size, got, want)
			}
		}
	}
}

// trimmed leaves out the blanks that a removed attribute leaves behind.
func trimmed(page string) string {
	var out []byte
	for i := range len(page) {
		if page[i] == ' ' && (i+1 == len(page) || page[i+1] == ' ' || page[i+1] == '>') {
			continue
		}
		out = append(out, page[i])
	}
	return string(out)
}
