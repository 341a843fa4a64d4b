package ui

import (
	"crypto/rand"
	_ "embed"
	"html/template"
	"io"
	"math/big"
	"strconv"
	"strings"
	"time"
)

var (
	//go:embed step.html
	stepHTML string
	//go:embed step.css
	stepSource string

	stepStyleText = strip(paletteSource + stepSource)
)

// StepCSP is the Content-Security-Policy of the page written by [WriteStep]: one style, the site's own
// script, and what that talks to. Where the form may lead is not said: what the site answers to it may
// lead to another one.
var StepCSP = "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; style-src " + sourceHash(stepStyleText) +
	"; base-uri 'none'; frame-ancestors 'self'"

// StepWait is after how much time the page of [WriteStep] lets a visitor go on by his own answer. The
// server must not take one before.
const StepWait = 5 * time.Second

// Step is a form that was sent without a proof, while its visitor's browser makes up for that, or he does.
type Step struct {
	Address  string        // request URI to which the form was sent, and goes again
	Sealed   string        // what was sent, as the field say-sealed
	Question Question      // what a visitor without scripts is asked; the answer is the field say-answer
	Note     string        // why an answer was not taken: "", NoteWrong or NoteEarly
	Script   template.HTML // the element of the script that obtains the proof
}

// The reasons for which an answer is not taken, for [Step].
const (
	NoteWrong = "wrong" // it is not the one to the question
	NoteEarly = "early" // it came before StepWait was over
)

// The reasons for which a form is not passed on, for [WriteStop].
const (
	StopLarge   = "large"   // it is too large to be kept
	StopDown    = "down"    // who sent it cannot be checked at the moment
	StopForeign = "foreign" // it was sent from another site
	StopExpired = "expired" // it was kept for too long
)

// Question is a sum of two numbers from 2 to 9.
type Question struct{ First, Second int }

// NewQuestion draws one.
func NewQuestion() Question { return Question{drawn(), drawn()} }

func drawn() int {
	n, err := rand.Int(rand.Reader, big.NewInt(8))
	if err != nil {
		panic("ui: " + err.Error()) // which never happens (crypto/rand)
	}
	return int(n.Int64()) + 2
}

// Answer is what is to be answered.
func (q Question) Answer() string { return strconv.Itoa(q.First + q.Second) }

// Answers reports whether an answer, as it was typed, is the one wanted.
func Answers(typed, wanted string) bool {
	return wanted != "" && strings.TrimSuffix(strings.TrimSpace(typed), ".") == wanted
}

// WriteStep writes the page that asks for a proof of what was just sent. With scripts it goes on by itself;
// without, it asks a question in words. It returns the error of w. Send it with [StepCSP] and a status of
// an error, so that nobody takes it for the site's answer.
func WriteStep(w io.Writer, lang string, s Step) error {
	return pageTemplates.ExecuteTemplate(w, "step", newStepView(lang, s))
}

// WriteStop writes the page that tells why what was just sent is not passed on; any reason but those
// declared reads as StopExpired. It returns the error of w. Send it with [PageCSP].
func WriteStop(w io.Writer, lang, reason string) error {
	switch reason {
	case StopLarge, StopDown, StopForeign:
	default:
		reason = StopExpired
	}
	v := newView(lang, PageData{})
	v.Reason = v.T["stop."+reason]
	return pageTemplates.ExecuteTemplate(w, "stop", v)
}

// stepView is what the template sees.
type stepView struct {
	*view
	Step
	Note, Asks string
}

func newStepView(lang string, s Step) *stepView {
	v := &stepView{view: newView(lang, PageData{}), Step: s}
	if s.Note == NoteWrong || s.Note == NoteEarly {
		v.Note = v.T["step."+s.Note]
	}
	v.Asks = strings.NewReplacer("{first}", v.number(s.Question.First), "{second}", v.number(s.Question.Second)).Replace(v.T["step.question"])
	return v
}

func (v *stepView) number(n int) string { return v.T["number."+strconv.Itoa(n)] }

func (v *stepView) StepStyle() template.HTML {
	return template.HTML("<style>" + stepStyleText + "</style>")
}

// Target is where the form leads. A path that begins with two slashes would be read as another host.
func (v *stepView) Target() template.HTMLAttr {
	address := v.Address
	switch {
	case !strings.HasPrefix(address, "/"):
		address = "/"
	case strings.HasPrefix(address, "//"), strings.HasPrefix(address, `/\`):
		address = "/." + address
	}
	return template.HTMLAttr(`action="` + string(appendEscaped(nil, address)) + `"`)
}

// FormWords are the words of protected forms in a language. Use and Offer are for visitors who have not
// granted the service of this name.
type FormWords struct{ Wait, Check, Offer, Use string }

// NewFormWords returns them. Without a service there is no offer.
func NewFormWords(lang, service string) FormWords {
	t := textsIn(lang)
	w := FormWords{Wait: t["proof.wait"], Check: t["proof.check"]}
	if service != "" {
		w.Offer, w.Use = t["proof.offer"], strings.Replace(t["proof.use"], "{service}", service, 1)
	}
	return w
}
