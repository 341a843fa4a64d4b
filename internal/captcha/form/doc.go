// Package form finds what the gateway has put into a form in the body of the
// request that sends it, and takes it out before the site sees it.
//
// Everything else in the body stays byte for byte, and streams: at most the
// beginning of a body is ever held. What cannot be read holds no token; there is
// no third answer by which a request could slip through.
package form

// The names of the fields that the gateway adds to forms. Of a form that the site
// itself has made, all are foreign; no site is known to use them.
const (
	// Token holds the proof, or the provider's answer.
	Token = "say-token"
	// Trap is out of sight and of reach of the keyboard. Only programs fill it in.
	Trap = "say-website"
	// Sealed holds the form as it was sent first, in the page that asks for the
	// proof afterwards.
	Sealed = "say-sealed"
	// Answer is what a visitor without scripts answers there.
	Answer = "say-answer"
)

// prefix is how all of them begin.
const prefix = "say-"

// Header names the request header that brings the token where the body has no
// fields: with JSON, or whatever else a script sends.
const Header = "Privacy-Captcha"

// Bounds, in bytes.
const (
	// DefaultPeek is how much of a form is held while its fields are looked for.
	DefaultPeek = 64 << 10
	// uploadPeek is how much of a form with files is. The gateway's fields are its
	// first ones: what follows is not held.
	uploadPeek = 16 << 10
	// SealedPeek is how much of a form is that holds a sealed one: 64 KiB in base64,
	// with what goes with it.
	SealedPeek = 128 << 10
	// MaxToken is that of a token. Those of providers have up to some 4 KiB.
	MaxToken = 8 << 10
)

// Found is what a request brought.
type Found struct {
	Token   string // empty: none, and Why says why
	Sealed  string
	Answer  string
	Trapped bool // the trap was filled in
	Why     Why
	Cut     int64 // by how many bytes the body has become shorter
}

// Why says why there is no token, in words that fit a metric's label.
type Why string

const (
	Absent    Why = "absent"    // the request could hold one and does not
	Fieldless Why = "fieldless" // no body that has fields, and no header
	Untyped   Why = "untyped"   // Content-Type is missing, repeated or malformed
	Encoded   Why = "encoded"   // the body is compressed
	Unbounded Why = "unbounded" // a multipart body without a boundary that may stand in one
	Malformed Why = "malformed" // the body is not what its type says
	Repeated  Why = "repeated"  // there are several, which no form has
	Beyond    Why = "beyond"    // it is too long, or further back in the body than is read
)
