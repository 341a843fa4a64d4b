package caddymodule

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/caddy-privacy/caddy-privacy/internal/page"
	"github.com/caddy-privacy/caddy-privacy/internal/ui"
)

// isPage tells whether a response is a page that the gateway writes into. What
// it cannot read it leaves as it is: its cookies are governed all the same.
func (g *Gateway) isPage(r *http.Request, v *visit, status int, h http.Header) bool {
	v.fragment = v.fragment || fetched(r) && isHTML(h)
	if !v.document && !v.fragment || r.Method == http.MethodConnect || g.untouched(r) {
		return false
	}
	types := h["Content-Type"]
	if !isHTML(h) {
		// Only the visitor's own variant was asked for, so it is that which holds.
		return status == http.StatusNotModified && len(types) == 0
	}
	if attached(h) {
		return false
	}
	scannable, _ := page.Scannable(types[0])
	if status == http.StatusPartialContent || encoded(h) || !scannable {
		g.app.shared.metrics.pages[pageUnreadable].Inc()
		return false
	}
	return status != http.StatusNoContent
}

// fetched tells whether a script asked, for whatever it may get.
func fetched(r *http.Request) bool {
	dest := r.Header["Sec-Fetch-Dest"]
	return len(dest) > 0 && dest[0] == "empty"
}

// untouched tells whether the owner wants the page left as it is.
func (g *Gateway) untouched(r *http.Request) bool {
	return g.Pages != nil && g.Pages.Except.Match(r)
}

// attached tells whether browsers save the body instead of showing it (RFC 6266
// section 4.2). Only the type is read: parameters are often not well formed.
func attached(h http.Header) bool {
	values := h["Content-Disposition"]
	if len(values) == 0 {
		return false
	}
	kind, _, _ := strings.Cut(values[0], ";")
	kind = strings.TrimSpace(kind)
	return kind != "" && !strings.EqualFold(kind, "inline")
}

func isHTML(h http.Header) bool {
	const html = "text/html"
	types := h["Content-Type"]
	return len(types) > 0 && len(types[0]) >= len(html) && strings.EqualFold(types[0][:len(html)], html)
}

func encoded(h http.Header) bool {
	values := h["Content-Encoding"]
	return len(values) > 0 && values[0] != "" && !strings.EqualFold(values[0], "identity")
}

// openPage changes the header of a page for what will be written into it, and
// prepares the writing where there will be a body.
func (rw *response) openPage(status int, h http.Header) {
	g, v := rw.visit.gateway, rw.visit
	declared := len(h["Content-Length"]) > 0
	describePage(h, g.variant(rw.request, v))
	if keepsPolicy(status, h) {
		return
	}
	policies := v.allow(h)
	v.restrict(h)
	if status == http.StatusNotModified || rw.request.Method == http.MethodHead || v.fragment && v.unbound() {
		return
	}
	g.app.shared.metrics.pages[pageResult(v)].Inc()
	rw.text = texts.Get().(*[]byte)
	in := g.insertion(rw.request, v)
	*rw.text = in.Head
	_, in.CharsetDeclared = page.Scannable(h["Content-Type"][0])
	in.LengthDeclared = declared
	rw.page = writers.Get().(*page.Writer)
	rw.page.Reset((*pageBody)(rw), in, v.rules(policies))
}

// keepsPolicy tells whether browsers go on with the policies that they keep: a 304
// replaces the fields that it names, and leaves the others (RFC 9111 section 3.2).
func keepsPolicy(status int, h http.Header) bool {
	return status == http.StatusNotModified && len(h["Content-Security-Policy"]) == 0
}

// texts are memory for what goes into the head of a page, some 25 kilobytes.
var texts = sync.Pool{New: func() any { return new([]byte) }}

// writers are page writers between two pages, with their buffers.
var writers = sync.Pool{New: func() any { return new(page.Writer) }}

func pageResult(v *visit) string {
	if v.visitor.Silent() || v.fragment {
		return pageQuiet
	}
	return pageAsked
}

// describePage makes the header true of the changed page: its length and digests
// are others, it exists in one variant for each way a visitor can stand, and
// nobody may keep it for another visitor or show it after a new choice.
func describePage(h http.Header, variant page.Variant) {
	for _, name := range []string{
		"Content-Length", "Accept-Ranges", "Last-Modified", "Content-Md5", "Digest", "Content-Digest", "Repr-Digest",
	} {
		delete(h, name)
	}
	if tags := h["Etag"]; len(tags) > 0 {
		if h["Etag"] = []string{variant.Tag(tags[0])}; h["Etag"][0] == "" {
			delete(h, "Etag")
		}
	}
	h["Vary"] = append(slices.Clip(h["Vary"]), "Cookie, Sec-GPC, DNT, Sec-Fetch-Dest")
	kept := without(h["Cache-Control"], "public", "private", "s-maxage", "max-age", "immutable",
		"no-cache", "stale-while-revalidate", "stale-if-error", "must-revalidate", "proxy-revalidate")
	h["Cache-Control"] = []string{strings.Join(append(kept, "private", "no-cache"), ", ")}
	uncached(h)
}

// variant names the form in which this visitor gets a page today. It changes
// every day because the page says how much of the thirteen months is left.
func (g *Gateway) variant(r *http.Request, v *visit) page.Variant {
	if services := len(v.inventory().Services()); v.variant == "" || v.services != services {
		v.services = services
		v.variant = page.NewVariant(g.edition, v.visitor.Header, v.language, strconv.FormatBool(partial(r)), strconv.Itoa(services),
			strconv.FormatInt(v.visitor.Until, 36), strconv.FormatInt(v.now.Unix()/86400, 36),
			v.reach(v.visitor).hosts, strconv.FormatBool(v.inventory().Tagged()))
	}
	return v.variant
}

// restrictOther restricts what is shown or run although it is no page that can be
// written into: documents in XML or in a charset that cannot be read, and workers,
// which bring a policy of their own (HTML 10.2.4).
func (g *Gateway) restrictOther(r *http.Request, v *visit, status int, h http.Header) {
	if keepsPolicy(status, h) || g.untouched(r) || !v.document && !runsAlone(r) {
		return
	}
	v.restrict(h)
	h["Vary"] = append(slices.Clip(h["Vary"]), "Cookie, Sec-GPC, DNT, Sec-Fetch-Dest")
	private(h)
}

func runsAlone(r *http.Request) bool {
	dest := r.Header["Sec-Fetch-Dest"]
	return len(dest) > 0 && (dest[0] == "worker" || dest[0] == "sharedworker" || dest[0] == "serviceworker")
}

// insertion is what this visitor's page gets: the guard, the way back to the
// choice, and the notice as long as there is no choice.
func (g *Gateway) insertion(r *http.Request, v *visit) page.Insertion {
	if v.fragment {
		return page.Insertion{Head: (*v.answer.text)[:0]}
	}
	in := page.Insertion{
		Head:     ui.AppendGuard((*v.answer.text)[:0], g.guard(v.visitor), v.reach(v.visitor).hosts, left(v.visitor, v.now)),
		Document: v.document && len(r.Header["Sec-Fetch-Dest"]) > 0,
	}
	if partial(r) {
		return in
	}
	head := ui.AppendStyle(in.Head, !v.visitor.Silent())
	in.Head, in.Body, in.End = g.words(head, v, v.language)
	in.End = append(slices.Clip(in.End), v.formsScript(v.language)...)
	in.Translate = func(lang string) (body, end []byte) {
		lang = ui.Negotiate(lang, v.accepted, g.Language)
		_, body, end = g.words(head, v, lang)
		return body, append(slices.Clip(end), v.formsScript(lang)...)
	}
	return in
}

// words are the notice, as long as there is no choice, and the way back to it. The
// notice is written behind the head, in the same memory.
func (g *Gateway) words(head []byte, v *visit, language string) (same, notice, link []byte) {
	if v.visitor.Silent() {
		return head, nil, ui.Link(language, v.asksEntries())
	}
	text := v.panel(language).Append(head, v.address.RequestURI(), v.held)
	return text[:len(head)], text[len(head):], ui.Link(language, v.asksEntries())
}

// partial tells whether the answer will be put into a page that is already
// shown, or into a frame of one: it must not bring a second notice.
func partial(r *http.Request) bool {
	h := r.Header
	if dest := h["Sec-Fetch-Dest"]; len(dest) > 0 && dest[0] != "document" {
		return true
	}
	return len(h["Hx-Request"]) > 0 || len(h["Turbo-Frame"]) > 0 || len(h["X-Requested-With"]) > 0 || len(h["X-Pjax"]) > 0
}
