/** H.239: who may show content, by the token, and that with BFCP on the other side. */
export { decodeH239, encodeH239 } from './messages';
export type { H239Message } from './messages';
export { PresentationToken } from './presentation-token';
export type { TokenEvents, TokenOptions, TokenState } from './presentation-token';
export { TokenFloor } from './token-floor';
export type { TokenFloorOptions } from './token-floor';
