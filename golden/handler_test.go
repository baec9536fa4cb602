package golden

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
)

func TestHandlerCountsItsCallsAndHashesTheBody(t *testing.T) {
	var h Handler
	for _, calls := range []string{"1", "2"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("POST", "/", strings.NewReader("abc")))
		const hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" // FIPS 180-2 appendix B.1
		if w.Code != 200 || w.Body.String() != "ok" || w.Header().Get("X-Handler-Calls") != calls || w.Header().Get("X-Body-Sha256") != hash {
			t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
		}
	}
	if h.Calls() != 2 {
		t.Errorf("%d calls", h.Calls())
	}
}

func TestHandlerSaysThatItCouldNotReadTheBody(t *testing.T) {
	var h Handler
	w := httptest.NewRecorder()
	h.ServeHTTP(w, &http.Request{Body: io.NopCloser(iotest.ErrReader(errors.New("broken")))})
	if w.Code != 500 {
		t.Errorf("status %d", w.Code)
	}
}
