export * from './message';
export { ATTRIBUTES, ERROR_CODES, ERROR_CODE_NAMES, PRIMITIVES, PRIORITIES, REQUEST_STATUSES } from './names';
export type { Primitive, RequestStatusName } from './names';
export { BfcpDecodeError } from './decode-error';
export { decodeMessage, encodeMessage, HEADER_LENGTH, MAX_MESSAGE } from './codec';
export { fragment, Reassembly } from './fragments';
