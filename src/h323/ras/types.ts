import type { h225 } from '../schemas';
import type { HostPort } from './addresses';
import type { AuthenticationFault } from './authentication';
import type { Site, SiteBandwidth } from './bandwidth';
import type { Registration } from './registrations';

/** A message, and where it goes. */
export interface Outgoing {
  octets: Buffer;
  to: HostPort;
}

/** What the directory knows of an endpoint. */
export interface KnownEndpoint {
  /** Its name there; a registration under the same name takes the place of an older one. */
  name: string;
  /** All aliases that it may use. One that registers without aliases gets these. */
  aliases: readonly h225.AliasAddress[];
  /** With a password, registrations must prove it by an H.235.1 token or a Cisco access token. */
  password?: string;
  /** It would have to prove a password and has none: it cannot register. */
  locked?: boolean;
  /** Calls of a site share its bandwidth. */
  site?: Site;
  /** The gatekeeper that it belongs to, where that is another one. */
  assignedGatekeeper?: h225.AlternateGK;
}

/** The directory as the gatekeeper needs it. */
export interface EndpointDirectory {
  /** Who registers under these aliases from that address; undefined for a stranger. No aliases: it is to be told by its address. */
  endpoint(aliases: readonly h225.AliasAddress[], source: HostPort): KnownEndpoint | undefined | Promise<KnownEndpoint | undefined>;
}

/** Where a call goes: the destination's own address, or the gatekeeper's when it routes the signalling. */
export interface Route {
  address: HostPort;
  model: 'direct' | 'gatekeeperRouted';
}

/** A call that asks for admission. */
export interface CallRequest {
  caller: Registration;
  request: h225.AdmissionRequest;
}

/** A gatekeeper of another zone. */
export interface Neighbour {
  name: string;
  address: HostPort;
  gatekeeperIdentifier?: string;
  /** Beginnings of numbers, and domains of names, that its zone has; without both it is asked for everything. */
  prefixes: readonly string[];
  domains: readonly string[];
  /** Proven by a Cisco access token in location requests, both ways. */
  password?: string;
}

/** A location request that may be answered here. */
export interface LocationQuery {
  request: h225.LocationRequest;
  from: Neighbour | Registration;
}

/** Why a registration ended: by the endpoint's wish, for want of renewal, by a newer one of the same endpoint, by this side's wish. */
export type UnregistrationCause = 'endpoint' | 'expired' | 'replaced' | 'gatekeeper';

/** A message whose sender may not what it asks for. */
export interface RefusedRequest {
  /** The message: `registrationRequest`. */
  request: string;
  /** `address`: it speaks for another; `locked`: it has no password to prove; `neighbour`: a stranger asks as a neighbour does. */
  why: AuthenticationFault | 'address' | 'alias' | 'locked' | 'gatekeeper-identifier' | 'neighbour' | 'destination';
  source: HostPort;
  /** The alias or identifier that was asked for. */
  detail?: string;
}

export interface GatekeeperObserver {
  registered?(registration: Registration): void;
  /** Renewed, or its aliases changed. */
  refreshed?(registration: Registration): void;
  unregistered?(registration: Registration, why: UnregistrationCause): void;
  /** The status of an endpoint and its calls, asked for or not. */
  reported?(registration: Registration, report: h225.InfoRequestResponse): void;
  refused?(refused: RefusedRequest): void;
}

export interface GatekeeperOptions {
  gatekeeperIdentifier: string;
  /** Where endpoints send RAS messages to. */
  rasAddress: HostPort;
  directory: EndpointDirectory;
  /** Where a call goes, or why it does not; default: to the registered endpoint of that alias, directly. Undefined: nowhere that is known here. */
  route?(call: CallRequest): Route | { reject: h225.AdmissionRejectReason } | undefined | Promise<Route | { reject: h225.AdmissionRejectReason } | undefined>;
  /** Why an endpoint may not answer a call; default: it always may. */
  answer?(call: CallRequest): h225.AdmissionRejectReason | undefined;
  /** Where neighbours find an alias; default: at the endpoint that is registered under it. Undefined: not here. */
  locate?(query: LocationQuery): HostPort | undefined | Promise<HostPort | undefined>;
  neighbours?: readonly Neighbour[];
  /** Told to endpoints that ask for such; the first has the highest priority. */
  alternateGatekeepers?: readonly h225.AlternateGK[];
  /** Endpoints behind firewalls are served by H.460.18; seconds between their registrations. */
  traversalKeepAlive?: number;
  bandwidth?: SiteBandwidth;
  /** Milliseconds since 1970. */
  now?(): number;
  /** Unguessable octets. */
  random?(octets: number): Buffer;
  /** Seconds after which a registration that is not renewed ends; endpoints may ask for less. */
  timeToLive?: number;
  /**
   * Where call signalling is taken for endpoints that need not ask for admission of each call (`preGrantedARQ`, H.225.0 section 7.9.2);
   * undefined: all have to ask.
   */
  preGrantedSignalling?: HostPort;
  /** Seconds between the reports of a call by its endpoint; one that is not heard of for three times as long is over. */
  reportInterval?: number;
  maxRegistrations?: number;
  maxCalls?: number;
  /** Most that one call gets, in units of 100 bit/s. */
  bandwidthOfCall?: number;
  observer?: GatekeeperObserver;
}
