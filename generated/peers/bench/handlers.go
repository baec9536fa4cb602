package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strconv"
	"time"

	"github.com/beego/beego/v2/server/web"
	beego "github.com/beego/beego/v2/server/web/context"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/gin-gonic/gin"
	"github.com/kataras/iris/v12"
	"github.com/labstack/echo/v4"
	echov5 "github.com/labstack/echo/v5"
	twilio "github.com/twilio/twilio-go/client"
	"github.com/zeromicro/go-zero/rest"

	"github.com/ringfence-go/ringfence/generated/twiliobeego"
	"github.com/ringfence-go/ringfence/generated/twilioecho"
	"github.com/ringfence-go/ringfence/generated/twilioechov5"
	"github.com/ringfence-go/ringfence/generated/twiliogin"
	"github.com/ringfence-go/ringfence/generated/twiliogozero"
	"github.com/ringfence-go/ringfence/generated/twiliohttp"
	"github.com/ringfence-go/ringfence/generated/twiliohuma"
	"github.com/ringfence-go/ringfence/generated/twilioiris"
)

const (
	twiml     = "<Response><Message>Ahoy!</Message></Response>"
	twimlType = "text/xml"
)

// guards are the three ways in which each framework's handler is measured.
type guards struct{ bare, ringfence, twilioGo func() }

// frameworks are the runs of one webhook through each framework, without a socket. The handler reads two parameters and answers TwiML.
var frameworks = []struct {
	name string
	run  func(p payload) guards
}{
	{"net/http", netHTTP},
	{"Gin", ginHandlers},
	{"Echo v4", echoHandlers},
	{"Echo v5", echoV5Handlers},
	{"Iris", irisHandlers},
	{"Beego", beegoHandlers},
	{"go-zero", goZeroHandlers},
	{"Huma", humaHandlers},
	{"Fiber v2", fiberHandlers},
	{"Fiber v3", fiberV3Handlers},
	{"fasthttp", fasthttpHandlers},
	{"Hertz", hertzHandlers},
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

func echoV5Handlers(p payload) guards {
	handler := func(c *echov5.Context) error {
		_, _ = c.FormValue("Body"), c.FormValue("From")
		return c.Blob(http.StatusOK, twimlType, []byte(twiml))
	}
	router := func(middleware ...echov5.MiddlewareFunc) http.Handler {
		e := echov5.New()
		e.POST(p.target, handler, middleware...)
		return e
	}
	return guards{
		bare:      serve(p, router()),
		ringfence: serve(p, router(twilioechov5.New(newValidator(token)))),
		twilioGo:  serve(p, withTwilioGo(router())),
	}
}

func irisHandlers(p payload) guards {
	router := func(middleware ...iris.Handler) http.Handler {
		app := iris.New()
		app.UseRouter(middleware...)
		app.Post(p.target, func(ctx iris.Context) {
			_, _ = ctx.PostValue("Body"), ctx.PostValue("From")
			ctx.ContentType(twimlType)
			_, _ = ctx.WriteString(twiml)
		})
		must(app.Build())
		return app
	}
	return guards{
		bare:      serve(p, router()),
		ringfence: serve(p, router(twilioiris.New(twilioiris.Options{Validator: newValidator(token)}))),
		twilioGo:  serve(p, withTwilioGo(router())),
	}
}

func beegoHandlers(p payload) guards {
	router := func(chain ...web.FilterChain) http.Handler {
		register := web.NewControllerRegister()
		for _, c := range chain {
			register.InsertFilterChain("/*", c)
		}
		register.Post(p.target, func(ctx *beego.Context) {
			_, _ = ctx.Input.Query("Body"), ctx.Input.Query("From")
			ctx.Output.Header("Content-Type", twimlType)
			_ = ctx.Output.Body([]byte(twiml))
		})
		register.Init()
		return register
	}
	return guards{
		bare:      serve(p, router()),
		ringfence: serve(p, router(twiliobeego.New(newValidator(token)))),
		twilioGo:  serve(p, withTwilioGo(router())),
	}
}

func goZeroHandlers(p payload) guards {
	router := func(middleware ...rest.Middleware) http.Handler {
		server, err := rest.NewServer(rest.RestConf{})
		must(err)
		for _, m := range middleware {
			server.Use(m)
		}
		server.AddRoute(rest.Route{Method: http.MethodPost, Path: p.target, Handler: func(w http.ResponseWriter, r *http.Request) {
			_, _ = r.PostFormValue("Body"), r.PostFormValue("From")
			w.Header().Set("Content-Type", twimlType)
			_, _ = io.WriteString(w, twiml)
		}})
		serverless, err := rest.NewServerless(server)
		must(err)
		return http.HandlerFunc(serverless.Serve)
	}
	return guards{
		bare:      serve(p, router()),
		ringfence: serve(p, router(twiliogozero.New(newValidator(token)).Handle)),
		twilioGo:  serve(p, withTwilioGo(router())),
	}
}

func humaHandlers(p payload) guards {
	type input struct {
		RawBody []byte `contentType:"application/x-www-form-urlencoded"`
	}
	type output struct {
		ContentType string `header:"Content-Type"`
		Body        []byte
	}
	router := func(middleware ...func(huma.Context, func(huma.Context))) http.Handler {
		mux := http.NewServeMux()
		api := humago.New(mux, huma.DefaultConfig("bench", "1"))
		api.UseMiddleware(middleware...)
		huma.Register(api, huma.Operation{Method: http.MethodPost, Path: p.target}, func(_ context.Context, in *input) (*output, error) {
			form, err := url.ParseQuery(string(in.RawBody))
			_, _ = form.Get("Body"), form.Get("From")
			return &output{twimlType, []byte(twiml)}, err
		})
		return mux
	}
	bare := router()
	// Huma wants the body, which ParseForm has read.
	twilioGo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		must(err)
		r.Body = io.NopCloser(bytes.NewReader(body))
		withTwilioGo(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Body = io.NopCloser(bytes.NewReader(body))
			bare.ServeHTTP(w, r)
		})).ServeHTTP(w, r)
	})
	return guards{
		bare:      serve(p, bare),
		ringfence: serve(p, router(twiliohuma.New(newValidator(token)))),
		twilioGo:  serve(p, twilioGo),
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

// protection compares handlers without protection, behind ringfence and behind twilio-go.
func protection(t *table) *section {
	p := smsPayload()
	section := t.section("A handler with an SMS form", "framework", "bare", "allocations", "behind ringfence", "allocations",
		"protected ÷ bare", "(protected − bare) ÷ HMAC floor", "behind twilio-go")
	for _, framework := range frameworks {
		g := framework.run(p)
		f := measure(subject{"bare", g.bare}, subject{"ringfence", g.ringfence}, subject{"twilio-go", g.twilioGo}, subject{"floor", p.floor()})
		section.row(framework.name, f[0].time, f[0].allocs, f[1].time, f[1].allocs, ratio(f[1], f[0]), added(f[1], f[0], f[3]), f[2].time)
		section.bar(framework.name+", SMS form", bar{"bare handler", f[0]}, bar{"behind ringfence", f[1]}, bar{"behind twilio-go", f[2]})
	}
	return section
}

// throughput measures requests a second through the net/http handler on one core and on two.
func throughput(t *table) {
	section := t.section("Throughput, net/http, SMS form", "cores", "bare, requests a second", "behind ringfence", "behind twilio-go")
	all := netHTTP(smsPayload())
	for _, cores := range []int{1, 2} {
		perSecond := make([][]float64, 3)
		for range rounds {
			for i, run := range []func(){all.bare, all.ringfence, all.twilioGo} {
				perSecond[i] = append(perSecond[i], parallel(run, cores))
			}
		}
		section.row(strconv.Itoa(cores), count(median(perSecond[0])), count(median(perSecond[1])), count(median(perSecond[2])))
	}
}

// parallel runs on that many cores for a while and returns how often a second.
func parallel(run func(), cores int) float64 {
	const window = 20 * time.Millisecond
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
	done := make(chan int)
	start := time.Now()
	for range cores {
		go func() {
			n := 0
			for ; time.Since(start) < window; n++ {
				run()
			}
			done <- n
		}()
	}
	total := 0
	for range cores {
		total += <-done
	}
	return float64(total) / time.Since(start).Seconds()
}
