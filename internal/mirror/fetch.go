package mirror

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

const (
	maxBody   = 10 << 20 // bytes of a file
	fetchTime = 10 * time.Second
	atOnce    = 16 // fetches at one time; the others wait within their fetchTime
)

// userAgent is the same for everybody. Google Fonts answers a current browser
// with WOFF2, which all have been able to read since 2018.
const userAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

var (
	errGone      = errors.New("the CDN does not have the file")
	errUnchanged = errors.New("the kept file is still good")
)

// upstream fetches from the CDNs.
type upstream struct {
	transport http.RoundTripper
	slots     chan struct{}
}

// get fetches a file whole. It returns errUnchanged when the validator still
// holds, errGone when the CDN says that there is no such file.
func (u *upstream) get(ctx context.Context, t target, validator string) (meta, []byte, error) {
	select {
	case u.slots <- struct{}{}:
		defer func() { <-u.slots }()
	case <-ctx.Done():
		return meta{}, nil, ctx.Err()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, t.address, nil)
	if err != nil {
		return meta{}, nil, err
	}
	// These and no others: nothing of the visitor goes out. Without compression
	// no small answer can grow beyond the limit.
	request.Header = http.Header{
		"User-Agent":      {userAgent},
		"Accept":          {"*/*"},
		"Accept-Encoding": {"identity"},
	}
	if validator != "" {
		request.Header.Set("If-None-Match", validator)
	}
	// One exchange: a client would follow redirects, wherever they lead.
	response, err := u.transport.RoundTrip(request)
	if err != nil {
		return meta{}, nil, err
	}
	defer response.Body.Close()
	return read(t, response, validator != "")
}

// read judges an answer by its status.
func read(t target, r *http.Response, conditional bool) (meta, []byte, error) {
	switch {
	case r.StatusCode == http.StatusOK:
		return readFile(t, r)
	case r.StatusCode == http.StatusNotModified && conditional:
		return meta{}, nil, errUnchanged
	case isRedirect(r.StatusCode):
		return readRedirect(t, r)
	case r.StatusCode == http.StatusRequestTimeout, r.StatusCode == http.StatusTooManyRequests:
	case r.StatusCode >= 400 && r.StatusCode < 500:
		return meta{}, nil, errGone
	}
	return meta{}, nil, fmt.Errorf("the CDN answered with status %d", r.StatusCode)
}

func readFile(t target, r *http.Response) (meta, []byte, error) {
	contentType, ok := t.kind.accept(r.Header.Get("Content-Type"))
	switch {
	case !ok:
		return meta{}, nil, errors.New("the CDN sent another type of file than its name says")
	case r.Header.Get("Content-Encoding") != "":
		return meta{}, nil, errors.New("the CDN sent a compressed file although none was asked for")
	case r.ContentLength > maxBody:
		return meta{}, nil, errTooLarge
	case r.ContentLength < 0 && r.ProtoMajor == 1 && len(r.TransferEncoding) == 0:
		return meta{}, nil, errors.New("the CDN did not say where the file ends: it may be cut off")
	}
	// A file that ends before its announced length is an error of the reader.
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return meta{}, nil, err
	}
	if len(body) > maxBody {
		return meta{}, nil, errTooLarge
	}
	m := meta{Address: t.address, Type: contentType, Validator: r.Header.Get("ETag")}
	if _, ok := style.accept(contentType); ok {
		body, err = localise(body, t.address)
	}
	return m, body, err
}

var errTooLarge = fmt.Errorf("the CDN sent a file of more than %d MiB", maxBody>>20)

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// readRedirect takes a redirect that leads to another mirrored file. It is
// passed on rather than followed, because the browser resolves the relative
// addresses in a file against the last address.
func readRedirect(t target, r *http.Response) (meta, []byte, error) {
	from, err := url.Parse(t.address)
	if err != nil {
		return meta{}, nil, err
	}
	to, err := from.Parse(r.Header.Get("Location"))
	if err != nil {
		return meta{}, nil, errors.New("the CDN redirects to an address that cannot be read")
	}
	address := to.String()
	if _, ok := Address(address); !ok || address == t.address {
		return meta{}, nil, errors.New("the CDN redirects to an address that is not mirrored")
	}
	return meta{Address: t.address, Moved: address}, nil, nil
}
