/** LDAP messages (RFC 4511): frames, strict decoding into typed requests, encoding of responses. */
export { decodeMessage } from './decode';
export {
  beginEntry, endEntry, type ResponseControl, type Result, SUCCESS, writeAttribute, writeExtendedResult, writeNoticeOfDisconnection, writeResult,
} from './encode';
export { MessageFramer } from './framing';
export { LIMITS } from './limits';
export { RESULT, type ResultCode } from './result-codes';
export * from './types';
