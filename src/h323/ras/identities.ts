import type { h225 } from '../schemas';
import { sameAddress, type HostPort } from './addresses';
import { encode } from '../per';
import { h225 as schemas } from '../schemas';
import { encodeSigned, type Authenticator, type Tokens } from './authentication';
import type { Registration, Registrations } from './registrations';
import type { GatekeeperObserver, RefusedRequest } from './types';

/** How much of what a stranger sent is repeated. */
const MAX_DETAIL = 200;

/** A message as it arrived. */
export interface Received {
  octets: Buffer;
  source: HostPort;
  /** What it is, `registrationRequest`. */
  name: string;
}

/** A reply, and how it is signed when its request was. */
export interface Reply {
  message: h225.RasMessage;
  signFor?: { registration: Pick<Registration, 'endpointIdentifier'>; password: string };
  /** Where it goes, when that is not where the request came from. */
  to?: HostPort;
}

/** A proof of identity; with a password, replies are signed with it as the request was. */
export interface Proof {
  password?: string;
}

export interface IdentityOptions {
  gatekeeperIdentifier: string;
  observer?: GatekeeperObserver;
  now(): number;
  random(octets: number): Buffer;
}

/** Who speaks: the registration that a message belongs to, and the proof that its sender owes. */
export class Identities {
  constructor(private readonly options: IdentityOptions, private readonly registrations: Registrations, private readonly authenticator: Authenticator) {}

  /** The registration of that identifier, when the message comes from the address that registered it. */
  registeredAt(endpointIdentifier: string | undefined, received: Received): Registration | undefined {
    const registration = this.registrations.get(endpointIdentifier);
    if (!registration || registration.expires <= this.options.now()) return undefined;
    if (sameAddress(registration.source, received.source)) return registration;
    this.refused(received, 'address', registration.name);
    return undefined;
  }

  /** How the sender proved to be this registered endpoint; undefined when it had to and did not. */
  proven(registration: Registration, tokens: Tokens, received: Received): Proof | undefined {
    return this.prove(registration.password, registration.name, tokens, received);
  }

  /** The same for a name and the password that belongs to it; without one nothing is to be proven. */
  prove(password: string | undefined, name: string, tokens: Tokens, received: Received): Proof | undefined {
    if (password === undefined) return {};
    const result = this.authenticator.check(received.octets, tokens, password, name, this.options.gatekeeperIdentifier, received.source);
    if ('method' in result) return result.method === 'h235.1' ? { password } : {};
    this.refused(received, result.fault, name);
    return undefined;
  }

  refused({ name: request, source }: Received, why: RefusedRequest['why'], detail?: string): void {
    this.options.observer?.refused?.({ request, why, source, ...(detail !== undefined && { detail: detail.slice(0, MAX_DETAIL) }) });
  }

  /** Encodes a reply, with a signature over it where one is owed. */
  encode({ message, signFor }: Reply): Buffer {
    if (!signFor) return encode(schemas.RasMessage, message);
    const { gatekeeperIdentifier, now, random } = this.options;
    const [name, body] = Object.entries(message)[0] as [string, object];
    return encodeSigned((cryptoTokens) => ({ [name]: { ...body, cryptoTokens } }) as unknown as h225.RasMessage, {
      password: signFor.password, sendersID: gatekeeperIdentifier, generalID: signFor.registration.endpointIdentifier,
      timeStamp: Math.floor(now() / 1000), random: random(4).readUInt32BE() & 0x7fff_ffff,
    }, random(12));
  }

  /** Encodes a message of this side's own to an endpoint, signed when the endpoint signs its own. */
  encodeFor(registration: Registration, message: h225.RasMessage): Buffer {
    return this.encode(signed(message, { password: registration.signs ? registration.password : undefined }, registration));
  }
}

export const signed = (message: h225.RasMessage, { password }: Proof, registration: Registration): Reply =>
  (password === undefined ? { message } : { message, signFor: { registration, password } });
