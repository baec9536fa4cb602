package golden

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/ringfence-go/ringfence/core"
)

// Serve mounts an adapter around v before h, for all methods and paths, without routing, redirects or recovery of its own before
// it, and serves ln until it is closed.
type Serve func(ln net.Listener, v *core.Validator, h *Handler) error

// ReadTimeout is how long the playgrounds' servers wait for the rest of a request: less than the Timeout of a client that never
// sends it. A server without one can be kept waiting for ever.
const ReadTimeout = 3 * time.Second

// ServeHTTP serves ln with a net/http handler, as a [Serve] of that family does. Before the handler there is nothing but the server.
func ServeHTTP(ln net.Listener, handler http.Handler) error {
	server := http.Server{Handler: handler, ReadTimeout: ReadTimeout, IdleTimeout: time.Minute}
	return server.Serve(ln)
}

// Playground is the whole main function of an adapter's playground. It reads the flags
//
//	-config FILE   JSON with the keys of Config (required)
//	-listen ADDR   the TCP address to listen on (default 127.0.0.1:0, a free port)
//
// prints "listening on http://ADDR" as the first line of standard output, logs every refusal with its reason to standard error, below
// it the request as JSON that ringfence explain reads, if its signature does not match, and serves until SIGINT or SIGTERM. That JSON
// holds the request's values, and no credentials. It exits with status 2, the reason on standard error, for flags or a configuration that
// it cannot use.
func Playground(serve Serve) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := playground(ctx, os.Args[1:], os.Stdout, os.Stderr, serve); err != nil {
		fmt.Fprintln(os.Stderr, "playground:", err)
		os.Exit(2)
	}
}

func playground(ctx context.Context, args []string, stdout, stderr io.Writer, serve Serve) error {
	flags := flag.NewFlagSet("playground", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // an error is one line, printed by Playground
	file := flags.String("config", "", "read the configuration from `FILE` (JSON)")
	listen := flags.String("listen", "127.0.0.1:0", "listen on this TCP `ADDR`")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(stderr, "usage: playground -config FILE [-listen ADDR]")
		flags.SetOutput(stderr)
		flags.PrintDefaults()
		return nil
	case err != nil:
		return err
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case *file == "":
		return errors.New("no configuration: give -config FILE")
	}
	config, err := ReadConfig(*file)
	if err != nil {
		return err
	}
	v, err := config.Validator(slog.New(slog.NewTextHandler(stderr, nil)))
	if err != nil {
		return err
	}
	requests, err := newRequestLog(config, stderr)
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "listening on http://%s\n", ln.Addr())
	return serveUntil(ctx, requests.listener(ln), v, serve)
}

// serveUntil serves until ctx ends, which is no error, or until serve gives up by itself, which is one.
func serveUntil(ctx context.Context, ln net.Listener, v *core.Validator, serve Serve) error {
	done := context.AfterFunc(ctx, func() { _ = ln.Close() })
	defer done()
	err := serve(ln, v, new(Handler))
	switch {
	case ctx.Err() != nil:
		return nil
	case err == nil:
		return errors.New("the server stopped")
	default:
		return err
	}
}
