package page

import "testing"

// TestUsualTagsEndWhereAllOthersDo: the faster reading of tags passes over nothing that
// the slower one would have looked at.
func TestUsualTagsEndWhereAllOthersDo(t *testing.T) {
	names := []string{"p", "A", "em", "strong", "h1", "h\x11", "section", "caption", "script", "img", "blockquote", "p\t", "", "p-x", "é", "template"}
	attributes := []string{
		"", ` class="a>b"`, ` href='x"y'`, ` id=a`, ` hidden`, ` /`, ` ="a"`, ` =`, ` a="b"c="d"`, ` a= "b"`, ` A="<p>"`, ` a"b="c>d"`, ` a'="b"`,
		` style="a:url(//t.example)"`, ` STYLE="x"`, ` ping="//t.example"`, ` background="//t.example/a"`, ` attributionsrc="//t.example"`,
		` p="x"`, ` data-x="y"`, ` longattribute="z"`, "\ta=\"b\"", ` é="ü"`, ` a="`, ` a="b`, "  a=\"b\"", ` x/y="z"`, ` x>y="z"`,
	}
	usual := 0
	for _, name := range names {
		for _, slash := range []string{"", "/"} {
			for _, first := range attributes {
				for _, second := range attributes {
					for _, end := range []string{">", " >", "/>", ""} {
						tag := "<" + slash + name + first + second + end
						for _, rest := range []string{"", "text of some length that follows it, <b>bold</b>"} {
							if checkUsual(t, []byte(tag+rest)) {
								usual++
							}
						}
					}
				}
			}
		}
	}
	if usual < 400 {
		t.Errorf("only %d tags are taken for usual", usual)
	}
}

// checkUsual reports whether the page begins with a usual tag.
func checkUsual(t *testing.T, p []byte) bool {
	t.Helper()
	end := usualTag(p, 0)
	if end >= 0 && end != plainTag(p, 0) {
		t.Errorf("%q: ends at %d, should at %d", p, end, plainTag(p, 0))
	}
	return end >= 0
}

func FuzzUsualTag(f *testing.F) {
	f.Add([]byte(`<p class="text">The boats come back before`))
	f.Add([]byte(`</strong> and so do the gulls of the harbour`))
	f.Add([]byte(`<a href="/x" title='y'>and so do the gulls of the harbour`))
	f.Fuzz(func(t *testing.T, p []byte) {
		if len(p) > 0 && p[0] == '<' {
			checkUsual(t, p)
		}
	})
}
