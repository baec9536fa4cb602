package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generator"
)

// readProbeToken reads the auth token from a file, or from the environment where none is named. Whether it can be one is for core.Sign
// to say; the last newline, which editors put there, does not belong to it.
func readProbeToken(c generator.Call, file string) (core.Token, error) {
	if file == "" {
		secret := c.Getenv(probeTokenEnv)
		if secret == "" {
			return core.Token{}, errors.New(probeTokenEnv + " is not set: set it to the account's auth token, or name a file with -token-file")
		}
		return core.AuthToken(probeTokenEnv, secret), nil
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(c.Dir, file)
	}
	text, err := readShort(file)
	if err != nil {
		return core.Token{}, fmt.Errorf("-token-file: %w", err)
	}
	secret := strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	return core.AuthToken("-token-file", secret), nil
}

// readShort reads a file that is no longer than any token.
func readShort(name string) (string, error) {
	const limit = 4096
	f, err := os.Open(name)
	if err != nil {
		var pathError *fs.PathError
		errors.As(err, &pathError)
		return "", fmt.Errorf("cannot open %q: %w", name, pathError.Err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return "", fmt.Errorf("cannot read %q", name)
	}
	if len(text) > limit {
		return "", fmt.Errorf("%q is too long for an auth token", name)
	}
	return string(text), nil
}
