package ui

import (
	"bytes"
	"errors"
	"html/template"
	"strings"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha/form"
)

func sampleStep() Step {
	return Step{
		Address: "/contact?page=1&x=(a)", Sealed: "c2VhbGVk", Question: Question{3, 9},
		Script: template.HTML(`<script defer src="/.privacy/forms.js" data-step="/contact"></script>`),
	}
}

func renderStep(t *testing.T, lang string, s Step) []byte {
	t.Helper()
	var page bytes.Buffer
	if err := WriteStep(&page, lang, s); err != nil {
		t.Fatal(err)
	}
	return page.Bytes()
}

func TestStepGolden(t *testing.T) {
	golden(t, "step.html", bytes.Replace(renderStep(t, "en", sampleStep()), []byte(stepStyleText), nil, 1))
}

// TestStepAsksInWordsInEveryLanguage: what is asked can be read aloud, and has no digits that a program
// could add.
func TestStepAsksInWordsInEveryLanguage(t *testing.T) {
	for _, lang := range Languages() {
		page := renderStep(t, lang, sampleStep())
		texts, said := messages[lang], words(string(page))
		for _, key := range []string{"step.title", "step.intro", "step.working", "step.otherwise", "step.digits", "step.continue"} {
			if !strings.Contains(said, texts[key]) {
				t.Errorf("%s: %s is not said", lang, key)
			}
		}
		_, rest, _ := strings.Cut(string(page), `<label for="answer">`)
		question, _, _ := strings.Cut(rest, "<")
		if !strings.Contains(question, texts["number.3"]) || !strings.Contains(question, texts["number.9"]) || strings.ContainsAny(question, "{}0123456789") {
			t.Errorf("%s: asks %q", lang, question)
		}
	}
}

func TestStepSendsWhatWasSealedToWhereItWasSent(t *testing.T) {
	page := renderStep(t, "fr", sampleStep())
	got := fields(t, page)
	if got[form.Sealed] != "c2VhbGVk" || got[form.Token] != "" || got[form.Answer] != "" || len(got) != 3 {
		t.Errorf("the fields are %v", got)
	}
	forms := elements(t, page, "form")
	if len(forms) != 1 || attribute(forms[0], "method") != "post" || attribute(forms[0], "action") != "/contact?page=1&x=(a)" {
		t.Errorf("the form is %v", forms)
	}
	if scripts := elements(t, page, "script"); len(scripts) != 1 || attribute(scripts[0], "data-step") != "/contact" {
		t.Errorf("the script is %v", scripts)
	}
}

// TestStepNeverSendsElsewhere: a browser reads two slashes as the beginning of a host.
func TestStepNeverSendsElsewhere(t *testing.T) {
	for address, want := range map[string]string{
		"/contact": "/contact", "//other.example/contact": "/.//other.example/contact", `/\other.example`: `/./\other.example`,
		"https://other.example/": "/", "": "/", "*": "/", `/"><script>x()</script>`: `/"><script>x()</script>`, "/a'b": "/a'b",
	} {
		s := sampleStep()
		s.Address = address
		if got := attribute(elements(t, renderStep(t, "en", s), "form")[0], "action"); got != want {
			t.Errorf("%q leads to %q, want %q", address, got, want)
		}
	}
}

func TestStepSaysWhyAnAnswerWasNotTaken(t *testing.T) {
	for note, want := range map[string]string{NoteWrong: "not right", NoteEarly: "too quick", "": "", "other": ""} {
		s := sampleStep()
		s.Note = note
		said := string(renderStep(t, "en", s))
		if strings.Contains(said, `role="alert"`) != (want != "") || !strings.Contains(said, want) {
			t.Errorf("%q: %s", note, said)
		}
	}
}

func TestHostileSealedTextStaysText(t *testing.T) {
	s := sampleStep()
	s.Sealed = `"><script>x()</script>`
	if scripts := elements(t, renderStep(t, "en", s), "script"); len(scripts) != 1 {
		t.Errorf("%d scripts", len(scripts))
	}
}

func TestQuestionsAreOfNumbersThatHaveWords(t *testing.T) {
	seen := map[Question]bool{}
	for range 500 {
		q := NewQuestion()
		if q.First < 2 || q.First > 9 || q.Second < 2 || q.Second > 9 {
			t.Fatalf("%+v", q)
		}
		seen[q] = true
	}
	if len(seen) < 32 {
		t.Errorf("only %d different ones", len(seen))
	}
}

func TestAnswersAreTakenAsTheyAreTyped(t *testing.T) {
	wanted := Question{3, 9}.Answer()
	for typed, want := range map[string]bool{"12": true, " 12 ": true, "12.": true, "12\n": true, "": false, "1": false, "13": false, "012": false, "12 12": false} {
		if Answers(typed, wanted) != want {
			t.Errorf("%q: %v", typed, !want)
		}
	}
	if Answers("", "") {
		t.Error("nothing answers nothing")
	}
}

func TestStopSaysWhatToDo(t *testing.T) {
	for _, lang := range Languages() {
		for reason, key := range map[string]string{StopLarge: "stop.large", StopDown: "stop.down", StopForeign: "stop.foreign", StopExpired: "stop.expired", "x": "stop.expired"} {
			var page bytes.Buffer
			if err := WriteStop(&page, lang, reason); err != nil {
				t.Fatal(err)
			}
			if said := words(page.String()); !strings.Contains(said, messages[lang][key]) || !strings.Contains(said, messages[lang]["stop.title"]) {
				t.Errorf("%s, %s: says %q", lang, reason, said)
			}
		}
	}
}

func TestStepNeedsNothingFromElsewhere(t *testing.T) {
	if !strings.Contains(StepCSP, sourceHash(stepStyleText)) || strings.Contains(StepCSP, "unsafe") || strings.Contains(StepCSP, "http") {
		t.Errorf("the policy is %s", StepCSP)
	}
	if strings.Contains(StepCSP, "form-action") {
		t.Error("an answer of the site that leads to another one would be stopped")
	}
	for _, element := range elements(t, renderStep(t, "en", sampleStep()), "") {
		if attribute(element, "style") != "" {
			t.Errorf("%v has a style that the policy stops", element)
		}
	}
}

func TestFormsHaveWordsInEveryLanguage(t *testing.T) {
	for _, lang := range Languages() {
		w := NewFormWords(lang, "Google reCAPTCHA")
		if w.Wait == "" || w.Check == "" || w.Offer == "" || !strings.Contains(w.Use, "Google reCAPTCHA") || strings.Contains(w.Use, "{") {
			t.Errorf("%s: %+v", lang, w)
		}
	}
	if w := NewFormWords("en", ""); w.Offer != "" || w.Use != "" || w.Wait == "" {
		t.Errorf("without a service: %+v", w)
	}
}

func TestStepReturnsTheReadersError(t *testing.T) {
	gone := errors.New("connection gone")
	if err := WriteStep(failing{gone}, "en", sampleStep()); !errors.Is(err, gone) {
		t.Errorf("got %v", err)
	}
}
