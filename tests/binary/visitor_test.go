//go:build unix

package binary

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// html is the page of the site behind the gateways.
const html = "<!doctype html><html><head><title>News</title></head><body><h1>News</h1></body></html>"

// newOrigin is that site. It sets cookies as sites do, and says what it was
// told of the visitor.
func newOrigin(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Told", r.Header.Get("Privacy-Consent"))
		h.Add("Set-Cookie", "_ga=GA1.1.1.1; Path=/; Max-Age=63072000")
		h.Add("Set-Cookie", "reader_number=1; Path=/; Max-Age=63072000")
		h.Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, html) // a client that has gone is no failure of the site
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// inFrontOf is a site with the privacy gateway in front of an origin.
func inFrontOf(origin string) settings {
	return settings{site: "\tprivacy\n\treverse_proxy " + origin}
}

// visitor is a browser without scripts. It keeps cookies and follows no
// redirect. Each visitor belongs to one goroutine.
type visitor struct {
	site    string
	jar     map[string]string
	choices int // that were confirmed
}

func newVisitor(g *gateway) *visitor { return &visitor{site: g.site, jar: make(map[string]string)} }

// at is the same browser at another gateway of the same site.
func (v *visitor) at(g *gateway) *visitor {
	return &visitor{site: g.site, jar: v.jar, choices: v.choices}
}

// answer is a response with its body read.
type answer struct {
	status int
	header http.Header
	body   string
}

// asked tells whether a page asks for a choice.
func (a answer) asked() bool { return strings.Contains(a.body, `<section id="say-panel"`) }

// transport keeps many connections, so that a storm of requests does not make
// new ones all the time.
var transport = &http.Transport{MaxIdleConnsPerHost: 500, DisableCompression: true}

// page opens the site's page.
func (v *visitor) page() (answer, error) { return v.send(http.MethodGet, "/", nil) }

// choose sends the form of the notice.
func (v *visitor) choose(choice string) error {
	a, err := v.send(http.MethodPost, "/.privacy/choice", url.Values{"choice": {choice}, "back": {"/"}})
	if err != nil {
		return err
	}
	if a.status != http.StatusSeeOther {
		return fmt.Errorf("the choice was answered with %d", a.status)
	}
	v.choices++
	return nil
}

func (v *visitor) send(method, path string, form url.Values) (answer, error) {
	r, err := http.NewRequest(method, "http://"+v.site+path, strings.NewReader(form.Encode()))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Sec-Fetch-Dest", "document")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		// As browsers do, repeat what was sent into a connection that had just
		// been closed for idleness.
		r.Header["Idempotency-Key"] = nil
	}
	for name, value := range v.jar {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	response, err := transport.RoundTrip(r)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	for _, c := range response.Cookies() {
		if v.jar[c.Name] = c.Value; c.MaxAge < 0 {
			delete(v.jar, c.Name)
		}
	}
	return answer{response.StatusCode, response.Header, string(body)}, err
}

// accept makes a choice that must succeed.
func (v *visitor) accept(t *testing.T) *visitor {
	t.Helper()
	if err := v.choose("accept"); err != nil {
		t.Fatal(err)
	}
	return v
}

// accepted reports, as an error, any sign that the visitor's consent is not
// known: that he is asked again, or that the site is told otherwise.
func (v *visitor) accepted() error {
	a, err := v.page()
	switch {
	case err != nil:
		return err
	case a.status != http.StatusOK || !strings.Contains(a.body, "<h1>News</h1>"):
		return fmt.Errorf("the page was answered with %d: %.200s", a.status, a.body)
	case a.asked():
		return fmt.Errorf("who accepted is asked again; the site was told %q", a.header.Get("Told"))
	case !strings.HasPrefix(a.header.Get("Told"), "accepted"):
		return fmt.Errorf("the site was told %q of who accepted", a.header.Get("Told"))
	}
	return nil
}

// receipts are what the gateway kept of the visitor's choices, oldest first, as
// compact JSON.
func (v *visitor) receipts() ([]string, error) {
	a, err := v.send(http.MethodGet, "/.privacy/receipt", nil)
	if err != nil {
		return nil, err
	}
	var list []json.RawMessage
	if err := json.Unmarshal([]byte(a.body), &list); err != nil {
		return nil, fmt.Errorf("%d: %.200s", a.status, a.body)
	}
	texts := make([]string, len(list))
	for i, receipt := range list {
		texts[i] = compact(receipt)
	}
	return texts, nil
}

func compact(document []byte) string {
	var b bytes.Buffer
	if err := json.Compact(&b, document); err != nil {
		return err.Error() // is like no receipt
	}
	return b.String()
}

// wantReceipts fails the test unless there is one for each confirmed choice.
func (v *visitor) wantReceipts(t *testing.T) {
	t.Helper()
	list, err := v.receipts()
	if err != nil || len(list) != v.choices {
		t.Errorf("%d receipts of %d choices (%v)", len(list), v.choices, err)
	}
}

// key names the key that signed the visitor's record: the kid of the token's
// header (RFC 7515, section 4.1.4).
func (v *visitor) key(t *testing.T) string {
	t.Helper()
	encoded, _, _ := strings.Cut(v.jar["privacy-record"], ".")
	header, err := base64.RawURLEncoding.DecodeString(encoded)
	var fields struct {
		Kid string `json:"kid"`
	}
	if err == nil {
		err = json.Unmarshal(header, &fields)
	}
	if err != nil || fields.Kid == "" {
		t.Fatalf("the record %q names no key: %v", v.jar["privacy-record"], err)
	}
	return fields.Kid
}
