package sigtest

import "net/url"

// The account and the phone numbers of the fixtures. The numbers are reserved for fiction, the SIDs are nobody's.
const (
	// AccountSid is the AccountSid parameter of every fixture.
	AccountSid = "AC00112233445566778899aabbccddeeff"
	// From is the number that texts and calls come from.
	From = "+14155550100"
	// To is the number in the account.
	To = "+14155550199"
)

const (
	messageSid = "SM00112233445566778899aabbccddeeff"
	apiVersion = "2010-04-01"
)

// SMS returns the parameters of an incoming text message. Some are empty, as they often are.
// See https://www.twilio.com/docs/messaging/guides/webhook-request.
func SMS() url.Values {
	return url.Values{
		"AccountSid": {AccountSid}, "ApiVersion": {apiVersion},
		"MessageSid": {messageSid}, "SmsMessageSid": {messageSid}, "SmsSid": {messageSid}, "SmsStatus": {"received"},
		"From": {From}, "FromCity": {"SAN FRANCISCO"}, "FromState": {"CA"}, "FromZip": {""}, "FromCountry": {"US"},
		"To": {To}, "ToCity": {""}, "ToState": {"CA"}, "ToZip": {""}, "ToCountry": {"US"},
		"Body": {"Ahoy! Üben & 100% + ☎\n"}, "NumMedia": {"0"}, "NumSegments": {"1"},
	}
}

// Call returns the parameters of an incoming call. See https://www.twilio.com/docs/voice/twiml#request-parameters.
func Call() url.Values {
	return url.Values{
		"AccountSid": {AccountSid}, "ApiVersion": {apiVersion},
		"CallSid": {"CA00112233445566778899aabbccddeeff"}, "CallStatus": {"ringing"}, "Direction": {"inbound"},
		"From": {From}, "FromCity": {"SAN FRANCISCO"}, "FromState": {"CA"}, "FromZip": {"94105"}, "FromCountry": {"US"},
		"Caller": {From}, "CallerCity": {"SAN FRANCISCO"}, "CallerState": {"CA"}, "CallerZip": {"94105"}, "CallerCountry": {"US"},
		"To": {To}, "ToCity": {""}, "ToState": {"CA"}, "ToZip": {""}, "ToCountry": {"US"},
		"Called": {To}, "CalledCity": {""}, "CalledState": {"CA"}, "CalledZip": {""}, "CalledCountry": {"US"},
		"StirVerstat": {"TN-Validation-Passed-A"},
	}
}

// StatusCallback returns the parameters that say that a sent message was delivered.
// See https://www.twilio.com/docs/messaging/guides/track-outbound-message-status.
func StatusCallback() url.Values {
	return url.Values{
		"AccountSid": {AccountSid}, "ApiVersion": {apiVersion},
		"MessageSid": {messageSid}, "MessageStatus": {"delivered"}, "SmsSid": {messageSid}, "SmsStatus": {"delivered"},
		"From": {To}, "To": {From}, "RawDlrDoneDate": {"2601021504"},
	}
}

// ConversationsEvent returns the parameters of onMessageAdded, with a repeated one: the scheme signs each distinct value of a repeated
// name once (S2), which implementations that look at the first value alone get wrong.
// See https://www.twilio.com/docs/conversations/conversations-webhooks.
func ConversationsEvent() url.Values {
	return url.Values{
		"AccountSid": {AccountSid}, "EventType": {"onMessageAdded"}, "Source": {"SMS"}, "RetryCount": {"0"}, "Index": {"3"},
		"ChatServiceSid":      {"IS00112233445566778899aabbccddeeff"},
		"ConversationSid":     {"CH00112233445566778899aabbccddeeff"},
		"MessagingServiceSid": {"MG00112233445566778899aabbccddeeff"},
		"ParticipantSid":      {"MB00112233445566778899aabbccddeeff"},
		"MessageSid":          {"IM00112233445566778899aabbccddeeff"},
		"Author":              {From}, "Body": {"Ahoy!"}, "Attributes": {"{}"}, "DateCreated": {"2026-01-02T15:04:05.000Z"},
		"MediaSid": {"ME00112233445566778899aabbccddeeff", "ME11112233445566778899aabbccddeeff", "ME00112233445566778899aabbccddeeff"},
	}
}

// EventStreams returns the JSON body of a batch that Event Streams posts to a webhook sink: an array of CloudEvents.
// See https://www.twilio.com/docs/events/webhook-quickstart.
func EventStreams() []byte {
	return []byte(`[
  {
    "specversion": "1.0",
    "type": "com.twilio.messaging.message.delivered",
    "source": "/2010-04-01/Accounts/AC00112233445566778899aabbccddeeff/Messages/SM00112233445566778899aabbccddeeff.json",
    "id": "EZ00112233445566778899aabbccddeeff",
    "dataschema": "https://events-schemas.twilio.com/Messaging.MessageStatus/8",
    "datacontenttype": "application/json",
    "time": "2026-01-02T15:04:05.000Z",
    "data": {
      "accountSid": "AC00112233445566778899aabbccddeeff",
      "messageSid": "SM00112233445566778899aabbccddeeff",
      "eventName": "com.twilio.messaging.message.delivered",
      "messageStatus": "DELIVERED",
      "from": "+14155550199",
      "to": "+14155550100",
      "timestamp": "2026-01-02T15:04:05.000Z"
    }
  },
  {
    "specversion": "1.0",
    "type": "com.twilio.messaging.message.sent",
    "source": "/2010-04-01/Accounts/AC00112233445566778899aabbccddeeff/Messages/SM11112233445566778899aabbccddeeff.json",
    "id": "EZ11112233445566778899aabbccddeeff",
    "dataschema": "https://events-schemas.twilio.com/Messaging.MessageStatus/8",
    "datacontenttype": "application/json",
    "time": "2026-01-02T15:04:06.000Z",
    "data": {
      "accountSid": "AC00112233445566778899aabbccddeeff",
      "messageSid": "SM11112233445566778899aabbccddeeff",
      "eventName": "com.twilio.messaging.message.sent",
      "messageStatus": "SENT",
      "from": "+14155550199",
      "to": "+14155550100",
      "timestamp": "2026-01-02T15:04:06.000Z"
    }
  }
]
`)
}
