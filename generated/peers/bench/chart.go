package main

import (
	"fmt"
	"strings"
	"time"
)

// chart is a group of bars with one scale.
type chart struct {
	title string
	bars  []bar
}

type bar struct {
	name   string
	figure figure
}

func (s *section) bar(title string, bars ...bar) { s.charts = append(s.charts, chart{title, bars}) }

const (
	chartWidth = 760
	barsLeft   = 150
	barsWidth  = 480
	barHeight  = 18
	groupGap   = 34
)

// svg draws the charts of all sections. It needs no font and no script, and reads on a light and on a dark ground.
func (t *table) svg() string {
	var body strings.Builder
	y := 10
	for _, s := range t.sections {
		for _, c := range s.charts {
			y = c.draw(&body, y)
		}
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" role="img" `+
		`aria-label="Times of validation and of handlers, shorter is better">
<rect width="100%%" height="100%%" fill="#ffffff"/>
<g font-family="sans-serif" font-size="12" fill="#222222">
%s</g>
</svg>
`, chartWidth, y, body.String())
}

// draw draws one group and returns where the next begins.
func (c chart) draw(b *strings.Builder, y int) int {
	var longest time.Duration
	for _, bar := range c.bars {
		longest = max(longest, bar.figure.time)
	}
	y += 14
	fmt.Fprintf(b, `<text x="10" y="%d" font-weight="bold">%s</text>`+"\n", y, c.title)
	y += 6
	for _, bar := range c.bars {
		color := "#9aa5b1"
		if strings.Contains(bar.name, "ringfence") {
			color = "#1a7f5a"
		}
		width := max(1, int(float64(barsWidth)*float64(bar.figure.time)/float64(longest)))
		fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="end">%s</text>`, barsLeft-8, y+barHeight-5, bar.name)
		fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>`, barsLeft, y, width, barHeight-4, color)
		fmt.Fprintf(b, `<text x="%d" y="%d">%s</text>`+"\n", barsLeft+width+6, y+barHeight-5, duration(bar.figure.time))
		y += barHeight
	}
	return y + groupGap - barHeight
}
