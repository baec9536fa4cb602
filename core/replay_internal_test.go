package core

import (
	"context"
	"testing"
	"time"
)

func TestPTheMemoryStoreRemembersForAWindow(t *testing.T) {
	const window = 10 * time.Minute
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	store := NewMemoryReplayStore(100).(*memoryStore)
	store.now = func() time.Time { return now }
	steps := []struct {
		after time.Duration // since the step before
		key   string
		seen  bool
	}{
		{0, "a", false},
		{0, "a", true},
		{window / 2, "b", false},
		{window/2 - 1, "a", true},  // a moment before its window ends
		{1, "a", false},            // and at its end
		{0, "a", true},             // but recorded again
		{window/2 - 1, "b", true},  // in the older generation, a moment before its window ends
		{1, "b", false},            // and at its end
		{2*window - 1, "c", false}, // what came after is forgotten by now
		{0, "b", false},
		{0, "a", false},
		{5 * window, "c", false},
	}
	for i, step := range steps {
		now = now.Add(step.after)
		seen, err := store.Seen(context.Background(), step.key, window)
		if err != nil || seen != step.seen {
			t.Errorf("step %d, %q: seen is %v (%v), want %v", i, step.key, seen, err, step.seen)
		}
	}
}
