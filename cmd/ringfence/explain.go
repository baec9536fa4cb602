package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generator"
)

var explainVerb = generator.Verb{
	Name: "explain",
	Doc:  "say why a captured request's signature does not match",
	Usage: `Usage: ringfence explain [flags] FILE

Reads a captured request from FILE, or from standard input where FILE is -, and says whether the validator accepts it. Where it does
not, it looks for the smallest change that would have made the signature match, and says what to change. It never prints a token or a
signature.

FILE holds one of
  - the raw HTTP/1 request: request line, header lines, an empty line, the body
  - a HAR file, as browsers and tunnels export it; of several entries the first with an X-Twilio-Signature counts
  - what curl -v printed; the body, which curl does not print, comes with -body
  - a curl command, as browsers copy it and ringfence sign -curl prints it
  - a JSON object with the keys method, target (path and query as received) or url, headers (a list of [name, value], or an object),
    body or body_base64, and optionally peer (the IP address of the socket's other end) and tls (whether the socket was TLS); the
    adapters' playgrounds log one below each refusal of a signature

Flags:
  -public-url URL
        the origin that your validator is configured with, PublicURL; may be repeated. Default: that of the capture's URL, or https:// and
        the Host header
  -allowed-host HOST, -trusted-proxy RANGE
        AllowedHosts and TrustedProxies of a validator that derives the origin instead; may be repeated
  -peer ADDR, -tls
        the socket's other end, and that the socket itself was TLS, for -trusted-proxy and -allowed-host
  -url URL
        a full URL that Twilio is configured with, as its console shows it; may be repeated
  -token-env NAME
        an environment variable with an auth token; may be repeated (default TWILIO_AUTH_TOKEN)
  -token-file FILE
        read the auth token from FILE, or from standard input where FILE is -
  -other-token-env NAME, -api-key-env NAME
        an environment variable with another account's or a retired token, or with an API key's secret, that may have signed by mistake;
        may be repeated
  -body FILE
        the request's body
  -show-values
        show the values of parameters, which are masked by default

Exit status: 0 the signature matches, 1 it does not, 2 wrong usage or an unreadable capture.
`,
	Run: explain,
}

// maxCapture bounds what is read of a capture or a body.
const maxCapture = 16 << 20

// explainOptions are the command line of ringfence explain.
type explainOptions struct {
	file, body, tokenFile        string
	tokens, otherTokens, apiKeys []string // names of environment variables
	urls                         []string
	publicURLs, hosts, trusted   []string
	peer                         string
	tls, showValues              bool
}

// list is a flag that may be repeated.
type list struct{ values *[]string }

func (l list) String() string { return "" }

func (l list) Set(value string) error {
	*l.values = append(*l.values, value)
	return nil
}

func parseExplain(args []string) (explainOptions, error) {
	var o explainOptions
	flags := flag.NewFlagSet("explain", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	for name, values := range map[string]*[]string{
		"public-url": &o.publicURLs, "allowed-host": &o.hosts, "trusted-proxy": &o.trusted, "url": &o.urls,
		"token-env": &o.tokens, "other-token-env": &o.otherTokens, "api-key-env": &o.apiKeys,
	} {
		flags.Var(list{values}, name, "")
	}
	flags.StringVar(&o.peer, "peer", "", "")
	flags.BoolVar(&o.tls, "tls", false, "")
	flags.StringVar(&o.tokenFile, "token-file", "", "")
	flags.StringVar(&o.body, "body", "", "")
	flags.BoolVar(&o.showValues, "show-values", false, "")
	if err := flags.Parse(args); err != nil {
		return o, fmt.Errorf("%w: ringfence explain -h lists the flags", err)
	}
	if flags.NArg() == 0 {
		return o, errors.New("no capture given: ringfence explain FILE, or - for standard input; ringfence explain -h explains it")
	}
	o.file = flags.Arg(0)
	if err := flags.Parse(flags.Args()[1:]); err != nil {
		return o, fmt.Errorf("%w: ringfence explain -h lists the flags", err)
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q: explain takes one capture", flags.Arg(0))
	}
	return o, o.check()
}

func (o *explainOptions) check() error {
	fromStdin := 0
	for _, file := range []string{o.file, o.body, o.tokenFile} {
		if file == "-" {
			fromStdin++
		}
	}
	switch {
	case fromStdin > 1:
		return errors.New("standard input can be one of the capture, -body and -token-file: name files for the others")
	case len(o.tokens) > 0 && o.tokenFile != "":
		return errors.New("both -token-env and -token-file: keep one of them")
	case len(o.publicURLs) > 0 && len(o.hosts) > 0:
		return errors.New("both -public-url and -allowed-host: give what your validator is configured with")
	case o.peer != "" && net.ParseIP(o.peer) == nil:
		return fmt.Errorf("-peer %q: want an IP address", o.peer)
	}
	for _, raw := range o.urls {
		if !strings.Contains(raw, "://") {
			return fmt.Errorf("-url %q: want the full URL, with https://", raw)
		}
	}
	return nil
}

func explain(c generator.Call) (int, error) {
	o, err := parseExplain(c.Args)
	if err != nil {
		return 0, err
	}
	captured, err := o.capture(c)
	if err != nil {
		return 0, err
	}
	request, err := captured.request(o)
	if err != nil {
		return 0, err
	}
	validator, err := o.validator(c, captured)
	if err != nil {
		return 0, err
	}
	options, err := o.options(c)
	if err != nil {
		return 0, err
	}
	return answer(c.Stdout, validator, request, options)
}

// answer prints the verdict, and why it is a refusal.
func answer(w io.Writer, v *core.Validator, r *core.Request, o core.ExplainOptions) (int, error) {
	webhook, refusal := v.Validate(r)
	if refusal == nil {
		_, err := fmt.Fprintf(w, "the signature matches: token %s, URL %s\n", webhook.TokenLabel, webhook.Candidate)
		return 0, err
	}
	text := "refused: " + plainError(refusal) + "\n" + v.Explain(r, refusal, o).String()
	if !o.ShowValues && strings.Contains(text, "***") {
		text += "\nvalues are masked: -show-values shows them\n"
	}
	_, err := io.WriteString(w, text)
	return exitNo, err
}

// capture reads the capture, and the body where it is given apart.
func (o *explainOptions) capture(c generator.Call) (capture, error) {
	text, err := readInput(c, o.file, "the capture")
	if err != nil {
		return capture{}, err
	}
	var body []byte
	if o.body != "" {
		if body, err = readInput(c, o.body, "-body"); err != nil {
			return capture{}, err
		}
		if body == nil {
			body = []byte{}
		}
	}
	return parseCapture(text, body)
}

// validator is configured as the command line says the user's is.
func (o *explainOptions) validator(c generator.Call, captured capture) (*core.Validator, error) {
	tokens, err := o.ownTokens(c)
	if err != nil {
		return nil, err
	}
	cfg := core.Config{Tokens: tokens, AllowedHosts: o.hosts, TrustedProxies: o.trusted}
	public := o.publicURLs
	if len(public) == 0 && len(o.hosts) == 0 {
		if captured.origin == "" {
			return nil, errors.New("the capture does not name its host: give -public-url")
		}
		public = []string{captured.origin}
	}
	if len(public) > 0 {
		cfg.PublicURL, cfg.MorePublicURLs = public[0], public[1:]
	}
	v, err := core.NewValidator(cfg)
	if err != nil {
		return nil, errors.New(plainError(err))
	}
	return v, nil
}

func (o *explainOptions) ownTokens(c generator.Call) ([]core.Token, error) {
	if len(o.tokens) == 0 {
		token, err := readToken(c, o.tokenFile)
		return []core.Token{token}, err
	}
	return envTokens(c, "-token-env", o.tokens)
}

func (o *explainOptions) options(c generator.Call) (options core.ExplainOptions, err error) {
	options = core.ExplainOptions{URLs: o.urls, ShowValues: o.showValues}
	if options.OtherTokens, err = envTokens(c, "-other-token-env", o.otherTokens); err != nil {
		return options, err
	}
	options.APIKeys, err = envTokens(c, "-api-key-env", o.apiKeys)
	return options, err
}

// envTokens reads secrets from environment variables, each of which must be set.
func envTokens(c generator.Call, flag string, names []string) ([]core.Token, error) {
	var tokens []core.Token
	for _, name := range names {
		secret := c.Getenv(name)
		if secret == "" {
			return nil, fmt.Errorf("%s: the environment variable %q is not set", flag, name)
		}
		tokens = append(tokens, core.AuthToken(name, secret))
	}
	return tokens, nil
}

// readToken reads the auth token from a file, from standard input where that is -, or else from the environment. The last newline is not
// part of it.
func readToken(c generator.Call, file string) (core.Token, error) {
	if file != "-" {
		return readProbeToken(c, file)
	}
	text, err := readInput(c, file, "-token-file")
	if err != nil {
		return core.Token{}, err
	}
	return core.AuthToken("-token-file", strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")), nil
}

// readInput reads a file, or standard input where it is called -.
func readInput(c generator.Call, file, what string) ([]byte, error) {
	var in io.Reader = c.Stdin
	if file != "-" {
		if !filepath.IsAbs(file) {
			file = filepath.Join(c.Dir, file)
		}
		f, err := os.Open(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxCapture+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", what, err)
	case len(text) > maxCapture:
		return nil, fmt.Errorf("%s is longer than %d bytes", what, maxCapture)
	}
	return text, nil
}

// plainError is an error's text without core's own prefixes, which the command adds or which say nothing here.
func plainError(err error) string {
	return strings.TrimPrefix(strings.TrimPrefix(err.Error(), "ringfence: "), "configuration: ")
}
