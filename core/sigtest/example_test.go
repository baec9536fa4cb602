package sigtest_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/core/sigtest"
)

// An application's handler behind a validator, as its tests make it.
func newHandler(token core.Token) http.Handler {
	validator, err := core.NewValidator(core.Config{
		PublicURL: "https://example.com",
		Tokens:    []core.Token{token},
	})
	if err != nil {
		log.Fatal(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		verified, webhook, err := validator.ValidateHTTP(r)
		if err != nil {
			core.AnswerTo(err).Write(w)
			return
		}
		fmt.Fprintf(w, "%s wrote %q\n", webhook.Param("From"), verified.FormValue("Body"))
	})
}

func ExampleNewFormRequest() {
	token := core.AuthToken("test", "12345")
	handler := newHandler(token) // yours, behind the middleware, with PublicURL "https://example.com"

	w := httptest.NewRecorder()
	handler.ServeHTTP(w, sigtest.NewFormRequest(token, "https://example.com/sms", sigtest.SMS()))
	fmt.Print(w.Code, " ", w.Body)
	// Output:
	// 200 +14155550100 wrote "Ahoy! Üben & 100% + ☎\n"
}

// A request may have parameters of one's own.
func ExampleNewFormRequest_parameters() {
	token := core.AuthToken("test", "12345")
	handler := newHandler(token)

	params := sigtest.SMS()
	params.Set("Body", "STOP")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, sigtest.NewFormRequest(token, "https://example.com/sms", params))
	fmt.Print(w.Code, " ", w.Body)
	// Output:
	// 200 +14155550100 wrote "STOP"
}

// The body of Event Streams is bound by its hash, which NewJSONRequest puts into the URL.
func ExampleNewJSONRequest() {
	token := core.AuthToken("test", "12345")
	r := sigtest.NewJSONRequest(token, "https://example.com/events", sigtest.EventStreams())
	w := httptest.NewRecorder()
	newHandler(token).ServeHTTP(w, r)
	fmt.Println(w.Code, r.URL.Query().Has("bodySHA256"))
	// Output:
	// 200 true
}

// A handler's test can try every way in which a request may be forged.
func ExampleMutations() {
	token := core.AuthToken("test", "12345")
	handler := newHandler(token)

	r := sigtest.NewFormRequest(token, "https://example.com/sms", sigtest.SMS())
	for _, mutation := range sigtest.Mutations(r) {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, mutation.Apply(r))
		fmt.Println(w.Code, mutation)
	}
	// Output:
	// 403 without signature
	// 403 with an empty signature
	// 403 with a signature cut short
	// 403 with two signatures, the right one first
	// 403 signed with another token
	// 403 signed for another path
	// 403 with a query that was not signed
	// 403 with another value of a parameter
	// 403 with one parameter more
	// 403 with one parameter less
	// 403 with a second value of a parameter
	// 403 with a parameter moved to the query
	// 403 with parameters that were not signed
}

func TestHandlerRefusesForgeries(t *testing.T) {
	token := core.AuthToken("test", "12345")
	handler := newHandler(token)

	r := sigtest.NewFormRequest(token, "https://example.com/sms", sigtest.SMS())
	for _, mutation := range sigtest.Mutations(r) {
		t.Run(string(mutation), func(t *testing.T) { // "with a second value of a parameter"
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, mutation.Apply(r))
			if want := core.AnswerTo(mutation.Reason()).Status; w.Code != want {
				t.Errorf("answered with %d, want %d", w.Code, want)
			}
		})
	}
}
