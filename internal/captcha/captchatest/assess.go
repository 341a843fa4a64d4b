package captchatest

import (
	"encoding/json"
	"net/http"
)

// assess is https://docs.cloud.google.com/recaptcha/docs/reference/rest/v1/projects.assessments/create.
func (s *Server) assess(w http.ResponseWriter, r *http.Request) {
	account := Accounts["recaptcha enterprise"]
	var asked struct {
		Event struct {
			Token          string `json:"token"`
			SiteKey        string `json:"siteKey"`
			ExpectedAction string `json:"expectedAction"`
		} `json:"event"`
	}
	switch {
	case s.refused(w):
	case r.URL.Query().Get("key") == "":
		refuse(w, http.StatusForbidden, "PERMISSION_DENIED", "Method doesn't allow unregistered callers.", "")
	case r.URL.Query().Get("key") != account.Secret:
		refuse(w, http.StatusBadRequest, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", "API_KEY_INVALID")
	case r.PathValue("project") != account.Project:
		refuse(w, http.StatusForbidden, "PERMISSION_DENIED", "The caller does not have permission", "")
	case json.NewDecoder(r.Body).Decode(&asked) != nil || asked.Event.SiteKey == "":
		refuse(w, http.StatusBadRequest, "INVALID_ARGUMENT", "Request contains an invalid argument.", "")
	default:
		s.assessed(w, asked.Event.Token, asked.Event.SiteKey, asked.Event.ExpectedAction)
	}
}

func (s *Server) assessed(w http.ResponseWriter, text, site, action string) {
	t, wrong := s.spend(text, "")
	reason := "INVALID_REASON_UNSPECIFIED"
	switch {
	case text == "":
		reason = "MISSING"
	case wrong == "expired":
		reason = "EXPIRED"
	case wrong == "used":
		reason = "DUPE"
	case wrong != "" || t.account.Site != site:
		reason = "MALFORMED"
	}
	if said := s.said(Recaptcha, nil); said != nil {
		reason = said[0]
	}
	properties := map[string]any{"valid": reason == "INVALID_REASON_UNSPECIFIED", "invalidReason": reason}
	risk := map[string]any{"score": 0.0, "reasons": []string{}}
	if properties["valid"] == true {
		properties["hostname"], properties["action"], properties["createTime"] = t.host, t.action, s.stamp(t.made)
		risk["score"] = s.scored()
	}
	answer(w, http.StatusOK, map[string]any{
		"name":            "projects/1/assessments/1",
		"event":           map[string]any{"token": text, "siteKey": site, "expectedAction": action},
		"riskAnalysis":    risk,
		"tokenProperties": properties,
	})
}

// statuses are the errors of google.rpc.Code, with their status of HTTP.
var statuses = map[string]int{
	"INVALID_ARGUMENT": 400, "UNAUTHENTICATED": 401, "PERMISSION_DENIED": 403, "NOT_FOUND": 404,
	"RESOURCE_EXHAUSTED": 429, "INTERNAL": 500, "UNAVAILABLE": 503, "DEADLINE_EXCEEDED": 504,
}

// refused answers with the error that a test has asked for, if it is one of Google's
// interfaces rather than a reason of tokens.
func (s *Server) refused(w http.ResponseWriter) bool {
	said := s.said(Recaptcha, nil)
	if said == nil || statuses[said[0]] == 0 {
		return false
	}
	refuse(w, statuses[said[0]], said[0], "As documented.", "")
	return true
}

func refuse(w http.ResponseWriter, status int, code, message, reason string) {
	fault := map[string]any{"code": status, "message": message, "status": code}
	if reason != "" {
		fault["details"] = []any{map[string]any{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com",
			"metadata": map[string]any{"service": "recaptchaenterprise.googleapis.com"}}}
	}
	answer(w, status, map[string]any{"error": fault})
}
