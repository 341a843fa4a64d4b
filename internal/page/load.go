package page

// attrs is a set of attributes that name something to load or to report to.
type attrSet uint32

const (
	attrSrc attrSet = 1 << iota
	attrSrcset
	attrSrcdoc
	attrHref
	attrData
	attrPoster
	attrBackground
	attrPing
	attrAttribution
	attrStyle
	attrArchive // of applets: code, archive, codebase
	attrContent
	attrValue
	attrMotion // of svg animations: to, from, by, values
	attrPaint  // of svg: fill, filter and their like, which may hold url()
)

// anywhere are the attributes that act on any element: style, those of links
// that report, and background, which browsers know on more elements than HTML
// lists.
const anywhere = attrStyle | attrPing | attrAttribution | attrBackground

// loads lists what the elements load by themselves, without a visitor's click.
// What follows from a click (href of a, action of a form) is not among it.
var loads = map[string]attrSet{
	"applet":      attrArchive,
	"audio":       attrSrc,
	"embed":       attrSrc | attrArchive,
	"feimage":     attrHref,
	"fencedframe": attrSrc,
	"frame":       attrSrc,
	"iframe":      attrSrc | attrSrcdoc,
	"image":       attrSrc | attrSrcset | attrHref,
	"img":         attrSrc | attrSrcset,
	"input":       attrSrc,
	"link":        attrHref | attrSrcset,
	"meta":        attrContent,
	"object":      attrData | attrArchive,
	"param":       attrValue,
	"portal":      attrSrc,
	"script":      attrSrc | attrHref,
	"source":      attrSrc | attrSrcset,
	"track":       attrSrc,
	"use":         attrHref,
	"video":       attrSrc | attrPoster,
}

// foreignLoads is what svg and math elements load; a, whose href is a link, is
// an exception.
const foreignLoads = anywhere | attrHref | attrMotion | attrPaint

// load tells which attribute a name is, as far as it may load something: what
// it is called in HTML, or in svg within HTML. It is asked about every
// attribute of a page, so the length of a name sorts out most.
func load(name []byte) attrSet {
	switch len(name) {
	case 2, 3:
		switch {
		case equalFold(name, "src"):
			return attrSrc
		case equalFold(name, "to"), equalFold(name, "by"):
			return attrMotion
		}
	case 4:
		switch {
		case equalFold(name, "href"):
			return attrHref
		case equalFold(name, "data"):
			return attrData
		case equalFold(name, "ping"):
			return attrPing
		case equalFold(name, "code"):
			return attrArchive
		case equalFold(name, "from"):
			return attrMotion
		case equalFold(name, "fill"), equalFold(name, "mask"):
			return attrPaint
		}
	case 5:
		switch {
		case equalFold(name, "style"):
			return attrStyle
		case equalFold(name, "value"):
			return attrValue
		}
	case 6:
		switch {
		case equalFold(name, "srcset"):
			return attrSrcset
		case equalFold(name, "srcdoc"):
			return attrSrcdoc
		case equalFold(name, "poster"):
			return attrPoster
		case equalFold(name, "lowsrc"), equalFold(name, "dynsrc"):
			return attrSrc
		case equalFold(name, "values"):
			return attrMotion
		case equalFold(name, "filter"), equalFold(name, "stroke"), equalFold(name, "cursor"), equalFold(name, "marker"):
			return attrPaint
		}
	case 7:
		switch {
		case equalFold(name, "content"):
			return attrContent
		case equalFold(name, "archive"), equalFold(name, "classid"):
			return attrArchive
		}
	case 8:
		if equalFold(name, "codebase") {
			return attrArchive
		}
	default:
		return loadLong(name)
	}
	return 0
}

func loadLong(name []byte) attrSet {
	switch {
	case equalFold(name, "background"):
		return attrBackground
	case equalFold(name, "xlink:href"):
		return attrHref
	case equalFold(name, "imagesrcset"):
		return attrSrcset
	case equalFold(name, "attributionsrc"):
		return attrAttribution
	case equalFold(name, "clip-path"), equalFold(name, "mask-image"), equalFold(name, "marker-start"),
		equalFold(name, "marker-mid"), equalFold(name, "marker-end"):
		return attrPaint
	}
	return 0
}

// wants returns what the element loads. In svg and math it is asked as an element of
// HTML too: where markup is broken, browsers and the scanner may disagree on what
// is still within.
func (t *tag) wants() attrSet {
	switch {
	case !t.foreign:
		return t.loads | anywhere
	case t.name == "a" || t.name == "area":
		return t.loads | foreignLoads&^attrHref
	}
	return t.loads | foreignLoads
}

// silent are the relations by which a link loads nothing: those of HTML 4.6.7
// that only say something, and well-known ones of others. Of what is not known
// nobody can say that it loads nothing.
var silent = map[string]bool{
	"alternate": true, "amphtml": true, "author": true, "bookmark": true, "canonical": true, "code-repository": true,
	"disclosure": true, "edit": true, "edituri": true, "external": true, "first": true, "help": true, "home": true, "hub": true,
	"index": true, "issues": true, "last": true, "license": true, "me": true, "mentions": true, "nofollow": true,
	"noopener": true, "noreferrer": true, "opener": true, "prev": true, "previous": true, "privacy-policy": true,
	"profile": true, "publisher": true, "rel": true, "self": true, "shortlink": true, "syndication": true, "tag": true,
	"terms-of-service": true, "up": true, "webmention": true, "wlwmanifest": true, "https://api.w.org/": true,
	"authorization_endpoint": true, "token_endpoint": true, "micropub": true, "microsub": true, "openid.server": true,
	"openid.delegate": true, "openid2.provider": true, "openid2.local_id": true, "schema.dc": true, "schema.dcterms": true,
}

// hints are the relations that open a connection for what may follow.
var hints = map[string]bool{"preconnect": true, "dns-prefetch": true}
