package golden

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
)

// The header lines of a [Handler]'s answer.
const (
	// HandlerCallsHeader holds how often the handler has been called, this call included.
	HandlerCallsHeader = "X-Handler-Calls"
	// BodyHashHeader holds the lower-case hex SHA-256 of the body that the handler could read.
	BodyHashHeader = "X-Body-Sha256"
)

// Handler is what the middleware under test protects. It says how often it was called and what body it could read. Its zero value
// is ready to use.
type Handler struct {
	calls  atomic.Int64
	panics atomic.Bool // after it has counted the call
}

const handlerPanic = "golden: the handler panics on purpose"

// Answer counts a call and answers it, for any framework: the caller passes the body it could read after the middleware, a function
// that sets a response header, and writes the returned status and text.
func (h *Handler) Answer(body []byte, setHeader func(name, value string)) (status int, text string) {
	setHeader(HandlerCallsHeader, strconv.FormatInt(h.calls.Add(1), 10))
	if h.panics.Load() {
		panic(handlerPanic)
	}
	setHeader(BodyHashHeader, hashOf(body))
	return http.StatusOK, "ok"
}

func hashOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// Calls returns how often the handler has been called.
func (h *Handler) Calls() int { return int(h.calls.Load()) }

// ServeHTTP answers for the net/http family. It reads r.Body; if that fails, it answers with status 500.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	status, text := h.Answer(body, w.Header().Set)
	if err != nil {
		status, text = http.StatusInternalServerError, "body unreadable"
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}
