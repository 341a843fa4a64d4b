// Package transfer keeps data where they may go: it knows the country of an
// address, the law that holds there, and who the declared recipients are, and
// makes connections only where all three agree.
//
// A connection must pass two tests. The address really connected to must lie in
// the area that the owner chose, and whoever answers there must be declared and
// belong to it, with parent and sub-recipients. Neither proves the other: a
// company outside has servers inside, and the reverse. What is not known is
// refused, and what the owner excepts is named, with the basis in law that he
// claims for it. Nothing here says that a transfer is lawful.
//
// Decide is the one place of the decision; a Dialer obeys it for every address
// before the first packet, a Register counts what came of it. No value of this
// package holds anything about visitors.
package transfer
