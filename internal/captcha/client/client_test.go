package client

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha/form"
	"github.com/caddy-privacy/caddy-privacy/internal/page"
	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

var sample = Element{
	Routes: []string{"/contact", "/comments*"}, Fold: true, Nonce: `a"b`, Step: "/contact",
	Words: Words{Wait: "Un instant…", Check: "Cochez « la case » ci-dessus", Offer: "Protégé sans tiers.", Use: "Utiliser reCAPTCHA", Service: "google-recaptcha"},
}

// elements parses markup as the content of an element.
func elements(t *testing.T, markup, name string) []*html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader("<!doctype html><body>" + markup))
	if err != nil {
		t.Fatal(err)
	}
	var found []*html.Node
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == name {
			found = append(found, n)
		}
	}
	return found
}

func attribute(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func TestScriptStaysUnder4KilobytesCompressed(t *testing.T) {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = w.Write([]byte(Text()))
	_ = w.Close()
	if b.Len() > 4<<10 {
		t.Errorf("%d bytes", b.Len())
	}
}

func TestScriptIsToldWhatDiffers(t *testing.T) {
	scripts := elements(t, string(Script(sample)), "script")
	if len(scripts) != 1 {
		t.Fatalf("%d elements", len(scripts))
	}
	for name, want := range map[string]string{
		"src": Address, "integrity": Integrity, "data-routes": "/contact /comments*", "data-fold": "", "nonce": `a"b`, "data-step": "/contact", "defer": "",
	} {
		if got, ok := attribute(scripts[0], name); got != want || !ok {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	var words Words
	text, _ := attribute(scripts[0], "data-words")
	if err := json.Unmarshal([]byte(text), &words); err != nil || words != sample.Words {
		t.Errorf("the words are %+v, %v", words, err)
	}
	plain := elements(t, string(Script(Element{Routes: []string{"/a"}})), "script")[0]
	for _, name := range []string{"data-fold", "data-words", "data-step", "nonce"} {
		if _, ok := attribute(plain, name); ok {
			t.Errorf("%s is there for nothing", name)
		}
	}
}

func TestDigestIsThatOfTheScriptAsSent(t *testing.T) {
	sum := sha256.Sum256([]byte(Text()))
	if want := "sha256-" + base64.StdEncoding.EncodeToString(sum[:]); Integrity != want {
		t.Errorf("%s, want %s", Integrity, want)
	}
	if !strings.HasPrefix(Address, Path+"?") || len(Address) != len(Path)+13 {
		t.Errorf("the address is %s", Address)
	}
}

func TestStyleIsAllowedByItsHash(t *testing.T) {
	styles := elements(t, Fields, "style")
	if len(styles) != 1 {
		t.Fatalf("%d styles", len(styles))
	}
	sum := sha256.Sum256([]byte(styles[0].FirstChild.Data))
	if want := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; StyleHash != want {
		t.Errorf("%s, want %s", StyleHash, want)
	}
}

func TestFieldsAreTheOnesThatAreTakenOutAgain(t *testing.T) {
	inputs := elements(t, Fields, "input")
	var names []string
	for _, input := range inputs {
		name, _ := attribute(input, "name")
		names = append(names, name)
	}
	if want := []string{form.Token, form.Trap}; !reflect.DeepEqual(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
	for name, want := range map[string]string{"tabindex": "-1", "aria-hidden": "true", "autocomplete": "off"} {
		if got, _ := attribute(inputs[1], name); got != want {
			t.Errorf("the trap's %s is %q", name, got)
		}
	}
}

func TestOfferIsALinkThatGrantsTheService(t *testing.T) {
	links := elements(t, string(Mount(sample.Words)), "a")
	if len(links) != 1 {
		t.Fatalf("%d links", len(links))
	}
	service, _ := attribute(links[0], "data-allow")
	href, _ := attribute(links[0], "href")
	if service != "google-recaptcha" || href != "/.privacy/" || links[0].FirstChild.Data != "Utiliser reCAPTCHA" {
		t.Errorf("it grants %q, leads to %q", service, href)
	}
	if got := string(Mount(Words{Wait: "x"})); got != `<span class="say-mount"></span>` {
		t.Errorf("without an offer: %s", got)
	}
}

func TestHostileWordsStayText(t *testing.T) {
	hostile := `</script></span>"><script>x()</script>'&` + "\x00"
	e := Element{Routes: []string{hostile}, Nonce: hostile, Step: hostile, Words: Words{Wait: hostile, Offer: hostile, Use: hostile, Service: hostile}}
	markup := string(Script(e)) + string(Mount(e.Words))
	scripts := elements(t, markup, "script")
	if len(scripts) != 1 || scripts[0].FirstChild != nil {
		t.Errorf("%d scripts in %s", len(scripts), markup)
	}
}

// TestWhatIsInsertedReadsTheSameInAnyEncoding, and may stand where it is put.
func TestWhatIsInsertedReadsTheSameInAnyEncoding(t *testing.T) {
	for _, part := range []string{Fields, string(Mount(sample.Words)), string(Script(sample)), Text()} {
		for i := range len(part) {
			if part[i] >= 0x80 {
				t.Fatalf("byte %x in %.60s…", part[i], part[max(0, i-30):])
			}
		}
	}
	for _, element := range elements(t, "<p>"+string(Mount(sample.Words))+"<button>a</button></p>", "p") {
		if element.LastChild.Data != "button" {
			t.Error("the mount ends a paragraph")
		}
	}
}

func TestProviderIsAddedToTheChallenge(t *testing.T) {
	challenge := []byte(`{"parameters":{"cost":1},"signature":"s"}`)
	got := string(WithProvider(challenge, map[string]string{"name": "some"}))
	if want := `{"parameters":{"cost":1},"signature":"s","provider":{"name":"some"}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if string(challenge) != `{"parameters":{"cost":1},"signature":"s"}` {
		t.Errorf("the challenge became %s", challenge)
	}
}

// TestPagesGetThem: through the writer of pages, as browsers read them.
func TestPagesGetThem(t *testing.T) {
	var b bytes.Buffer
	var w page.Writer
	w.Reset(&b, page.Insertion{End: Script(sample)}, &page.Rules{
		Address: &weburl.URL{Scheme: "https", Host: "www.example.fr", Path: "/contact"},
		Forms:   &page.Forms{Protects: func(*weburl.URL) bool { return true }, Fields: []byte(Fields), Mount: Mount(sample.Words)},
	})
	_, _ = w.Write([]byte(`<!doctype html><title>x</title><form method=post><p><label>Name <input name=name></label> <button>Send</button></form>`))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	forms := elements(t, b.String(), "form")
	if len(forms) != 1 {
		t.Fatal(b.String())
	}
	first := forms[0].FirstChild
	if name, _ := attribute(first, "name"); name != form.Token {
		t.Errorf("the first field is %q", name)
	}
	if scripts := elements(t, b.String(), "script"); len(scripts) != 1 {
		t.Errorf("%d scripts", len(scripts))
	}
}
