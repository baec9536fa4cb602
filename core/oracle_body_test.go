package core_test

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The oracle's rules about the body, the parameters, and what follows from them (V1 to V3, S2, T2, U5).

var oracleFormType = regexp.MustCompile(`^application/x-www-form-urlencoded[ \t]*(;[ \t]*charset=(utf-8|us-ascii|"utf-8"|"us-ascii")[ \t]*)?$`)

// ruleBody is V1, V2, V3, V5, V6 and V8: what binds the body. It returns the query's bodySHA256.
func (c oracleConfig) ruleBody(o *oracleRuling, r oracleRequest, query string) (bodyHash string) {
	maxBody, maxParams := 1<<20, 1000
	if c.MaxBodyBytes > 0 {
		maxBody = int(c.MaxBodyBytes)
	}
	if c.MaxParams > 0 {
		maxParams = c.MaxParams
	}
	if encodings := r.values("Content-Encoding"); len(encodings) > 1 || len(encodings) == 1 && oracleLower(encodings[0]) != "identity" {
		o.fault("V5: Content-Encoding", 3, 415)
	}
	if len(r.values("Content-Type")) > 1 {
		o.fault("V2: one Content-Type line", 3, 400)
	}
	if len(r.body) > maxBody {
		o.fault("V6: the body's size", 3, 413)
	}
	if length, err := strconv.Atoi(r.value("Content-Length")); err == nil && length > len(r.body) {
		o.fault("V8: a consumed body", 3, 403)
	}
	bodyHash, problem := oracleBodyHash(query)
	sum := sha256.Sum256([]byte(r.body))
	if problem || bodyHash != "" && bodyHash != hex.EncodeToString(sum[:]) {
		o.fault("V2: bodySHA256", 3, 403)
	}
	var queryProblem bool
	o.isForm = r.method == "POST" && oracleFormType.MatchString(oracleLower(r.value("Content-Type")))
	if o.isForm {
		var malformed bool
		o.params, malformed = oracleForm(r.body)
		if malformed {
			o.fault("V3: the form", 3, 400, 403)
		}
		if len(o.params) > maxParams {
			o.fault("V3: the number of parameters", 3, 413)
		}
	} else if r.method == "GET" {
		o.params, queryProblem = oracleForm(query)
	}
	if n := len(strings.Split(query, "&")); n > maxParams {
		o.doubts = append(o.doubts, "how many parameters a query may have")
	}
	if queryProblem {
		o.doubts = append(o.doubts, "what the parameters of a malformed query are")
	}
	signed := "" // what the body contributes
	for _, param := range o.params {
		signed += param[0] + param[1]
	}
	if bodyHash == "" && r.body != "" && (!o.isForm || signed == "") { // never "no parameters" while a body exists
		o.fault("V1: the body is not bound", 3, 403)
	}
	return bodyHash
}

var (
	oracleEscape    = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	oraclePlainHash = regexp.MustCompile(`^bodySHA256=([0-9a-f]{64})$`)
)

// oracleBodyHash is V2 and S4: the value, or "" where there is none. problem says that a bodySHA256 is there, but not once, plainly, with 64 lower-case hex digits.
func oracleBodyHash(query string) (value string, problem bool) {
	var segments []string
	for _, segment := range strings.Split(query, "&") {
		name, _, _ := strings.Cut(segment, "=")
		name = strings.ReplaceAll(name, "+", " ")
		name = oracleEscape.ReplaceAllStringFunc(name, func(escape string) string {
			b, _ := hex.DecodeString(escape[1:])
			return string(b)
		})
		if name == "bodySHA256" {
			segments = append(segments, segment)
		}
	}
	if len(segments) == 0 {
		return "", false
	}
	m := oraclePlainHash.FindStringSubmatch(segments[0])
	if len(segments) > 1 || m == nil {
		return "malformed", true
	}
	return m[1], false
}

// oracleForm is V3: the second decoder. It decodes what it can and says whether there was anything else.
func oracleForm(raw string) (pairs [][2]string, malformed bool) {
	for _, segment := range strings.Split(raw, "&") {
		if segment == "" {
			continue
		}
		name, value, _ := strings.Cut(segment, "=")
		name, nameOK := oracleUnescape(name)
		value, valueOK := oracleUnescape(value)
		if !nameOK || !valueOK || strings.Contains(segment, ";") {
			malformed = true
			continue
		}
		pairs = append(pairs, [2]string{name, value})
	}
	return pairs, malformed
}

func oracleUnescape(s string) (string, bool) {
	pieces := strings.Split(strings.ReplaceAll(s, "+", " "), "%")
	for i := 1; i < len(pieces); i++ {
		if len(pieces[i]) < 2 {
			return "", false
		}
		b, err := hex.DecodeString(pieces[i][:2])
		if err != nil {
			return "", false
		}
		pieces[i] = string(b) + pieces[i][2:]
	}
	return strings.Join(pieces, ""), true
}

// oracleSigned is S2: names in order, and per name each distinct value in order.
func oracleSigned(pairs [][2]string) string {
	values := map[string]map[string]bool{}
	for _, p := range pairs {
		if values[p[0]] == nil {
			values[p[0]] = map[string]bool{}
		}
		values[p[0]][p[1]] = true
	}
	var text strings.Builder
	for _, name := range oracleSorted(values) {
		for _, value := range oracleSorted(values[name]) {
			text.WriteString(name + value)
		}
	}
	return text.String()
}

func oracleSorted[V any](set map[string]V) (names []string) {
	for name := range set {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func oracleNamed(pairs [][2]string, name string) (values []string) {
	for _, p := range pairs {
		if p[0] == name {
			values = append(values, p[1])
		}
	}
	return values
}

// ruleAccount is T2 and U5: the AccountSid of the signed text, exactly one; where the text of JSON or of an upgrade has none, the
// pinned one.
func (c oracleConfig) ruleAccount(o *oracleRuling, r oracleRequest, query, bodyHash string) {
	queryPairs, malformed := oracleForm(query)
	signed := oracleNamed(queryPairs, "AccountSid")
	if o.isForm {
		signed = append(oracleNamed(o.params, "AccountSid"), signed...)
		if len(signed) == 2 && signed[0] == signed[1] && len(oracleNamed(o.params, "AccountSid")) == 1 {
			signed = signed[:1]
			o.doubts = append(o.doubts, "whether the same account in form and query is one or two")
		}
	}
	switch {
	case len(signed) == 1:
		o.account = signed[0]
	case len(signed) == 0 && !o.isForm && (bodyHash != "" || o.upgrade):
		o.account = c.AccountSid
	}
	if malformed && (c.Accounts != nil || c.AccountSid != "") {
		o.doubts = append(o.doubts, "which account a malformed query names")
	}
	for _, k := range c.keys {
		if k.AccountSid != "" && len(o.tokens) == 1 && o.tokens[0].label == k.Sid && o.account != k.AccountSid {
			o.fault("T2: the key's account", 3, 403)
		}
	}
	if c.Accounts == nil || len(c.keys) > 0 && len(r.values("X-Twilio-Signature-Key-Sid")) > 0 {
		return
	}
	for _, secret := range c.Accounts[o.account] {
		o.tokens = append(o.tokens, oracleToken{secret[:1], secret, sha1.New})
	}
	if len(o.tokens) == 0 {
		o.fault("T2: the account", 3, 403)
	}
}

// rulePins is U5, ExactURL apart.
func (c oracleConfig) rulePins(o *oracleRuling, r oracleRequest) {
	if c.AccountSid != "" && o.account != c.AccountSid {
		o.fault("U5: AccountSid", 3, 403)
	}
	for _, name := range c.RequiredParams {
		if len(oracleNamed(o.params, name)) == 0 {
			o.fault("U5: a required parameter", 3, 403)
		}
	}
}
