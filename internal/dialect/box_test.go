package dialect

import (
	"strings"
	"testing"
)

const pageHost = "www.example.fr"

func TestBoxIsFilledAsItsToolWouldFillIt(t *testing.T) {
	for source, want := range map[string]Filling{
		// tarteaucitron
		`<div class="youtube_player" videoID="M7lc1UVf-VE" width="560" height="315">`: {
			Frame: `<iframe src="https://www.youtube-nocookie.com/embed/M7lc1UVf-VE" title="YouTube" width="560" height="315" allowfullscreen>`},
		`<div class="wide youtube_player" data-videoID="x" data-title="Tides &amp; wind" data-width="100%" data-height="20em" data-rel="0" data-start="30" data-allowfullscreen="0">`: {
			Frame: `<iframe src="https://www.youtube-nocookie.com/embed/x?rel=0&amp;start=30" title="Tides &amp; wind" width="100%">`},
		`<div class="youtube_playlist_player" playlistID="PL1" rel="0">`: {
			Frame: `<iframe src="https://www.youtube-nocookie.com/embed/videoseries?list=PL1&amp;rel=0" title="YouTube" allowfullscreen>`},
		`<span class="vimeo_player" data-videoID="76979871" data-hash="8272103f6e" width="640px">`: {
			Frame: `<iframe src="https://player.vimeo.com/video/76979871?h=8272103f6e" title="Vimeo" width="640" allowfullscreen>`},
		`<div class="dailymotion_player" videoID="x8abcd" showinfo="1" autoplay="0" embedType="playlist">`: {
			Frame: `<iframe src="https://www.dailymotion.com/embed/playlist/x8abcd?info=1&amp;autoPlay=0" title="Dailymotion" allowfullscreen>`},
		`<div class="twitch_player" videoID="v1" parent="other.example">`: {
			Frame: `<iframe src="https://player.twitch.tv/?video=v1&amp;parent=www.example.fr" title="Twitch" allowfullscreen>`},
		`<div class="spotify_player" spotifyID="album/1DFixLWuPkv3KT3TnV35m3">`: {
			Frame: `<iframe src="https://open.spotify.com/embed/album/1DFixLWuPkv3KT3TnV35m3" title="Spotify" allowfullscreen>`},
		`<div class="soundcloud_player" data-height="166" data-playable-url="https://soundcloud.com/a/b?c&amp;d" data-color="#ff5500">`: {
			Frame: `<iframe src="https://w.soundcloud.com/player/?url=https%3A%2F%2Fsoundcloud.com%2Fa%2Fb%3Fc%26d&amp;color=%23ff5500" title="SoundCloud" width="100%" height="166" allowfullscreen>`},
		`<div class="soundcloud_player" data-playable-type="tracks" data-playable-id="7">`: {
			Frame: `<iframe src="https://w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/tracks/7" title="SoundCloud" width="100%" height="100%" allowfullscreen>`},
		`<div class="googlemaps-canvas" zoom="12" latitude="48.85" longitude="-2.35" style="height:300px">`: {
			Frame: `<iframe src="https://maps.google.com/maps?q=48.85,-2.35&amp;z=12&amp;output=embed" title="Google Maps" width="100%" height="100%" allowfullscreen>`},
		`<div class="googlemapsembed" data-url="https://www.google.com/maps/embed?pb=!1m18" width="600" height="450">`: {
			Frame: `<iframe src="https://www.google.com/maps/embed?pb=!1m18" title="Google Maps" width="600" height="450" allowfullscreen>`},
		`<div class="googlemaps_embed" data-id="!1m18" id="map">`: {
			Frame: `<iframe src="https://www.google.com/maps/embed?pb=!1m18" title="Google Maps" allowfullscreen>`},
		`<div class="tac_iframe" url="https://v.example/a&quot;b" title="A view">`: {
			Frame: `<iframe src="https://v.example/a&#34;b" title="A view" allowfullscreen>`},
		`<div class="instagram_post" pageId="gazette">`: {
			Frame: `<iframe src="https://www.instagram.com/gazette/embed" title="Instagram" allowfullscreen>`},
		// iframemanager
		`<div data-service="youtube" data-id="5b35haQV7tU" data-autoscale data-title="A film" data-params="start=21&amp;mute=1" data-iframe-loading="lazy" data-iframe-onload="x()">`: {
			Frame:  `<iframe src="https://www.youtube-nocookie.com/embed/5b35haQV7tU?start=21&amp;mute=1" title="A film" loading="lazy" allowfullscreen>`,
			Inside: "cll", Class: "c-h-n c-h-b"},
		`<div data-service="twitch" data-id="channel=gazette">`: {
			Frame:  `<iframe src="https://player.twitch.tv/?channel=gazette&amp;parent=www.example.fr" title="Twitch" allowfullscreen>`,
			Inside: "cll", Class: "c-h-n c-h-b"},
	} {
		m := parse(t, source)
		if got, ok := Fill(m.element, pageHost, m.attr); !ok || got != want {
			t.Errorf("%s\n got %+v, %v\nwant %+v", source, got, ok, want)
		}
	}
}

func TestWhatIsNoBoxStaysEmpty(t *testing.T) {
	for _, source := range []string{
		`<div>`, `<div class="card wide">`, `<div class="youtube_player">`, `<div class="youtube_player" data-videoID=" ">`,
		`<div class="tac_iframe" url="javascript:alert(1)">`, `<div class="tac_iframe" url="//v.example">`, `<div class="gallica_player" data-src="data:text/html,x">`,
		`<div data-service="youtube">`, `<div data-service="ours" data-id="7">`, `<div data-service="constructor" data-id="7">`,
		`<body class="youtube_player" videoID="x">`, `<iframe class="youtube_player" videoID="x">`,
	} {
		m := parse(t, source)
		if got, ok := Fill(m.element, pageHost, m.attr); ok || got.Frame != "" {
			t.Errorf("%s is filled with %+v", source, got)
		}
	}
}

// TestBoxShutsItsFrameInAsItSays: an empty sandbox is the strictest.
func TestBoxShutsItsFrameInAsItSays(t *testing.T) {
	for attribute, want := range map[string]string{
		`data-iframe-sandbox`:                 ` sandbox="" allowfullscreen>`,
		`data-iframe-sandbox=" "`:             ` sandbox="" allowfullscreen>`,
		`data-iframe-sandbox="allow-scripts"`: ` sandbox="allow-scripts" allowfullscreen>`,
		``:                                    ` title="YouTube" allowfullscreen>`,
	} {
		m := parse(t, `<div data-service="youtube" data-id="x" `+attribute+`>`)
		got, _ := Fill(m.element, pageHost, m.attr)
		if !strings.HasSuffix(got.Frame, want) {
			t.Errorf("%q: %s", attribute, got.Frame)
		}
	}
}

func TestNoBoxIsSortedOut(t *testing.T) {
	for class := range boxes {
		if tag := "<p class=" + class + " url=x>"; !MayBeBox([]byte(tag)) {
			t.Errorf("%s is sorted out", tag)
		}
	}
	if !MayBeBox([]byte(`<div data-service=vimeo data-id=7>`)) || MayBeBox([]byte(`<div class="card wide" data-id="7">`)) {
		t.Error("a div of iframemanager is sorted out, or one of nobody is not")
	}
}

func TestQuoteOfAPostNamesTheScriptThatItWaitsFor(t *testing.T) {
	for source, script := range map[string]string{
		`<blockquote class="twitter-tweet" data-lang="fr">`:                "https://platform.twitter.com/widgets.js",
		`<blockquote class="instagram-media" style="width:99%">`:           "https://www.instagram.com/embed.js",
		`<blockquote class="wide tiktok-embed" cite="https://tiktok.com">`: "https://www.tiktok.com/embed.js",
		`<blockquote class="twitter">`:                                     "",
		`<blockquote>`:                                                     "",
	} {
		m := parse(t, source)
		got, ok := Post(m.attr)
		if ok != (script != "") || ok != got.Waits || !strings.Contains(got.Frame, script) {
			t.Errorf("%s: %+v, %v", source, got, ok)
		}
	}
}

// FuzzFill holds every box to its promise: the frame is one start tag, and no
// value of the page makes it anything else or leads it out of http.
func FuzzFill(f *testing.F) {
	for class := range boxes {
		f.Add(class, "videoid", "x", "url", "https://v.example/")
	}
	f.Add("", "data-service", "youtube", "data-id", `"><script>`)
	f.Fuzz(func(t *testing.T, class, name, value, name2, value2 string) {
		attr := markup{attrs: attrsOf(class, name, value, name2, value2)}.attr
		for _, element := range []string{"div", "blockquote"} {
			filling, ok := Fill(element, pageHost, attr)
			if element == "blockquote" {
				filling, ok = Post(attr)
			}
			if !ok {
				continue
			}
			frame := parse(t, filling.Frame)
			if frame.element != "iframe" || strings.Count(filling.Frame, "<") != 1 || !strings.HasSuffix(filling.Frame, ">") {
				t.Errorf("no frame: %s", filling.Frame)
			}
			if src, _ := frame.attr("src"); !strings.HasPrefix(src, "https://") && !strings.HasPrefix(src, "http://") {
				t.Errorf("leads to %q", src)
			}
			for _, a := range frame.attrs {
				if strings.HasPrefix(a.Key, "on") || a.Key == "srcdoc" || a.Key == "style" {
					t.Errorf("has %s", a.Key)
				}
			}
		}
	})
}

func BenchmarkDivOfNoTool(b *testing.B) {
	m := parse(b, `<div class="card card--wide" data-id="7">`)
	b.ReportAllocs()
	for b.Loop() {
		Fill(m.element, pageHost, m.attr)
	}
}
