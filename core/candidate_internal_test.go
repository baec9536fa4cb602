package core

import (
	"slices"
	"strings"
	"testing"
)

// candidatesOf lists the candidates of a target.
func candidatesOf(rawTarget string, upgrade, strict bool) *exam {
	x := &exam{upgrade: upgrade}
	x.target, _ = parseTarget(rawTarget)
	if strings.HasPrefix(x.target.query, bodyHashParam) {
		x.bodyHash = x.target.query[len(bodyHashParam)+1:][:64]
	}
	x.wholeQuery = x.target.query != "" && x.query.parseQuery([]byte(x.target.query))
	x.listCandidates(strict)
	return x
}

// candidateURLs returns the URLs that are tried for a request, in order. What is signed as parameters stands in brackets.
func candidateURLs(publicURL, rawTarget string, upgrade, strict bool) []string {
	o, err := parseOrigin(publicURL)
	if err != nil {
		panic(err)
	}
	x := candidatesOf(rawTarget, upgrade, strict)
	var urls []string
	for _, c := range x.candidates {
		url := string(x.appendURL(nil, &o, c))
		if c&QueryAsParams != 0 {
			url += "[" + x.target.query + "]"
		}
		urls = append(urls, url)
	}
	return urls
}

func TestU4ExactCandidates(t *testing.T) {
	tests := []struct {
		name, publicURL, target string
		upgrade, strict         bool
		want                    string
	}{
		{"a path", "https://h", "/x", false, false,
			"https://h/x https://h:443/x"},
		{"a path and a port", "http://h:8080", "/x?a=1", false, false,
			"http://h:8080/x?a=1 http://h/x?a=1"},
		{"the root", "https://h", "/", false, false,
			"https://h/ https://h:443/ https://h https://h:443"},
		{"the root behind a prefix", "https://h/p", "/?a", false, false,
			"https://h/p/?a https://h:443/p/?a https://h/p?a https://h:443/p?a"},
		{"a query that is plain", "https://h", "/x?@", false, false,
			"https://h/x?@ https://h:443/x?@ https://h/x?%40 https://h:443/x?%40"},
		{"a query that is escaped", "https://h", "/x?%40", false, false,
			"https://h/x?%40 https://h:443/x?%40 https://h/x?@ https://h:443/x?@"},
		{"a query that is both", "https://h", "/x?@%40", false, false,
			"https://h/x?@%40 https://h:443/x?@%40 https://h/x?@@ https://h:443/x?@@ https://h/x?%40%40 https://h:443/x?%40%40"},
		{"a query that is both, strict", "https://h", "/x?@%40", false, true,
			"https://h/x?@%40 https://h:443/x?@%40"},
		{"an upgrade", "https://h", "/ws", true, false,
			"https://h/ws https://h:443/ws wss://h/ws wss://h:443/ws wss://h/ws/ wss://h:443/ws/"},
		{"an upgrade with a query", "http://h:8080", "/ws/?a", true, false,
			"http://h:8080/ws/?a http://h/ws/?a ws://h:8080/ws/?a ws://h/ws/?a ws://h:8080/ws?a ws://h/ws?a " +
				"ws://h:8080/ws/[a] ws://h/ws/[a] ws://h:8080/ws[a] ws://h/ws[a]"},
		{"an upgrade of the root with a query that is both", "https://h", "/?@%40", true, false,
			"https://h/?@%40 https://h:443/?@%40 https://h?@%40 https://h:443?@%40 " +
				"https://h/?@@ https://h/?%40%40 " +
				"wss://h/?@%40 wss://h:443/?@%40 wss://h?@%40 wss://h:443?@%40 wss://h/?@@ wss://h/?%40%40 " +
				"wss://h/[@%40] wss://h:443/[@%40] wss://h[@%40] wss://h:443[@%40]"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := candidateURLs(test.publicURL, test.target, test.upgrade, test.strict)
			if want := strings.Fields(test.want); !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

func TestU4AtMostSixteenCandidatesAndNoneTwice(t *testing.T) {
	for _, publicURL := range []string{"https://h", "http://h:8080", "https://h/p"} {
		for _, path := range []string{"/", "/x", "/x/"} {
			for _, query := range []string{"", "?", "?a=1", "?@", "?%40", "?@%40", "?a=%zz@%40", "?bodySHA256=" + strings.Repeat("0", 64) + "&@%40"} {
				for _, upgrade := range []bool{false, true} {
					urls := candidateURLs(publicURL, path+query, upgrade, false)
					if len(urls) > 16 {
						t.Errorf("%s%s%s: %d candidates", publicURL, path, query, len(urls))
					}
					if slices.Sort(urls); len(slices.Compact(slices.Clone(urls))) != len(urls) {
						t.Errorf("%s%s%s: one stands twice: %q", publicURL, path, query, urls)
					}
				}
			}
		}
	}
}

// The items of U4 are tried in their order: a candidate that needs a later one comes after all that need an earlier one.
func TestU4ItemsAreTriedInTheirOrder(t *testing.T) {
	item := func(c Candidate) int {
		switch {
		case c&(WebSocketScheme|QueryAsParams) != 0:
			return 5
		case c&(QueryPlain|QueryEscaped) != 0:
			return 4
		case c&SlashToggled != 0:
			return 3
		case c&PortToggled != 0:
			return 2
		}
		return 1
	}
	for _, target := range []string{"/", "/x", "/x/", "/?a=1", "/x?@", "/x?%40", "/?@%40"} {
		for _, upgrade := range []bool{false, true} {
			var items []int
			for _, c := range candidatesOf(target, upgrade, false).candidates {
				items = append(items, item(c))
			}
			if !slices.IsSorted(items) {
				t.Errorf("%s, upgrade %t: items %d", target, upgrade, items)
			}
		}
	}
}
