package caddymodule

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"go.uber.org/zap"

	"github.com/caddy-privacy/caddy-privacy/internal/mirror"
)

// The gateway's own addresses. Everything it serves itself lies under one
// folder, but for what a standard places elsewhere.
const (
	ownFolder   = "/.privacy/"
	choicePath  = ownFolder + "choice"
	receiptPath = ownFolder + "receipt"
	heldPath    = ownFolder + "held"
	gpcPath     = "/.well-known/gpc.json"

	toldPath = ownFolder + "report"
)

// ownHandler answers a request for one of the gateway's own pages.
type ownHandler func(http.ResponseWriter, *http.Request, *visit) error

// ownPage finds who answers a request for a path that is meant for the gateway itself; nil
// for all others.
func (g *Gateway) ownPage(path string) ownHandler {
	if len(path) < 2 || path[1] != '.' {
		return nil // the fast way out, for the site's own pages
	}
	switch path {
	case strings.TrimSuffix(ownFolder, "/"):
		return g.toFolder
	case ownFolder:
		return g.servePrivacyPage
	case choicePath:
		return g.serveChoice
	case receiptPath:
		return g.serveReceipt
	case heldPath:
		return g.serveHeld
	case toldPath:
		return g.serveTold
	case formsPath:
		return g.serveForms
	case challengePath:
		return g.serveChallenge
	case gpcPath:
		return serveGPC
	}
	if strings.HasPrefix(path, mirror.Prefix) && g.mirrors() {
		return g.serveMirror
	}
	if strings.HasPrefix(path, ownFolder) {
		return g.notFound
	}
	return nil
}

func (g *Gateway) toFolder(w http.ResponseWriter, r *http.Request, _ *visit) error {
	http.Redirect(w, r, ownFolder, http.StatusMovedPermanently)
	return nil
}

// serveGPC says that the site honours Global Privacy Control (w3c/gpc, "GPC
// Support Resource").
func serveGPC(w http.ResponseWriter, r *http.Request, _ *visit) error {
	if !readOnly(w, r) {
		return nil
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "public, max-age=86400")
	_, err := w.Write([]byte(`{"gpc":true,"lastUpdate":"2026-11-23"}` + "\n"))
	return err
}

// readOnly refuses methods other than GET and HEAD.
func readOnly(w http.ResponseWriter, r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return true
	}
	w.Header().Set("Allow", "GET, HEAD")
	w.WriteHeader(http.StatusMethodNotAllowed)
	return false
}

// serveReceipt hands the visitor the receipts of his choices, oldest first: the
// evidence that is kept about him, and all of it.
func (g *Gateway) serveReceipt(w http.ResponseWriter, r *http.Request, v *visit) error {
	if !readOnly(w, r) {
		return nil
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	if v.record.ID == "" {
		http.Error(w, "no choice has been made in this browser", http.StatusNotFound)
		return nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), storePatience)
	defer cancel()
	history, err := g.app.store.History(ctx, v.record.ID)
	if err != nil {
		g.logger.Error("receipts cannot be read", zap.Error(err))
		http.Error(w, "the receipts cannot be read at the moment: please try again later", http.StatusServiceUnavailable)
		return nil
	}
	receipts := make([]json.RawMessage, len(history))
	for i := range history {
		receipts[i] = history[i].Body
	}
	h.Set("Content-Type", "application/ld+json")
	h.Set("Content-Disposition", `attachment; filename="privacy-choices.json"`)
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(receipts)
}
