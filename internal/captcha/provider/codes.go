package provider

import "github.com/caddy-privacy/caddy-privacy/internal/captcha"

// What the codes of errors mean. A code that is in no table is the provider's failure.

// siteverifyCodes are those of reCAPTCHA, hCaptcha and Turnstile, which mean the same
// wherever two of them have the same.
var siteverifyCodes = map[string]result{
	"missing-input-secret":   misconfigured("missing-input-secret", "the secret did not arrive"),
	"invalid-input-secret":   misconfigured("invalid-input-secret", "the secret is wrong"),
	"missing-input-response": visitor(captcha.Missing),
	"invalid-input-response": visitor(captcha.Malformed),
	"bad-request":            misconfigured("bad-request", "see the kind, the keys and the host"),
	"timeout-or-duplicate":   visitor(captcha.Expired), // which of the two is not said

	"browser-error": visitor(captcha.Unsolved), // reCAPTCHA: the browser could not finish

	"internal-error": unreachable("internal-error"), // Turnstile: it can be asked again

	// hCaptcha's own.
	"invalid-or-already-seen-response": visitor(captcha.Spent),
	"already-seen-response":            visitor(captcha.Spent),
	"expired-input-response":           visitor(captcha.Expired),
	"not-using-dummy-passcode":         misconfigured("not-using-dummy-passcode", "the site key is a public test key, and the secret is not"),
	"not-using-dummy-secret":           misconfigured("not-using-dummy-secret", "the site key is a public test key, and the secret is not"),
	"sitekey-secret-mismatch":          misconfigured("sitekey-secret-mismatch", "the site key and the secret do not belong together"),
	"missing-remoteip":                 misconfigured("missing-remoteip", "the account demands the visitor's address, which is not sent"),
	"invalid-remoteip":                 misconfigured("invalid-remoteip", "it does not take the visitor's address"),
}

// assessmentReasons are those of Enterprise for which a token is invalid (InvalidReason of
// v1; SITE_MISMATCH was in v1beta1).
var assessmentReasons = map[string]result{
	"":                           visitor(captcha.Malformed), // a plain no
	"INVALID_REASON_UNSPECIFIED": visitor(captcha.Malformed),
	"UNKNOWN_INVALID_REASON":     visitor(captcha.Malformed),
	"MALFORMED":                  visitor(captcha.Malformed),
	"EXPIRED":                    visitor(captcha.Expired),
	"DUPE":                       visitor(captcha.Spent),
	"MISSING":                    visitor(captcha.Missing),
	"SITE_MISMATCH":              visitor(captcha.Elsewhere),
	"BROWSER_ERROR":              visitor(captcha.Unsolved),
	"UNEXPECTED_ACTION":          visitor(captcha.Elsewhere),
}

// assessmentStatuses are the errors of Google's interfaces that say more than the status of
// HTTP (google.rpc.Code).
var assessmentStatuses = map[string]result{
	"INVALID_ARGUMENT":   misconfigured("INVALID_ARGUMENT", "see the API key, the site key and the project"),
	"UNAUTHENTICATED":    misconfigured("UNAUTHENTICATED", "the API key is wrong"),
	"PERMISSION_DENIED":  misconfigured("PERMISSION_DENIED", "the API key may not be used for this: see its restrictions, and that the interface is enabled in the project"),
	"NOT_FOUND":          misconfigured("NOT_FOUND", "there is no such project"),
	"RESOURCE_EXHAUSTED": operator(captcha.OverQuota, "RESOURCE_EXHAUSTED, the quota is used up: see the project's billing"),
	"INTERNAL":           unreachable("INTERNAL"),
	"UNAVAILABLE":        unreachable("UNAVAILABLE"),
	"DEADLINE_EXCEEDED":  unreachable("DEADLINE_EXCEEDED"),
}

// friendlyCodes are those of Friendly Captcha.
var friendlyCodes = map[string]result{
	"auth_required":         misconfigured("auth_required", "the API key did not arrive"),
	"auth_invalid":          misconfigured("auth_invalid", "the API key is wrong"),
	"sitekey_invalid":       misconfigured("sitekey_invalid", "the site key is wrong"),
	"bad_request":           misconfigured("bad_request", "see the keys and the host"),
	"method_not_allowed":    misconfigured("method_not_allowed", "see the host"),
	"response_missing":      visitor(captcha.Missing),
	"response_invalid":      visitor(captcha.Malformed),
	"response_timeout":      visitor(captcha.Expired),
	"response_duplicate":    visitor(captcha.Spent),
	"internal_server_error": unreachable("internal_server_error"),
}

func misconfigured(code, why string) result {
	return operator(captcha.Misconfigured, code+", "+why)
}
