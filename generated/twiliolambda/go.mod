module github.com/ringfence-go/ringfence/generated/twiliolambda

go 1.26

require (
	github.com/aws/aws-lambda-go v1.55.1
	github.com/ringfence-go/ringfence v0.0.0
)

replace github.com/ringfence-go/ringfence => ../..
