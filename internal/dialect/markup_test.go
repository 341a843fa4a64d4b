package dialect

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// markup is a start tag as pages have it.
type markup struct {
	element string
	attrs   []html.Attribute
}

func parse(t testing.TB, source string) markup {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(source))
	z.Next()
	token := z.Token()
	if token.Type != html.StartTagToken && token.Type != html.SelfClosingTagToken {
		t.Fatalf("%s: not a start tag", source)
	}
	return markup{token.Data, token.Attr}
}

func (m markup) attr(name string) (string, bool) {
	for _, a := range m.attrs {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// apply makes the changes as the page does, attribute by attribute in place.
func (m markup) apply(t testing.TB, changes []Change) markup {
	t.Helper()
	attrs := slices.Clone(m.attrs)
	gone := map[int]bool{}
	for _, c := range changes {
		i := slices.IndexFunc(m.attrs, func(a html.Attribute) bool { return a.Key == c.Name })
		if i < 0 {
			t.Fatalf("%+v changes an attribute that is not there", c)
		}
		gone[i] = c.NewName == ""
		attrs[i].Key = c.NewName
		if c.SetValue {
			attrs[i].Val = c.Value
		}
	}
	out := markup{element: m.element}
	for i, a := range attrs {
		if !gone[i] {
			out.attrs = append(out.attrs, a)
		}
	}
	return out
}

func (m markup) String() string {
	var b strings.Builder
	b.WriteString("<" + m.element)
	for _, a := range m.attrs {
		b.WriteString(" " + a.Key)
		if a.Val != "" {
			b.WriteString(`="` + a.Val + `"`)
		}
	}
	return b.String() + ">"
}

func attrsOf(class, name, value, name2, value2 string) []html.Attribute {
	return []html.Attribute{{Key: "class", Val: class}, {Key: name, Val: value}, {Key: name2, Val: value2}}
}
