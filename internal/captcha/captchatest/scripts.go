package captchatest

import (
	"embed"
	"io"
	"net/http"
)

//go:embed scripts
var files embed.FS

// scripts are what browsers load, by the paths of the providers. What a page gets is a loader
// or a script; what is asked of the visitor stands in a frame of the provider, so that a
// policy that forbids the frame keeps tokens from being made.
func (s *Server) scripts() {
	script := func(pattern string, service Service, names ...string) {
		s.mux.HandleFunc("GET "+pattern, s.part(service, Scripts, serve("text/javascript; charset=utf-8", names)))
	}
	script("/recaptcha/api.js", Recaptcha, "recaptcha-loader.js")
	script("/recaptcha/enterprise.js", Recaptcha, "recaptcha-loader.js")
	script("/recaptcha/releases/{release}/recaptcha__en.js", Recaptcha, "widget.js", "recaptcha.js")
	script("/1/api.js", HCaptcha, "widget.js", "hcaptcha.js")
	script("/turnstile/v0/api.js", Turnstile, "widget.js", "turnstile.js")
	script("/npm/@friendlycaptcha/{release}/site.compat.min.js", Friendly, "widget.js", "friendly.js")
	frame := func(pattern string, service Service) {
		s.mux.HandleFunc("GET "+pattern, s.part(service, Scripts, serve("text/html; charset=utf-8", []string{"frame.html"})))
	}
	frame("/recaptcha/api2/anchor", Recaptcha)
	frame("/captcha/v1/1/static/hcaptcha.html", HCaptcha)
	frame("/cdn-cgi/challenge-platform/turnstile/if", Turnstile)
	frame("/api/v2/captcha/widget", Friendly)
	s.mux.HandleFunc("POST /mint", s.serveMint)
}

// serve answers with files, scripts each in one scope of their own.
func serve(contentType string, names []string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Content-Type", contentType)
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		h.Set("Cache-Control", "no-store")
		scoped := len(names) > 1
		if scoped {
			_, _ = io.WriteString(w, "(function () {\n")
		}
		for _, name := range names {
			text, err := files.ReadFile("scripts/" + name)
			if err != nil {
				panic(err)
			}
			_, _ = w.Write(text)
		}
		if scoped {
			_, _ = io.WriteString(w, "})();\n")
		}
	}
}

// serveMint is what the frames ask for tokens. Each site key belongs to a provider, whose
// request this is.
func (s *Server) serveMint(w http.ResponseWriter, r *http.Request) {
	form := readForm(r)
	for _, a := range Accounts {
		if a.Site == form.Get("key") {
			s.part(a.Service, Scripts, func(w http.ResponseWriter, _ *http.Request) {
				answer(w, http.StatusOK, map[string]any{"token": s.mint(a, form.Get("origin"), form.Get("action"))})
			})(w, r)
			return
		}
	}
	http.Error(w, "no such site key", http.StatusNotFound)
}
