package golden

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

// Verdict is what must become of a request.
type Verdict string

// Accept means that the handler runs exactly once and reads the body that was sent. Refuse means that it does not run.
const (
	Accept Verdict = "accept"
	Refuse Verdict = "refuse"
)

// UnmarshalJSON reads the words of data/hostile.json, which calls a refusal "reject".
func (v *Verdict) UnmarshalJSON(text []byte) error {
	var word string
	if err := json.Unmarshal(text, &word); err != nil {
		return err
	}
	switch word {
	case "accept":
		*v = Accept
	case "refuse", "reject":
		*v = Refuse
	default:
		return fmt.Errorf("unknown verdict %q", word)
	}
	return nil
}

// HeaderLine is the name and the value of one header line. Order, case and repetition are kept.
type HeaderLine [2]string

// Case is one request, or a short series of requests, with the configuration that it meets and the verdict that it must get. Its
// fields are those of data/hostile.json, whose "how" object they follow.
type Case struct {
	// ID is unique among the cases of a suite.
	ID    string `json:"id"`
	Class string `json:"class"`
	// Tier is "must" for a security property, "control" for a valid request, "policy" for a choice that CONTRACT.md made, and
	// "known-limit" for what the scheme itself cannot tell.
	Tier string `json:"tier"`

	Method  string       `json:"method"`
	Target  string       `json:"target"`
	Version string       `json:"version"`
	Headers []HeaderLine `json:"headers"`
	// Body follows the header block as it is: a chunked body holds its chunk lines.
	Body []byte `json:"body_base64"`
	// Raw, or else the concatenation of RawParts, replaces all of the above.
	Raw      []byte    `json:"raw_base64"`
	RawParts []RawPart `json:"raw_parts"`

	// Config is the configuration of the validator in front of the handler.
	Config Config `json:"config"`

	Expect Verdict `json:"expect"`
	// Status is the status that the authors of the case would answer with, StatusAny all that are right. Status 0 means that the
	// connection was closed without a response.
	Status    int   `json:"status"`
	StatusAny []int `json:"status_any"`
	// MustHaveHeader names response header lines by name and exact value, MustHaveHeaderPrefix by name and beginning.
	MustHaveHeader       map[string]string `json:"must_have_header"`
	MustHaveHeaderPrefix map[string]string `json:"must_have_header_prefix"`
	// Secrets must appear neither in the response nor in the logs, if they are longer than six characters.
	Secrets []string `json:"secrets"`

	// Repeat sends the case that many times to the same server. RepeatExpect lists the verdicts; without it all equal Expect.
	Repeat       int       `json:"repeat"`
	RepeatExpect []Verdict `json:"repeat_expect"`
	// RepeatHeaderChange replaces header lines of one name on all sends but the first.
	RepeatHeaderChange *HeaderLine `json:"repeat_header_change"`
	// DigestFlow answers the server's Digest challenge before the request is judged.
	DigestFlow *DigestFlow `json:"digest_flow"`

	// Why, Note, Requires and BaseString (the text that was signed) are for people.
	Why        string   `json:"why"`
	Note       string   `json:"note"`
	Requires   []string `json:"requires"`
	BaseString string   `json:"base_string"`

	byParser bool // data/verdicts.json says that a framework's parser may refuse it
	waits    bool // data/verdicts.json says that a framework's parser waits for more of it
}

// RawPart is a piece of a raw request and how often it occurs, one after the other.
type RawPart struct {
	Bytes  []byte
	Repeat int
}

// UnmarshalJSON reads [base64, repeat].
func (p *RawPart) UnmarshalJSON(text []byte) error {
	return json.Unmarshal(text, &[2]any{&p.Bytes, &p.Repeat})
}

// ConstructionCase is a configuration that a constructor must accept or refuse.
type ConstructionCase struct {
	ID     string `json:"id"`
	Tier   string `json:"tier"`
	Config Config `json:"config"`
	// Expect is "ok" or "error". Where ExpectAny is set, each of its words is right.
	Expect    string   `json:"expect"`
	ExpectAny []string `json:"expect_any"`
	Why       string   `json:"why"`
}

type hostileFile struct {
	Format            int                `json:"format"`
	About             string             `json:"about"`
	How               map[string]any     `json:"how"`
	Cases             []Case             `json:"cases"`
	ConstructionCases []ConstructionCase `json:"construction_cases"`
}

var hostile = sync.OnceValue(func() (file hostileFile) {
	mustDecode("hostile.json", &file)
	return file
})

// Hostile returns the hostile requests and their valid controls, in the order of data/hostile.json.
func Hostile() []Case { return append([]Case(nil), hostile().Cases...) }

// Constructions returns the configurations for constructors, in the order of data/hostile.json.
func Constructions() []ConstructionCase {
	return append([]ConstructionCase(nil), hostile().ConstructionCases...)
}

// Bytes returns the request exactly as it goes over the wire. Nothing is added.
func (c Case) Bytes() []byte {
	if c.Raw != nil {
		return bytes.Clone(c.Raw)
	}
	var b bytes.Buffer
	for _, part := range c.RawParts {
		b.Write(bytes.Repeat(part.Bytes, part.Repeat))
	}
	if c.RawParts != nil {
		return b.Bytes()
	}
	b.WriteString(c.Method + " " + c.Target + " " + c.Version + "\r\n")
	for _, line := range c.Headers {
		b.WriteString(line[0] + ": " + line[1] + "\r\n")
	}
	b.WriteString("\r\n")
	b.Write(c.Body)
	return b.Bytes()
}

// Header returns the value of the first header line of that name, whatever its case, or "".
func (c Case) Header(name string) string {
	for _, line := range c.Headers {
		if strings.EqualFold(line[0], name) {
			return line[1]
		}
	}
	return ""
}

// withHeader returns the case with the lines of that name replaced by one, in the place of the first. An absent header is
// added at the end.
func (c Case) withHeader(name, value string) Case {
	var lines []HeaderLine
	replaced := false
	for _, line := range c.Headers {
		switch {
		case !strings.EqualFold(line[0], name):
			lines = append(lines, line)
		case !replaced:
			lines = append(lines, HeaderLine{line[0], value})
			replaced = true
		}
	}
	if !replaced {
		lines = append(lines, HeaderLine{name, value})
	}
	c.Headers = lines
	return c
}

// withoutHeader returns the case without the lines of that name.
func (c Case) withoutHeader(name string) Case {
	var lines []HeaderLine
	for _, line := range c.Headers {
		if !strings.EqualFold(line[0], name) {
			lines = append(lines, line)
		}
	}
	c.Headers = lines
	return c
}
