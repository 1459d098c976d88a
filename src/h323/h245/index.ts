/** H.245 as H.323 uses it: the procedures of one call over its control channel, whatever carries that. */
export { H245Session } from './session';
export { fromH245Address, toH245Address } from './addresses';
export { H245Error, type H245ErrorCode } from './errors';
export { isEmpty, type Capabilities } from './capabilities';
export type { ChannelAnswer, ChannelExtras, ChannelParameters, ChannelRequest, CloseCause, IncomingChannel, LogicalChannel, RefusalCause } from './channel';
export type { Status } from './master-slave';
export type { ModeAnswer } from './mode-request';
export {
  DEFAULT_LIMITS, DEFAULT_TIMERS, type EndedBy, type FlowControl, type GenericMessage, type H245Handlers, type H245Limits, type H245Options, type H245Timers,
  type MiscellaneousCommand, type MiscellaneousIndication,
} from './options';
export type { Peer } from './peer';
export { payloadTypeOf } from './payload-types';
export type { UserInput } from './user-input';
