package golden

import (
	"net/url"
	"strings"
	"testing"
)

func TestVectorsByContract(t *testing.T) {
	count := make(map[string]int)
	for _, v := range Vectors() {
		count[v.Contract]++
		_, err := v.Case()
		if sendable := v.Contract == ContractAccept || v.Contract == ContractRefuse; sendable != (err == nil) {
			t.Errorf("%s (%s): %v", v.ID, v.Contract, err)
		}
	}
	want := map[string]int{ContractAccept: 29, ContractRefuse: 22, ContractNotSendable: 4, ContractUnknownToken: 3}
	for contract, n := range want {
		if count[contract] != n {
			t.Errorf("%d vectors %q, want %d", count[contract], contract, n)
		}
	}
}

func TestVectorOverHTTP(t *testing.T) {
	token := "12345"
	c, err := Vector{
		Method: "POST", URL: "https://MyCompany.com:1234/myapp.php?foo=1", AuthToken: &token, Signature: "sig",
		Params: [][2]string{{"z", "a b"}, {"a", "+1"}, {"z", ""}}, Contract: ContractAccept,
	}.Case()
	if err != nil {
		t.Fatal(err)
	}
	want := "POST /myapp.php?foo=1 HTTP/1.1\r\nHost: MyCompany.com:1234\r\nX-Twilio-Signature: sig\r\n" +
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 15\r\nConnection: close\r\n\r\nz=a+b&a=%2B1&z="
	if got := string(c.Bytes()); got != want {
		t.Errorf("got %q", got)
	}
	if c.Config.PublicURL != "https://MyCompany.com:1234" {
		t.Errorf("origin %q", c.Config.PublicURL)
	}
}

func TestSplitURL(t *testing.T) {
	tests := []struct{ url, origin, target string }{
		{"https://example.com/a?b=/c", "https://example.com", "/a?b=/c"},
		{"http://UUU", "http://UUU", "/"},
		{"https://example.com?a=1", "https://example.com", "/?a=1"},
		{"https://example.com:443//x", "https://example.com:443", "//x"},
	}
	for _, tt := range tests {
		if origin, target, err := splitURL(tt.url); err != nil || origin != tt.origin || target != tt.target {
			t.Errorf("%s: %q %q %v", tt.url, origin, target, err)
		}
	}
	for _, bad := range []string{"/a", "https://example.com/#x"} {
		if _, _, err := splitURL(bad); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}

func TestMutationsChangeOneByteAndStayWellFormed(t *testing.T) {
	parts := make(map[string]int)
	for _, m := range Mutations() {
		parts[m.Class]++
		id, _, _ := strings.Cut(m.ID, ",")
		original := workedExample(t, id)
		if n := differentBytes(string(original.Bytes()), string(m.Bytes())); n != 1 {
			t.Errorf("%s: %d bytes differ", m.ID, n)
		}
		if _, err := url.ParseRequestURI(m.Target); err != nil {
			t.Errorf("%s: %v", m.ID, err)
		}
		if _, err := url.ParseQuery(string(m.Body)); err != nil && m.Header("Content-Type") != "application/json" {
			t.Errorf("%s: %v", m.ID, err)
		}
	}
	for _, part := range []string{"path", "query", "body", "signature"} {
		if parts[part] < 20 {
			t.Errorf("%d changes of the %s", parts[part], part)
		}
	}
}

func workedExample(t *testing.T, id string) Case {
	t.Helper()
	for _, v := range Vectors() {
		if v.ID == id {
			c, err := v.Case()
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
	}
	t.Fatalf("no vector %s", id)
	return Case{}
}

func differentBytes(a, b string) (n int) {
	if len(a) != len(b) {
		return -1
	}
	for i := range len(a) {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}

func TestChangeByte(t *testing.T) {
	tests := []struct {
		text string
		i    int
		want string
	}{
		{"az", 0, "bz"}, {"az", 1, "aa"}, {"AZ", 1, "AA"}, {"09", 0, "19"}, {"09", 1, "00"}, {"f", 0, "g"},
		{"%2F", 1, "%3F"}, {"%2F", 2, "%2A"}, {"%2f", 2, "%2a"}, {"%2B", 2, "%2C"}, {"%2Bz", 3, "%2Ba"},
		{"%", 0, "%"}, {"=", 0, "="}, {"\xff", 0, "\xff"},
	}
	for _, tt := range tests {
		if got := changeByte(tt.text, tt.i); got != tt.want {
			t.Errorf("changeByte(%q, %d) = %q, want %q", tt.text, tt.i, got, tt.want)
		}
	}
}
