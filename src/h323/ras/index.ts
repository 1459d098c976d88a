/** A gatekeeper: registration, admission, location and status of H.323 endpoints (H.225.0 section 7). */
export { Gatekeeper } from './gatekeeper';
export { serveRas, type RasServer } from './server';
export { Registrations, type EndpointKind, type Registration } from './registrations';
export type { AdmittedCall } from './admission';
export { unaskedCaller, type SetupSender } from './pre-granted';
export { SiteBandwidth, type Site } from './bandwidth';
export type { Located, Wanted } from './location';
export type { NeighbourState } from './neighbours';
export { addressText, aliasKey, aliasText, isPrivate, parseAddressText, sameAddress, sameHost, toHostPort, toTransportAddress, type HostPort } from './addresses';
export { Authenticator, catToken, encodeSigned, gatekeeperPasswordHash, type AuthenticationFault, type AuthenticationMethod, type Signer } from './authentication';
export type {
  CallRequest, EndpointDirectory, GatekeeperObserver, GatekeeperOptions, KnownEndpoint, LocationQuery, Neighbour, Outgoing, RefusedRequest, Route, UnregistrationCause,
} from './types';
