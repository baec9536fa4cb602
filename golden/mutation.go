package golden

import (
	"fmt"
	"strconv"
	"strings"
)

const signatureHeader = "X-Twilio-Signature"

// workedExamples are the two examples that Twilio's documents work out by hand, and a published one with a JSON body.
var workedExamples = []string{"seed003-worked-example", "seed002-worked-example", "node-body"}

// Mutations returns the worked examples of Twilio's documents with one signed byte changed, once for each letter and digit of the
// path, the query, the body and the signature. Every request is well-formed, so each must be refused with 403.
func Mutations() []Case {
	var mutations []Case
	for _, v := range Vectors() {
		for _, id := range workedExamples {
			if v.ID != id {
				continue
			}
			c, err := v.Case()
			if err != nil {
				panic(err)
			}
			mutations = append(mutations, mutationsOf(c)...)
		}
	}
	return mutations
}

func mutationsOf(c Case) []Case {
	path, query, _ := strings.Cut(c.Target, "?")
	var list []Case
	add := func(part, text string, change func(c *Case, text string)) {
		for i := range len(text) {
			changed := changeByte(text, i)
			if changed == text {
				continue
			}
			m := c
			m.ID = fmt.Sprintf("%s, %s byte %d", c.ID, part, i)
			m.Class = part
			m.Expect, m.StatusAny = Refuse, []int{403}
			change(&m, changed)
			list = append(list, m)
		}
	}
	add("path", path, func(c *Case, text string) { c.Target = text + "?" + query })
	add("query", query, func(c *Case, text string) { c.Target = path + "?" + text })
	add("body", string(c.Body), func(c *Case, text string) {
		c.Body = []byte(text)
		*c = c.withHeader("Content-Length", strconv.Itoa(len(text)))
	})
	add("signature", c.Header(signatureHeader), func(c *Case, text string) {
		*c = c.withHeader(signatureHeader, text)
	})
	return list
}

// changeByte replaces one letter or digit by the next one of its kind, within an escape by the next hex digit, so that the text
// stays well-formed. It leaves any other byte as it is.
func changeByte(text string, i int) string {
	last := byte('z')
	if i >= 1 && text[i-1] == '%' || i >= 2 && text[i-2] == '%' {
		last = 'f'
	}
	b := text[i]
	switch {
	case b == '9':
		b = '0'
	case b >= '0' && b < '9':
		b++
	case b == last, b == last-('a'-'A'):
		b -= last - 'a'
	case b >= 'a' && b < last, b >= 'A' && b < last-('a'-'A'):
		b++
	}
	return text[:i] + string([]byte{b}) + text[i+1:]
}
