package conformance

import (
	"strings"
	"testing"
)

// tagged is a page whose tags wait for other consent tools.
const tagged = `<!DOCTYPE html><html><head><script src=/app.js></script>
<script type="text/plain" data-category="analytics" src="https://static.hotjar.com/c/hotjar-1.js"></script>
<script type="text/plain" data-cookieconsent="statistics" src="https://statistics.test/a.js"></script>
<script type="text/plain" class="optanon-category-C0004" src="https://connect.facebook.net/en_US/fbevents.js"></script>
<script type="text/plain" data-cookieconsent="preferences" src="/own-preferences.js"></script>
<script type="text/plain" data-category="!analytics" src="/without.js"></script>
</head><body><iframe data-cookieconsent="marketing" data-cookieblock-src="https://www.youtube.com/embed/x"></iframe>
<script type="text/template" id="row"><b>x</b></script></body></html>`

// TestTagsForOtherToolsActOnceTheirPurposeIsGranted, and not before.
func TestTagsForOtherToolsActOnceTheirPurposeIsGranted(t *testing.T) {
	eachWay(t, gateway, func(t *testing.T, s *site) {
		s.publish("/tagged", tagged)
		for form, want := range map[string][]string{
			"choice=refuse":                                     {"/app.js", "/without.js"},
			"choice=save&purpose=functional":                    {"/app.js", "/own-preferences.js", "/without.js"},
			"choice=save&purpose=statistics":                    {"/app.js", "https://static.hotjar.com/c/hotjar-1.js"},
			"choice=save&purpose=marketing":                     {"/app.js", "/without.js", "https://connect.facebook.net/en_US/fbevents.js", "https://www.youtube.com/embed/x"},
			"choice=save&purpose=statistics&purpose=functional": {"/app.js", "/own-preferences.js", "https://static.hotjar.com/c/hotjar-1.js"},
		} {
			t.Run(form, func(t *testing.T) { s.visit(t, "/tagged", at, s.decide(t, form)).acts(t, want...) })
		}
		s.visit(t, "/tagged", at).acts(t, "/app.js")
	})
}

// TestTagsForOtherToolsActForWhoAcceptedEverything.
func TestTagsForOtherToolsActForWhoAcceptedEverything(t *testing.T) {
	s := serve(t, gateway)
	s.publish("/tagged", tagged)
	s.publish("/news", everything)
	yes := s.decide(t, "choice=accept")
	s.visit(t, "/tagged", at).acts(t, "/app.js")
	s.visit(t, "/tagged", at, yes).acts(t, "/app.js", "/own-preferences.js", "https://connect.facebook.net/en_US/fbevents.js",
		"https://static.hotjar.com/c/hotjar-1.js", "https://statistics.test/a.js", "https://www.youtube.com/embed/x")
	s.visit(t, "/news", at, yes).uninserted(t).equals(t, everything)
}

// TestServiceThatATagNamesIsGrantedAlone.
func TestServiceThatATagNamesIsGrantedAlone(t *testing.T) {
	s := serve(t, gateway)
	s.publish("/tagged", `<!DOCTYPE html><script src=/app.js></script><iframe data-name="youtube" data-src="https://www.youtube.com/embed/x"></iframe>
<script type="text/plain" data-category="marketing" data-service="meta-pixel" src="https://connect.facebook.net/en_US/fbevents.js"></script>`)
	s.visit(t, "/tagged", at, s.decide(t, "choice=allow&service=youtube")).acts(t, "/app.js", "https://www.youtube.com/embed/x")
	s.visit(t, "/tagged", at, s.decide(t, "choice=allow&service=meta-pixel")).acts(t, "/app.js", "https://connect.facebook.net/en_US/fbevents.js")
}

// boxed is a page whose boxes wait for the scripts of other consent tools.
const boxed = `<!DOCTYPE html><html><head><script src=/tarteaucitron/tarteaucitron.min.js></script>
<script src=https://cdn.jsdelivr.net/npm/@orestbida/iframemanager@1/dist/iframemanager.js></script><script src=/app.js></script></head>
<body><h1>Boxes</h1><div class="dailymotion_player" videoID="x8"></div><div class="tac_iframe" data-url="https://frames.test/a"></div>
<div data-service="vimeo" data-id="7"></div>
<script type="didomi/html" data-vendor="youtube"><iframe src="https://www.youtube.com/embed/x"></iframe></script></body></html>`

// TestBoxesOfAReplacedToolShowWhatIsGranted, and ask for the rest.
func TestBoxesOfAReplacedToolShowWhatIsGranted(t *testing.T) {
	const (
		film  = "https://www.dailymotion.com/embed/video/x8"
		frame = "https://frames.test/a"
		dunes = "https://player.vimeo.com/video/7"
		tide  = "https://www.youtube.com/embed/x"
	)
	eachWay(t, strings.Replace(gateway, "privacy", "privacy {\nconsent_tool replace\n}", 1), func(t *testing.T, s *site) {
		s.publish("/boxed", boxed)
		for form, want := range map[string][]string{
			"choice=refuse":                    {},
			"choice=save&purpose=statistics":   {dunes},
			"choice=save&purpose=marketing":    {film, frame, tide},
			"choice=allow&service=dailymotion": {film},
			"choice=allow&service=youtube":     {tide},
			"choice=allow&host=frames.test":    {frame},
			"choice=accept":                    {film, frame, dunes, tide},
		} {
			t.Run(form, func(t *testing.T) {
				s.visit(t, "/boxed", at, s.decide(t, form)).acts(t, append(want, "/app.js")...)
			})
		}
		page := s.visit(t, "/boxed", at)
		page.acts(t, "/app.js")
		for _, place := range []string{"service=dailymotion", "service=vimeo", "host=frames.test"} {
			if !strings.Contains(page.body, `src="`+heldPath+`?`+place+`"`) {
				t.Errorf("nothing in the page asks for %s", place)
			}
		}
	})
}

// TestBoxesAreLeftToAToolThatStays, which fills them itself.
func TestBoxesAreLeftToAToolThatStays(t *testing.T) {
	s := serve(t, gateway)
	s.publish("/boxed", boxed)
	s.visit(t, "/boxed", at).acts(t, "/tarteaucitron/tarteaucitron.min.js", "/.privacy/mirror/cdn.jsdelivr.net/npm/@orestbida/iframemanager@1/dist/iframemanager.js", "/app.js")
}
