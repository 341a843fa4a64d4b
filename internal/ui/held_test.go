package ui

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func sampleHeld() Held {
	return Held{
		Service: Service{Name: "YouTube", Entity: "Google Ireland Limited", Country: "IE"},
		Purpose: Purpose{ID: "functional"},
		ID:      "youtube",
		Back:    "/news?page=2&sort=new",
	}
}

func renderHeld(t *testing.T, lang string, h Held) []byte {
	t.Helper()
	var page bytes.Buffer
	if err := WriteHeld(&page, lang, h); err != nil {
		t.Fatal(err)
	}
	return page.Bytes()
}

// fields returns the form's fields by name.
func fields(t *testing.T, page []byte) map[string]string {
	t.Helper()
	values := map[string]string{}
	for _, input := range elements(t, page, "input") {
		values[attribute(input, "name")] = attribute(input, "value")
	}
	return values
}

func TestHeldGolden(t *testing.T) {
	page := renderHeld(t, "en", sampleHeld())
	golden(t, "held.html", bytes.Replace(page, []byte(heldStyleText), nil, 1))
}

// TestHeldSaysWhatFollowsBeforeItIsAllowed: service, purpose, recipient and country, in every language.
func TestHeldSaysWhatFollowsBeforeItIsAllowed(t *testing.T) {
	for _, lang := range Languages() {
		_, body, _ := strings.Cut(string(renderHeld(t, lang, sampleHeld())), "<body>")
		text := words(body)
		texts := messages[lang]
		country := newView(lang, PageData{}).Country("IE")
		for _, want := range []string{
			strings.Replace(texts["held.show"], "{service}", "YouTube", 1),
			strings.Replace(texts["held.effect"], "{recipient}", "Google Ireland Limited ("+country+")", 1),
			texts["purpose.functional.name"],
			texts["link.choices"],
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: does not say %q", lang, want)
			}
		}
		if strings.ContainsAny(text, "{}") {
			t.Errorf("%s: a placeholder is left in %q", lang, text)
		}
	}
}

func TestOneButtonGrantsThatServiceAlone(t *testing.T) {
	unknown := Held{Purpose: Purpose{ID: "marketing"}, Host: "widgets.example.com"}
	both := sampleHeld()
	both.Host = "www.youtube.com"
	for _, c := range []struct {
		held          Held
		service, host string
	}{
		{sampleHeld(), "youtube", ""},
		{unknown, "", "widgets.example.com"},
		{both, "youtube", ""},
	} {
		page := renderHeld(t, "fr", c.held)
		got := fields(t, page)
		if got["choice"] != "allow" || got["service"] != c.service || got["host"] != c.host || got["lang"] != "fr" {
			t.Errorf("%+v sends %v", c.held, got)
		}
		form, buttons := elements(t, page, "form"), elements(t, page, "button")
		if len(form) != 1 || len(buttons) != 1 {
			t.Fatalf("%d forms, %d buttons", len(form), len(buttons))
		}
		if attribute(form[0], "method") != "post" || attribute(form[0], "action") != ChoicePath || attribute(form[0], "target") != "_top" {
			t.Errorf("the form is %v", form[0])
		}
	}
}

func TestWhatCannotBeGrantedHasNoButton(t *testing.T) {
	h := sampleHeld()
	h.ID = ""
	page := renderHeld(t, "en", h)
	for _, name := range []string{"form", "input", "button"} {
		if found := elements(t, page, name); found != nil {
			t.Errorf("%v", found)
		}
	}
	if !strings.Contains(words(string(page)), "With your present choices it stays closed.") {
		t.Error("does not say that it stays closed")
	}
	links := elements(t, page, "a")
	if len(links) != 1 || attribute(links[0], "href") != PagePath+"?lang=en" || attribute(links[0], "target") != "_top" {
		t.Errorf("the way to all choices is %v", links)
	}
}

func TestHeldNamesWhatIsKnown(t *testing.T) {
	for _, c := range []struct {
		held      Held
		title     string
		recipient string
	}{
		{sampleHeld(), "YouTube", "Google Ireland Limited (Ireland)"},
		{Held{Service: Service{Name: "Widgets", Country: "FR"}}, "Widgets", "Widgets (France)"},
		{Held{Service: Service{Name: "Widgets", Entity: "Widgets SA", Country: "Elbonia"}}, "Widgets", "Widgets SA (Elbonia)"},
		{Held{Host: "a.example"}, "a.example", "a.example"},
	} {
		v := newHeldView("en", c.held)
		if v.Title != c.title || v.recipient() != c.recipient {
			t.Errorf("%+v is called %q of %q", c.held, v.Title, v.recipient())
		}
	}
}

func TestHeldLeadsBackToThePageAroundIt(t *testing.T) {
	for back, want := range map[string]string{
		"":                                   "/",
		"/news?page=2&sort=new":              "/news?page=2&sort=new",
		"/" + strings.Repeat("a", maxBack):   "/",
		"/" + strings.Repeat("a", maxBack-1): "/" + strings.Repeat("a", maxBack-1),
	} {
		h := sampleHeld()
		h.Back = back
		if got := fields(t, renderHeld(t, "en", h))["back"]; got != want {
			t.Errorf("back %.40q became %.40q", back, got)
		}
	}
}

func TestHostileNamesStayTextInTheFrame(t *testing.T) {
	hostile := `</title></style><script>x()</script>" onload="x() {service} {recipient}`
	service := Service{Name: hostile, Entity: hostile, Country: hostile}
	purpose := Purpose{ID: hostile, Name: hostile}
	for _, h := range []Held{
		{Service: service, Purpose: purpose, ID: hostile, Back: hostile},
		{Purpose: purpose, Host: hostile, Back: hostile},
		{Service: service, Purpose: purpose},
	} {
		page := renderHeld(t, hostile, h)
		for _, element := range elements(t, page, "") {
			if element.Data == "script" || attribute(element, "onload") != "" {
				t.Errorf("%v got in", element)
			}
		}
		for name, value := range fields(t, page) {
			if want := map[string]string{"choice": "allow", "lang": "en"}[name]; value != want && value != hostile {
				t.Errorf("%s became %q", name, value)
			}
		}
	}
}

func TestHeldNeedsNothingFromElsewhere(t *testing.T) {
	for _, element := range elements(t, renderHeld(t, "en", sampleHeld()), "") {
		switch element.Data {
		case "script", "link", "img", "iframe":
			t.Errorf("%v", element)
		}
		for _, a := range element.Attr {
			if a.Key == "style" || a.Key == "src" || forbidden.MatchString(a.Val) {
				t.Errorf("%s=%q", a.Key, a.Val)
			}
		}
	}
	if !strings.Contains(HeldCSP, sourceHash(heldStyleText)) || strings.Contains(HeldCSP, "unsafe") {
		t.Errorf("the policy is %s", HeldCSP)
	}
	if !strings.Contains(HeldCSP, "frame-ancestors 'self'") {
		t.Error("pages of the site may not show it")
	}
}

// TestHeldStaysSmall: a page may have a dozen frames. Cyrillic and Greek take twice the bytes of Latin.
func TestHeldStaysSmall(t *testing.T) {
	for _, lang := range Languages() {
		most := 1600
		if lang == "bg" || lang == "el" {
			most = 1750
		}
		if n := gzipped(t, renderHeld(t, lang, sampleHeld())); n > most {
			t.Errorf("%s: %d bytes compressed, %d at most", lang, n, most)
		}
	}
}

func TestHeldReturnsTheReadersError(t *testing.T) {
	gone := errors.New("connection gone")
	if err := WriteHeld(failing{gone}, "en", sampleHeld()); !errors.Is(err, gone) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkWriteHeld(b *testing.B) {
	var page bytes.Buffer
	b.ReportAllocs()
	for b.Loop() {
		page.Reset()
		if err := WriteHeld(&page, "fr", sampleHeld()); err != nil {
			b.Fatal(err)
		}
	}
}
