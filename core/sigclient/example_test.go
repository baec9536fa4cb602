package sigclient_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/core/sigclient"
)

// charge calls a Function of yours; origin is "https://my-service-1234.twil.io".
func charge(token core.Token, origin string) (*http.Response, error) {
	signer, err := sigclient.NewSigner(sigclient.SignerConfig{Token: token, Origins: []string{origin}})
	if err != nil {
		return nil, err
	}
	client := &http.Client{Transport: signer}
	return client.PostForm(origin+"/charge", url.Values{"Amount": {"12"}})
}

// A protected Function, played by a server that accepts signed requests alone.
func ExampleSigner() {
	token := core.AuthToken("primary", "12345")
	function := httptest.NewServer(nil)
	defer function.Close()
	validator, err := core.NewValidator(core.Config{PublicURL: function.URL, Tokens: []core.Token{token}})
	if err != nil {
		log.Fatal(err)
	}
	function.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, _, err := validator.ValidateHTTP(r); err != nil {
			core.AnswerTo(err).Write(w)
		}
	})

	unsigned, err := http.PostForm(function.URL+"/charge", url.Values{"Amount": {"12"}})
	if err != nil {
		log.Fatal(err)
	}
	unsigned.Body.Close()
	signed, err := charge(token, function.URL)
	if err != nil {
		log.Fatal(err)
	}
	signed.Body.Close()
	fmt.Println(unsigned.StatusCode, signed.StatusCode)
	// Output: 403 200
}

func ExampleMedia() {
	media, err := sigclient.NewMedia(sigclient.MediaConfig{
		Username: "SK00112233445566778899aabbccddeeff",
		Password: "the key's secret",
	})
	if err != nil {
		log.Fatal(err)
	}
	client := &http.Client{Transport: media}
	_ = client // client.Get(webhook.Param("MediaUrl0")) follows Twilio's redirect without the credentials
}
