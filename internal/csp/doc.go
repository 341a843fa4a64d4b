// Package csp reads and edits Content-Security-Policy as browsers read it
// (Content Security Policy Level 3).
//
// It answers what a site's policies let a page load, and adds to them what the
// gateway needs and nothing else. Every byte that is not edited leaves as it
// came.
package csp
