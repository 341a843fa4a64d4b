package dialect

import (
	"slices"
	"testing"
)

var (
	toFunction  = []string{"functional"}
	toCount     = []string{"statistics"}
	toMarket    = []string{"marketing"}
	toCountSell = []string{"statistics", "marketing"}
)

var tagged = []struct {
	source string
	want   Demand
	live   string
}{
	// vanilla-cookieconsent 3 and 2, Pressidium
	{
		`<script type="text/plain" data-category="analytics" data-service="Google Analytics" data-src="/ga.js" async>`,
		Demand{Tool: vanilla, Purposes: toCount, Service: "Google Analytics"},
		`<script data-service="Google Analytics" src="/ga.js" async>`,
	},
	{
		`<script type="text/plain" data-category="ads" data-type="module">`,
		Demand{Tool: vanilla, Purposes: toMarket},
		`<script type="module">`,
	},
	{
		`<script type="text/plain" data-category="!analytics">`,
		Demand{Tool: vanilla, Purposes: toCount, Negated: true},
		`<script>`,
	},
	{
		`<script type="text/plain" data-category="analytics" data-service="!Matomo">`,
		Demand{Tool: vanilla, Purposes: toCount, Service: "Matomo", Negated: true},
		`<script data-service="!Matomo">`,
	},
	{
		`<script type="text/plain" data-category="necessary" src="/basket.js">`,
		Demand{Tool: vanilla},
		`<script src="/basket.js">`,
	},
	{
		`<script type="text/plain" data-cookiecategory="targeting" src="https://ads.example/a.js" defer>`,
		Demand{Tool: vanilla, Purposes: toMarket},
		`<script src="https://ads.example/a.js" defer>`,
	},
	// Klaro
	{
		`<script type="text/plain" data-type="application/javascript" data-name="matomo" data-src="https://m.example/m.js">`,
		Demand{Tool: klaro, Service: "matomo", Purposes: toMarket},
		`<script type="application/javascript" src="https://m.example/m.js">`,
	},
	{
		`<script type="opt-in" data-type="text/javascript" data-name="analytics">`,
		Demand{Tool: klaro, Service: "analytics", Purposes: toCount},
		`<script type="text/javascript">`,
	},
	{
		`<iframe data-name="youtube" data-src="https://www.youtube-nocookie.com/embed/x" width="560">`,
		Demand{Tool: klaro, Service: "youtube", Purposes: toMarket},
		`<iframe data-name="youtube" src="https://www.youtube-nocookie.com/embed/x" width="560">`,
	},
	{
		`<img data-name="pixel" data-src="https://p.example/1.gif" alt="">`,
		Demand{Tool: klaro, Service: "pixel", Purposes: toMarket},
		`<img data-name="pixel" src="https://p.example/1.gif" alt>`,
	},
	{
		`<link rel="stylesheet" data-name="fonts" data-href="https://f.example/f.css">`,
		Demand{Tool: klaro, Service: "fonts", Purposes: toMarket},
		`<link rel="stylesheet" data-name="fonts" href="https://f.example/f.css">`,
	},
	// Cookiebot
	{
		`<script type="text/plain" data-cookieconsent="marketing, statistics" src="https://s.example/s.js">`,
		Demand{Tool: cookiebot, Purposes: toCountSell},
		`<script data-cookieconsent="marketing, statistics" src="https://s.example/s.js">`,
	},
	{
		`<iframe data-cookieblock-src="https://v.example/v" src="/placeholder.html" data-cookieconsent="marketing">`,
		Demand{Tool: cookiebot, Purposes: toMarket},
		`<iframe src="https://v.example/v" data-cookieconsent="marketing">`,
	},
	{
		`<iframe data-cookieconsent="preferences" data-src="https://v.example/v" src="about:blank">`,
		Demand{Tool: cookiebot, Purposes: toFunction},
		`<iframe data-cookieconsent="preferences" src="https://v.example/v">`,
	},
	{
		`<script data-cookieconsent="statistics" src="/live.js" data-src="an option of the script">`,
		Demand{Tool: cookiebot, Purposes: toCount},
		`<script data-cookieconsent="statistics" src="/live.js" data-src="an option of the script">`,
	},
	{
		`<video data-cookieconsent="marketing" data-cookieblock-src="https://v.example/v.mp4">`,
		Demand{Tool: cookiebot, Purposes: toMarket},
		`<video data-cookieconsent="marketing" src="https://v.example/v.mp4">`,
	},
	// OneTrust
	{
		`<script type="text/plain" class="optanon-category-C0002" src="https://a.example/a.js">`,
		Demand{Tool: oneTrust, Purposes: toCount},
		`<script class="optanon-category-C0002" src="https://a.example/a.js">`,
	},
	{
		`<iframe class="video optanon-category-C0002-C0004" data-src="https://v.example/v">`,
		Demand{Tool: oneTrust, Purposes: toCountSell},
		`<iframe class="video optanon-category-C0002-C0004" src="https://v.example/v">`,
	},
	{
		`<img class="optanon-category-3" data-src="https://v.example/v.png" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">`,
		Demand{Tool: oneTrust, Purposes: toFunction},
		`<img class="optanon-category-3" src="https://v.example/v.png">`,
	},
	{
		`<script type="text/plain" class="optanon-category-C0005">`,
		Demand{Tool: oneTrust, Purposes: toMarket},
		`<script class="optanon-category-C0005">`,
	},
	// Didomi
	{
		`<script type="didomi/javascript" data-vendor="c:googleana-UHGQNGqD" async src="https://g.example/gtag.js">`,
		Demand{Tool: didomi, Service: "c:googleana-UHGQNGqD", Purposes: toMarket},
		`<script data-vendor="c:googleana-UHGQNGqD" async src="https://g.example/gtag.js">`,
	},
	{
		`<script type="didomi/javascript" data-vendor-raw="matomo" data-purposes="analytics,preferences">`,
		Demand{Tool: didomi, Service: "matomo", Purposes: []string{"functional", "statistics"}},
		`<script data-vendor-raw="matomo" data-purposes="analytics,preferences">`,
	},
	{
		`<script type="didomi/html" data-vendor="youtube" data-purposes="advertising">`,
		Demand{Tool: didomi, Service: "youtube", Purposes: toMarket, Markup: true},
		`<script data-vendor="youtube" data-purposes="advertising">`,
	},
	// Usercentrics
	{
		`<script type="text/plain" data-usercentrics="Google Analytics 4" data-src="https://g.example/gtag.js">`,
		Demand{Tool: usercentrics, Service: "Google Analytics 4", Purposes: toMarket},
		`<script data-usercentrics="Google Analytics 4" src="https://g.example/gtag.js">`,
	},
	{
		`<iframe uc-src="https://www.youtube.com/embed/x" type="text/plain">`,
		Demand{Tool: usercentrics, Purposes: toMarket},
		`<iframe src="https://www.youtube.com/embed/x">`,
	},
	{
		`<iframe data-usercentrics="Google Maps" data-uc-id="S1pcEj_jZX" data-uc-src="https://maps.example/m">`,
		Demand{Tool: usercentrics, Service: "Google Maps", Purposes: toMarket},
		`<iframe data-usercentrics="Google Maps" data-uc-id="S1pcEj_jZX" src="https://maps.example/m">`,
	},
	// CookieYes, Complianz, Borlabs Cookie, c15t
	{
		`<script type="text/plain" data-cookieyes="cookieyes-analytics" src="https://g.example/gtag.js">`,
		Demand{Tool: cookieYes, Purposes: toCount},
		`<script data-cookieyes="cookieyes-analytics" src="https://g.example/gtag.js">`,
	},
	{
		`<script data-cookieyes="cookieyes-advertisement" src="/own/ads.js">`,
		Demand{Tool: cookieYes, Purposes: toMarket},
		`<script data-cookieyes="cookieyes-advertisement" src="/own/ads.js">`,
	},
	{
		`<script type="text/plain" data-service="google-analytics" data-category="statistics" data-cmplz-src="https://g.example/gtag.js">`,
		Demand{Tool: complianz, Service: "google-analytics", Purposes: toCount},
		`<script data-service="google-analytics" src="https://g.example/gtag.js">`,
	},
	{
		`<iframe class="cmplz-video" data-cmplz-target="src" data-src-cmplz="https://v.example/v" data-category="marketing" data-service="youtube" src="about:blank">`,
		Demand{Tool: complianz, Service: "youtube", Purposes: toMarket},
		`<iframe class="cmplz-video" data-cmplz-target="src" src="https://v.example/v" data-category="marketing" data-service="youtube">`,
	},
	{
		`<script type="text/template" data-borlabs-cookie-script-blocker-id="matomo" data-borlabs-cookie-script-blocker-src="https://m.example/m.js">`,
		Demand{Tool: borlabsCookie, Service: "matomo", Purposes: toMarket},
		`<script data-borlabs-cookie-script-blocker-id="matomo" src="https://m.example/m.js">`,
	},
	{
		`<script type="text/template-module" data-borlabs-cookie-script-blocker-id="chat">`,
		Demand{Tool: borlabsCookie, Service: "chat", Purposes: toMarket},
		`<script type="module" data-borlabs-cookie-script-blocker-id="chat">`,
	},
	{
		`<iframe data-category="experience" data-src="https://v.example/v">`,
		Demand{Tool: c15t, Purposes: toFunction},
		`<iframe data-category="experience" src="https://v.example/v">`,
	},
}

func TestTagNeedsWhatItsToolWouldAskFor(t *testing.T) {
	for _, test := range tagged {
		m := parse(t, test.source)
		got, ok := Read(m.element, m.attr)
		if !ok {
			t.Errorf("%s\nis not recognised", test.source)
			continue
		}
		if got.Tool != test.want.Tool || got.Service != test.want.Service || got.Negated != test.want.Negated ||
			!slices.Equal(got.Purposes, test.want.Purposes) {
			t.Errorf("%s\n got %+v\nwant %+v", test.source, got, test.want)
		}
	}
}

func TestLiveTagIsWhatItsToolWouldMakeOfIt(t *testing.T) {
	for _, test := range tagged {
		m := parse(t, test.source)
		if got := m.apply(t, test.want.Live(m.element, m.attr)).String(); got != test.live {
			t.Errorf("%s\n got %s\nwant %s", test.source, got, test.live)
		}
	}
}

func TestUnknownCategoryNeedsMarketing(t *testing.T) {
	for _, source := range []string{
		`<script type="text/plain" data-category="sonstiges">`,
		`<script type="text/plain" data-category="">`,
		`<script type="text/plain" data-cookieconsent>`,
		`<script type="text/plain" data-cookieyes="cookieyes-other">`,
		`<script type="text/plain" class="optanon-category-">`,
		`<script type="text/plain" class="optanon-category-BG71">`,
		`<script type="didomi/javascript" data-purposes="p4em9a8m">`,
	} {
		m := parse(t, source)
		if d, ok := Read(m.element, m.attr); !ok || !slices.Equal(d.Purposes, toMarket) {
			t.Errorf("%s needs %v", source, d.Purposes)
		}
	}
}

var untagged = []string{
	`<script src="/app.js" data-name="app">`,
	`<script type="module" data-category="shoes" src="/app.js">`,
	`<script type="text/template" data-name="row">`,
	`<script type="text/plain">`,
	`<script data-cookieconsent="ignore" src="/app.js">`,
	`<img data-name="shoe" data-src="/large.jpg" src="/small.jpg">`,
	`<img data-category="shoes" data-src="/large.jpg">`,
	`<iframe data-category="films" src="https://v.example/v">`,
	`<iframe data-src="https://v.example/v">`,
	`<img class="my-optanon-category-C0004" src="/a.png">`,
	`<div data-name="youtube" data-src="x">`,
	`<div data-cookieconsent="marketing">`,
	`<link rel="stylesheet" href="/a.css" data-category="theme">`,
}

func TestOrdinaryTagIsLeftAlone(t *testing.T) {
	for _, source := range untagged {
		m := parse(t, source)
		if d, ok := Read(m.element, m.attr); ok {
			t.Errorf("%s is taken for one of %s", source, d.Tool)
		}
	}
}

func TestTemplateOfThePageStaysOne(t *testing.T) {
	m := parse(t, `<script type="text/template" data-cookieyes="cookieyes-analytics">`)
	d, ok := Read(m.element, m.attr)
	if changes := d.Live(m.element, m.attr); !ok || len(changes) != 0 {
		t.Errorf("changed by %+v", changes)
	}
}

func TestOrdinaryTagCostsNoMemory(t *testing.T) {
	for _, source := range untagged {
		m := parse(t, source)
		if n := testing.AllocsPerRun(10, func() { Read(m.element, m.attr) }); n != 0 {
			t.Errorf("%s: %v allocations", source, n)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, test := range tagged {
		m := parse(f, test.source)
		a := append(m.attrs, m.attrs...)
		f.Add(m.element, a[0].Key, a[0].Val, a[1].Key, a[1].Val)
	}
	f.Fuzz(func(t *testing.T, element, name, value, name2, value2 string) {
		attr := func(asked string) (string, bool) {
			switch asked {
			case name:
				return value, true
			case name2:
				return value2, true
			}
			return "", false
		}
		d, ok := Read(element, attr)
		if !ok {
			return
		}
		if d.Tool == "" {
			t.Error("nobody's tag")
		}
		for _, p := range d.Purposes {
			if p != "functional" && p != "statistics" && p != "marketing" {
				t.Errorf("needs %q", p)
			}
		}
		seen := map[string]bool{}
		for _, c := range d.Live(element, attr) {
			if seen[c.Name] {
				t.Errorf("%s is changed twice", c.Name)
			}
			if seen[c.Name] = true; c.Name != name && c.Name != name2 {
				t.Errorf("%s is changed, which the tag does not have", c.Name)
			}
		}
	})
}

func BenchmarkOrdinaryScript(b *testing.B) {
	m := parse(b, `<script src="/assets/app.js" data-turbo-track="reload" data-config="x" defer>`)
	b.ReportAllocs()
	for b.Loop() {
		Read(m.element, m.attr)
	}
}

func BenchmarkLazyImage(b *testing.B) {
	m := parse(b, `<img class="lazyload" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" data-src="/large.jpg" alt="A shoe">`)
	b.ReportAllocs()
	for b.Loop() {
		Read(m.element, m.attr)
	}
}

func BenchmarkTaggedScript(b *testing.B) {
	m := parse(b, tagged[0].source)
	b.ReportAllocs()
	for b.Loop() {
		Read(m.element, m.attr)
	}
}
