package core

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// bodyChanges are the ways to have signed a body that is not a form as if it were one, and one that is without saying so (V2).
func (q *inquiry) bodyChanges() []change {
	if q.isForm || q.hashed || len(q.body) == 0 {
		return nil
	}
	var asForm, asText reading
	asForm.setParams(looseParams(string(q.body)))
	asText.setText([]parameter{{"", string(q.body)}})
	changes := []change{
		paramChange(CauseContentType, asForm, "the body was signed as a form, but its Content-Type does not say that it is one",
			"send Content-Type: application/x-www-form-urlencoded, and let every proxy pass it on"),
		paramChange(CauseJSONAsForm, asText, "the body was signed as text after the URL", fixBinding),
	}
	if params, ok := jsonParams(q.body); ok {
		var asParams reading
		asParams.setParams(params)
		changes = append(changes, paramChange(CauseJSONAsForm, asParams, "the members of the JSON body were signed as if they were a form's parameters", fixBinding))
	}
	return changes
}

const fixBinding = "bind a body that is not a form by bodySHA256 in the URL: core.SignBody, or ringfence sign -body FILE"

// jsonParams returns the members of a JSON object as parameters: strings as they are, anything else as it is written.
func jsonParams(body []byte) ([]parameter, bool) {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return nil, false
	}
	var params []parameter
	for name, raw := range members {
		value := string(raw)
		var text string
		if json.Unmarshal(raw, &text) == nil && value != "null" {
			value = text
		}
		params = append(params, parameter{name, value})
	}
	return params, true
}

// originalBody finds the form of the body that has the signed hash.
func (q *inquiry) originalBody() (what string, found bool) {
	for _, form := range bodyForms {
		changed, ok := form.write(q.body)
		q.work += len(changed) + explainOverhead
		if !ok || q.work > maxExplainWork {
			continue
		}
		if hashOfBody(changed) == q.bodyHash {
			return form.name, true
		}
	}
	return "", false
}

// hashOfBody is what bodySHA256 holds for a body (S4).
func hashOfBody(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// bodyForm is a way to write the same body.
type bodyForm struct {
	name  string
	write func(body []byte) (changed []byte, ok bool)
}

var bodyForms = []bodyForm{
	{"as compact JSON", func(b []byte) ([]byte, bool) {
		var out bytes.Buffer
		err := json.Compact(&out, b)
		return out.Bytes(), err == nil
	}},
	{"as JSON indented by two spaces", indented("  ")},
	{"as JSON indented by four spaces", indented("    ")},
	{"as JSON indented by tabs", indented("\t")},
	{"as JSON with spaces after colons and commas", func(b []byte) ([]byte, bool) { return spaced(b) }},
	{"as JSON with sorted keys", func(b []byte) ([]byte, bool) { return reencoded(b, true) }},
	{"as JSON with sorted keys and < > & unescaped", func(b []byte) ([]byte, bool) { return reencoded(b, false) }},
	{"with a newline at its end", func(b []byte) ([]byte, bool) { return append(slices.Clone(b), '\n'), true }},
	{"without the white space around it", func(b []byte) ([]byte, bool) { return bytes.TrimSpace(b), true }},
	{"with LF line ends", func(b []byte) ([]byte, bool) { return bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")), true }},
	{"with CRLF line ends", func(b []byte) ([]byte, bool) { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")), true }},
	{"without its byte order mark", func(b []byte) ([]byte, bool) { return bytes.CutPrefix(b, []byte("\uFEFF")) }},
	{"empty", func([]byte) ([]byte, bool) { return nil, true }},
	{"as a form with sorted parameters", func(b []byte) ([]byte, bool) {
		values, err := url.ParseQuery(string(b))
		return []byte(values.Encode()), err == nil
	}},
	{"as a form with %20 for spaces", func(b []byte) ([]byte, bool) { return bytes.ReplaceAll(b, []byte("+"), []byte("%20")), true }},
	{"as a form with + for spaces", func(b []byte) ([]byte, bool) { return bytes.ReplaceAll(b, []byte("%20"), []byte("+")), true }},
}

func indented(by string) func([]byte) ([]byte, bool) {
	return func(b []byte) ([]byte, bool) {
		var out bytes.Buffer
		err := json.Indent(&out, b, "", by)
		return out.Bytes(), err == nil
	}
}

// spaced writes JSON as Python does: a space after each colon and comma between values.
func spaced(b []byte) ([]byte, bool) {
	var compact bytes.Buffer
	if json.Compact(&compact, b) != nil {
		return nil, false
	}
	var out []byte
	inString, escaped := false, false
	for _, c := range compact.Bytes() {
		out = append(out, c)
		switch {
		case escaped:
			escaped = false
		case inString && c == '\\':
			escaped = true
		case c == '"':
			inString = !inString
		case !inString && (c == ',' || c == ':'):
			out = append(out, ' ')
		}
	}
	return out, true
}

// reencoded writes JSON as Go's encoder writes what it decoded, numbers kept.
func reencoded(b []byte, escapeHTML bool) ([]byte, bool) {
	decoder := json.NewDecoder(bytes.NewReader(b))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return nil, false
	}
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(escapeHTML)
	if encoder.Encode(value) != nil {
		return nil, false
	}
	return []byte(strings.TrimSuffix(out.String(), "\n")), true
}
