package golden

import "sync"

// OracleCase is an awkward input with the verdicts of two of Twilio's own helper libraries, for differential tests.
type OracleCase struct {
	// ID is unique among the oracle's cases.
	ID        string `json:"id"`
	AuthToken string `json:"auth_token"`
	// URL is the full URL. A case has either Params, in order, or a Body.
	URL    string      `json:"url"`
	Params [][2]string `json:"params"`
	Body   *string     `json:"body"`
	// Signature is HMAC-SHA1 over SignedString, computed independently of every library.
	Signature    string `json:"signature"`
	SignedString string `json:"signed_string"`
	Note         string `json:"note"`
	// Node and Go are the verdicts of twilio-node 6.2.0 and twilio-go 1.31.0.
	Node bool `json:"twilio_node_6_2_0"`
	Go   bool `json:"twilio_go_1_31_0"`
}

var oracle = sync.OnceValue(func() []OracleCase {
	var file struct {
		Meta  map[string]any `json:"meta"`
		Cases []OracleCase   `json:"cases"`
	}
	mustDecode("oracle.json", &file)
	return file.Cases
})

// Oracle returns the oracle's cases, in the order of data/oracle.json.
func Oracle() []OracleCase { return append([]OracleCase(nil), oracle()...) }
