package core_test

import (
	"math/rand"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/golden"
)

// FuzzForm: the strict parser reads what the second decoder reads (V3). It refuses what url.ParseQuery has an error for and nothing else,
// up to the limit, and reads the same where there is none. What is signed does not depend on the order of the pairs, or on how often one is
// repeated (S2).
func FuzzForm(f *testing.F) {
	for _, c := range golden.Hostile() {
		if len(c.Body) < 4096 {
			f.Add(c.Body, uint16(1000), int64(len(c.Body)))
		}
		if _, query, found := strings.Cut(c.Target, "?"); found {
			f.Add([]byte(query), uint16(2), int64(1))
		}
	}
	for _, raw := range []string{"=&=&&=", "a;b=1", "a=%", "a=%4", "%zz=1", "a%3Bb=%3b", "+a+=+", "a=b=c", "\xff=\x00&%00=%FF", "a=1&%61=2&a=1"} {
		f.Add([]byte(raw), uint16(3), int64(2))
	}
	f.Fuzz(func(t *testing.T, raw []byte, limit uint16, seed int64) {
		if len(raw) > 4096 {
			return // nothing new, but slow; and url.ParseQuery has a limit of its own
		}
		given := string(raw)
		pairs, signed, reason := core.ParseFormForTest(raw, int(limit))
		if string(raw) != given {
			t.Fatalf("the body was changed from %q to %q", given, raw)
		}
		want, malformed := oracleForm(given)
		switch reason {
		case core.ErrMalformedForm:
			if !malformed {
				t.Fatalf("%q is said to be malformed", given)
			}
		case core.ErrTooManyParams:
			if segments := slices.DeleteFunc(strings.Split(given, "&"), func(s string) bool { return s == "" }); len(segments) <= int(limit) {
				t.Fatalf("%q is said to have more than %d parameters", given, limit)
			}
		case "":
			if malformed || len(want) > int(limit) || !slices.Equal(pairs, want) {
				t.Fatalf("%q is read as %q, want %q, malformed %v, limit %d", given, pairs, want, malformed, limit)
			}
			if again := oracleSigned(want); signed != again {
				t.Fatalf("%q is signed as %q, want %q", given, signed, again)
			}
		default:
			t.Fatalf("unexpected reason %v", reason)
		}
		values, err := url.ParseQuery(given)
		if (err != nil) != malformed {
			t.Fatalf("%q: url.ParseQuery says %v, the second decoder says malformed: %v", given, err, malformed)
		}
		if reason != "" {
			return
		}
		if !sameParams(values, pairs) {
			t.Fatalf("%q: url.ParseQuery reads %q, we read %q", given, values, pairs)
		}

		segments := strings.Split(given, "&")
		segments = append(segments, segments[uint64(seed)%uint64(len(segments))])
		rand.New(rand.NewSource(seed)).Shuffle(len(segments), func(i, j int) { segments[i], segments[j] = segments[j], segments[i] })
		_, shuffled, reason := core.ParseFormForTest([]byte(strings.Join(segments, "&")), int(limit)+1)
		if reason != "" || shuffled != signed {
			t.Fatalf("%q is signed as %q, but in another order %q as %q, %v", given, signed, segments, shuffled, reason)
		}
	})
}

// FuzzCandidates: the URLs that are tried keep the scheme's family, the host, the path and the query of the URL as received but for
// the changes that their names tell; there are at most 16 and none twice; the contract asks for some and permits the others (U4).
func FuzzCandidates(f *testing.F) {
	publicURLs := []string{
		"https://mycompany.com", "http://mycompany.com", "https://mycompany.com:8443", "http://[2001:db8::1]:80", "https://mycompany.com/twilio/", "https://mycompany.com:443/a",
	}
	for i, c := range golden.Hostile() {
		f.Add(uint8(i), c.Target, i%3 == 0, c.Config.StrictURL)
	}
	for i := range publicURLs {
		f.Add(uint8(i), "/", true, false)
		f.Add(uint8(i), "/?a='&b=%40%3a:@%27", true, false)
		f.Add(uint8(i), "/x/?%zz&b;c=1", true, false)
		f.Add(uint8(i), "/x?", false, false)
	}
	f.Fuzz(func(t *testing.T, public uint8, target string, upgrade, strict bool) {
		publicURL := publicURLs[int(public)%len(publicURLs)]
		method := map[bool]string{true: "GET", false: "POST"}[upgrade]
		r := oracleRequest{method: method, target: target, peer: fuzzPeers[0]}
		if upgrade {
			r.lines = []golden.HeaderLine{{"Upgrade", "websocket"}, {"Connection", "upgrade"}}
		}
		ruling := oracleConfig{Config: golden.Config{PublicURL: publicURL, StrictURL: strict}}.rule(r)
		list, ok := core.CandidatesForTest(publicURL, target, upgrade, strict)
		if !ok {
			if len(ruling.texts) > 0 && !slices.ContainsFunc(ruling.faults, func(f oracleFault) bool { return strings.Contains(f.rule, "bodySHA256") }) {
				t.Fatalf("%q is said to be malformed", target)
			}
			return
		}
		if len(list) > 16 {
			t.Fatalf("%d candidates for %q", len(list), target)
		}
		if asReceived := strings.TrimSuffix(publicURL, "/") + target; list[0].Candidate != 0 || list[0].URL != asReceived {
			t.Fatalf("the first candidate is %q (%s), not %q", list[0].URL, list[0], asReceived)
		}
		seen := map[core.Candidate]bool{}
		for _, c := range list {
			if seen[c.Candidate] {
				t.Fatalf("%s twice for %q", c, target)
			}
			seen[c.Candidate] = true
			checkCandidate(t, c, publicURL, target, upgrade, strict)
			if !slices.ContainsFunc(ruling.texts, func(text oracleText) bool { return text.url == c.URL && text.params == c.Params }) {
				t.Fatalf("%q (%s) for %q is none that the contract permits", c.URL, c, target)
			}
		}
		for _, text := range ruling.texts {
			if text.must && !slices.ContainsFunc(list, func(c core.CandidateForTest) bool { return text.url == c.URL && text.params == c.Params }) {
				t.Fatalf("%q with %q is not tried for %q", text.url, text.params, target)
			}
		}
	})
}

// checkCandidate takes a candidate apart and compares its parts with those of the URL as received.
func checkCandidate(t *testing.T, c core.CandidateForTest, publicURL, target string, upgrade, strict bool) {
	t.Helper()
	has := func(flag core.Candidate) bool { return c.Candidate&flag != 0 }
	if has(core.WebSocketScheme|core.QueryAsParams) && !upgrade || has(core.QueryPlain|core.QueryEscaped) && strict {
		t.Fatalf("%s for upgrade %v, strict %v", c, upgrade, strict)
	}
	got, want := oracleOrigin.FindStringSubmatch(strings.Replace(c.URL, "ws", "http", btoi(has(core.WebSocketScheme)))), oracleOrigin.FindStringSubmatch(publicURL)
	if got == nil { // the path is empty, so the query follows the host
		authority, _, _ := strings.Cut(c.URL, "?")
		got = oracleOrigin.FindStringSubmatch(strings.Replace(authority, "ws", "http", btoi(has(core.WebSocketScheme))))
	}
	if got == nil || got[1] != want[1] || got[2] != want[2] {
		t.Fatalf("%q has not the scheme and host of %q", c.URL, publicURL)
	}
	if otherPort := got[3] != want[3]; otherPort != has(core.PortToggled) || otherPort && got[3] != "" && got[3] != oraclePort[got[1]] {
		t.Fatalf("%q (%s) has the port %q of %q", c.URL, c, got[3], publicURL)
	}
	path, query, hasQuery := strings.Cut(strings.TrimPrefix(c.URL[strings.Index(c.URL, "://")+3:], got[2]+got[3]), "?")
	rawPath, rawQuery, rawHasQuery := strings.Cut(strings.TrimSuffix(want[4], "/")+target, "?")
	if otherSlash := path != rawPath; otherSlash != has(core.SlashToggled) || otherSlash && path+"/" != rawPath && path != rawPath+"/" {
		t.Fatalf("%q (%s) has the path %q of %q", c.URL, c, path, rawPath)
	}
	switch {
	case has(core.QueryAsParams):
		if hasQuery {
			t.Fatalf("%q (%s) has a query", c.URL, c)
		}
	case has(core.QueryPlain | core.QueryEscaped):
		same := strings.NewReplacer("%27", "'", "%40", "@", "%3A", ":", "%3a", ":")
		if same.Replace(query) != same.Replace(rawQuery) {
			t.Fatalf("%q (%s) differs in more than ' @ : from %q", c.URL, c, rawQuery)
		}
	case query != rawQuery || hasQuery != rawHasQuery:
		t.Fatalf("%q (%s) has another query than %q", c.URL, c, rawQuery)
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
