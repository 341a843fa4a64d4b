// Command serve runs the providers' stand-ins for tests in browsers, until it is
// interrupted or its standard input ends:
//
//	go run ./internal/captcha/captchatest/serve [-tls] [-listen 127.0.0.1:0]
//
// Its first line says where it listens and by which accounts, as JSON: address, and under
// certificate the PEM that it shows, if it does TLS.
package main

import (
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"os/signal"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha/captchatest"
)

func main() {
	encrypted := flag.Bool("tls", false, "answer by TLS, with a certificate for 127.0.0.1 and example.com")
	listen := flag.String("listen", "127.0.0.1:0", "where to listen")
	flag.Parse()
	if err := serve(*listen, *encrypted); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(listen string, encrypted bool) error {
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	s := captchatest.New(time.Now)
	server := httptest.NewUnstartedServer(s)
	_ = server.Listener.Close()
	server.Listener = listener
	told := map[string]any{"accounts": captchatest.Accounts}
	if encrypted {
		server.StartTLS()
		told["certificate"] = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	} else {
		server.Start()
	}
	defer server.Close()
	defer s.Close()
	told["address"] = server.URL
	line, err := json.Marshal(told)
	if err != nil {
		return err
	}
	fmt.Println(string(line))
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	select {
	case <-interrupted:
	case <-ended:
	}
	return nil
}
