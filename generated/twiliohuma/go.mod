module github.com/ringfence-go/ringfence/generated/twiliohuma

go 1.25.0

require (
	github.com/danielgtaylor/huma/v2 v2.39.0
	github.com/ringfence-go/ringfence v0.0.0
)

replace github.com/ringfence-go/ringfence => ../..
