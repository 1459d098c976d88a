/** A gatekeeper: registration, admission and status of H.323 endpoints (H.225.0 section 7). */
export { Gatekeeper, type Outgoing } from './gatekeeper';
export { serveRas, type RasServer } from './server';
export { Registrations, type Registration } from './registrations';
export { aliasKey, toHostPort, toTransportAddress, type HostPort } from './addresses';
export { Authenticator, catToken, encodeSigned, type AuthenticationFault, type AuthenticationMethod, type Signer } from './authentication';
export type { CallRequest, EndpointDirectory, GatekeeperObserver, GatekeeperOptions, KnownEndpoint, Route, UnregistrationCause } from './types';
