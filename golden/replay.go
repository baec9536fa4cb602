package golden

import (
	"fmt"
	"strconv"
)

// Result is how a case went.
type Result struct {
	Case Case
	// Request and Response are the last exchange: the one that failed, or that completed the case.
	Request  []byte
	Response Response
	// Err names everything that was wrong; nil means that the verdict was right.
	Err error
}

// Replay sends cases to a server that listens on addr: a [Handler] behind a middleware with the cases' configuration, such as a
// playground in a process of its own. Of such a handler only its answers can be seen, so a call behind a refusal is reported with
// the next case that is accepted. What any framework's parser may refuse by itself may look as a parser makes it look.
func Replay(addr string, cases []Case) []Result {
	s := &site{addr: addr, handler: &remoteCounter{}, logs: new(logBuffer)}
	results := make([]Result, len(cases))
	for i, c := range cases {
		results[i] = s.replay(verdicts().markAny(c))
	}
	return results
}

// site is a server under test, and where to watch it.
type site struct {
	addr    string
	handler callCounter
	logs    *logBuffer
}

// callCounter tells how often the handler has been called, given the latest response.
type callCounter interface {
	count(latest Response) (calls, before int)
}

// remoteCounter reads the handler's own count.
type remoteCounter struct{ seen int }

func (r *remoteCounter) count(latest Response) (calls, before int) {
	before = r.seen
	if n, err := strconv.Atoi(latest.Header.Get(HandlerCallsHeader)); err == nil {
		r.seen = n
	}
	return r.seen, before
}

// localCounter asks a handler in this process.
type localCounter struct {
	handler *Handler
	seen    int
}

func (l *localCounter) count(Response) (calls, before int) {
	before, l.seen = l.seen, l.handler.Calls()
	return l.seen, before
}

// replay sends a case in the way that it asks for. Its verdicts are Expect, its statuses StatusAny.
func (s *site) replay(c Case) Result {
	switch {
	case c.DigestFlow != nil:
		return s.replayDigest(c)
	case c.Repeat > 1:
		return s.replayRepeatedly(c)
	default:
		return s.send(c, c.expectation())
	}
}

// send is one exchange.
func (s *site) send(c Case, want Expectation) Result {
	request := c.Bytes()
	mark := s.logs.mark()
	response, err := Send(s.addr, request)
	calls, before := s.handler.count(response)
	outcome := Outcome{Response: response, Err: err, Calls: calls - before, Logs: s.logs.since(mark)}
	return Result{Case: c, Request: request, Response: response, Err: Judge(request, want, outcome)}
}

// replayRepeatedly sends the case Repeat times. The result's response is the first one, or the one that failed.
func (s *site) replayRepeatedly(c Case) Result {
	first := Result{}
	again := c
	if change := c.RepeatHeaderChange; change != nil {
		again = c.withHeader(change[0], change[1])
	}
	for i := range c.Repeat {
		sent, want := again, c.expectation()
		if i == 0 {
			sent = c
		}
		if i < len(c.RepeatExpect) && c.RepeatExpect[i] != c.Expect {
			want.Verdict, want.Statuses = c.RepeatExpect[i], nil
		}
		result := s.send(sent, want)
		if result.Err != nil {
			result.Err = fmt.Errorf("send %d of %d: %w", i+1, c.Repeat, result.Err)
			return result
		}
		if i == 0 {
			first = result
		}
	}
	return first
}

// replayDigest runs the flow once with each algorithm. The result's response is the one to the answered challenge.
func (s *site) replayDigest(c Case) (result Result) {
	for _, algorithm := range digestAlgorithms {
		result = s.answerChallenge(c, algorithm)
		if result.Err != nil {
			result.Err = fmt.Errorf("digest flow with %s: %w", algorithm.name, result.Err)
			return result
		}
	}
	return result
}

func (s *site) answerChallenge(c Case, algorithm digestAlgorithm) Result {
	unauthorized := Expectation{Verdict: Refuse, Statuses: []int{401}, Secrets: c.Secrets}
	asked := s.send(c.withoutHeader("Authorization"), unauthorized) // H1
	if asked.Err != nil {
		return asked
	}
	challenge, err := findChallenge(asked.Response.Header, algorithm.name)
	if err != nil {
		asked.Err = err
		return asked
	}
	answer := c.DigestFlow.answer(challenge, algorithm, c.Method, c.Target, *c.Config.Digest)
	answered := c.withHeader("Authorization", answer)
	if c.DigestFlow.BadSignature {
		answered = answered.withHeader(signatureHeader, tamper(c.Header(signatureHeader)))
	}
	result := s.send(answered, c.expectation())
	if result.Err != nil || !c.DigestFlow.Replay {
		return result
	}
	again := s.send(answered, unauthorized) // H3: a nonce count is used once
	if again.Err != nil {
		again.Err = fmt.Errorf("the same answer again: %w", again.Err)
		return again
	}
	return result
}
