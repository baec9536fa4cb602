package core_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/ringfence-go/ringfence/core"
)

// storeFunc is a ReplayStore.
type storeFunc func(ctx context.Context, key string, window time.Duration) (bool, error)

func (f storeFunc) Seen(ctx context.Context, key string, window time.Duration) (bool, error) {
	return f(ctx, key, window)
}

// storeOf returns a store that always says the same.
func storeOf(seen bool, err error) core.ReplayStore {
	return storeFunc(func(context.Context, string, time.Duration) (bool, error) { return seen, err })
}

func TestPWithoutAGuardARepeatIsAccepted(t *testing.T) {
	v := validatorFor(t, core.Config{})
	for range 3 {
		if accepted(t, v, signedGet("/x", publicURL+"/x")).Repeated {
			t.Error("marked as repeated")
		}
	}
}

func TestPAGuardMarksARepeat(t *testing.T) {
	v := validatorFor(t, core.Config{Replay: &core.ReplayGuard{}})
	for i, want := range []bool{false, true, true} {
		if got := accepted(t, v, signedGet("/x", publicURL+"/x")).Repeated; got != want {
			t.Errorf("request %d: repeated is %v", i, got)
		}
	}
	if accepted(t, v, signedGet("/y", publicURL+"/y")).Repeated {
		t.Error("another webhook is marked as repeated")
	}
}

func TestPAGuardThatRefusesAnswers409(t *testing.T) {
	v := validatorFor(t, core.Config{Replay: &core.ReplayGuard{Refuse: true}})
	accepted(t, v, signedGet("/x", publicURL+"/x", "I-Twilio-Idempotency-Token: 1"))
	e := refused(t, v, signedGet("/x", publicURL+"/x", "I-Twilio-Idempotency-Token: 2"), core.ErrReplay)
	if e.Status() != 409 {
		t.Errorf("status %d", e.Status())
	}
	accepted(t, v, signedGet("/y", publicURL+"/y", "I-Twilio-Idempotency-Token: 1"))
}

func TestPTheStoreIsHandedTheDecodedMACOfVerifiedRequests(t *testing.T) {
	type key struct{}
	var keys []string
	var windows []time.Duration
	store := storeFunc(func(ctx context.Context, k string, window time.Duration) (bool, error) {
		keys, windows = append(keys, k), append(windows, window)
		if ctx.Value(key{}) != "value" {
			t.Error("the context is not the request's")
		}
		return false, nil
	})
	v := validatorFor(t, core.Config{
		Replay:         &core.ReplayGuard{Window: time.Hour, Store: store},
		Tokens:         []core.Token{primaryToken()},
		SigningKeys:    []core.SigningKey{sha256Key},
		RequiredParams: []string{"a"},
	})
	sha256Signed := signedGet("/x?a", "", "X-Twilio-Signature-Key-Sid: "+sha256Key.Sid)
	sha256Signed.Header.Set("X-Twilio-Signature", sha256MAC(publicURL+"/x?a"))
	requests := []*core.Request{
		signedGet("/x?a", publicURL+"/x?a"),
		signedGet("/x?a", publicURL+":443/x?a"),
		sha256Signed,
		signedGet("/x?a", publicURL+"/y?a"), // a wrong signature
		signedGet("/x?b", publicURL+"/x?b"), // against a pin
	}
	var want []string
	for i, r := range requests {
		r.Context = context.WithValue(context.Background(), key{}, "value")
		if err := v.Check(r); (err == nil) != (i < 3) {
			t.Fatalf("request %d: %v", i, err)
		}
		if mac, err := base64.StdEncoding.DecodeString(r.Header.Get("X-Twilio-Signature")); err != nil {
			t.Fatal(err)
		} else if i < 3 {
			want = append(want, string(mac))
		}
	}
	if !slices.Equal(keys, want) {
		t.Errorf("keys %x, want %x", keys, want)
	}
	if !slices.Equal(windows, []time.Duration{time.Hour, time.Hour, time.Hour}) {
		t.Errorf("windows %v", windows)
	}
}

func TestPTheWindowIsTenMinutesByDefault(t *testing.T) {
	var window time.Duration
	v := validatorFor(t, core.Config{Replay: &core.ReplayGuard{Store: storeFunc(func(_ context.Context, _ string, w time.Duration) (bool, error) {
		window = w
		return false, nil
	})}})
	if accepted(t, v, signedGet("/x", publicURL+"/x")); window != 10*time.Minute {
		t.Errorf("window %v", window)
	}
}

func TestPAFailureOfTheStoreIs503(t *testing.T) {
	down := errors.New("store is down")
	for name, store := range map[string]core.ReplayStore{
		"an error":                    storeOf(false, down),
		"an error and a repeat":       storeOf(true, down),
		"a panic (V9)":                storeFunc(func(context.Context, string, time.Duration) (bool, error) { panic("no store") }),
		"a store that is a nil value": storeFunc(nil),
	} {
		t.Run(name, func(t *testing.T) {
			for _, refuse := range []bool{false, true} {
				v := validatorFor(t, core.Config{Replay: &core.ReplayGuard{Refuse: refuse, Store: store}})
				if e := refused(t, v, signedGet("/x", publicURL+"/x"), core.ErrReplayStore); e.Status() != 503 || errors.Unwrap(e) == nil {
					t.Errorf("status %d, cause %v", e.Status(), errors.Unwrap(e))
				}
			}
		})
	}
	_, err := validatorFor(t, core.Config{Replay: &core.ReplayGuard{Store: storeOf(false, down)}}).Validate(signedGet("/x", publicURL+"/x"))
	if !errors.Is(err, down) {
		t.Errorf("errors.Is does not find the store's error in %v", err)
	}
}

// funcStore returns a store of a type that cannot be compared.
func funcStore() core.ReplayStore {
	memory := core.NewMemoryReplayStore(10)
	return storeFunc(memory.Seen)
}

// One request that a group and a route both validate (V8) is no repeat.
func TestPOneRequestValidatedTwiceIsNoRepeat(t *testing.T) {
	guarded := func(store core.ReplayStore, refuse bool) *core.Validator {
		return validatorFor(t, core.Config{Replay: &core.ReplayGuard{Store: store, Refuse: refuse}})
	}
	plain := validatorFor(t, core.Config{})
	for _, refuse := range []bool{false, true} {
		one, ofFunc, shared := guarded(nil, refuse), guarded(funcStore(), refuse), core.NewMemoryReplayStore(10)
		for name, chain := range map[string][]*core.Validator{
			"one Validator twice":                  {one, one},
			"a store that cannot be compared":      {ofFunc, ofFunc},
			"two Validators that share a store":    {guarded(shared, refuse), guarded(shared, refuse)},
			"one without guard between the others": {one, plain, one},
			"another guard between the others":     {one, ofFunc, one, ofFunc},
		} {
			t.Run(fmt.Sprintf("%s, refuse %v", name, refuse), func(t *testing.T) {
				request := func() (webhook *core.Webhook, err error) {
					target := "/x?" + url.QueryEscape(name)
					r := httptest.NewRequest("GET", target, nil)
					r.Header.Set("X-Twilio-Signature", macOf(authToken, publicURL+target))
					for _, v := range chain {
						if r, webhook, err = v.ValidateHTTP(r); err != nil {
							return nil, err
						}
					}
					return webhook, nil
				}
				if webhook, err := request(); err != nil || webhook.Repeated {
					t.Errorf("got %v, %v", webhook, err)
				}
				webhook, err := request()
				if refuse && !errors.Is(err, core.ErrReplay) || !refuse && (err != nil || !webhook.Repeated) {
					t.Errorf("sent again: got %v, %v", webhook, err)
				}
			})
		}
	}
}

func TestPTheMemoryStoreIsBounded(t *testing.T) {
	ctx := context.Background()
	for _, capacity := range []int{2, 10, 1000} {
		store := core.NewMemoryReplayStore(capacity)
		add := func(i int) bool {
			seen, err := store.Seen(ctx, strconv.Itoa(i), time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			return seen
		}
		const count = 5000
		for i := range count {
			if add(i) {
				t.Fatalf("capacity %d: %d was not recorded before", capacity, i)
			}
			if !add(i) {
				t.Fatalf("capacity %d: %d was forgotten at once", capacity, i)
			}
		}
		// Asking records what is forgotten, so only the newest ones are asked for: they must still be known, from the newest backwards,
		// and no more of them than the capacity.
		known := 0
		for i := count - 1; i >= 0 && add(i); i-- {
			known++
		}
		if known > capacity || known < capacity/2 {
			t.Errorf("capacity %d: %d are known", capacity, known)
		}
	}
}
