/** SIP messages: octets to structure and back. */
export { formatNameAddr, parseNameAddr } from './name-addr';
export { formatParams, parseParams, splitList } from './params';
export { parseDatagram, parseMessage } from './parse';
export { SipMessage } from './sip-message';
export { StreamFramer } from './stream-framer';
export { DEFAULT_LIMITS } from './types';
export { formatHostPort, formatUri, hostEquals, parseHostPort, parseUri, uriEquals, uriScheme } from './uri';
export { validateRequest, validateResponse } from './validate';
export { formatVia, parseVia, sentByEquals } from './via';
export type { CSeq, HeaderField, MessageLimits, NameAddr, ParsedMessage, SipFault, SipUri, Via } from './types';
