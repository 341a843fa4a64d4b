package mirror

import (
	"mime"
	"slices"
	"strings"
)

// kind is what a file may be: the media types that are taken for it. One that
// ends in a slash or hyphen stands for all that begin so. No kind takes HTML or
// other documents: they would be pages of the site.
type kind []string

var (
	script  = kind{"text/javascript", "application/javascript", "application/x-javascript"}
	style   = kind{"text/css"}
	module  = append(slices.Clip(script), style...) // a package's main file
	font    = kind{"font/", "application/font-", "application/x-font-", "application/vnd.ms-fontobject", "application/octet-stream"}
	picture = kind{"image/"}
	data    = kind{"application/json", "application/octet-stream", "text/plain"}
	program = kind{"application/wasm"}
)

// kinds are the extensions that are mirrored. Pictures are those that style
// sheets of libraries show: icons, markers, sprites.
var kinds = map[string]kind{
	".js": script, ".mjs": script, ".css": style,
	".woff2": font, ".woff": font, ".ttf": font, ".otf": font, ".eot": font,
	".svg": picture, ".png": picture, ".gif": picture, ".jpg": picture, ".jpeg": picture,
	".webp": picture, ".ico": picture, ".cur": picture,
	".json": data, ".map": data, ".wasm": program,
}

// extension returns the last one of a path, such as ".js", in lower case.
func extension(path string) string {
	name := path[strings.LastIndexByte(path, '/')+1:]
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return ""
	}
	return strings.ToLower(name[dot:])
}

// isFont tells whether a name is that of a font file.
func isFont(name string) bool {
	switch extension(name) {
	case ".woff2", ".woff", ".ttf", ".otf", ".eot", ".svg":
		return true
	}
	return false
}

// accept returns the Content-Type to serve for one that a CDN sent, with its
// charset and no other parameter.
func (k kind) accept(contentType string) (served string, ok bool) {
	media, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || !slices.ContainsFunc(k, func(taken string) bool { return covers(taken, media) }) {
		return "", false
	}
	charset := parameters["charset"]
	if media == "text/css" && charset == "" {
		// Without one the browser would take the page's, and might read
		// addresses in the sheet that we did not see.
		charset = "utf-8"
	}
	if charset == "" {
		return media, true
	}
	return mime.FormatMediaType(media, map[string]string{"charset": charset}), true
}

func covers(taken, media string) bool {
	if strings.HasSuffix(taken, "/") || strings.HasSuffix(taken, "-") {
		return strings.HasPrefix(media, taken)
	}
	return taken == media
}
