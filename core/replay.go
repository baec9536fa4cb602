package core

import (
	"context"
	"crypto/hmac"
	"errors"
	"reflect"
	"slices"
	"sync"
	"time"
)

// replayGuard is a ReplayGuard with its defaults.
type replayGuard struct {
	ReplayGuard
	identity any // the same for guards that share a store; comparable
}

func newReplayGuard(cfg ReplayGuard) (*replayGuard, error) {
	if cfg.Window < 0 {
		return nil, configError("a negative replay window: leave it 0 for the default")
	}
	g := &replayGuard{ReplayGuard: cfg}
	if g.Window == 0 {
		g.Window = 10 * time.Minute
	}
	if g.Store == nil {
		g.Store = NewMemoryReplayStore(100_000)
	}
	g.identity = g
	if reflect.ValueOf(g.Store).Comparable() {
		g.identity = g.Store
	}
	return g, nil
}

// checkReplay notices a webhook that was verified before (P). Its key is the decoded MAC of a request that passed every other check.
// What an outer validation of the same request recorded is no repeat, and what it found stays (V8).
func (v *Validator) checkReplay(x *exam, r *Request) *Error {
	if earlier := r.Verified; earlier != nil && hmac.Equal([]byte(earlier.facts().mac), x.mac) {
		x.recordedIn, x.repeated = earlier.facts().recordedIn, earlier.Repeated
	}
	if v.replay == nil || slices.Contains(x.recordedIn, v.replay.identity) {
		return nil
	}
	seen, err := v.seen(r.context(), string(x.mac))
	switch {
	case err != nil:
		e := v.refuse(ErrReplayStore, "")
		e.cause = func() error { return err }
		return e
	case seen && v.replay.Refuse:
		return v.refuse(ErrReplay, "")
	}
	x.recordedIn, x.repeated = append(slices.Clip(x.recordedIn), v.replay.identity), x.repeated || seen
	return nil
}

// seen asks the store. A panic in it is an error (V9).
func (v *Validator) seen(ctx context.Context, key string) (seen bool, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("replay store panicked")
		}
	}()
	return v.replay.Store.Seen(ctx, key, v.replay.Window)
}

// NewMemoryReplayStore returns a ReplayStore of this process's memory. It holds at most capacity webhooks (at least two), about 100
// bytes each; when it is full before the window has passed, it forgets the older half.
func NewMemoryReplayStore(capacity int) ReplayStore {
	return &memoryStore{set: newRecentSet(max(capacity/2, 1)), now: time.Now}
}

type memoryStore struct {
	set *recentSet
	now func() time.Time
}

func (m *memoryStore) Seen(_ context.Context, key string, window time.Duration) (bool, error) {
	return m.set.add(key, m.now(), window) == addedBefore, nil
}

// recentSet remembers keys for a while in two generations: when the newer is a window old, it becomes the older, and the older is
// forgotten. So a key stays for one to two windows, and nothing ever has to be searched for what has expired. It is safe for
// concurrent use.
type recentSet struct {
	mutex        sync.Mutex
	limit        int  // keys a generation
	refuseFull   bool // rather than forget the older generation before its time
	newer, older map[string]time.Time
	since        time.Time // when newer was begun
}

// addition is what came of adding a key to a recentSet.
type addition int

const (
	added addition = iota
	addedBefore
	notAdded // the set is full
)

func newRecentSet(limit int) *recentSet {
	return &recentSet{limit: limit, newer: make(map[string]time.Time)}
}

// add records key, unless it was recorded within the last window.
func (s *recentSet) add(key string, now time.Time, window time.Duration) addition {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	switch age := now.Sub(s.since); {
	case age >= 2*window:
		s.newer, s.older, s.since = make(map[string]time.Time), nil, now
	case age >= window:
		s.turn(now)
	}
	for _, generation := range []map[string]time.Time{s.newer, s.older} {
		if at, ok := generation[key]; ok && now.Sub(at) < window {
			return addedBefore
		}
	}
	if len(s.newer) >= s.limit {
		if s.refuseFull {
			return notAdded
		}
		s.turn(now)
	}
	s.newer[key] = now
	return added
}

// turn begins a new generation.
func (s *recentSet) turn(now time.Time) {
	s.older, s.newer, s.since = s.newer, make(map[string]time.Time), now
}
