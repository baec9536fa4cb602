package main

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// parseCurlOutput reads what curl -v printed: the first request's lines, which begin with "> ". curl prints no body.
func parseCurlOutput(text string, body []byte) (capture, error) {
	var head strings.Builder
	scheme, ended := "http", false
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		switch {
		case strings.HasPrefix(line, "* SSL connection"), strings.HasPrefix(line, "* TLS"):
			scheme = "https"
		case line == ">" || line == "> ":
			ended = true
		case strings.HasPrefix(line, "> ") && !ended:
			head.WriteString(line[2:] + "\r\n")
		}
	}
	if head.Len() == 0 {
		return capture{}, errors.New("the capture looks like the output of curl -v, but has no request in it")
	}
	lower := strings.ToLower(head.String())
	if body == nil && strings.Contains(lower, "\r\ncontent-length: ") && !strings.Contains(lower, "\r\ncontent-length: 0\r\n") {
		return capture{}, errors.New("curl -v prints no body: give it with -body FILE")
	}
	raw := append([]byte(head.String()+"\r\n"), body...)
	origin := originOfHost(raw)
	if scheme == "http" {
		origin = strings.Replace(origin, "https://", "http://", 1)
	}
	return capture{raw: raw, origin: origin}, nil
}

// curlCommand is what a curl command asks for.
type curlCommand struct {
	method, url string
	headers     [][2]string
	data        []string
	hasData     bool
	asQuery     bool // -G
	asJSON      bool
}

// parseCurlCommand reads a curl command as a shell would, and as curl would. A body that it reads from a file comes as body.
func parseCurlCommand(text string, body []byte) (capture, error) {
	words, err := splitShell(text)
	if err != nil {
		return capture{}, err
	}
	command, err := parseCurlWords(words[1:], body != nil)
	if err != nil {
		return capture{}, err
	}
	m, origin, err := command.message()
	if err != nil {
		return capture{}, err
	}
	if body != nil {
		m.body = body
	}
	return m.capture(origin)
}

// curlValueFlags take a value. Those that map to "" do not change the request's signed parts or headers.
var curlValueFlags = map[string]string{
	"-X": "request", "--request": "request", "-H": "header", "--header": "header", "--url": "url",
	"-d": "data", "--data": "data", "--data-ascii": "data", "--data-binary": "data", "--data-raw": "raw", "--data-urlencode": "urlencode", "--json": "json",
	"-A": "", "--user-agent": "", "-b": "", "--cookie": "", "-e": "", "--referer": "", "-o": "", "--output": "", "-u": "", "--user": "",
	"-m": "", "--max-time": "", "--connect-timeout": "", "--resolve": "", "--connect-to": "", "-w": "", "--write-out": "", "--cacert": "", "--retry": "",
}

// curlFlags take none.
var curlFlags = map[string]bool{
	"-v": true, "--verbose": true, "-i": true, "--include": true, "-s": true, "--silent": true, "-S": true, "--show-error": true, "-L": true,
	"--location": true, "-k": true, "--insecure": true, "--compressed": true, "-g": true, "--globoff": true, "--path-as-is": true, "-f": true,
	"--fail": true, "--http1.1": true, "--http2": true, "-G": true, "--get": true, "-#": true, "-N": true, "--no-buffer": true,
}

func parseCurlWords(words []string, bodyGiven bool) (c curlCommand, err error) {
	for len(words) > 0 {
		word := words[0]
		words = words[1:]
		flag, value, attached := splitCurlFlag(word)
		switch kind, takesValue := curlValueFlags[flag]; {
		case !strings.HasPrefix(word, "-") || word == "-":
			err = c.setURL(word)
		case takesValue:
			if !attached {
				if len(words) == 0 {
					return c, fmt.Errorf("the curl command: %s has no value", flag)
				}
				value, words = words[0], words[1:]
			}
			err = c.set(kind, flag, value, bodyGiven)
		case curlFlags[flag]:
			c.asQuery = c.asQuery || flag == "-G" || flag == "--get"
			if attached { // -sSi
				words = append([]string{"-" + value}, words...)
			}
		default:
			return c, fmt.Errorf("the curl command: %q is not understood: leave it out if it does not change the request", flag)
		}
		if err != nil {
			return c, err
		}
	}
	return c, nil
}

// splitCurlFlag cuts a short flag from what is attached to it.
func splitCurlFlag(word string) (flag, rest string, attached bool) {
	if len(word) > 2 && word[0] == '-' && word[1] != '-' {
		return word[:2], word[2:], true
	}
	return word, "", false
}

func (c *curlCommand) setURL(text string) error {
	if c.url != "" {
		return errors.New("the curl command has two URLs: keep the one that was refused")
	}
	c.url = text
	return nil
}

func (c *curlCommand) set(kind, flag, value string, bodyGiven bool) error {
	switch kind {
	case "request":
		c.method = value
	case "url":
		return c.setURL(value)
	case "header":
		name, text, found := strings.Cut(value, ":")
		if found && strings.TrimSpace(text) != "" {
			c.headers = append(c.headers, [2]string{name, strings.TrimSpace(text)})
		}
	case "data", "json":
		if strings.HasPrefix(value, "@") && !bodyGiven {
			return fmt.Errorf("the curl command reads its body from a file (%s @…): give it with -body FILE", flag)
		}
		c.asJSON = c.asJSON || kind == "json"
		c.addData(value)
	case "raw":
		c.addData(value)
	case "urlencode":
		name, content, found := strings.Cut(value, "=")
		switch {
		case !found && strings.Contains(value, "@"):
			return fmt.Errorf("the curl command reads its body from a file (%s): give it with -body FILE", flag)
		case !found:
			c.addData(url.QueryEscape(value))
		case name == "":
			c.addData(url.QueryEscape(content))
		default:
			c.addData(name + "=" + url.QueryEscape(content))
		}
	}
	return nil
}

func (c *curlCommand) addData(text string) {
	c.data = append(c.data, text)
	c.hasData = true
}

// message is the request that curl would send.
func (c curlCommand) message() (m message, origin string, err error) {
	if c.url == "" {
		return m, "", errors.New("the curl command has no URL: paste the whole command")
	}
	if !strings.Contains(c.url, "://") {
		c.url = "http://" + c.url // as curl does
	}
	m = message{method: c.method, headers: c.headers, isWhole: true}
	if origin, m.host, m.target, err = cutURL(c.url); err != nil {
		return m, "", err
	}
	separator := "&"
	if c.asJSON {
		separator = ""
	}
	data := strings.Join(c.data, separator)
	switch {
	case c.hasData && c.asQuery && strings.Contains(m.target, "?"):
		m.target += "&" + data
	case c.hasData && c.asQuery:
		m.target += "?" + data
	case c.hasData:
		m.body = []byte(data)
		m.method = orElse(m.method, "POST")
		if contentType := (map[bool]string{true: "application/json", false: formType})[c.asJSON]; !m.has("Content-Type") {
			m.headers = append(m.headers, [2]string{"Content-Type", contentType})
		}
	}
	m.method = orElse(m.method, "GET")
	return m, origin, nil
}

func (m message) has(name string) bool {
	for _, line := range m.headers {
		if strings.EqualFold(line[0], name) {
			return true
		}
	}
	return false
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// splitShell splits a command into words as a POSIX shell does: single and double quotes, backslashes, and $'…' as browsers write it. It
// expands nothing.
func splitShell(text string) ([]string, error) {
	var words []string
	var word strings.Builder
	inWord := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			if inWord {
				words = append(words, word.String())
				word.Reset()
			}
			inWord = false
			continue
		case c == '\\':
			if i++; i == len(text) {
				return nil, errUnfinished
			}
			if text[i] == '\r' && i+1 < len(text) && text[i+1] == '\n' {
				i++
			}
			if text[i] == '\n' { // a line that goes on
				continue
			}
			word.WriteByte(text[i])
		case c == '\'' || c == '"' || c == '$' && i+1 < len(text) && text[i+1] == '\'':
			if c == '$' {
				i++
			}
			end, err := quotedWord(&word, text[i+1:], c)
			if err != nil {
				return nil, err
			}
			i += end
		default:
			word.WriteByte(c)
		}
		inWord = true
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}

var errUnfinished = errors.New("the curl command has a quote or a backslash without its end")

// quotedWord writes the text up to the end of a quote to word and returns how many bytes that took. kind is ', " or, for $'…', $.
func quotedWord(word *strings.Builder, text string, kind byte) (int, error) {
	end := kind
	if kind == '$' {
		end = '\''
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == end:
			return i + 1, nil
		case c != '\\' || kind == '\'' || i+1 == len(text):
			word.WriteByte(c)
		case kind == '"':
			i++
			if text[i] != '\n' {
				if !strings.ContainsRune("\"\\$`", rune(text[i])) {
					word.WriteByte('\\')
				}
				word.WriteByte(text[i])
			}
		default:
			width, err := ansiEscape(word, text[i+1:])
			if err != nil {
				return 0, err
			}
			i += width
		}
	}
	return 0, errUnfinished
}

// ansiEscape writes what an escape of $'…' stands for, and returns its length without the backslash.
func ansiEscape(word *strings.Builder, text string) (int, error) {
	simple := map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', '\\': '\\', '\'': '\'', '"': '"', '!': '!'}
	if c, ok := simple[text[0]]; ok {
		word.WriteByte(c)
		return 1, nil
	}
	widths := map[byte]int{'x': 2, 'u': 4, 'U': 8}
	digits := widths[text[0]]
	if digits == 0 || len(text) <= digits {
		return 0, fmt.Errorf("the curl command has an escape in $'…' that is not understood")
	}
	var code rune
	if _, err := fmt.Sscanf(text[1:1+digits], "%x", &code); err != nil {
		return 0, fmt.Errorf("the curl command has an escape in $'…' that is not understood")
	}
	if digits == 2 {
		word.WriteByte(byte(code))
	} else {
		word.WriteRune(code)
	}
	return 1 + digits, nil
}
