module github.com/ringfence-go/ringfence/generated/twiliohttp

go 1.22

require github.com/ringfence-go/ringfence v0.0.0

replace github.com/ringfence-go/ringfence => ../..
