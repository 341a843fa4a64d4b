package fields

import "testing"

func TestLinkLoadsNothingRefused(t *testing.T) {
	const far = "<https://third.example/a>"
	check(t, "Link", []row{
		{"preload", line(far + "; rel=preload; as=script"), nil},
		{"modulepreload", line(far + ";rel=modulepreload"), nil},
		{"prefetch in capitals", line(far + `;REL="PreFetch"`), nil},
		{"preconnect", line(far + "; rel=preconnect; crossorigin"), nil},
		{"dns-prefetch", line("<//third.example>; rel=dns-prefetch"), nil},
		{"icon", line(far + `; rel="shortcut icon"`), nil},
		{"mask icon", line(far + "; rel=mask-icon"), nil},
		{"apple icon", line(far + "; rel=apple-touch-icon-precomposed"), nil},
		{"dictionary", line(far + "; rel=compression-dictionary"), nil},
		{"alternate stylesheet", line(far + `; rel="alternate stylesheet"`), nil},
		{"next, which Firefox prefetches", line(far + "; rel=next"), nil},
		{"rel after rel", line(far + "; rel=canonical; rel=preload"), nil},
		{"rel in apostrophes", line(far + "; rel='preload'"), nil},
		{"rel with a star", line(far + "; rel*=UTF-8''pre%6coad"), nil},
		{"rel without a semicolon after it", line(far + "; rel=preload as=style"), nil},
		{"anchor elsewhere", line(far + `; rel=preload; anchor="#x"`), nil},
		{"spaces everywhere", line(" < https://third.example/a > ; rel = preload "), nil},
		{"path with comma and semicolon", line("<https://third.example/a,b;c>; rel=preload, </o>; rel=preload"), line("</o>; rel=preload")},
	})
}

func TestLinkThatLoadsNothingStays(t *testing.T) {
	for _, rel := range []string{"canonical", "alternate", "license", "prev", "shortlink", "https://api.w.org/", "author", "hub", "previewed", "nextcloud"} {
		value := `<https://third.example/a>; rel="` + rel + `"; title="a, b; c"`
		check(t, "Link", []row{{rel, line(value), line(value)}})
	}
	check(t, "Link", []row{
		{"no rel", line("<https://third.example/preload>"), line("<https://third.example/preload>")},
		{"address that says preload", line("<https://third.example/preload>; rel=author"), line("<https://third.example/preload>; rel=author")},
		{"unreadable without a word that loads", line(`<https://third.example/a; rel="canonical`), line(`<https://third.example/a; rel="canonical`)},
		{"own with odd spelling", line(" </a.css>;;rel=preload ; as=style;nopush,, </b>; rel=x"), line(" </a.css>;;rel=preload ; as=style;nopush,, </b>; rel=x")},
	})
}

func TestOnlyTheRefusedLinkIsCut(t *testing.T) {
	const far = "<https://third.example/a>; rel=preconnect"
	check(t, "Link", []row{
		{"first", line(far + ", </b>; rel=preload,  </c>; rel=next"), line("</b>; rel=preload,  </c>; rel=next")},
		{"middle", line("</b>; rel=preload, " + far + ",  </c>; rel=next"), line("</b>; rel=preload,  </c>; rel=next")},
		{"last", line("</b>; rel=preload,\t</c>; rel=next , " + far), line("</b>; rel=preload,\t</c>; rel=next")},
		{"comma in a title", line(`</b>; rel=preload; title="x, y", ` + far), line(`</b>; rel=preload; title="x, y"`)},
		{"a line of several", []string{"</b>; rel=preload", far, "</c>; rel=author"}, []string{"</b>; rel=preload", "</c>; rel=author"}},
		{"mirrored", line(`</a>; rel=preload, <https://cdn.example/x,y;z.css>; rel="stylesheet"`), line(`</a>; rel=preload, </.privacy/mirror/cdn.example/x,y;z.css>; rel="stylesheet"`)},
	})
}

func TestImageCandidatesAreJudged(t *testing.T) {
	check(t, "Link", []row{
		{"own", line(`</a>; rel=preload; as=image; imagesrcset="/a 1x, /b 2x"`), line(`</a>; rel=preload; as=image; imagesrcset="/a 1x, /b 2x"`)},
		{"one refused", line(`</a>; rel=preload; as=image; imagesrcset="/a 1x, //third.example/b 2x"`), nil},
		{"no descriptor", line(`<>; rel=preload; imagesrcset="/a, https://third.example/b"`), nil},
		{"comma in an address", line(`<>; rel=preload; imagesrcset="/a,x 1x,https://third.example/b"`), nil},
		{"comma in parentheses", line(`<>; rel=preload; imagesrcset="/a (1,2) 1x, https://third.example/b"`), nil},
		{"no quotes", line(`<>; rel=preload; imagesrcset=https://third.example/b`), nil},
		{"mirrored", line(`<>; rel=preload; imagesrcset="https://cdn.example/a 1x, /b 2x"`), line(`<>; rel=preload; imagesrcset="/.privacy/mirror/cdn.example/a 1x, /b 2x"`)},
	})
}

// TestLinkReadDifferentlyElsewhereIsDropped has values that are harmless to one
// browser and load something in another.
func TestLinkReadDifferentlyElsewhereIsDropped(t *testing.T) {
	check(t, "Link", []row{
		{"apostrophes are quotes in Firefox", line(`<https://third.example>; title='a, </b>; rel=next; x='; rel=preload`), nil},
		{"apostrophe in a name", line(`<https://third.example>; 'a, </b>; rel=next; b'; rel=preload`), nil},
		{"backslash before a quote", line(`<https://third.example>; title="a\"; rel=preload; x="`), nil},
		{"escaped relation", line(`<https://third.example>; rel="pre\load"`), nil},
		{"no closing bracket", line(`<https://third.example; rel=preload`), nil},
		{"no closing quote", line(`<https://third.example>; rel="preload`), nil},
		{"no bracket", line(`https://third.example; rel=preload`), nil},
		{"bracket in an address", line(`<https://third.example/<a>; rel=preload`), nil},
		{"text after a quote", line(`<https://third.example>; rel="preload"x`), nil},
		{"quote closed in the next line", []string{`<https://third.example>; title="`, `</a>; title="; rel=preload; x="`}, nil},
	})
}
