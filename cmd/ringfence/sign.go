package main

import (
	"errors"
	"flag"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generator"
)

var signVerb = generator.Verb{
	Name: "sign",
	Doc:  "sign a request",
	Usage: `Usage: ringfence sign -url URL [-data NAME=VALUE ...] [-body FILE | -json TEXT] [-curl]

Prints the X-Twilio-Signature of a request as Twilio would sign it: a GET of URL, whose parameters are in its query; with -data, a form
POST; with -body or -json, a POST of another body. Such a body is bound by bodySHA256 in the query, so the URL to send it to is
printed in a second line. User name, password and fragment of URL are dropped, as Twilio does.

Flags:
  -url URL
        the URL as Twilio is configured with it; required
  -data NAME=VALUE
        a parameter of the form, as it is: not escaped, nothing trimmed; may be repeated
  -body FILE
        the body, byte for byte; - is standard input
  -json TEXT
        the body, with the content type application/json
  -content-type TYPE
        the content type of -body in the curl command (default application/json)
  -curl
        print a whole curl command to paste into a shell instead
  -token-file FILE
        read the auth token from FILE, or from standard input where FILE is - (default: from TWILIO_AUTH_TOKEN in the environment)

Exit status: 0 signed, 2 wrong usage.
`,
	Run: sign,
}

const formType = "application/x-www-form-urlencoded"

// signOptions are the command line of ringfence sign.
type signOptions struct {
	url         string
	data        [][2]string
	body        string // the name of its file
	json        *string
	contentType string
	curl        bool
	tokenFile   string
}

func parseSign(c generator.Call) (signOptions, error) {
	var o signOptions
	flags := flag.NewFlagSet("sign", flag.ContinueOnError)
	flags.StringVar(&o.url, "url", "", "")
	flags.Func("data", "", func(text string) error {
		name, value, found := strings.Cut(text, "=")
		if !found || name == "" {
			return errors.New("want NAME=VALUE")
		}
		o.data = append(o.data, [2]string{name, value})
		return nil
	})
	flags.StringVar(&o.body, "body", "", "")
	flags.Func("json", "", func(text string) error {
		o.json = &text
		return nil
	})
	flags.StringVar(&o.contentType, "content-type", "", "")
	flags.BoolVar(&o.curl, "curl", false, "")
	flags.StringVar(&o.tokenFile, "token-file", "", "")
	if err := c.ParseFlags(flags); err != nil {
		return o, err
	}
	return o, o.check()
}

var signedScheme = regexp.MustCompile(`^(https?|wss?)://`)

func (o *signOptions) check() error {
	kinds := 0
	for _, given := range []bool{o.data != nil, o.body != "", o.json != nil} {
		if given {
			kinds++
		}
	}
	switch {
	case o.url == "":
		return errors.New("-url is missing: give the URL as Twilio is configured with it")
	case !signedScheme.MatchString(o.url):
		return errors.New("-url: want the full URL as Twilio is configured with it, with https://, http://, wss:// or ws://")
	case kinds > 1:
		return errors.New("more than one of -data, -body and -json: a request has one body")
	case o.contentType != "" && o.body == "":
		return errors.New("-content-type goes with -body alone")
	case o.body == "-" && o.tokenFile == "-":
		return errors.New("standard input can be one of -body and -token-file: name a file for the other")
	case strings.ContainsAny(o.contentType, "\r\n"):
		return errors.New("-content-type has a line end in it")
	}
	if o.curl {
		return checkCurlURL(o.url)
	}
	return nil
}

func sign(c generator.Call) (int, error) {
	o, err := parseSign(c)
	if err != nil {
		return 0, err
	}
	token, err := readToken(c, o.tokenFile)
	if err != nil {
		return 0, err
	}
	body, isBody, err := o.readBody(c)
	if err != nil {
		return 0, err
	}
	signed, signature, err := o.sign(token, body, isBody)
	if err != nil {
		return 0, errors.New(plainError(err))
	}
	text := signature + "\n"
	switch {
	case o.curl:
		command, err := o.command(signed, signature, body)
		if err != nil {
			return 0, err
		}
		text = command + "\n"
	case isBody:
		text += signed + "\n"
	}
	_, err = fmt.Fprint(c.Stdout, text)
	return 0, err
}

// readBody returns a body that is not a form, if there is one.
func (o *signOptions) readBody(c generator.Call) (body []byte, isBody bool, err error) {
	switch {
	case o.json != nil:
		return []byte(*o.json), true, nil
	case o.body != "":
		body, err = readInput(c, o.body, "-body")
		return body, true, err
	}
	return nil, false, nil
}

// sign returns the URL to send the request to and its signature.
func (o *signOptions) sign(token core.Token, body []byte, isBody bool) (signed, signature string, err error) {
	if isBody {
		return core.SignBody(token, o.url, body)
	}
	var params url.Values
	if o.data != nil {
		params = url.Values{}
	}
	for _, p := range o.data {
		params.Add(p[0], p[1])
	}
	signature, err = core.Sign(token, o.url, params)
	return o.url, signature, err
}
