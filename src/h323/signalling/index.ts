/** H.225.0 call signalling over TCP in both roles, and the control channel of each call for H.245. */
export { serveSignalling, type ServerOptions, type SignallingServer } from './server';
export { placeCall } from './outgoing-call';
export { AnnouncedCalls } from './announced-calls';
export { IN_BAND, SPEECH, videoBearer } from './bearer';
export { q850Of, reasonOf } from './cause';
export { SignallingError, type SignallingErrorCode } from './errors';
export { DEFAULT_TIMERS, type SignallingTimers } from './timing';
export { isPeersFault } from './tpkt-connection';
export type {
  Announcement, Answer, CallEvents, CallRelease, CallRequest, Digits, FacilityContent, FastStartAnswer, Forwarding, IncomingCall, IncomingEvents, IncomingSetup, LocalEndpoint,
  OutgoingCall, OutgoingEvents, ReceivedAnswer, ReleaseRequest, SignallingCall,
} from './types';
