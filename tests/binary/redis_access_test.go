//go:build unix

package binary

import (
	"strings"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

// The server lets in one user by his password, over TLS only; the password is
// in a file and stays there.
func TestUserOverTLSIsLetInAndHisPasswordShownNowhere(t *testing.T) {
	t.Parallel()
	const password = "canary-of-the-password"
	server := storetest.StartRedis(t)
	g := newGateway(t, settings{})
	certificate, key, _ := storetest.SelfSigned(t, time.Now())
	for _, option := range [][2]string{
		{"tls-auth-clients", "no"}, {"tls-cert-file", certificate}, {"tls-key-file", key}, {"tls-ca-cert-file", certificate},
	} {
		server.Do(t, "CONFIG", "SET", option[0], option[1])
	}
	secure := server.OpenTLS(t)
	server.Do(t, "ACL", "SETUSER", "gateway", "on", ">"+password, "~privacy:*", "+@all")

	with := inFrontOf(newOrigin(t))
	with.global = "\tdebug\n\tprivacy {\n\t\tstore redis " + secure + " {\n\t\t\tusername gateway\n\t\t\tpassword {file." +
		write(t, g.folder, "password", password+"\n") + "}\n\t\t\ttls {\n\t\t\t\tca " + certificate + "\n\t\t\t}\n\t\t}\n\t}"
	with.write(t, g)
	g.start(t)
	v := newVisitor(g).accept(t)
	wantInRedis(t, []*storetest.Server{server}, v)

	for where, text := range map[string]string{
		"the log": read(t, g.log), "the configuration": g.ask(t, "/config/"),
		"the report": g.ask(t, "/privacy/report"), "the metrics": g.ask(t, "/metrics"),
	} {
		if strings.Contains(text, password) {
			t.Errorf("%s shows the password", where)
		}
	}
}

// A password that is changed on the server first keeps the gateway out until its
// owner follows; what visitors chose meanwhile arrives afterwards.
func TestPasswordChangedOnTheServerLosesNothing(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t)
	server.Do(t, "ACL", "SETUSER", "gateway", "on", ">old", "~privacy:*", "+@all")
	with := inFrontOf(newOrigin(t))
	with.global = "\tprivacy {\n\t\tstore redis " + server.Address + " {\n\t\t\tusername gateway\n\t\t\tpassword old\n\t\t}\n\t}"
	g := startGateway(t, with)
	before := newVisitor(g).accept(t)
	wantInRedis(t, []*storetest.Server{server}, before)

	server.Do(t, "ACL", "SETUSER", "gateway", "resetpass", ">new")
	server.Do(t, "CLIENT", "KILL", "USER", "gateway")
	during := newVisitor(g).accept(t)
	storetest.Eventually(t, "the report says that Redis refuses", func() bool {
		return strings.Contains(g.ask(t, "/privacy/report"), `"queued":1,"trouble":"refused"`)
	})
	g.caddy(t, "privacy", "report", "--address", g.admin).succeeds(t).says(t, "not reachable", "refused", "receipts waiting: 1")
	for _, v := range []*visitor{before, during} {
		if err := v.accepted(); err != nil {
			t.Error(err)
		}
		v.wantReceipts(t)
	}
	with.global = strings.Replace(with.global, "password old", "password new", 1)
	g.reload(t, with).succeeds(t)
	wantInRedis(t, []*storetest.Server{server}, before, during, newVisitor(g).accept(t))
}
