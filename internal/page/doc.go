// Package page reads HTML as it streams through the gateway and edits it in
// place: what is not edited leaves byte for byte as it came. It also edits what
// goes with a page: its entity tag.
package page
