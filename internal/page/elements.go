package page

// trait is what an element's name alone tells the scanner.
type trait uint8

const (
	// rawText marks elements whose content is text up to their own end tag,
	// as browsers that run scripts read it (HTML 13.2.6.2; noscript included).
	rawText trait = 1 << iota
	// void marks elements that have no content and no end tag.
	void
	// breakout marks start tags that end svg and math content (HTML 13.2.6.5).
	breakout
	// wrapper marks elements that commonly stand around an svg, so that their
	// end tag ends an svg left open.
	wrapper
	// metadata marks elements that may stand in head without starting body.
	metadata
	// looked marks elements that have to be looked at wherever they stand.
	looked
)

type element struct {
	name   string
	traits trait
	loads  attrSet
}

// elements are the names some rule of this package asks about. Any other name
// is an ordinary element.
var elements = [...]struct {
	name   string
	traits trait
}{
	{"a", wrapper}, {"annotation-xml", 0}, {"applet", 0}, {"area", void}, {"article", wrapper}, {"aside", wrapper}, {"audio", 0},
	{"b", breakout}, {"base", void | metadata}, {"basefont", void | metadata}, {"bgsound", void | metadata},
	{"big", breakout}, {"blockquote", breakout}, {"body", breakout}, {"br", void | breakout}, {"button", wrapper},
	{"center", breakout}, {"code", breakout}, {"col", void},
	{"dd", breakout}, {"desc", 0}, {"div", breakout}, {"dl", breakout}, {"dt", breakout},
	{"em", breakout}, {"embed", void | breakout},
	{"feimage", 0}, {"fencedframe", 0}, {"figure", wrapper}, {"font", 0}, {"footer", wrapper}, {"foreignobject", 0}, {"form", wrapper},
	{"frame", void}, {"frameset", 0},
	{"h1", breakout}, {"h2", breakout}, {"h3", breakout}, {"h4", breakout}, {"h5", breakout}, {"h6", breakout},
	{"head", breakout}, {"header", wrapper}, {"hr", void | breakout}, {"html", 0},
	{"i", breakout}, {"iframe", rawText}, {"image", void}, {"img", void | breakout}, {"input", void},
	{"keygen", void},
	{"label", wrapper}, {"li", breakout}, {"link", void | metadata}, {"listing", breakout},
	{"main", wrapper}, {"malignmark", 0}, {"math", 0}, {"menu", breakout}, {"meta", void | breakout | metadata},
	{"mglyph", 0}, {"mi", 0}, {"mn", 0}, {"mo", 0}, {"ms", 0}, {"mtext", 0},
	{"nav", wrapper}, {"nobr", breakout}, {"noembed", rawText}, {"noframes", rawText | metadata},
	{"noscript", rawText | metadata},
	{"object", 0}, {"ol", breakout},
	{"p", breakout}, {"param", void}, {"plaintext", rawText}, {"portal", 0}, {"pre", breakout},
	{"ruby", breakout},
	{"s", breakout}, {"script", rawText | metadata}, {"section", wrapper}, {"small", breakout}, {"source", void},
	{"span", breakout}, {"strike", breakout}, {"strong", breakout}, {"style", rawText | metadata},
	{"sub", breakout}, {"sup", breakout}, {"svg", 0},
	{"table", breakout}, {"td", wrapper}, {"template", metadata}, {"textarea", rawText}, {"th", wrapper},
	{"title", rawText | metadata}, {"tr", wrapper}, {"track", void}, {"tt", breakout},
	{"u", breakout}, {"ul", breakout}, {"use", 0},
	{"var", breakout}, {"video", 0},
	{"wbr", void},
	{"xmp", rawText},
}

// longestName bounds the names worth looking up.
const longestName = len("annotation-xml")

// unknown stands for every name that elements does not list.
var unknown element

// slots is the size of byName, a power of two.
const slots = 512

// byName is an open-addressed table over elements, at most a quarter full, so
// that a name is found in one or two comparisons and without allocation.
var byName = func() (table [slots]*element) {
	all := make([]element, len(elements))
	for i, known := range elements {
		all[i] = element{known.name, known.traits, loads[known.name]}
		if isLooked(known.name, known.traits) {
			all[i].traits |= looked
		}
		at := hash([]byte(known.name)) % slots
		for table[at] != nil {
			at = (at + 1) % slots
		}
		table[at] = &all[i]
	}
	return table
}()

// lookup finds the element called name, in whatever case it is written; key is
// the name's hash.
func lookup(name []byte, key uint32) *element {
	if len(name) > longestName {
		return &unknown
	}
	for at := key % slots; byName[at] != nil; at = (at + 1) % slots {
		if equalFold(name, byName[at].name) {
			return byName[at]
		}
	}
	return &unknown
}

// hash is FNV-1a over the name in lower case.
func hash(name []byte) uint32 {
	h := uint32(2166136261)
	for _, c := range name {
		h = (h ^ uint32(toLower(c))) * 16777619
	}
	return h
}
