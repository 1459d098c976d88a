import type { h225 } from '../schemas';
import type { HostPort } from './addresses';
import type { AuthenticationFault } from './authentication';
import type { Registration } from './registrations';

/** What the directory knows of an endpoint. */
export interface KnownEndpoint {
  /** Its name there; a registration under the same name takes the place of an older one. */
  name: string;
  /** All aliases that it may use. One that registers without aliases gets these. */
  aliases: readonly h225.AliasAddress[];
  /** With a password, registrations must prove it by an H.235.1 token or a Cisco access token. */
  password?: string;
  /** Calls of a site share its bandwidth, in units of 100 bit/s. */
  site?: { name: string; bandwidth: number };
}

/** The directory as the gatekeeper needs it. */
export interface EndpointDirectory {
  /** Who registers under these aliases from that address; undefined for a stranger. No aliases: it is to be told by its address. */
  endpoint(aliases: readonly h225.AliasAddress[], source: HostPort): KnownEndpoint | undefined | Promise<KnownEndpoint | undefined>;
}

/** Where a call goes: the destination's own address, or the gatekeeper's when it routes the signalling. */
export interface Route {
  address: h225.TransportAddress;
  model: 'direct' | 'gatekeeperRouted';
}

/** A call that asks for admission. */
export interface CallRequest {
  caller: Registration;
  request: h225.AdmissionRequest;
}

/** Why a registration ended: by the endpoint's wish, for want of renewal, by a newer one of the same endpoint, by this side's wish. */
export type UnregistrationCause = 'endpoint' | 'expired' | 'replaced' | 'gatekeeper';

export interface GatekeeperObserver {
  registered?(registration: Registration): void;
  unregistered?(registration: Registration, why: UnregistrationCause): void;
  /** The status of an endpoint and its calls, asked for or not. */
  reported?(registration: Registration, report: h225.InfoRequestResponse): void;
  /** A registration or request whose sender could not prove who it is; `source` is where it came from. */
  refused?(what: string, why: AuthenticationFault | 'address' | 'alias', source: HostPort): void;
}

export interface GatekeeperOptions {
  gatekeeperIdentifier: string;
  /** Where endpoints send RAS messages to. */
  rasAddress: h225.TransportAddress;
  directory: EndpointDirectory;
  /** Where a call goes; default: to the registered endpoint of that alias, directly. Undefined: nowhere. */
  route?(call: CallRequest): Route | undefined | Promise<Route | undefined>;
  /** Where neighbours find an alias; default: at the endpoint that is registered under it. Undefined: not here. */
  locate?(request: h225.LocationRequest): h225.TransportAddress | undefined | Promise<h225.TransportAddress | undefined>;
  /** Milliseconds since 1970. */
  now?(): number;
  /** Unguessable octets. */
  random?(octets: number): Buffer;
  /** Seconds after which a registration that is not renewed ends; endpoints may ask for less. */
  timeToLive?: number;
  maxRegistrations?: number;
  maxCalls?: number;
  /** Most that one call gets, in units of 100 bit/s. */
  bandwidthOfCall?: number;
  observer?: GatekeeperObserver;
}
