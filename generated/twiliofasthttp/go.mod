module github.com/ringfence-go/ringfence/generated/twiliofasthttp

go 1.25.0

require (
	github.com/ringfence-go/ringfence v0.0.0
	github.com/valyala/fasthttp v1.73.0
)

require (
	github.com/andybalholm/brotli v1.2.2 // indirect
	github.com/klauspost/compress v1.19.1 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
)

replace github.com/ringfence-go/ringfence => ../..
