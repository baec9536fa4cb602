package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gofiber/fiber/v2"
	"github.com/labstack/echo/v4"
	twilio "github.com/twilio/twilio-go/client"
	"github.com/valyala/fasthttp"

	"github.com/ringfence-go/ringfence/generated/twilioecho"
	"github.com/ringfence-go/ringfence/generated/twiliofiber"
	"github.com/ringfence-go/ringfence/generated/twiliogin"
	"github.com/ringfence-go/ringfence/generated/twiliohttp"
)

const (
	twiml     = "<Response><Message>Ahoy!</Message></Response>"
	twimlType = "text/xml"
)

// guards are the three ways in which each framework's handler is measured.
type guards struct{ bare, ringfence, twilioGo func() }

// frameworks returns the runs of one SMS webhook through each framework, without a socket. The handler reads two parameters and
// answers TwiML.
func frameworks(p payload) map[string]guards {
	return map[string]guards{
		"net/http": netHTTP(p),
		"Gin":      ginHandlers(p),
		"Echo":     echoHandlers(p),
		"Fiber v2": fiberHandlers(p),
	}
}

func netHTTP(p payload) guards {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = r.FormValue("Body"), r.FormValue("From")
		w.Header().Set("Content-Type", twimlType)
		_, _ = io.WriteString(w, twiml)
	})
	return guards{
		bare:      serve(p, handler),
		ringfence: serve(p, twiliohttp.New(newValidator(token))(handler)),
		twilioGo:  serve(p, withTwilioGo(handler)),
	}
}

// withTwilioGo is the middleware that twilio-go's documentation leads to: parse the form, take the first values, Validate.
func withTwilioGo(next http.Handler) http.Handler {
	rv := twilio.NewRequestValidator(authToken)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil || !rv.Validate(origin+r.URL.String(), first(r.PostForm), r.Header.Get("X-Twilio-Signature")) {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func first(values url.Values) map[string]string {
	params := make(map[string]string, len(values))
	for name := range values {
		params[name] = values.Get(name)
	}
	return params
}

func ginHandlers(p payload) guards {
	gin.SetMode(gin.ReleaseMode)
	handler := func(c *gin.Context) {
		_, _ = c.PostForm("Body"), c.PostForm("From")
		c.Data(http.StatusOK, twimlType, []byte(twiml))
	}
	rv := twilio.NewRequestValidator(authToken)
	twilioGo := func(c *gin.Context) {
		if err := c.Request.ParseForm(); err != nil ||
			!rv.Validate(origin+c.Request.URL.String(), first(c.Request.PostForm), c.GetHeader("X-Twilio-Signature")) {
			c.AbortWithStatus(http.StatusForbidden)
		}
	}
	router := func(handlers ...gin.HandlerFunc) http.Handler {
		engine := gin.New()
		engine.POST(p.target, append(handlers, handler)...)
		return engine
	}
	return guards{
		bare:      serve(p, router()),
		ringfence: serve(p, router(twiliogin.New(newValidator(token)))),
		twilioGo:  serve(p, router(twilioGo)),
	}
}

func echoHandlers(p payload) guards {
	handler := func(c echo.Context) error {
		_, _ = c.FormValue("Body"), c.FormValue("From")
		return c.Blob(http.StatusOK, twimlType, []byte(twiml))
	}
	rv := twilio.NewRequestValidator(authToken)
	twilioGo := func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			if err := r.ParseForm(); err != nil ||
				!rv.Validate(origin+r.URL.String(), first(r.PostForm), r.Header.Get("X-Twilio-Signature")) {
				return echo.ErrForbidden
			}
			return next(c)
		}
	}
	router := func(middleware ...echo.MiddlewareFunc) http.Handler {
		e := echo.New()
		e.POST(p.target, handler, middleware...)
		return e
	}
	return guards{
		bare:      serve(p, router()),
		ringfence: serve(p, router(twilioecho.New(newValidator(token)))),
		twilioGo:  serve(p, router(twilioGo)),
	}
}

// serve returns a run of handler with a fresh request, as a server would hand it over.
func serve(p payload, handler http.Handler) func() {
	header := p.header()
	location, err := url.ParseRequestURI(p.target)
	must(err)
	ctx := context.WithValue(context.Background(), http.ServerContextKey, new(http.Server))
	body := []byte(p.body)
	return func() {
		r := (&http.Request{
			Method: http.MethodPost, URL: location, RequestURI: p.target, Host: "example.com", Header: header,
			Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, RemoteAddr: "192.0.2.1:1234",
			ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body)),
		}).WithContext(ctx)
		w := response{header: make(http.Header, 4)}
		handler.ServeHTTP(&w, r)
		if w.status != 0 && w.status != http.StatusOK {
			panic("status " + strconv.Itoa(w.status))
		}
	}
}

// response is a ResponseWriter that keeps nothing but the status.
type response struct {
	header http.Header
	status int
}

func (w *response) Header() http.Header         { return w.header }
func (w *response) Write(b []byte) (int, error) { return len(b), nil }
func (w *response) WriteHeader(status int)      { w.status = status }

func fiberHandlers(p payload) guards {
	handler := func(c *fiber.Ctx) error {
		_, _ = c.FormValue("Body"), c.FormValue("From")
		c.Set(fiber.HeaderContentType, twimlType)
		return c.SendString(twiml)
	}
	rv := twilio.NewRequestValidator(authToken)
	twilioGo := func(c *fiber.Ctx) error {
		params := make(map[string]string)
		for name, value := range c.Context().PostArgs().All() {
			if _, twice := params[string(name)]; !twice {
				params[string(name)] = string(value)
			}
		}
		if !rv.Validate(origin+c.OriginalURL(), params, c.Get("X-Twilio-Signature")) {
			return fiber.ErrForbidden
		}
		return c.Next()
	}
	app := func(handlers ...fiber.Handler) fasthttp.RequestHandler {
		a := fiber.New()
		a.Post(p.target, append(handlers, handler)...)
		return a.Handler()
	}
	return guards{
		bare:      serveFast(p, app()),
		ringfence: serveFast(p, app(twiliofiber.New(twiliofiber.Config{Validator: newValidator(token)}))),
		twilioGo:  serveFast(p, app(twilioGo)),
	}
}

// serveFast returns a run of handler with a request that fasthttp parsed, as its server does, in a context that it reuses.
func serveFast(p payload, handler fasthttp.RequestHandler) func() {
	var wire strings.Builder
	wire.WriteString("POST " + p.target + " HTTP/1.1\r\nHost: example.com\r\nContent-Length: " + strconv.Itoa(len(p.body)) + "\r\n")
	must(p.header().Write(&wire))
	wire.WriteString("\r\n" + p.body)
	source := strings.NewReader(wire.String())
	reader := bufio.NewReader(source)
	ctx := new(fasthttp.RequestCtx)
	ctx.Init(new(fasthttp.Request), nil, nil)
	return func() {
		source.Reset(wire.String())
		reader.Reset(source)
		ctx.ResetUserValues()
		ctx.Response.Reset()
		must(ctx.Request.Read(reader))
		handler(ctx)
		if ctx.Response.StatusCode() != http.StatusOK {
			panic("status " + strconv.Itoa(ctx.Response.StatusCode()))
		}
	}
}

// protection compares handlers without protection, behind ringfence and behind twilio-go.
func protection(t *table) *section {
	p := smsPayload()
	all := frameworks(p)
	section := t.section("A handler with an SMS form", "framework", "bare", "allocations", "behind ringfence", "allocations",
		"protected ÷ bare", "(protected − bare) ÷ HMAC floor", "behind twilio-go")
	for _, name := range []string{"net/http", "Gin", "Echo", "Fiber v2"} {
		g := all[name]
		f := measure(subject{"bare", g.bare}, subject{"ringfence", g.ringfence}, subject{"twilio-go", g.twilioGo}, subject{"floor", p.floor()})
		section.row(name, f[0].time, f[0].allocs, f[1].time, f[1].allocs, ratio(f[1], f[0]), added(f[1], f[0], f[3]), f[2].time)
		section.bar(name+", SMS form", bar{"bare handler", f[0]}, bar{"behind ringfence", f[1]}, bar{"behind twilio-go", f[2]})
	}
	return section
}

// throughput measures requests a second through the net/http handler on one core and on two.
func throughput(t *table) {
	section := t.section("Throughput, net/http, SMS form", "cores", "bare, requests a second", "behind ringfence", "behind twilio-go")
	all := netHTTP(smsPayload())
	for _, cores := range []int{1, 2} {
		section.row(strconv.Itoa(cores), perSecond(all.bare, cores), perSecond(all.ringfence, cores), perSecond(all.twilioGo, cores))
	}
}

// perSecond runs on a number of goroutines for a while and counts.
func perSecond(run func(), cores int) count {
	const window = 300 * time.Millisecond
	done := make(chan int)
	for range cores {
		go func() {
			n := 0
			for start := time.Now(); time.Since(start) < window; n++ {
				run()
			}
			done <- n
		}()
	}
	total := 0
	for range cores {
		total += <-done
	}
	return count(float64(total) / window.Seconds())
}
