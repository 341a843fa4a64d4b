package ui

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

var day0 = time.Date(2026, 11, 23, 23, 30, 0, 0, time.UTC)

func samplePage() PageData {
	return PageData{
		Purposes: samplePurposes(),
		Choice: Choice{
			State: "partial", Given: day0, Until: day0.Add(393 * day), ID: "0198a9c4-7be1-7c3e-a2f0-5d1c9e77b1aa",
		},
		Back: "/news?page=2",
	}
}

func render(t *testing.T, lang string, p PageData) []byte {
	t.Helper()
	var page bytes.Buffer
	if err := WritePage(&page, lang, p); err != nil {
		t.Fatal(err)
	}
	return page.Bytes()
}

func TestPageGolden(t *testing.T) {
	page := render(t, "en", samplePage())
	golden(t, "page.html", bytes.Replace(page, []byte(pageStyleText), nil, 1))
}

func TestErrorGolden(t *testing.T) {
	var page bytes.Buffer
	if err := WriteError(&page, "en", ErrorOrigin); err != nil {
		t.Fatal(err)
	}
	golden(t, "error.html", bytes.Replace(page.Bytes(), []byte(pageStyleText), nil, 1))
}

// TestNothingIsTickedInAdvance: only what this visitor granted is.
func TestNothingIsTickedInAdvance(t *testing.T) {
	ticked := func(p PageData) (ids []string) {
		for _, input := range elements(t, render(t, "en", p), "input") {
			for _, a := range input.Attr {
				if a.Key == "checked" {
					ids = append(ids, attribute(input, "value"))
				}
			}
		}
		return ids
	}
	if ids := ticked(samplePage()); strings.Join(ids, " ") != "statistics" {
		t.Errorf("ticked: %v", ids)
	}
	fresh := samplePage()
	fresh.Purposes = []Purpose{{ID: "necessary", Required: true}, {ID: "functional"}, {ID: "marketing"}}
	if ids := ticked(fresh); ids != nil {
		t.Errorf("ticked before any choice: %v", ids)
	}
}

func TestPageSaysWhichChoiceHolds(t *testing.T) {
	for state, key := range map[string]string{
		"none": "choice.none", "refused": "choice.refused", "partial": "choice.partial", "accepted": "choice.accepted",
		"signal": "choice.signal", "": "choice.none", "nonsense": "choice.none",
	} {
		text := words(string(render(t, "fr", PageData{Choice: Choice{State: state}})))
		if !strings.Contains(text, messages["fr"][key]) {
			t.Errorf("state %q is not shown as %s", state, key)
		}
		if strings.Contains(text, "0001-01-01") || strings.Contains(text, messages["fr"]["choice.download"]) {
			t.Errorf("state %q: a date or receipt that does not exist", state)
		}
	}
}

func TestSavedIsAnnounced(t *testing.T) {
	for _, saved := range []bool{false, true} {
		p := samplePage()
		p.Saved = saved
		page := string(render(t, "en", p))
		if strings.Contains(page, `role="status"`) != saved {
			t.Errorf("saved %v, announced otherwise", saved)
		}
	}
}

func TestPageNeedsNothingFromElsewhere(t *testing.T) {
	for _, element := range elements(t, render(t, "en", samplePage()), "") {
		switch element.Data {
		case "script", "link", "img", "iframe":
			t.Errorf("%v", element)
		}
		if attribute(element, "style") != "" || attribute(element, "src") != "" {
			t.Errorf("%v", element)
		}
	}
	if !strings.Contains(PageCSP, sourceHash(pageStyleText)) || strings.Contains(PageCSP, "unsafe") {
		t.Errorf("the policy is %s", PageCSP)
	}
}

func TestIdsAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, element := range elements(t, render(t, "en", samplePage()), "") {
		if id := attribute(element, "id"); id != "" && seen[id] {
			t.Errorf("id %q twice", id)
		} else {
			seen[id] = true
		}
	}
	for _, anchor := range []string{"services", "choices"} { // the panel links to them
		if !seen[anchor] {
			t.Errorf("no element %q", anchor)
		}
	}
}

func TestEveryLanguageCanBePicked(t *testing.T) {
	picked := map[string]html.Token{}
	for _, link := range elements(t, render(t, "fr", samplePage()), "a") {
		if code := attribute(link, "hreflang"); code != "" {
			picked[code] = link
		}
	}
	for _, lang := range Languages() {
		if attribute(picked[lang], "href") != PagePath+"?lang="+lang || attribute(picked[lang], "lang") != lang {
			t.Errorf("%s: %v", lang, picked[lang])
		}
		if (attribute(picked[lang], "aria-current") == "page") != (lang == "fr") {
			t.Errorf("%s: wrong language marked as the present one", lang)
		}
	}
}

func TestDurationsAndCountries(t *testing.T) {
	english, french, unspoken := newView("en", PageData{}), newView("fr", PageData{}), newView("tlh", PageData{})
	for _, c := range []struct{ got, want string }{
		{english.Days(0), "Until you close the browser"},
		{english.Days(time.Second), "1"},
		{english.Days(day), "1"},
		{english.Days(393 * day), "393"},
		{english.Days(time.Duration(1<<63 - 1)), "106752"},
		{english.Country("DE"), "Germany"},
		{french.Country("DE"), "Allemagne"},
		{unspoken.Country("DE"), "Germany"},
		{french.Country("Union européenne"), "Union européenne"},
		{french.Country("??"), "??"},
		{french.Country(""), ""},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// TestWhatTheSiteStoresItselfIsShown, under the purposes that its owner gave it or
// under none, in every language and in words that are there for it.
func TestWhatTheSiteStoresItselfIsShown(t *testing.T) {
	p := samplePage()
	p.Purposes[3].Own = []Cookie{{Name: "basket_*", Lifetime: 30 * day}, {Name: "drafts", Lifetime: 393 * day, Storage: true}}
	p.Unknown = Service{Cookies: []Cookie{{Name: "riddle"}}, Hosts: []string{"late.example"}}
	for _, lang := range Languages() {
		text, said := words(string(render(t, lang, p))), messages[lang]
		for _, want := range [][]string{
			{said["purpose.marketing.name"], said["services.cookie"], said["services.days"], "basket_*", "30", "drafts", said["services.storage"], "393", "Readers' letters"},
			{said["services.unknown"], said["services.cookie"], said["services.days"], "riddle", said["services.session"], said["services.hosts"], "late.example", said["rights.title"]},
		} {
			if !strings.Contains(text, "\n"+strings.Join(want, "\n")+"\n") {
				t.Errorf("%s: no %q in\n%s", lang, want, text)
			}
		}
	}
	for what, unknown := range map[string]Service{"cookies": {Cookies: p.Unknown.Cookies}, "hosts": {Hosts: p.Unknown.Hosts}, "nothing": {}} {
		p.Unknown = unknown
		text := words(string(render(t, "en", p)))
		if strings.Contains(text, messages["en"]["services.unknown"]) != (what != "nothing") || strings.Contains(text, "late.example") != (what == "hosts") {
			t.Errorf("%s alone: %s", what, text)
		}
	}
}

func TestAnUnknownErrorStillExplains(t *testing.T) {
	for reason, key := range map[string]string{
		ErrorOrigin: "error.origin", ErrorExpired: "error.expired", ErrorUnavailable: "error.unavailable",
		"title": "error.expired", "": "error.expired",
	} {
		var page bytes.Buffer
		if err := WriteError(&page, "fr", reason); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(words(page.String()), messages["fr"][key]) {
			t.Errorf("reason %q is not explained by %s", reason, key)
		}
	}
}

func TestTheReadersErrorIsReturned(t *testing.T) {
	gone := errors.New("connection gone")
	if err := WritePage(failing{gone}, "en", samplePage()); !errors.Is(err, gone) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestDigestChangesWithWhatIsShownAndNothingElse(t *testing.T) {
	digest := Digest("en", samplePurposes())
	granted := samplePurposes()
	for i := range granted {
		granted[i].Granted = !granted[i].Granted
	}
	if Digest("en", granted) != digest {
		t.Error("what a visitor granted earlier changed the digest")
	}
	changed := map[string]string{"language": Digest("fr", samplePurposes())}
	renamed, added := samplePurposes(), samplePurposes()
	renamed[4].Description += " Often."
	added[3].Services = []Service{{Name: "Ads", Entity: "Ads SA", Country: "FR"}}
	changed["description"], changed["recipient"] = Digest("en", renamed), Digest("en", added)
	for what, other := range changed {
		if other == digest || len(other) != 64 {
			t.Errorf("another %s, digest %s", what, other)
		}
	}
	golden(t, "shown.txt", []byte(Text("en", samplePurposes())))
}

func BenchmarkWritePage(b *testing.B) {
	var page bytes.Buffer
	b.ReportAllocs()
	for b.Loop() {
		page.Reset()
		if err := WritePage(&page, "fr", samplePage()); err != nil {
			b.Fatal(err)
		}
	}
}
