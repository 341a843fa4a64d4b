package main

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// startOrigin starts the site behind both proxies: it answers from memory and does
// nothing else, so that the proxies are what a client waits for.
func startOrigin() (net.Listener, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/small.json", answer("application/json", smallJSON(1<<10), siteCookies))
	mux.Handle("/asset.js", answer("text/javascript", asset(100<<10), nil))
	mux.Handle("/page.html", answer("text/html; charset=utf-8", article(60<<10), siteCookies))
	mux.Handle("/big.html", answer("text/html; charset=utf-8", article(1<<20), siteCookies))
	go http.Serve(listener, mux)
	return listener, nil
}

// answer is one resource. It is sent with its length, as files and finished
// pages are.
func answer(contentType, body string, cookies []string) http.Handler {
	bytes, length := []byte(body), strconv.Itoa(len(body))
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h["Content-Type"] = []string{contentType}
		h["Content-Length"] = []string{length}
		h["Cache-Control"] = []string{"max-age=60"}
		if cookies != nil {
			h["Set-Cookie"] = cookies
		}
		w.Write(bytes)
	})
}

// siteCookies is what the site sets on every page and answer: its session, a
// preference, and three trackers that ask for two years.
var siteCookies = []string{
	"PHPSESSID=8c1f0c7b2d5e4a69b3f7; Path=/; HttpOnly; SameSite=Lax",
	"theme=dark; Path=/; Max-Age=31536000; SameSite=Lax",
	"_ga=GA1.1.1284736251.1763856000; Path=/; Domain=example.fr; Max-Age=63072000",
	"_fbp=fb.1.1763856000000.1098115397; Path=/; Max-Age=63072000; SameSite=Lax",
	"_pk_id.1.1fff=0a1b2c3d4e5f6071.1763856000.; Path=/; Max-Age=63072000; SameSite=Lax",
}

func smallJSON(size int) string {
	const item = `{"id":1042,"title":"The harbour at dawn","price":"12.50","stock":7},`
	items := strings.Repeat(item, size/len(item))
	return `{"items":[` + strings.TrimSuffix(items, ",") + `]}`
}

func asset(size int) string {
	const line = "export function step(state, event) { return { ...state, last: event.type, count: state.count + 1 }; }\n"
	return strings.Repeat(line, size/len(line)+1)[:size]
}

// article is a page as publishers write them, with about forty tags that load
// something in each 60 KB.
func article(size int) string {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\n<html lang=\"fr\">\n<head>\n<meta charset=\"utf-8\">\n<title>The harbour at dawn</title>\n")
	b.WriteString(headTags)
	b.WriteString("</head>\n<body>\n<main>\n")
	for i := 0; b.Len() < size-len(pageEnd); i++ {
		fmt.Fprintf(&b, "<h2 id=\"part-%d\">Part %d</h2>\n", i, i)
		b.WriteString(mediaTags[i%len(mediaTags)])
		for range 4 {
			b.WriteString(paragraph)
		}
	}
	b.WriteString(pageEnd)
	return b.String()
}

const headTags = `<link rel="stylesheet" href="/style.css">
<link rel="preconnect" href="https://fonts.gstatic.com" crossorigin>
<link rel="stylesheet" href="https://fonts.googleapis.com/css2?family=Inter&amp;display=swap">
<link rel="icon" href="/icon.svg">
<script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC1234567"></script>
<script>window.dataLayer=window.dataLayer||[];function gtag(){dataLayer.push(arguments)}gtag('js',new Date());gtag('config','G-ABC1234567');</script>
<script src="https://connect.facebook.net/en_US/fbevents.js" async></script>
<script src="https://cdn.jsdelivr.net/npm/alpinejs@3/dist/cdn.min.js" defer></script>
<script src="/app.js" defer></script>
`

// mediaTags follow one another through the parts of an article.
var mediaTags = []string{
	`<img src="/images/harbour.jpg" srcset="/images/harbour-2x.jpg 2x" width="640" height="360" alt="The harbour">` + "\n",
	`<iframe src="https://www.youtube.com/embed/aBcDeFgHiJk" width="560" height="315" title="A film" allowfullscreen></iframe>` + "\n",
	`<img src="https://images.example.fr/boat.webp" loading="lazy" width="320" height="240" alt="A boat">` + "\n",
	`<img src="https://www.facebook.com/tr?id=123456789&amp;ev=PageView&amp;noscript=1" width="1" height="1" alt="">` + "\n",
	`<blockquote class="twitter-tweet"><a href="https://twitter.com/x/status/1">A message</a></blockquote><script async src="https://platform.twitter.com/widgets.js"></script>` + "\n",
	`<picture><source srcset="/images/quay.avif" type="image/avif"><img src="/images/quay.jpg" alt="The quay"></picture>` + "\n",
}

const (
	paragraph = `<p class="text">The boats come back before the town is awake, and <a href="/articles/fish">what they bring</a>
is sold by seven. <em>Nobody</em> speaks much: the price is known, the hands are cold &amp; the coffee is waiting
on the other side of the quay. A gull walks along the wall as if it had been asked to count the boxes, and finds
<strong>none</strong> of them wanting. By eight the stones are washed and the square belongs to the school again.</p>
`
	pageEnd = "</main>\n<footer><a href=\"/imprint\">Imprint</a></footer>\n</body>\n</html>\n"
)
