// Package peers tests and measures ringfence against what others wrote: Twilio's own libraries, HTTP digest and WebSocket clients,
// reverse proxies. It is a module of its own, so that nothing of it reaches an application, and is never tagged.
package peers
