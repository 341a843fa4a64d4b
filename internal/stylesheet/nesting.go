package stylesheet

// maxFrames is how deep brackets may nest. Deeper sheets are not followed: all
// their strings are taken for addresses from there on.
const maxFrames = 1024

// nesting is what surrounds the next token.
type nesting struct {
	frames []frame

	loads   bool // strings are addresses here
	opening bool // a declaration may begin here
	deep    bool // there were more than maxFrames

	// inside is the statement that decides what strings are, and depth the number
	// of frames around it.
	inside statement
	depth  int
}

// A statement is a declaration, or an at-rule up to its block.
type statement uint8

const (
	ordinary      statement = iota
	property                // its strings may become addresses elsewhere
	importRule              // its strings are addresses
	namespaceRule           // it loads nothing, not even a url()
)

// A frame is an open bracket.
type frame struct {
	closing byte
	loads   bool // what strings are outside
}

// push opens a bracket.
func (n *nesting) push(closing byte, loads bool) {
	if n.deep || len(n.frames) == maxFrames {
		n.deep, n.loads, n.inside = true, true, ordinary
		return
	}
	n.frames = append(n.frames, frame{closing, n.loads})
	n.loads = loads
}

// bracket opens or closes one that is not of a function. What closes another
// one than the last is a token like any other.
func (n *nesting) bracket(c byte) {
	switch c {
	case '[':
		n.push(']', n.loads)
	case '{':
		if n.inside != property {
			n.leave()
		}
		n.push('}', n.loads)
		n.opening = true
	default:
		if top := len(n.frames) - 1; top >= 0 && !n.deep && n.frames[top].closing == c {
			n.loads = n.frames[top].loads
			n.frames = n.frames[:top]
			if top < n.depth {
				n.inside = ordinary
			}
		}
		if c == '}' {
			n.opening = true
		}
	}
}

// enter begins a statement, unless one around it says already that strings are
// addresses.
func (n *nesting) enter(what statement) {
	if n.loads || n.deep {
		return
	}
	n.inside, n.depth = what, len(n.frames)
	n.loads = what != namespaceRule
}

// leave ends the statement, unless the next token is within brackets of it.
func (n *nesting) leave() {
	if n.inside != ordinary && n.depth == len(n.frames) {
		n.inside, n.loads = ordinary, false
	}
}

// function opens the bracket of a function. It reports whether what comes next
// may be an address without quotes.
func (s *scanner) function(n name) bool {
	switch string(n.text[:n.length]) {
	case "url":
		s.mode = beforeURL
		return true
	case "src", "image", "image-set", "-webkit-image-set", "cross-fade", "-webkit-cross-fade":
		s.push(')', true)
	case "type", "format", "tech", "supports", "layer", "integrity":
		s.push(')', false)
	default:
		s.push(')', s.loads)
	}
	return false
}
