package core

import (
	"fmt"
	"math/rand"
	"net/url"
	"reflect"
	"strings"
	"testing"
)

// A form begins to sort with the order of the form before it. Whatever that was, the outcome is that of a new form (S2).
func TestS2TheFormBeforeDoesNotShow(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	var kept form
	for range 2000 {
		raw := randomForm(random)
		kept.reset()
		fresh := form{}
		for _, f := range []*form{&kept, &fresh} {
			if reason := f.parse([]byte(raw), 1000); reason != "" {
				t.Fatal(reason)
			}
			f.sort()
		}
		if got, want := string(kept.appendSigned(nil)), string(fresh.appendSigned(nil)); got != want {
			t.Fatalf("%q: signed %q, a new form %q", raw, got, want)
		}
		want, err := url.ParseQuery(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got := kept.values(string(kept.text)); !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: values %v, want %v", raw, got, want)
		}
	}
}

// randomForm returns a form of up to 40 pairs, some with names or values that begin alike or are equal. Many have as many pairs as
// others.
func randomForm(random *rand.Rand) string {
	pairs := make([]string, random.Intn(4)*13)
	for i := range pairs {
		name := strings.Repeat("n", random.Intn(10)) + fmt.Sprint(random.Intn(12))
		pairs[i] = name + "=" + strings.Repeat("v", random.Intn(3))
	}
	return strings.Join(pairs, "&")
}
