package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generator"
)

// Exit codes beside those of generator.Run: the answer is no, and there is none.
const (
	exitNo           = 1
	exitInconclusive = 3
)

const (
	// probeTokenEnv holds the auth token to sign with.
	probeTokenEnv = "TWILIO_AUTH_TOKEN"
	// probeUserEnv and probePasswordEnv hold the HTTP credentials.
	probeUserEnv, probePasswordEnv = "RINGFENCE_PROBE_USER", "RINGFENCE_PROBE_PASSWORD"

	maxProbeTimeout = time.Minute
	// probeTotal bounds a whole run.
	probeTotal = 5 * time.Minute
)

var probeVerb = generator.Verb{
	Name: "probe",
	Doc:  "test whether an endpoint lets only signed requests through",
	Usage: `Usage: ringfence probe [flags] URL

Sends signed requests and forged ones (GET, form POST, JSON POST) to an endpoint of yours, one at a time, and says whether it is
protected: every signed request is answered with 2xx, and every forged one with 401 or 403. Redirects are not followed.

Signed requests run the endpoint's handler, as a webhook of Twilio's does: try it where a text message or a call from nowhere does no
harm. Their parameters are AccountSid, MessageSid, From, To and Body.

  -invalid-only
        send no signed requests, so that the handler runs only if there is a hole. Without them it stays unknown whether token and URL
        are the endpoint's, so that the verdict is at best inconclusive
  -send KINDS
        what to send, of get, form and json (default get,form,json). Leave out what the endpoint does not serve
  -param NAME=VALUE
        a further or another parameter of the GET and the form, such as an AccountSid that the endpoint knows; may be repeated
  -public-url URL
        the origin that the endpoint believes it has (scheme, host, port, path prefix), where that is not URL's. It is signed, and its
        host is sent in the Host header
  -token-file FILE
        read the auth token from FILE, or from standard input where FILE is - (default: from the environment)
  -timeout DURATION
        wait that long for each answer, at most 1m (default 10s)
  -json
        print one JSON object instead of a table

Environment:
  TWILIO_AUTH_TOKEN                               the auth token of the endpoint's account
  RINGFENCE_PROBE_USER, RINGFENCE_PROBE_PASSWORD  HTTP Basic or Digest credentials, where the endpoint asks for them. The probe then
                                                  also tries to get by without

Exit status: 0 protected, 1 NOT PROTECTED, 2 wrong usage or failure, 3 inconclusive.
`,
	Run: runProbe,
}

// probeOptions are the command line and the environment of a probe.
type probeOptions struct {
	endpoint    endpoint
	token       core.Token
	kinds       []kind
	params      url.Values
	credentials *credentials
	invalidOnly bool
	asJSON      bool
	timeout     time.Duration
}

func runProbe(c generator.Call) (int, error) {
	options, err := parseProbe(c)
	if err != nil {
		return 0, err
	}
	probes, err := options.probes()
	if err != nil {
		return 0, errors.New(plainError(err))
	}
	progress := newProgress(c.Stderr, options.asJSON, len(probes))
	progress.announce(probes, options.endpoint)
	ctx, cancel := context.WithTimeout(context.Background(), probeTotal)
	defer cancel()
	results := newSender(options).sendAll(ctx, probes, progress)
	r := judge(results, options)
	if options.asJSON {
		return r.exitCode(), r.writeJSON(c.Stdout)
	}
	return r.exitCode(), r.writeTable(c.Stdout)
}

// parseProbe reads flags, which may also stand after the URL, and the environment.
func parseProbe(c generator.Call) (probeOptions, error) {
	o := probeOptions{params: url.Values{}}
	flags := flag.NewFlagSet("probe", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&o.invalidOnly, "invalid-only", false, "")
	flags.BoolVar(&o.asJSON, "json", false, "")
	o.timeout = 10 * time.Second
	flags.Func("timeout", "", func(text string) (err error) {
		if o.timeout, err = time.ParseDuration(text); err != nil {
			return errors.New("want a number and a unit, such as 10s")
		}
		return nil
	})
	send := flags.String("send", "get,form,json", "")
	publicURL := flags.String("public-url", "", "")
	tokenFile := flags.String("token-file", "", "")
	flags.Func("param", "", func(text string) error {
		name, value, found := strings.Cut(text, "=")
		if !found || name == "" {
			return errors.New("want NAME=VALUE")
		}
		o.params.Set(name, value)
		return nil
	})
	rawURL, err := parseAround(flags, c.Args)
	if err != nil {
		return o, err
	}
	if o.timeout <= 0 || o.timeout > maxProbeTimeout {
		return o, fmt.Errorf("-timeout %s: want more than 0 and at most %s", o.timeout, maxProbeTimeout)
	}
	if o.endpoint, err = newEndpoint(rawURL, *publicURL); err != nil {
		return o, err
	}
	if o.kinds, err = parseKinds(*send); err != nil {
		return o, err
	}
	if o.credentials, err = readCredentials(c.Getenv); err != nil {
		return o, err
	}
	o.token, err = readToken(c, *tokenFile)
	return o, err
}

// parseAround parses flags before and after the one argument, and returns it.
func parseAround(flags *flag.FlagSet, args []string) (argument string, err error) {
	if err := flags.Parse(args); err != nil {
		return "", fmt.Errorf("%w: ringfence probe -h lists the flags", err)
	}
	argument = flags.Arg(0)
	if argument == "" {
		return "", errors.New("no URL given: ringfence probe URL, and ringfence probe -h explains it")
	}
	if err := flags.Parse(flags.Args()[1:]); err != nil {
		return "", fmt.Errorf("%w: ringfence probe -h lists the flags", err)
	}
	if flags.NArg() > 0 {
		return "", fmt.Errorf("unexpected argument %q: probe takes one URL", flags.Arg(0))
	}
	return argument, nil
}

func parseKinds(list string) ([]kind, error) {
	var kinds []kind
	for _, word := range strings.Split(list, ",") {
		k := kind(strings.TrimSpace(word))
		if k != kindGet && k != kindForm && k != kindJSON {
			return nil, fmt.Errorf("-send: unknown kind %q; have get, form, json", k)
		}
		for _, earlier := range kinds {
			if earlier == k {
				return nil, fmt.Errorf("-send names %s twice", k)
			}
		}
		kinds = append(kinds, k)
	}
	return kinds, nil
}
