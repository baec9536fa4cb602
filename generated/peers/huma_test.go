package peers_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/danielgtaylor/huma/v2/adapters/humaflow"
	"github.com/danielgtaylor/huma/v2/adapters/humaflow/flow"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/danielgtaylor/huma/v2/adapters/humamux"
	"github.com/go-chi/chi/v5"
	"github.com/gorilla/mux"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliohuma"
)

// The middleware works with every adapter of Huma's that its documents name.
func TestHumaAdaptersShowTheRequest(t *testing.T) {
	for name, newAPI := range map[string]func(config huma.Config) (huma.API, http.Handler){
		"humago": func(config huma.Config) (huma.API, http.Handler) {
			m := http.NewServeMux()
			return humago.New(m, config), m
		},
		"humachi": func(config huma.Config) (huma.API, http.Handler) {
			r := chi.NewRouter()
			return humachi.New(r, config), r
		},
		"humaflow": func(config huma.Config) (huma.API, http.Handler) {
			m := flow.New()
			return humaflow.New(m, config), m
		},
		"humamux": func(config huma.Config) (huma.API, http.Handler) {
			r := mux.NewRouter()
			return humamux.New(r, config), r
		},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := core.NewValidator(core.Config{PublicURL: origin, Tokens: []core.Token{token()}})
			if err != nil {
				t.Fatal(err)
			}
			api, handler := newAPI(huma.DefaultConfig("Messages", "1.0.0"))
			api.UseMiddleware(twiliohuma.New(v))
			params := url.Values{"From": {"+15550100"}, "Body": {"Ahoy"}}
			runs := 0
			huma.Post(api, "/sms", func(ctx context.Context, input *struct {
				RawBody []byte `contentType:"application/x-www-form-urlencoded"`
			}) (*struct{}, error) {
				runs++
				if webhook, ok := twiliohuma.FromContext(ctx); !ok || webhook.Param("Body") != "Ahoy" || string(input.RawBody) != params.Encode() {
					t.Errorf("webhook %v, body %q", webhook, input.RawBody)
				}
				return nil, nil
			})
			signature, err := core.Sign(token(), origin+"/sms", params)
			if err != nil {
				t.Fatal(err)
			}
			for _, request := range []struct {
				body   string
				status int
			}{{params.Encode(), http.StatusNoContent}, {params.Encode() + "&Admin=1", http.StatusForbidden}} {
				r := httptest.NewRequest(http.MethodPost, "/sms", strings.NewReader(request.body))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.Header.Set("X-Twilio-Signature", signature)
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				if w.Code != request.status {
					t.Errorf("%s: status %d, want %d", request.body, w.Code, request.status)
				}
			}
			if runs != 1 {
				t.Errorf("the operation ran %d times", runs)
			}
		})
	}
}
