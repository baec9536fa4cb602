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

	signer, err := sigclient.NewSigner(sigclient.SignerConfig{Token: token, Origins: []string{function.URL}})
	if err != nil {
		log.Fatal(err)
	}
	for _, client := range []*http.Client{{}, {Transport: signer}} {
		response, err := client.PostForm(function.URL+"/charge", url.Values{"Amount": {"12"}})
		if err != nil {
			log.Fatal(err)
		}
		response.Body.Close()
		fmt.Println(response.StatusCode)
	}
	// Output:
	// 403
	// 200
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
