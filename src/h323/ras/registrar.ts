import type { h225 } from '../schemas';
import { aliasKey, aliasText, isPrivate, sameAddress, sameHost, toHostPorts, toTransportAddress, type HostPort } from './addresses';
import { CAT, H235_1, MD5 } from './authentication';
import { needsMore, offersTraversal, TRAVERSAL_FEATURES } from './features';
import { preGrantedARQ } from './pre-granted';
import { signed, type Identities, type Proof, type Received, type Reply } from './identities';
import type { EndpointKind, Registration, Registrations } from './registrations';
import type { GatekeeperOptions, KnownEndpoint, UnregistrationCause } from './types';

/** H.225.0 version 7. */
export const PROTOCOL_IDENTIFIER = '0.0.8.2250.0.7';
const TIME_TO_LIVE_SECONDS = 300;
const MIN_TIME_TO_LIVE_SECONDS = 20;
const MAX_ALIASES = 64;
const MAX_ADDRESSES = 8;
/** Many endpoints register again when the time is over rather than before, and a message may get lost. */
const GRACE_MS = 10_000;
/** A firewall's way stays open while some of the keep-alives get lost. */
const LOST_KEEP_ALIVES = 3;

export interface RegistrarParts {
  options: GatekeeperOptions & { now(): number; random(octets: number): Buffer };
  registrations: Registrations;
  identities: Identities;
  /** A registration is no more. */
  gone(registration: Registration, why: UnregistrationCause): void;
}

/** Discovery, registration and unregistration of endpoints (H.225.0 sections 7.8 to 7.10). */
export class Registrar {
  constructor(private readonly parts: RegistrarParts) {}

  async discover(request: h225.GatekeeperRequest, received: Received): Promise<Reply> {
    const { options, identities, registrations } = this.parts;
    const { requestSeqNum, gatekeeperIdentifier, endpointAlias, supportsAssignedGK } = request;
    const mine = { requestSeqNum, protocolIdentifier: PROTOCOL_IDENTIFIER, gatekeeperIdentifier: options.gatekeeperIdentifier };
    const reject = (rejectReason: h225.GatekeeperRejectReason): Reply => ({ message: { gatekeeperReject: { ...mine, rejectReason, ...this.turnTo() } } });
    if (gatekeeperIdentifier !== undefined && gatekeeperIdentifier !== options.gatekeeperIdentifier) {
      identities.refused(received, 'gatekeeper-identifier', gatekeeperIdentifier);
      return reject({ terminalExcluded: null });
    }
    if (needsMore(request.featureSet, this.traverses)) return reject({ neededFeatureNotSupported: null });
    if (registrations.full) return reject({ resourceUnavailable: null });
    const known = supportsAssignedGK && endpointAlias ? await options.directory.endpoint(endpointAlias.slice(0, MAX_ALIASES), received.source) : undefined;
    return { message: { gatekeeperConfirm: {
      ...mine, rasAddress: toTransportAddress(options.rasAddress), ...this.alternates(), ...authenticationFor(request),
      ...(this.traverses && offersTraversal(request.featureSet) && { featureSet: TRAVERSAL_FEATURES }), ...assignment(known),
    } } };
  }

  async register(request: h225.RegistrationRequest, received: Received): Promise<Reply> {
    const { options, identities } = this.parts;
    const reject = (rejectReason: h225.RegistrationRejectReason): Reply => ({ message: { registrationReject: {
      requestSeqNum: request.requestSeqNum, protocolIdentifier: PROTOCOL_IDENTIFIER, gatekeeperIdentifier: options.gatekeeperIdentifier, rejectReason,
      ...('resourceUnavailable' in rejectReason && this.turnTo()),
    } } });
    if (request.gatekeeperIdentifier !== undefined && request.gatekeeperIdentifier !== options.gatekeeperIdentifier) {
      identities.refused(received, 'gatekeeper-identifier', request.gatekeeperIdentifier);
      return reject({ discoveryRequired: null });
    }
    const current = identities.registeredAt(request.endpointIdentifier, received);
    if (request.keepAlive) return current ? this.renew(current, request, received) ?? reject({ securityDenial: null }) : reject({ fullRegistrationRequired: null });
    if (request.additiveRegistration !== undefined && !current) return reject({ fullRegistrationRequired: null });
    if (needsMore(request.featureSet, this.traverses)) return reject({ neededFeatureNotSupported: null });
    // Behind a firewall the endpoint connects; nobody connects to it.
    if (signallingOf(request).length === 0 && !(this.traverses && offersTraversal(request.featureSet))) return reject({ invalidCallSignalAddress: null });
    const claimed = request.terminalAlias ?? [];
    if (claimed.length > MAX_ALIASES) return reject({ invalidAlias: null });

    const known = await options.directory.endpoint(claimed, received.source);
    // What is added belongs to the endpoint that is registered.
    const isStranger = !known || (request.additiveRegistration !== undefined && known.name !== current!.name);
    const strange = isStranger ? claimed : notAmong(claimed, known.aliases);
    if (isStranger || strange.length > 0) {
      identities.refused(received, 'alias', strange.map(aliasText).join(', '));
      return reject({ invalidTerminalAliases: { terminalAlias: [...strange] } });
    }
    if (known.locked) {
      identities.refused(received, 'locked', known.name);
      return reject({ securityDenial: null });
    }
    const proof = identities.prove(known.password, known.name, request, received);
    if (!proof) return reject({ securityDenial: null });
    const taken = (claimed.length > 0 ? claimed : known.aliases).filter((alias) => this.heldByAnother(alias, known, received.source));
    if (taken.length > 0) {
      identities.refused(received, 'address', known.name);
      return reject({ duplicateAlias: taken });
    }
    if (request.additiveRegistration !== undefined) return this.extend(current!, request, claimed, proof);
    if (current?.name === known.name && request.restart === undefined && this.isSame(current, request, received.source)) return this.refresh(current, request, known, proof);
    return this.enrol(request, received, known, proof) ?? reject({ resourceUnavailable: null });
  }

  unregister(request: h225.UnregistrationRequest, received: Received): Reply {
    const { identities, registrations, options } = this.parts;
    const { requestSeqNum, endpointAlias } = request;
    const reject = (rejectReason: h225.UnregRejectReason): Reply => ({ message: { unregistrationReject: { requestSeqNum, rejectReason } } });
    const alias = endpointAlias?.[0];
    const registration = identities.registeredAt(request.endpointIdentifier ?? (alias && registrations.withAlias(alias)?.endpointIdentifier), received);
    if (!registration) return reject({ notCurrentlyRegistered: null });
    const proof = identities.proven(registration, request, received);
    if (!proof) return reject({ securityDenial: null });
    const rest = notAmong(registration.aliases, endpointAlias ?? []);
    // With some of its aliases named, only these go (H.225.0 section 7.10.1).
    if (endpointAlias !== undefined && endpointAlias.length > 0 && rest.length > 0) {
      registrations.rename(registration, rest);
      options.observer?.refreshed?.(registration);
    } else this.remove(registration, 'endpoint');
    return signed({ unregistrationConfirm: { requestSeqNum } }, proof, registration);
  }

  /** Ends a registration. */
  remove(registration: Registration, why: UnregistrationCause): void {
    this.parts.registrations.remove(registration);
    this.parts.gone(registration, why);
  }

  /** Ends the registrations whose time has run out. */
  expire(): void {
    for (const registration of this.parts.registrations.expire(this.parts.options.now())) this.parts.gone(registration, 'expired');
  }

  private get traverses(): boolean {
    return this.parts.options.traversalKeepAlive !== undefined;
  }

  /** An alias is free, or held by the same endpoint of the directory: from the same address, or proven by its password. */
  private heldByAnother(alias: h225.AliasAddress, known: KnownEndpoint, source: HostPort): boolean {
    const holder = this.parts.registrations.withAlias(alias);
    if (!holder || holder.expires <= this.parts.options.now()) return false;
    return holder.name !== known.name || (known.password === undefined && !sameHost(holder.source.host, source.host));
  }

  private enrol(request: h225.RegistrationRequest, { source }: Received, known: KnownEndpoint, proof: Proof): Reply | undefined {
    const { options, registrations } = this.parts;
    const aliases = request.terminalAlias?.length ? request.terminalAlias : known.aliases;
    for (const alias of aliases) {
      const former = registrations.withAlias(alias);
      if (former) this.remove(former, 'replaced');
    }
    this.expire();
    if (registrations.full) return undefined;
    const now = options.now();
    const stated = signallingOf(request);
    const behindNat = isBehindNat(stated, source.host);
    const registration: Registration = {
      endpointIdentifier: options.random(16).toString('hex'), source, aliases, name: known.name, password: known.password, signs: proof.password !== undefined,
      signalling: behindNat ? stated.map(({ port }) => ({ host: source.host, port })) : stated, kind: kindOf(request.terminalType), vendor: vendorOf(request),
      behindNat, traversal: this.traverses && offersTraversal(request.featureSet), site: known.site, timeToLive: 0, registeredAt: now, expires: 0,
    };
    this.prolong(registration, request);
    registrations.add(registration);
    options.observer?.registered?.(registration);
    return this.confirm(registration, request, proof, known);
  }

  /** A full registration that says what is known already renews it, and names all aliases anew (H.225.0 section 7.9.1). */
  private refresh(registration: Registration, request: h225.RegistrationRequest, known: KnownEndpoint, proof: Proof): Reply {
    this.parts.registrations.rename(registration, request.terminalAlias?.length ? request.terminalAlias : known.aliases);
    registration.site = known.site;
    this.prolong(registration, request);
    this.parts.options.observer?.refreshed?.(registration);
    return this.confirm(registration, request, proof, known);
  }

  private isSame(registration: Registration, request: h225.RegistrationRequest, source: HostPort): boolean {
    const stated = signallingOf(request).map(({ host, port }) => ({ host: registration.behindNat ? source.host : host, port }));
    return stated.length === registration.signalling.length && stated.every((address, index) => sameAddress(address, registration.signalling[index]!));
  }

  private extend(registration: Registration, request: h225.RegistrationRequest, added: readonly h225.AliasAddress[], proof: Proof): Reply {
    this.parts.registrations.rename(registration, [...registration.aliases, ...notAmong(added, registration.aliases)].slice(0, MAX_ALIASES));
    this.prolong(registration, {});
    this.parts.options.observer?.refreshed?.(registration);
    return this.confirm(registration, request, proof);
  }

  private renew(registration: Registration, request: h225.RegistrationRequest, received: Received): Reply | undefined {
    const proof = this.parts.identities.proven(registration, request, received);
    if (!proof) return undefined;
    this.prolong(registration, request);
    this.parts.options.observer?.refreshed?.(registration);
    return this.confirm(registration, request, proof);
  }

  private prolong(registration: Registration, { timeToLive }: Pick<h225.RegistrationRequest, 'timeToLive'>): void {
    const { timeToLive: longest = TIME_TO_LIVE_SECONDS, traversalKeepAlive, now } = this.parts.options;
    const most = registration.traversal ? Math.min(longest, traversalKeepAlive ?? longest) : longest;
    const asked = timeToLive ?? (registration.timeToLive || most);
    registration.timeToLive = Math.min(most, Math.max(asked, Math.min(most, MIN_TIME_TO_LIVE_SECONDS)));
    registration.expires = now() + registration.timeToLive * 1000 * (registration.traversal ? LOST_KEEP_ALIVES : 1) + GRACE_MS;
  }

  private confirm(registration: Registration, { requestSeqNum, supportsAltGK, supportsAssignedGK }: h225.RegistrationRequest, proof: Proof, known?: KnownEndpoint): Reply {
    const { options } = this.parts;
    return signed({ registrationConfirm: {
      requestSeqNum, protocolIdentifier: PROTOCOL_IDENTIFIER, callSignalAddress: [], ...preGrantedARQ(registration, options), gatekeeperIdentifier: options.gatekeeperIdentifier,
      endpointIdentifier: registration.endpointIdentifier, terminalAlias: [...registration.aliases], timeToLive: registration.timeToLive,
      willRespondToIRR: true, maintainConnection: false, supportsAdditiveRegistration: null, ...(supportsAltGK !== undefined && this.alternates()),
      ...(registration.traversal && { featureSet: TRAVERSAL_FEATURES }), ...(supportsAssignedGK && assignment(known)),
    } }, proof, registration);
  }

  /** Gatekeepers for when this one does not answer. */
  private alternates(): { alternateGatekeeper?: h225.AlternateGK[] } {
    const { alternateGatekeepers = [] } = this.parts.options;
    return alternateGatekeepers.length > 0 ? { alternateGatekeeper: [...alternateGatekeepers] } : {};
  }

  /** The same in rejects: gatekeepers to turn to now. */
  private turnTo(): { altGKInfo?: h225.AltGKInfo } {
    const { alternateGatekeeper } = this.alternates();
    return alternateGatekeeper ? { altGKInfo: { alternateGatekeeper, altGKisPermanent: false } } : {};
  }
}

const assignment = (known: KnownEndpoint | undefined): { assignedGatekeeper?: h225.AlternateGK; rehomingModel?: h225.RehomingModel } =>
  (known?.assignedGatekeeper ? { assignedGatekeeper: known.assignedGatekeeper, rehomingModel: { gatekeeperBased: null } } : {});

/** The way of authentication that the endpoint shall take of those that it offers (H.225.0 section 7.8.2); H.235.1 first, it covers whole messages. */
function authenticationFor({ authenticationCapability = [], algorithmOIDs = [] }: h225.GatekeeperRequest): Pick<h225.GatekeeperConfirm, 'authenticationMode' | 'algorithmOID'> {
  const hash = authenticationCapability.find((mode) => 'pwdHash' in mode);
  const access = authenticationCapability.find((mode) => 'authenticationBES' in mode && 'radius' in mode.authenticationBES);
  for (const [authenticationMode, algorithmOID] of [[hash, H235_1.U], [access, CAT], [hash, MD5]] as const) {
    if (authenticationMode && algorithmOIDs.includes(algorithmOID)) return { authenticationMode, algorithmOID };
  }
  return {};
}

const signallingOf = ({ callSignalAddress }: h225.RegistrationRequest): HostPort[] => toHostPorts(callSignalAddress).filter(({ port }) => port > 0).slice(0, MAX_ADDRESSES);

/** None of the addresses that it states means anything where its messages come from. */
const isBehindNat = (stated: readonly HostPort[], source: string): boolean => stated.every(({ host }) => isPrivate(host) && !sameHost(host, source));

function notAmong(aliases: readonly h225.AliasAddress[], others: readonly h225.AliasAddress[]): h225.AliasAddress[] {
  const keys = new Set(others.map(aliasKey));
  return aliases.filter((alias) => !keys.has(aliasKey(alias)));
}

function kindOf({ gatekeeper, gateway, mcu, terminal }: h225.EndpointType): EndpointKind {
  if (gateway) return 'gateway';
  if (mcu) return 'mcu';
  if (gatekeeper) return 'gatekeeper';
  return terminal ? 'terminal' : 'unknown';
}

/** Product and version as text; what is not printable is left out. */
function vendorOf({ endpointVendor: { productId, versionId } }: h225.RegistrationRequest): string | undefined {
  const text = [productId, versionId].map((part) => part?.toString('latin1').replace(/[^\x20-\x7e]/g, '').trim()).filter(Boolean).join(' ');
  return text === '' ? undefined : text.slice(0, 120);
}
