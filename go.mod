module github.com/ringfence-go/ringfence

go 1.22

require github.com/dave/jennifer v1.7.1
