package core

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret holds an auth token, a key or a password. Whatever it is printed, logged or encoded with, it shows "[redacted]".
// The zero Secret is empty, and every constructor refuses it.
type Secret struct {
	// A pointer, so that package fmt, which cannot call methods on unexported fields, prints an address for a Secret that
	// sits in somebody's unexported field.
	text *string
}

// NewSecret wraps text. Nothing is trimmed: a constructor that takes the secret says what is wrong with it (C1).
func NewSecret(text string) Secret { return Secret{&text} }

func (s Secret) reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// String returns "[redacted]".
func (Secret) String() string { return redacted }

// GoString returns "[redacted]".
func (Secret) GoString() string { return redacted }

// Format prints "[redacted]" whatever the verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue returns "[redacted]".
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns "[redacted]"; encoding/json and encoding/xml use it.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
