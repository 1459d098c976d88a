/** A SIP server that speaks the drachtio admin protocol: what drachtio-server is to an application, in the same program. */
export { SipServerError } from './server-error';
export { DEFAULT_LIMITS, type SipServer, type SipServerLimits, type SipServerLog, type SipServerOptions, type SipServerStats } from './options';
export { systemResolver, type Resolver } from './dns';
export { parseContact } from './transport/contact';
export { startSipServer } from './server';
export { standAloneOptions, type StandAloneSettings } from './stand-alone';
export { startUserAgent, type AgentHandler, type AgentInvite, type AgentMessage, type AgentRequest, type UserAgent, type UserAgentOptions } from './user-agent';
export { formatNameAddr, parseNameAddr, parseUri, type SipMessage } from './message';
export { startSipServerInWorker } from './worker';
