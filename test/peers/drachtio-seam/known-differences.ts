import type { Observation } from './run-scenario';

interface KnownDifference {
  /** Why the embedded server departs from drachtio-server. */
  why: string;
  /** Lines of one of them: `-` only of drachtio-server, `+` only of the embedded server. */
  lines: Partial<Record<keyof Observation, string[]>>;
}

const CONTACT = '+ contact: <sip:SERVER>';
const TARGET_REFRESH = 'UPDATE and NOTIFY, and the answer to an UPDATE, carry the Contact that RFC 3311 section 5.1 and RFC 6665 section 8.2 ask for';
const UNKNOWN_DIALOG = 'a request with a To tag of no dialog is answered with 481 by the server (RFC 3261 section 12.2.2), also when no application or another handles its method';
const ROUTE_MARK = 'the mark in Record-Route tells the proxy its own dialogs without a table';
const HOP_COUNT = 'the proxy counts ACK and BYE as hops too (RFC 3261 section 16.6 step 3), and the requests that it makes itself carry Max-Forwards (section 8.1.1.6)';

const unknownDialog = (lines: Partial<Record<keyof Observation, string[]>> = {}): KnownDifference => ({
  why: UNKNOWN_DIALOG,
  lines: { caller: ['- > SIP/2.0 503 Service Unavailable', '+ > SIP/2.0 481 Call/Transaction Does Not Exist'], ...lines },
});

export const knownDifferences: Record<string, KnownDifference> = {
  'an outgoing call to a port where nobody listens': {
    why: 'Node tells nothing of an ICMP error on a socket that is not connected, so the transaction ends by timer F or B (408) and not by the error (503)',
    lines: { application: ['- > refused 503', '- SIP/2.0 503 Service Unavailable', '+ > refused 408', '+ SIP/2.0 408 Request Timeout',
      '- to: sip:nobody@127.0.0.1:9;tag=tag2', '+ to: <sip:nobody@127.0.0.1:9>;tag=tag2'] },
  },
  'the caller ends an early dialog with BYE': {
    why: 'a BYE in an early dialog is answered with 200 and ends the INVITE with 487 (RFC 3261 section 15.1.2); drachtio-server answers 481 and 500',
    lines: {
      application: ['+ > BYE', '+ BYE sip:service@SERVER SIP/2.0', '+ call-id: call1', '+ contact: <sip:caller@CALLER>', '+ content-length: 0', '+ cseq: n BYE',
        '+ from: <sip:caller@CALLER>;tag=tag1', '+ max-forwards: 70', '+ to: <sip:service@SERVER>;tag=tag2', '+ via: SIP/2.0/UDP CALLER;branch=branch1;rport'],
      caller: ['- > SIP/2.0 481 Call/Transaction Does Not Exist', '+ > SIP/2.0 487 Request Terminated', '- cseq: n+1 BYE', '+ cseq: n INVITE',
        '- via: SIP/2.0/UDP CALLER;branch=branch2;rport', '- > SIP/2.0 500 Internal Server Error', '+ via: SIP/2.0/UDP CALLER;branch=branch1;rport', '+ > SIP/2.0 200 OK',
        '- cseq: n INVITE', '+ cseq: n+1 BYE', '- via: SIP/2.0/UDP CALLER;branch=branch1;rport', '+ via: SIP/2.0/UDP CALLER;branch=branch2;rport'],
    },
  },
  'both ends send a re-INVITE at once': {
    why: 'the server refuses the re-INVITE that crosses one of its own with 491 (RFC 3261 section 14.2); drachtio-server leaves that to the application',
    lines: {
      application: ['- > re-INVITE', '- INVITE sip:SERVER SIP/2.0', '- call-id: call1', '- contact: <sip:caller@CALLER>', '- content-length: 102',
        '- content-type: application/sdp', '- cseq: n+1 INVITE', '- from: <sip:caller@CALLER>;tag=tag1', '- max-forwards: 70', '- to: <sip:service@SERVER>;tag=tag2',
        '- via: SIP/2.0/UDP CALLER;branch=branch2;rport', '- body: v=0|o=- 1 4002 IN IP4 127.0.0.1|s=-|c=IN IP4 127.0.0.1|t=0 0|m=audio 4002 RTP/AVP 0|a=sendrecv|'],
      caller: ['- contact: <sip:SERVER>'],
    },
  },
  'UPDATE, INFO, MESSAGE, OPTIONS and REFER come in a call': { why: TARGET_REFRESH, lines: { caller: [CONTACT, CONTACT] } },
  'UPDATE, INFO, MESSAGE, OPTIONS, REFER and NOTIFY go out in a call': { why: TARGET_REFRESH, lines: { caller: [CONTACT] } },
  'UPDATE comes before the answer': {
    why: `${TARGET_REFRESH}; a body that starts with v=0 is told to be SDP in every message, not in some`,
    lines: { caller: [CONTACT, '+ content-type: application/sdp'] },
  },
  'INFO for a dialog that nobody knows': unknownDialog(),
  'NOTIFY for a dialog that nobody knows': unknownDialog(),
  'OPTIONS for a dialog that nobody knows': unknownDialog({
    application: ['- > OPTIONS', '- OPTIONS sip:service@palvelu.example SIP/2.0', '- call-id: call1', '- contact: <sip:caller@CALLER>', '- content-length: 0', '- cseq: n OPTIONS',
      '- from: <sip:caller@CALLER>;tag=tag1', '- max-forwards: 70', '- to: <sip:service@palvelu.example>;tag=tag2', '- via: SIP/2.0/UDP CALLER;branch=branch1;rport'],
    caller: ['- > SIP/2.0 200 OK', '+ > SIP/2.0 481 Call/Transaction Does Not Exist'],
  }),
  'a method that no application asked for': { why: 'a refusal for want of an application says when to try again (RFC 3261 section 21.5.4)', lines: { caller: ['+ retry-after: 5'] } },
  'a subscription of a watcher, notified and ended by the watcher': { why: TARGET_REFRESH, lines: { caller: [CONTACT] } },
  'a NOTIFY overtakes the answer to the SUBSCRIBE': {
    why: 'a NOTIFY makes a dialog only after the 2xx (against RFC 6665 section 4.4.1); drachtio-server hands it up but fails to answer it (500)',
    lines: {
      application: ['- > NOTIFY', '- NOTIFY sip:SERVER SIP/2.0', '- call-id: call1', '- contact: <sip:callee@CALLEE>', '- content-length: 11', '- content-type: application/pidf+xml',
        '- cseq: n NOTIFY', '- event: presence', '- from: <sip:callee@CALLEE>;tag=tag1', '- max-forwards: 70', '- subscription-state: active', '- to: <sip:SERVER>;tag=tag2',
        '- via: SIP/2.0/UDP CALLEE;branch=branch1;rport', '- body: <presence/>'],
      callee: ['- > SIP/2.0 500 Internal Server Error', '+ > SIP/2.0 481 Call/Transaction Does Not Exist'],
    },
  },
  'a call is proxied, the proxy stays in the dialog': {
    why: `${ROUTE_MARK}; ${HOP_COUNT}`,
    lines: {
      caller: ['- record-route: <sip:SERVER;lr>', '+ record-route: <sip:SERVER;lr;pd=mark1>', '- record-route: <sip:SERVER;lr>', '+ record-route: <sip:SERVER;lr;pd=mark1>'],
      callee: ['- record-route: <sip:SERVER;lr>', '+ record-route: <sip:SERVER;lr;pd=mark1>', '- max-forwards: 70', '+ max-forwards: 69', '- max-forwards: 70', '+ max-forwards: 69'],
    },
  },
  'a proxied call is refused': { why: HOP_COUNT, lines: { callee: ['+ max-forwards: 70'] } },
  'a proxied call is cancelled': {
    why: `${ROUTE_MARK}; ${HOP_COUNT}; the answers to the CANCEL and to the INVITE have one tag (section 9.2)`,
    lines: {
      caller: ['- record-route: <sip:SERVER;lr>', '+ record-route: <sip:SERVER;lr;pd=mark1>', '- to: <sip:service@SERVER>;tag=tag4', '+ to: <sip:service@SERVER>;tag=tag3'],
      callee: ['- record-route: <sip:SERVER;lr>', '+ record-route: <sip:SERVER;lr;pd=mark1>', '+ max-forwards: 70', '+ max-forwards: 70'],
    },
  },
  'a call is proxied to two destinations in turn': {
    why: `the ACK of a failure has the request-URI of the INVITE that failed (RFC 3261 section 17.1.1.3); ${HOP_COUNT}`,
    lines: { callee: ['- > ACK sip:callee@CALLEE SIP/2.0', '+ > ACK sip:callee@CALLEE;try=1 SIP/2.0', '+ max-forwards: 70'] },
  },
};
