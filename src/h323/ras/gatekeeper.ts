import { randomBytes } from 'node:crypto';
import { alternative, chosen, decode, encode, PerError } from '../per';
import { h225 } from '../schemas';
import { aliasKey, sameAddress, toTransportAddress, type HostPort } from './addresses';
import { Admissions } from './admission';
import { Authenticator, encodeSigned, type Tokens } from './authentication';
import { Registrations, type Registration } from './registrations';
import { Retransmissions } from './retransmissions';
import type { GatekeeperOptions, KnownEndpoint, UnregistrationCause } from './types';

/** H.225.0 version 7. */
const PROTOCOL_IDENTIFIER = '0.0.8.2250.0.7';
const TIME_TO_LIVE_SECONDS = 300;
const MIN_TIME_TO_LIVE_SECONDS = 30;
const MAX_REGISTRATIONS = 20_000;
const MAX_ALIASES = 64;

/** How long a sender shall wait after a RIP, milliseconds. */
const IN_PROGRESS_DELAY_MS = 5_000;

/** A message of the gatekeeper's own, and where it goes. */
export interface Outgoing {
  octets: Buffer;
  to: HostPort;
}

interface Received {
  octets: Buffer;
  source: HostPort;
}

/** A reply, and how it is signed when its request was. */
interface Reply {
  message: h225.RasMessage;
  signFor?: { registration: Pick<Registration, 'endpointIdentifier'>; password: string };
}

/**
 * A gatekeeper (H.323 section 6.4): answers the RAS messages of endpoints. It holds no sockets and no timers: messages are handed in
 * with their source, and `tick` lets time pass.
 */
export class Gatekeeper {
  readonly registrations: Registrations;
  readonly admissions: Admissions;
  private sequence = 0;
  private readonly sites = new Map<string, KnownEndpoint['site']>();
  private readonly authenticator: Authenticator;
  private readonly retransmissions: Retransmissions;
  private readonly now: () => number;
  private readonly random: (octets: number) => Buffer;

  constructor(private readonly options: GatekeeperOptions) {
    this.now = options.now ?? Date.now;
    this.random = options.random ?? randomBytes;
    this.registrations = new Registrations(options.maxRegistrations ?? MAX_REGISTRATIONS);
    this.admissions = new Admissions(options, this.registrations);
    this.authenticator = new Authenticator(this.now);
    this.retransmissions = new Retransmissions(this.now);
  }

  /** The answer to what arrived, undefined when there is none to give: to answers, and to what is no RAS message. */
  async handle(octets: Buffer, source: HostPort): Promise<Buffer | undefined> {
    let message: h225.RasMessage;
    try {
      message = decode(h225.RasMessage, octets);
    } catch (error) {
      if (error instanceof PerError) return undefined;
      throw error;
    }
    const name = chosen(message);
    const sequence = (Object.values(message)[0] as { requestSeqNum?: number }).requestSeqNum;
    return this.retransmissions.answer(`${source.host} ${source.port} ${name} ${sequence}`, octets, async () => {
      const reply = await this.answer(message, { octets, source });
      return reply && this.encode(reply);
    });
  }

  /** The message that asks a sender to wait, for a request that takes its time (RIP, H.225.0 section 7.20); undefined for other messages. */
  inProgress(request: Buffer): Buffer | undefined {
    try {
      const message = decode(h225.RasMessage, request);
      const waits = alternative(message, 'registrationRequest') ?? alternative(message, 'admissionRequest') ?? alternative(message, 'locationRequest');
      return waits && encode(h225.RasMessage, { requestInProgress: { requestSeqNum: waits.requestSeqNum, delay: IN_PROGRESS_DELAY_MS } });
    } catch (error) {
      if (error instanceof PerError) return undefined;
      throw error;
    }
  }

  /** Ends a registration from this side; the URQ that tells the endpoint (H.225.0 section 7.10.1). */
  expel(endpointIdentifier: string, reason: h225.UnregRequestReason): Outgoing | undefined {
    const registration = this.registrations.get(endpointIdentifier);
    if (!registration) return undefined;
    this.remove(registration, 'gatekeeper');
    return this.outgoing(registration, { unregistrationRequest: {
      requestSeqNum: this.nextSequence(), callSignalAddress: [...registration.callSignalAddress], endpointIdentifier, endpointAlias: [...registration.aliases],
      gatekeeperIdentifier: this.options.gatekeeperIdentifier, reason,
    } });
  }

  /** The IRQ that asks an endpoint for all its calls (H.225.0 section 7.15.1); its IRR goes to the observer. */
  askStatus(endpointIdentifier: string): Outgoing | undefined {
    const registration = this.registrations.get(endpointIdentifier);
    return registration && this.outgoing(registration, { infoRequest: {
      requestSeqNum: this.nextSequence(), callReferenceValue: 0, callIdentifier: { guid: Buffer.alloc(16) }, replyAddress: this.options.rasAddress,
    } });
  }

  private outgoing(registration: Registration, message: h225.RasMessage): Outgoing {
    return { octets: this.encode(signed(message, { password: registration.signs ? registration.password : undefined }, registration)), to: registration.source };
  }

  /** 1 to 65535, over and over. */
  private nextSequence(): number {
    this.sequence = (this.sequence % 65_535) + 1;
    return this.sequence;
  }

  /** Ends the registrations whose time has run out. */
  tick(): void {
    for (const registration of this.registrations.expire(this.now())) this.gone(registration, 'expired');
  }

  private encode({ message, signFor }: Reply): Buffer {
    if (!signFor) return encode(h225.RasMessage, message);
    const [name, body] = Object.entries(message)[0] as [string, object];
    return encodeSigned((cryptoTokens) => ({ [name]: { ...body, cryptoTokens } }) as unknown as h225.RasMessage, {
      password: signFor.password, sendersID: this.options.gatekeeperIdentifier, generalID: signFor.registration.endpointIdentifier,
      timeStamp: Math.floor(this.now() / 1000), random: this.random(4).readUInt32BE() & 0x7fff_ffff,
    }, this.random(12));
  }

  private async answer(message: h225.RasMessage, received: Received): Promise<Reply | undefined> {
    if ('gatekeeperRequest' in message) return this.discover(message.gatekeeperRequest);
    if ('registrationRequest' in message) return this.register(message.registrationRequest, received);
    if ('unregistrationRequest' in message) return this.unregister(message.unregistrationRequest, received);
    if ('locationRequest' in message) return { message: await this.locate(message.locationRequest) };
    if ('infoRequestResponse' in message) return this.acknowledge(message.infoRequestResponse, received);
    if ('resourcesAvailableIndicate' in message) {
      const { requestSeqNum } = message.resourcesAvailableIndicate;
      return { message: { resourcesAvailableConfirm: { requestSeqNum, protocolIdentifier: PROTOCOL_IDENTIFIER } } };
    }
    if ('nonStandardMessage' in message) {
      return { message: { unknownMessageResponse: { requestSeqNum: message.nonStandardMessage.requestSeqNum, messageNotUnderstood: received.octets } } };
    }
    return this.answerCall(message, received);
  }

  private async answerCall(message: h225.RasMessage, received: Received): Promise<Reply | undefined> {
    const request = alternative(message, 'admissionRequest') ?? alternative(message, 'bandwidthRequest') ?? alternative(message, 'disengageRequest');
    if (!request) return undefined;
    const { requestSeqNum } = request;
    const registration = this.registeredAt(request.endpointIdentifier, received.source);
    const proven = registration && this.proven(registration, request, received);
    const site = registration && this.sites.get(registration.endpointIdentifier);
    if ('admissionRequest' in message) {
      if (!registration) return { message: { admissionReject: { requestSeqNum, rejectReason: { callerNotRegistered: null } } } };
      if (!proven) return { message: { admissionReject: { requestSeqNum, rejectReason: { securityDenial: null } } } };
      return signed(await this.admissions.admit(message.admissionRequest, registration, site), proven, registration);
    }
    if ('bandwidthRequest' in message) {
      if (!registration) return { message: { bandwidthReject: { requestSeqNum, rejectReason: { notBound: null }, allowedBandWidth: 0 } } };
      if (!proven) return { message: { bandwidthReject: { requestSeqNum, rejectReason: { securityDenial: null }, allowedBandWidth: 0 } } };
      return signed(this.admissions.change(message.bandwidthRequest, site), proven, registration);
    }
    if (!('disengageRequest' in message)) return undefined;
    if (!registration) return { message: { disengageReject: { requestSeqNum, rejectReason: { notRegistered: null } } } };
    if (!proven) return { message: { disengageReject: { requestSeqNum, rejectReason: { securityDenial: null } } } };
    const ended = this.admissions.disengage(message.disengageRequest);
    return signed(ended ? { disengageConfirm: { requestSeqNum } } : { disengageReject: { requestSeqNum, rejectReason: { requestToDropOther: null } } }, proven, registration);
  }

  private discover({ requestSeqNum, gatekeeperIdentifier }: h225.GatekeeperRequest): Reply {
    const mine = this.options.gatekeeperIdentifier;
    if (gatekeeperIdentifier !== undefined && gatekeeperIdentifier !== mine) {
      return { message: { gatekeeperReject: { requestSeqNum, protocolIdentifier: PROTOCOL_IDENTIFIER, gatekeeperIdentifier: mine, rejectReason: { terminalExcluded: null } } } };
    }
    return { message: { gatekeeperConfirm: { requestSeqNum, protocolIdentifier: PROTOCOL_IDENTIFIER, gatekeeperIdentifier: mine, rasAddress: this.options.rasAddress } } };
  }

  private async register(request: h225.RegistrationRequest, received: Received): Promise<Reply> {
    const { requestSeqNum } = request;
    const reject = (rejectReason: h225.RegistrationRejectReason): Reply => ({ message: { registrationReject: {
      requestSeqNum, protocolIdentifier: PROTOCOL_IDENTIFIER, gatekeeperIdentifier: this.options.gatekeeperIdentifier, rejectReason,
    } } });
    if (request.gatekeeperIdentifier !== undefined && request.gatekeeperIdentifier !== this.options.gatekeeperIdentifier) return reject({ discoveryRequired: null });
    const current = this.registeredAt(request.endpointIdentifier, received.source);
    if (request.keepAlive) return current ? this.renew(current, request, received) ?? reject({ securityDenial: null }) : reject({ fullRegistrationRequired: null });
    if (request.additiveRegistration !== undefined && !current) return reject({ fullRegistrationRequired: null });
    if (request.callSignalAddress.length === 0) return reject({ invalidCallSignalAddress: null });
    const claimed = request.terminalAlias ?? [];
    if (claimed.length > MAX_ALIASES) return reject({ invalidAlias: null });

    const known = await this.options.directory.endpoint(claimed, received.source);
    if (!known) return this.refused('registrationRequest', 'alias', received, reject({ invalidTerminalAliases: { terminalAlias: [...claimed] } }));
    const allowed = new Set(known.aliases.map(aliasKey));
    const strange = claimed.filter((alias) => !allowed.has(aliasKey(alias)));
    if (strange.length > 0) return this.refused('registrationRequest', 'alias', received, reject({ invalidTerminalAliases: { terminalAlias: strange } }));
    const proof = this.proof(known.password, known.name, request, received);
    if (!proof) return reject({ securityDenial: null });
    const taken = (claimed.length > 0 ? claimed : known.aliases).filter((alias) => this.heldByAnother(alias, known, received.source));
    if (taken.length > 0) return this.refused('registrationRequest', 'address', received, reject({ duplicateAlias: taken }));
    if (request.additiveRegistration !== undefined) return this.extend(current!, request, claimed, proof);
    return this.enrol(request, received, known, proof) ?? reject({ resourceUnavailable: null });
  }

  /** An alias is free, or held by the same endpoint of the directory: from the same address, or proven by its password. */
  private heldByAnother(alias: h225.AliasAddress, known: KnownEndpoint, source: HostPort): boolean {
    const holder = this.registrations.withAlias(alias);
    if (!holder || holder.expires <= this.now()) return false;
    return holder.name !== known.name || (known.password === undefined && holder.source.host !== source.host);
  }

  private enrol(request: h225.RegistrationRequest, { source }: Received, known: KnownEndpoint, proof: Proof): Reply | undefined {
    const aliases = request.terminalAlias?.length ? request.terminalAlias : known.aliases;
    for (const alias of aliases) {
      const former = this.registrations.withAlias(alias);
      if (former) this.remove(former, 'replaced');
    }
    this.tick();
    if (this.registrations.full) return undefined;
    const timeToLive = this.timeToLiveOf(request);
    const registration: Registration = {
      endpointIdentifier: this.random(16).toString('hex'), source, aliases, name: known.name, password: known.password, signs: proof.password !== undefined, timeToLive,
      rasAddress: request.rasAddress[0] ?? toTransportAddress(source), callSignalAddress: request.callSignalAddress, terminalType: request.terminalType,
      expires: this.now() + timeToLive * 1000,
    };
    this.registrations.add(registration);
    this.sites.set(registration.endpointIdentifier, known.site);
    this.options.observer?.registered?.(registration);
    return this.confirm(registration, request.requestSeqNum, proof);
  }

  private extend(registration: Registration, request: h225.RegistrationRequest, added: readonly h225.AliasAddress[], proof: Proof): Reply {
    const held = new Set(registration.aliases.map(aliasKey));
    this.registrations.rename(registration, [...registration.aliases, ...added.filter((alias) => !held.has(aliasKey(alias)))].slice(0, MAX_ALIASES));
    registration.expires = this.now() + registration.timeToLive * 1000;
    return this.confirm(registration, request.requestSeqNum, proof);
  }

  private renew(registration: Registration, request: h225.RegistrationRequest, received: Received): Reply | undefined {
    const proof = this.proven(registration, request, received);
    if (!proof) return undefined;
    if (request.timeToLive !== undefined) registration.timeToLive = this.timeToLiveOf(request);
    registration.expires = this.now() + registration.timeToLive * 1000;
    return this.confirm(registration, request.requestSeqNum, proof);
  }

  private confirm(registration: Registration, requestSeqNum: number, proof: Proof): Reply {
    return signed({ registrationConfirm: {
      requestSeqNum, protocolIdentifier: PROTOCOL_IDENTIFIER, callSignalAddress: [], gatekeeperIdentifier: this.options.gatekeeperIdentifier,
      endpointIdentifier: registration.endpointIdentifier, terminalAlias: [...registration.aliases], timeToLive: registration.timeToLive,
      willRespondToIRR: true, maintainConnection: false, supportsAdditiveRegistration: null,
    } }, proof, registration);
  }

  private timeToLiveOf({ timeToLive }: h225.RegistrationRequest): number {
    const most = this.options.timeToLive ?? TIME_TO_LIVE_SECONDS;
    return Math.min(most, Math.max(timeToLive ?? most, Math.min(most, MIN_TIME_TO_LIVE_SECONDS)));
  }

  private unregister(request: h225.UnregistrationRequest, received: Received): Reply {
    const { requestSeqNum, endpointAlias } = request;
    const reject = (rejectReason: h225.UnregRejectReason): Reply => ({ message: { unregistrationReject: { requestSeqNum, rejectReason } } });
    const alias = endpointAlias?.[0];
    const registration = this.registeredAt(request.endpointIdentifier ?? (alias && this.registrations.withAlias(alias)?.endpointIdentifier), received.source);
    if (!registration) return reject({ notCurrentlyRegistered: null });
    const proof = this.proven(registration, request, received);
    if (!proof) return reject({ securityDenial: null });
    const dropped = new Set((endpointAlias ?? []).map(aliasKey));
    const rest = registration.aliases.filter((held) => !dropped.has(aliasKey(held)));
    // With some of its aliases named, only these go (H.225.0 section 7.10.1).
    if (dropped.size > 0 && rest.length > 0) this.registrations.rename(registration, rest);
    else this.remove(registration, 'endpoint');
    return signed({ unregistrationConfirm: { requestSeqNum } }, proof, registration);
  }

  private async locate(request: h225.LocationRequest): Promise<h225.RasMessage> {
    const { requestSeqNum, hopCount } = request;
    if (hopCount !== undefined && hopCount < 1) return { locationReject: { requestSeqNum, rejectReason: { hopCountExceeded: null } } };
    const callSignalAddress = this.options.locate
      ? await this.options.locate(request)
      : request.destinationInfo.map((alias) => this.registrations.withAlias(alias)?.callSignalAddress[0]).find((address) => address !== undefined);
    if (!callSignalAddress) return { locationReject: { requestSeqNum, rejectReason: { requestDenied: null } } };
    return { locationConfirm: { requestSeqNum, callSignalAddress, rasAddress: this.options.rasAddress } };
  }

  private acknowledge(report: h225.InfoRequestResponse, { source }: Received): Reply | undefined {
    const { requestSeqNum, needResponse } = report;
    const registration = this.registeredAt(report.endpointIdentifier, source);
    if (registration) this.options.observer?.reported?.(registration, report);
    if (!needResponse) return undefined;
    return { message: registration ? { infoRequestAck: { requestSeqNum } } : { infoRequestNak: { requestSeqNum, nakReason: { notRegistered: null } } } };
  }

  /** The registration of that identifier, when the message comes from the address that registered it. */
  private registeredAt(endpointIdentifier: string | undefined, source: HostPort): Registration | undefined {
    const registration = this.registrations.get(endpointIdentifier);
    if (!registration || registration.expires <= this.now()) return undefined;
    if (sameAddress(registration.source, source)) return registration;
    this.options.observer?.refused?.('request', 'address', source);
    return undefined;
  }

  private proven(registration: Registration, tokens: Tokens, received: Received): Proof | undefined {
    return this.proof(registration.password, registration.name, tokens, received);
  }

  /** How the sender proved itself; undefined when it had to and did not. */
  private proof(password: string | undefined, name: string, tokens: Tokens, received: Received): Proof | undefined {
    if (password === undefined) return {};
    const result = this.authenticator.check(received.octets, tokens, password, name, this.options.gatekeeperIdentifier);
    if ('method' in result) return result.method === 'h235.1' ? { password } : {};
    this.options.observer?.refused?.('request', result.fault, received.source);
    return undefined;
  }

  private refused(what: string, why: 'alias' | 'address', { source }: Received, reply: Reply): Reply {
    this.options.observer?.refused?.(what, why, source);
    return reply;
  }

  private remove(registration: Registration, why: UnregistrationCause): void {
    this.registrations.remove(registration);
    this.gone(registration, why);
  }

  private gone(registration: Registration, why: UnregistrationCause): void {
    this.sites.delete(registration.endpointIdentifier);
    this.admissions.releaseAll(registration.endpointIdentifier);
    this.options.observer?.unregistered?.(registration, why);
  }
}

/** A proof of identity; with a password, replies are signed with it as the request was. */
interface Proof {
  password?: string;
}

const signed = (message: h225.RasMessage, { password }: Proof, registration: Registration): Reply =>
  (password === undefined ? { message } : { message, signFor: { registration, password } });
