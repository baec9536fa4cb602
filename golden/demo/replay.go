package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/golden"
)

// table is what make demo prints.
type table struct {
	adapters []*adapter
	rows     [][]string
	skipped  []string
	judged   int
	wrong    int
}

// replay sends every vector to every adapter, to a playground that is configured for the vector.
func replay(adapters []*adapter, scratch string) (*table, error) {
	t := &table{adapters: adapters}
	for _, vector := range golden.Vectors() {
		c, err := vector.Case()
		if err != nil {
			t.skipped = append(t.skipped, fmt.Sprintf("%s (%s)", vector.ID, vector.Contract))
			continue
		}
		row := []string{vector.ID, string(c.Expect)}
		for _, a := range adapters {
			cell, right, err := judge(a, c, scratch)
			if err != nil {
				return nil, fmt.Errorf("%s: vector %s: %w", a.framework, vector.ID, err)
			}
			t.judged++
			if !right {
				t.wrong++
			}
			row = append(row, cell)
		}
		t.rows = append(t.rows, row)
	}
	return t, nil
}

// judge starts a playground, sends the case, and returns the cell of the table.
func judge(a *adapter, c golden.Case, scratch string) (cell string, right bool, err error) {
	config, err := json.Marshal(c.Config)
	if err != nil {
		return "", false, err
	}
	file := filepath.Join(scratch, "config.json")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		return "", false, err
	}
	cmd := exec.Command(a.binary, "-config", file)
	var logs bytes.Buffer
	cmd.Stderr = &logs
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return "", false, err
	}
	if err := cmd.Start(); err != nil {
		return "", false, err
	}
	addr, err := listeningOn(stdout)
	var outcome golden.Outcome
	if err == nil {
		outcome.Response, err = golden.Send(addr, c.Bytes())
	}
	if err == nil {
		outcome.Calls, err = calls(addr, c.Config)
	}
	_ = cmd.Process.Signal(os.Interrupt)
	_ = cmd.Wait()
	if err != nil {
		return "", false, fmt.Errorf("%w\n%s", err, logs.String())
	}
	outcome.Logs = logs.String()
	cell = string(golden.Refuse)
	if outcome.Calls > 0 {
		cell = string(golden.Accept)
	}
	if problem := golden.Judge(c.Bytes(), golden.Expectation{Verdict: c.Expect, Statuses: c.StatusAny, Secrets: c.Secrets}, outcome); problem != nil {
		return fmt.Sprintf("%s %d WRONG", cell, outcome.Response.Status), false, nil
	}
	return cell, true, nil
}

// calls returns how often a playground's handler has been called, whatever the client was told: it asks with a signed request, which
// counts as one more.
func calls(addr string, config golden.Config) (int, error) {
	const target = "/how-many"
	signature, err := core.Sign(core.AuthToken("token 1", config.Tokens[0]), config.PublicURL+target, nil)
	if err != nil {
		return 0, err
	}
	response, err := golden.Send(addr, fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: localhost\r\nX-Twilio-Signature: %s\r\nConnection: close\r\n\r\n", target, signature))
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(response.Header.Get(golden.HandlerCallsHeader))
	if err != nil {
		return 0, fmt.Errorf("a signed request was answered with %d", response.Status)
	}
	return n - 1, nil
}

// listeningOn reads the address from a playground's first line.
func listeningOn(stdout io.Reader) (string, error) {
	line, err := bufio.NewReader(stdout).ReadString('\n')
	addr, found := strings.CutPrefix(strings.TrimSpace(line), "listening on http://")
	if !found {
		return "", fmt.Errorf("the playground did not start: %v", err)
	}
	return addr, nil
}

func (t *table) print(w io.Writer) {
	fmt.Fprintln(w, "Replaying Twilio's published signature vectors over TCP:")
	fmt.Fprintln(w)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	header := []string{"vector", "must be"}
	for _, a := range t.adapters {
		header = append(header, a.framework)
	}
	fmt.Fprintln(tw, strings.Join(header, "\t"))
	for _, row := range t.rows {
		fmt.Fprintln(tw, strings.Join(row, "\t"))
	}
	_ = tw.Flush()
	fmt.Fprintf(w, "\n%d verdicts, %d wrong. What is accepted reached the handler once, with its body as it was sent, and was answered with 200;\n"+
		"what is refused did not reach it, and was answered with 403.\n", t.judged, t.wrong)
	fmt.Fprintf(w, "Not counted, because nobody can judge them over HTTP: %s.\n", strings.Join(t.skipped, ", "))
}

// workedExample is the example of Twilio's "Webhooks security" page.
const workedExample = "seed002-worked-example"

// printInstructions prints the commands with which a reader sends the documented request to an adapter.
func printInstructions(w io.Writer, a *adapter) error {
	for _, vector := range golden.Vectors() {
		if vector.ID != workedExample {
			continue
		}
		c, err := vector.Case()
		if err != nil {
			return err
		}
		config, err := json.Marshal(c.Config)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, `
Send the worked example of Twilio's documents yourself. In one terminal:

  echo '%s' > /tmp/config.json
  cd %s && go run ./playground -config /tmp/config.json -listen 127.0.0.1:8080

and in another (change a byte to see it refused):

  curl -i 'http://127.0.0.1:8080%s' \
    -H 'X-Twilio-Signature: %s' \
    -d '%s'
`, config, filepath.ToSlash(a.dir), c.Target, vector.Signature, c.Body)
		return nil
	}
	return fmt.Errorf("no vector %s", workedExample)
}
