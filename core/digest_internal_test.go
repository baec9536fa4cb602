package core

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"testing"
	"time"
)

// digestClock is a digestAuth whose clock the test turns.
type digestClock struct {
	*digestAuth
	time time.Time
}

func newDigestClock(t *testing.T) *digestClock {
	d, err := newDigestAuth(&DigestAuth{Realm: "r", Username: "u", Password: NewSecret("p")})
	if err != nil {
		t.Fatal(err)
	}
	clock := &digestClock{d, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	d.now = func() time.Time { return clock.time }
	return clock
}

// answer verifies the right answer of a client with the nonce and its nth count.
func (c *digestClock) answer(nonce string, n int) (ok, stale bool) {
	nc := "0000000" + strconv.Itoa(n)
	h := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return hex.EncodeToString(sum[:])
	}
	response := h(h("u:r:p") + ":" + nonce + ":" + nc + ":c:auth:" + h("GET:/x"))
	use, stale := c.verify(`username="u", realm="r", nonce="`+nonce+`", uri="/x", cnonce="c", nc=`+nc+`, qop=auth, algorithm=SHA-256, response="`+response+`"`, "GET", "/x", "")
	return use != "", stale
}

func TestH3ANonceLivesFiveMinutes(t *testing.T) {
	for _, test := range []struct {
		age time.Duration
		ok  bool
	}{
		{0, true},
		{5*time.Minute - 1, true},
		{5 * time.Minute, false},
		{time.Hour, false},
		{-time.Minute, true}, // issued by an instance whose clock runs ahead
		{-time.Minute - 1, false},
	} {
		c := newDigestClock(t)
		nonce := c.newNonce()
		c.time = c.time.Add(test.age)
		if ok, stale := c.answer(nonce, 1); ok != test.ok || stale == test.ok {
			t.Errorf("age %v: accepted is %v, stale is %v", test.age, ok, stale)
		}
	}
}

func TestH3ACountIsNeverForgottenBeforeItsNonce(t *testing.T) {
	const step = 7 * time.Second
	for issued := time.Duration(0); issued <= time.Minute; issued += step {
		c := newDigestClock(t)
		start := c.time
		c.time = start.Add(issued) // by an instance whose clock runs ahead
		nonce := c.newNonce()
		c.time = start
		if ok, _ := c.answer(nonce, 1); !ok {
			t.Fatalf("issued %v ahead: refused", issued)
		}
		for c.time.Sub(start) < 7*time.Minute {
			c.time = c.time.Add(step)
			if ok, _ := c.answer(nonce, 1); ok {
				t.Fatalf("issued %v ahead: the count was accepted again after %v", issued, c.time.Sub(start))
			}
		}
	}
}

func TestH3NoncesOfOneInstantDiffer(t *testing.T) {
	c := newDigestClock(t)
	if first, second := c.newNonce(), c.newNonce(); first == second {
		t.Errorf("the nonce %q came twice", first)
	}
}

// No count is forgotten to make place: while too many are remembered, every answer is stale.
func TestH3TooManyCountsAreStale(t *testing.T) {
	c := newDigestClock(t)
	c.used.limit = 2
	nonce := c.newNonce()
	for n, want := range []bool{true, true, false, false} {
		if ok, stale := c.answer(nonce, n+1); ok != want || stale == want {
			t.Errorf("count %d: accepted is %v, stale is %v", n+1, ok, stale)
		}
	}
	for n := 1; n <= 2; n++ {
		if ok, _ := c.answer(nonce, n); ok {
			t.Errorf("count %d was accepted again", n)
		}
	}
	for _, step := range []struct {
		after time.Duration
		ok    bool
	}{{6*time.Minute - 1, false}, {1, true}, {time.Hour, true}} { // a nonce's life and the skew of the clocks
		c.time = c.time.Add(step.after)
		if ok, _ := c.answer(c.newNonce(), 1); ok != step.ok {
			t.Errorf("%v later: accepted is %v", step.after, ok)
		}
	}
}
