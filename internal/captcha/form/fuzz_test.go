package form

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// FuzzPairs holds that the site reads the same form without the gateway's fields,
// as net/url does, whatever stands in it.
func FuzzPairs(f *testing.F) {
	for _, body := range []string{"say-token=T&a=1", "a=1&say-website=x", "&&=&say-token&", "%73ay-token=a%2b&b=+%zz", "say-token=T&say-token=T", "a;say-token=T&b"} {
		f.Add(body, uint16(9), false)
	}
	f.Fuzz(func(t *testing.T, body string, peek uint16, chunked bool) {
		found, rest := take(t, request(urlencoded, body, chunked), int(peek))
		want, _ := url.ParseQuery(body)
		got, _ := url.ParseQuery(rest)
		limit := int(peek)
		if limit == 0 {
			limit = DefaultPeek
		}
		whole := len(body) < limit
		for _, name := range []string{Token, Trap, Sealed, Answer} {
			values, left := want[name], got[name]
			if whole && left != nil {
				t.Fatalf("%q left %q of %q", body, left, name)
			}
			if name == Token && found.Token != "" && !slices.Contains(values, found.Token) {
				t.Fatalf("%q gave %q", body, found.Token)
			}
			if whole && name == Token && found.Why == "" && len(values) == 1 && values[0] != found.Token {
				t.Fatalf("%q gave %q, want %q", body, found.Token, values[0])
			}
			delete(want, name)
			delete(got, name)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q became %q: %v, want %v", body, rest, got, want)
		}
		if int64(len(body)-len(rest)) != found.Cut {
			t.Fatalf("%q became %q, shorter by %d", body, rest, found.Cut)
		}
	})
}

// piece is a part as mime/multipart reads it.
type piece struct {
	header  map[string][]string
	content string
}

// split reads all parts of a body. whole is false when it is broken somewhere.
func split(body, boundary string) (pieces []piece, whole bool) {
	r := multipart.NewReader(strings.NewReader(body), boundary)
	for {
		one, err := r.NextRawPart()
		if err != nil {
			return pieces, err == io.EOF
		}
		content, err := io.ReadAll(one)
		if err != nil {
			return pieces, false
		}
		pieces = append(pieces, piece{one.Header, string(content)})
	}
}

// isField reports whether a part is one of the gateway's fields.
func isField(p piece) (name string, ours bool) {
	one := multipart.Part{Header: p.header}
	name = one.FormName()
	return name, isOurs(name)
}

// FuzzParts holds that the site reads the same parts without the gateway's, as
// mime/multipart does, whatever stands in the body.
func FuzzParts(f *testing.F) {
	const b = "b"
	for _, body := range []string{
		"--b\r\nContent-Disposition: form-data; name=\"say-token\"\r\n\r\nT\r\n--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--\r\n",
		"pre\r\n--b \r\ncontent-disposition:form-data;name=say-website\r\n\r\n\r\n--b--",
		"--b\nContent-Disposition: form-data; name=say-token\n\nT\n--b\n\n--b--\n",
		"--b\r\nContent-Disposition: form-data; name*=utf-8''say-token\r\n\r\n--b--\r\n",
		"--b\r\n\r\n--bb\r\n--b\r\nA: b\r\n say-token\r\n\r\nx\r\n--b--\r\n",
		"--b--\r\n--b\r\nContent-Disposition: form-data; name=say-token\r\n\r\nT\r\n--b--",
		"--b\r\n\r\r\n\r\n--b-\r\n--b",
	} {
		f.Add(body, false)
	}
	f.Fuzz(func(t *testing.T, body string, chunked bool) {
		if body == "" {
			return
		}
		found, rest := take(t, request("multipart/form-data; boundary="+b, body, chunked), 0)
		if int64(len(body)-len(rest)) != found.Cut {
			t.Fatalf("%q became %q, shorter by %d", body, rest, found.Cut)
		}
		all, whole := split(body, b)
		if !whole || len(body) > uploadPeek {
			return // what a site makes of it, nobody can say
		}
		var want []piece
		var tokens []string
		for _, p := range all {
			name, ours := isField(p)
			if !ours {
				want = append(want, p)
			}
			if name == Token && p.content != "" {
				tokens = append(tokens, p.content)
			}
		}
		if got, _ := split(rest, b); !reflect.DeepEqual(got, want) {
			t.Fatalf("%q became %q:\n got %q\nwant %q", body, rest, got, want)
		}
		if len(tokens) == 1 && len(tokens[0]) <= MaxToken && found.Token != tokens[0] || len(tokens) != 1 && found.Token != "" {
			t.Fatalf("%q gave %+v, want %q", body, found, tokens)
		}
	})
}

// FuzzTake holds that no request makes it fail, and that only what was cut is gone.
func FuzzTake(f *testing.F) {
	f.Add(`multipart/form-data; boundary="a b"`, "--a b\r\n\r\n", "x", "gzip")
	f.Add("text/plain", "say-token=T\r\nsay-website=\r\nx", "", "")
	f.Fuzz(func(t *testing.T, contentType, body, header, encoding string) {
		r := request(contentType, body)
		r.Header.Set(Header, header)
		r.Header.Set("Content-Encoding", encoding)
		found, rest := take(t, r, 0)
		if int64(len(body)-len(rest)) != found.Cut || (found.Token == "") != (found.Why != "") {
			t.Fatalf("found %+v in %q, left %q", found, body, rest)
		}
		if !bytes.HasSuffix([]byte(body), []byte(rest[min(len(rest), uploadPeek):])) {
			t.Fatalf("%q became %q", body, rest)
		}
	})
}
