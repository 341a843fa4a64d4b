package mirror

import "testing"

func TestPackageHoldsOneLibraryAlone(t *testing.T) {
	for address, want := range map[string]string{
		"cdn.jsdelivr.net/npm/swiper@11/swiper-bundle.min.js":         "cdn.jsdelivr.net/npm/swiper@11",
		"cdn.jsdelivr.net/npm/@splidejs/splide@4/dist/js/splide.js":   "cdn.jsdelivr.net/npm/@splidejs/splide@4",
		"cdn.jsdelivr.net/gh/user/repo@1/x.js":                        "cdn.jsdelivr.net/gh/user/repo@1",
		"cdn.jsdelivr.net/npm/jquery":                                 "cdn.jsdelivr.net/npm/jquery",
		"cdn.jsdelivr.net/combine/npm/a,npm/b":                        "cdn.jsdelivr.net/combine/npm/a,npm/b",
		"unpkg.com/react":                                             "unpkg.com/react",
		"unpkg.com/leaflet@1.9.4/dist/leaflet.css":                    "unpkg.com/leaflet@1.9.4",
		"unpkg.com/@popperjs/core@2/dist/x.js":                        "unpkg.com/@popperjs/core@2",
		"cdnjs.cloudflare.com/ajax/libs/font-awesome/6.5.1/css/a.css": "cdnjs.cloudflare.com/ajax/libs/font-awesome/6.5.1",
		"maxcdn.bootstrapcdn.com/bootstrap/3.4.1/css/b.css":           "maxcdn.bootstrapcdn.com/bootstrap/3.4.1",
		"code.jquery.com/jquery-3.7.1.min.js":                         "code.jquery.com/jquery-3.7.1.min.js",
		"fonts.googleapis.com/css2?family=Inter":                      "fonts.googleapis.com/css2",
	} {
		if got := Package(Prefix + address); got != Prefix+want {
			t.Errorf("%s: %s, want %s", address, got, Prefix+want)
		}
	}
}
