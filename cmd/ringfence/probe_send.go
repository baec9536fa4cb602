package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/ringfence-go/ringfence/core"
)

// result is the answer to a probe.
type result struct {
	probe
	status  int    // 0 where there was no answer
	problem string // why there was none
}

// outcome says what an answer means.
type outcome string

const (
	outcomeAccepted outcome = "accepted"    // a signed request that it should accept
	outcomeRefused  outcome = "refused"     // a forged one that it should refuse
	outcomeHole     outcome = "LET THROUGH" // a forged one that it accepted
	outcomeUnclear  outcome = "unclear"
)

func (r *result) outcome() outcome {
	accepted := r.status >= 200 && r.status <= 299
	refused := r.status == http.StatusUnauthorized || r.status == http.StatusForbidden
	switch {
	case accepted && r.valid():
		return outcomeAccepted
	case accepted:
		return outcomeHole
	case refused && !r.valid():
		return outcomeRefused
	default:
		return outcomeUnclear
	}
}

// sender sends probes one after the other.
type sender struct {
	client      *http.Client
	endpoint    endpoint
	credentials *credentials
}

func newSender(o probeOptions) *sender {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableCompression = true
	return &sender{
		client: &http.Client{
			Transport: transport,
			Timeout:   o.timeout,
			CheckRedirect: func(*http.Request, []*http.Request) error {
				return http.ErrUseLastResponse
			},
		},
		endpoint:    o.endpoint,
		credentials: o.credentials,
	}
}

// sendAll sends the probes until ctx ends, or until the first one finds nobody: the others would not either.
func (s *sender) sendAll(ctx context.Context, probes []probe, progress *progress) []result {
	defer s.client.CloseIdleConnections()
	defer progress.done()
	var results []result
	for i := range probes {
		progress.sending(i, &probes[i])
		r := result{probe: probes[i]}
		var err error
		if r.status, err = s.send(ctx, &probes[i]); err != nil {
			r.problem = problemOf(err)
		}
		results = append(results, r)
		progress.answered(i, &r)
		if i == 0 && r.status == 0 {
			break
		}
	}
	return results
}

// problemOf leaves out the URL, which package http puts first.
func problemOf(err error) string {
	if errors.Is(err, context.DeadlineExceeded) || os.IsTimeout(err) {
		return "no answer in time"
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return err.Error()
}

// send returns the final status: that of the repeated request, where credentials were asked for and are there.
func (s *sender) send(ctx context.Context, p *probe) (int, error) {
	response, err := s.roundTrip(ctx, p, "")
	if err != nil {
		return 0, err
	}
	if s.credentials == nil || p.login == loginNone {
		return response.StatusCode, nil
	}
	c := *s.credentials
	if p.login == loginWrong {
		c = c.wrong()
	}
	authorization, ok := c.authenticated(response, p)
	if !ok {
		return response.StatusCode, nil
	}
	if response, err = s.roundTrip(ctx, p, authorization); err != nil {
		return 0, err
	}
	return response.StatusCode, nil
}

func (s *sender) roundTrip(ctx context.Context, p *probe, authorization string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, p.method, s.endpoint.address+p.target, strings.NewReader(p.body))
	if err != nil {
		return nil, err
	}
	r.Host = s.endpoint.host
	r.Header = p.header.Clone()
	r.Header.Set("User-Agent", "ringfence-probe/"+core.Version)
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	response, err := s.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	const enough = 64 << 10 // to use the connection again
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, enough))
	return response, nil // the status is the answer, whatever the body does
}
