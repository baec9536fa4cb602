package golden

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
)

//go:embed data/vectors.json data/hostile.json data/oracle.json data/verdicts.json data/misconfigurations.json
var data embed.FS

// mustDecode decodes an embedded file. A field that this package does not know would be a condition that it does not judge, so it
// is an error like any other; the tests of this package decode every file.
func mustDecode(name string, into any) {
	if err := decodeFile(name, into); err != nil {
		panic(fmt.Sprintf("golden: data/%s: %v", name, err))
	}
}

func decodeFile(name string, into any) error {
	f, err := data.Open("data/" + name)
	if err != nil {
		return err
	}
	defer f.Close()
	d := json.NewDecoder(f)
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// Vector is a published signature: from Twilio's documents or the test suite of one of its helper libraries.
type Vector struct {
	// ID is unique among the vectors.
	ID string `json:"id"`
	// Source is where the vector was published.
	Source string `json:"source"`
	Method string `json:"method"`
	// URL is the full URL that Twilio was configured with.
	URL string `json:"url"`
	// Params are the form parameters in the published order. A vector has either Params or a Body.
	Params [][2]string `json:"params"`
	// Body is the raw body of a vector that is not a form, with its ContentType.
	Body        string `json:"body"`
	ContentType string `json:"content_type"`
	// AuthToken is nil where it was never published.
	AuthToken *string `json:"auth_token"`
	Signature string  `json:"signature"`
	// Expect is "valid" or "invalid", as the source has it.
	Expect string `json:"expect"`
	// Contract is the verdict over HTTP: ContractAccept, ContractRefuse, ContractNotSendable or ContractUnknownToken.
	Contract string `json:"contract"`
	Note     string `json:"note"`
}

// The values of Vector.Contract. The last two can be neither passed nor failed over HTTP: such vectors are reported by name and
// never counted as passes.
const (
	ContractAccept       = "accept"
	ContractRefuse       = "refuse"
	ContractNotSendable  = "not sendable"
	ContractUnknownToken = "unknown token"
)

var vectors = sync.OnceValue(func() (list []Vector) {
	mustDecode("vectors.json", &list)
	return list
})

// Vectors returns the published vectors, in the order of data/vectors.json.
func Vectors() []Vector { return append([]Vector(nil), vectors()...) }

// Case returns the request that carries the vector over HTTP: parameters as a strict form body, any other body as published.
// It fails for vectors whose Contract is neither accept nor refuse.
func (v Vector) Case() (Case, error) {
	expect, ok := map[string]Verdict{ContractAccept: Accept, ContractRefuse: Refuse}[v.Contract]
	switch {
	case !ok:
		return Case{}, fmt.Errorf("golden: vector %s: %s", v.ID, v.Contract)
	case v.AuthToken == nil:
		return Case{}, fmt.Errorf("golden: vector %s: %s", v.ID, ContractUnknownToken)
	}
	origin, target, err := splitURL(v.URL)
	if err != nil {
		return Case{}, fmt.Errorf("golden: vector %s: %w", v.ID, err)
	}
	body, contentType := v.Body, v.ContentType
	if contentType == "" {
		body, contentType = encodeForm(v.Params), "application/x-www-form-urlencoded"
	}
	_, host, _ := strings.Cut(origin, "://")
	return Case{
		ID:      v.ID,
		Class:   "vector",
		Method:  v.Method,
		Target:  target,
		Version: "HTTP/1.1",
		Headers: []HeaderLine{
			{"Host", host},
			{"X-Twilio-Signature", v.Signature},
			{"Content-Type", contentType},
			{"Content-Length", strconv.Itoa(len(body))},
			{"Connection", "close"},
		},
		Body:      []byte(body),
		Config:    Config{URLMode: "public_url", PublicURL: origin, Tokens: []string{*v.AuthToken}},
		Expect:    expect,
		StatusAny: []int{defaultStatus(expect)},
		Why:       v.Source,
		Secrets:   []string{*v.AuthToken},
	}, nil
}

func defaultStatus(v Verdict) int {
	if v == Accept {
		return 200
	}
	return 403
}

// splitURL cuts a URL into what a PublicURL holds and what a request line does, byte for byte.
func splitURL(raw string) (origin, target string, err error) {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok || strings.Contains(rest, "#") {
		return "", "", errors.New("not an absolute URL without fragment")
	}
	authority := rest
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		authority, target = rest[:i], rest[i:]
	}
	if !strings.HasPrefix(target, "/") {
		target = "/" + target
	}
	return scheme + "://" + authority, target, nil
}

// encodeForm keeps the order of the parameters.
func encodeForm(params [][2]string) string {
	pairs := make([]string, len(params))
	for i, p := range params {
		pairs[i] = url.QueryEscape(p[0]) + "=" + url.QueryEscape(p[1])
	}
	return strings.Join(pairs, "&")
}
