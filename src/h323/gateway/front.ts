import fs from 'node:fs';
import os from 'node:os';
import type { CallSource } from '../../calls';
import type { Directory } from '../../directory';
import type { ReasonCode, Router } from '../../routing';
import { addressText, aliasText, Gatekeeper, parseAddressText, sameHost, serveRas, SiteBandwidth, toTransportAddress, unaskedCaller, type HostPort, type Neighbour, type RasServer, type Registration, type SetupSender } from '../ras';
import type { h225 } from '../schemas';
import { CallBandwidth } from './call-bandwidth';
import { CallRoutes } from './call-routes';
import { DirectoryEndpoints, unitsOf } from './endpoints';
import { H323Error } from './errors';
import { findingsOf, type Finding } from './findings';
import { H323Locator, type H323Contact } from './locator';
import { DevicePasswords } from './passwords';
import { RecentRefusals } from './refusals';
import { SavedRegistrations } from './saved-registrations';
import type { H323Settings, NeighbourSettings } from './settings';
import type { H323Store } from './store';

const RAS_PORT = 1_719;
/** Refusals of numbers that are only begun, perhaps. */
const UNFINISHED: readonly ReasonCode[] = ['not-an-address', 'incomplete', 'unknown'];
/** How often the directory is looked at for devices that may not be registered any longer. */
const REVIEW_MS = 5_000;

export interface H323FrontOptions {
  config: H323Settings;
  store: H323Store;
  /** What device passwords are encrypted with (`secretsKey`). */
  secretsKey: Buffer;
  directory: Directory;
  router: Router;
  log: { error(detail: object, message: string): void; warn(detail: object, message: string): void; info(detail: object, message: string): void };
}

/** A registered endpoint as lists show it. */
export interface H323RegistrationInfo {
  /** Address of the device. */
  address: string;
  aliases: string[];
  /** Where its call signalling is reached, and where its RAS messages come from. */
  contact: string;
  flow: string;
  kind: string;
  since: string;
  expires: string;
  userAgent?: string;
  /** `signed`: H.235.1; `password`: Cisco access token; `none`. */
  authentication: 'signed' | 'password' | 'none';
  behindNat: boolean;
  traversal: boolean;
  reachable: boolean;
}

/** A neighbour as lists show it. */
export interface NeighbourInfo {
  name: string;
  address: string;
  state: 'unknown' | 'reachable' | 'unreachable';
  lastAnswer?: string;
  lastHeard?: string;
  confirmed: number;
  rejected: number;
  unanswered: number;
  received: number;
}

export interface H323Status {
  gatekeeperIdentifier: string;
  /** `udp/192.0.2.1:1719`. */
  ras: string;
  registrations: number;
  calls: number;
  neighbours: { total: number; reachable: number };
  refusedLately: number;
}

/** The H.323 side of the gateway: the gatekeeper with the directory, the routing and the database behind it. */
export class H323Front {
  readonly locator: H323Locator;
  readonly bandwidth: CallBandwidth;

  private constructor(
    readonly gatekeeper: Gatekeeper, private readonly options: H323FrontOptions, private readonly ras: RasServer, private readonly signalling: HostPort,
    private readonly refusals: RecentRefusals, private readonly closers: (() => Promise<void> | void)[],
  ) {
    const { config, directory } = options;
    this.locator = new H323Locator(gatekeeper.registrations, gatekeeper.neighbours.states.map(({ neighbour }) => neighbour), Date.now);
    this.bandwidth = new CallBandwidth(directory, config.bandwidth, gatekeeper, config.preGrantedAdmission);
  }

  /** Starts the gatekeeper with the registrations of the last run. Throws H323Error when its port cannot be had. */
  static async create(options: H323FrontOptions): Promise<H323Front> {
    const { config, store, directory, router, log } = options;
    const own = config.advertisedAddress ?? config.address;
    const refusals = new RecentRefusals(Date.now);
    const passwords = new DevicePasswords(store, options.secretsKey);
    const endpoints = new DirectoryEndpoints(directory, passwords, config, assignments(config));
    const saved = new SavedRegistrations(store, (error) => log.error({ error: String(error) }, 'H.323 registrations cannot be written'));
    const signalling = { host: own, port: config.signallingPort };
    const routes = new CallRoutes({
      router, callModel: config.callModel, signalling, isOwn: ownAddresses(config), gatekeeper: () => gatekeeper,
      onUnknown: ({ source }, detail) => refusals.note({ request: 'admissionRequest', why: 'destination', source, detail }),
    });
    const rasAddress = { host: own, port: config.rasPort };
    const gatekeeper: Gatekeeper = new Gatekeeper({
      gatekeeperIdentifier: config.gatekeeperIdentifier, rasAddress, directory: endpoints, route: routes.route, answer: routes.answer, locate: routes.locate,
      neighbours: config.neighbours.map(neighbourOf), alternateGatekeepers: config.alternateGatekeepers.map(alternateOf),
      ...(config.traversal.enabled && { traversalKeepAlive: config.traversal.keepAliveSeconds }), bandwidth: new SiteBandwidth(), ...(config.preGrantedAdmission && { preGrantedSignalling: signalling }),
      timeToLive: config.timeToLiveSeconds, reportInterval: config.reportSeconds, maxRegistrations: config.maxRegistrations, bandwidthOfCall: unitsOf(config.bandwidth.perCall),
      observer: { ...saved.observer, refused: (refused) => refusals.note(refused) },
    });
    await restore(gatekeeper, endpoints, saved);
    const ras = await serveRas(gatekeeper, { host: config.address, port: config.rasPort }, (error) => log.error({ error: error.message }, 'RAS')).catch((cause: Error) => {
      throw new H323Error('ras-listen', `RAS cannot be served at ${config.address}, UDP port ${config.rasPort}: ${cause.message}`, { cause, hint: 'Another gatekeeper may have the port (`ss -lnup`); change h323.rasPort, or run `etasilta doctor`.' });
    });
    rasAddress.port = ras.port;
    const review = setInterval(() => {
      expelRevoked(gatekeeper, endpoints).catch((error: Error) => log.error({ error: error.message }, 'H.323 registrations cannot be reviewed'));
    }, REVIEW_MS).unref();
    return new H323Front(gatekeeper, options, ras, signalling, refusals, [() => clearInterval(review), () => ras.close(), () => saved.close()]);
  }

  /** UDP port of RAS. */
  get rasPort(): number {
    return this.ras.port;
  }

  /** Calls are taken at this port, where the configuration left it open. */
  signallingAt(port: number): void {
    this.signalling.port = port;
  }

  /**
   * Who calls, of a Setup that arrives: the registered device that was admitted with this call, one that need not ask, or the neighbour
   * that asked for it.
   * @returns undefined for a stranger; `firewalled`: what it says of addresses does not hold, `traversal`: it knows H.460.18 and .19
   */
  callerOf(callIdentifier: Buffer, sender: SetupSender): { source: CallSource; firewalled: boolean; traversal: boolean } | undefined {
    const { registrations, admissions, locations, neighbours } = this.gatekeeper;
    const { host } = sender;
    for (const { endpointIdentifier, answered } of admissions.ofCall(callIdentifier)) {
      const registration = registrations.get(endpointIdentifier);
      if (!answered && registration && sameHost(registration.source.host, host)) return callerAt(registration);
    }
    const unasked = this.options.config.preGrantedAdmission ? unaskedCaller(sender, registrations, Date.now()) : undefined;
    if (unasked) return callerAt(unasked);
    const neighbour = locations.askedBy(callIdentifier) ?? neighbours.states.find((state) => sameHost(state.neighbour.address.host, host))?.neighbour;
    return neighbour && { source: { kind: 'peer', name: neighbour.name }, firewalled: false, traversal: false };
  }

  /**
   * Whether more digits behind what was dialled so far would change nothing: it leads to somebody here, or is refused for a reason that
   * does not lie in the number. How long the numbers of other systems are is not known here.
   */
  async isWhole(dialled: string, source: CallSource): Promise<boolean> {
    const result = await this.options.router.route({ dialled, source, protocol: 'h323' });
    if (result.kind === 'refused') return !UNFINISHED.includes(result.reasonCode);
    return result.stages.every(({ targets }) => targets.every(({ peer }) => peer === undefined));
  }

  /** Where what a party dials leads, as a URI of SIP; undefined: nowhere that it may call. */
  async addressOf(dialled: string, source: CallSource): Promise<string | undefined> {
    const result = await this.options.router.route({ dialled, source, protocol: 'h323' });
    if (result.kind === 'refused') return undefined;
    return /^[a-z]+:/.test(result.canonical) ? result.canonical : `sip:${result.canonical}`;
  }

  /**
   * Where to connect for a call to a contact, and under which names it is called there; undefined when no neighbour has it.
   * A contact with `traversal` is announced the call instead (`announce`).
   */
  async destinationOf({ aliases, signalling, neighbour }: H323Contact, callIdentifier: Buffer): Promise<{ address: HostPort; aliases: readonly h225.AliasAddress[] } | undefined> {
    if (signalling) return { address: signalling, aliases };
    const located = neighbour === undefined ? undefined : await this.gatekeeper.locations.find({ aliases, callIdentifier: { guid: callIdentifier } }, { only: neighbour });
    return located && { address: located.address, aliases: located.confirm.destinationInfo ?? aliases };
  }

  /** Asks an endpoint behind a firewall to connect to the gateway for a call (H.460.18); whether it says that it does. */
  async announce({ endpointIdentifier }: H323Contact, callIdentifier: Buffer): Promise<boolean> {
    const registration = this.gatekeeper.registrations.get(endpointIdentifier);
    return registration !== undefined && this.gatekeeper.announceCall(registration, callIdentifier, this.signalling);
  }

  status(): H323Status {
    const { gatekeeper, options: { config } } = this;
    const { states } = gatekeeper.neighbours;
    return {
      gatekeeperIdentifier: config.gatekeeperIdentifier, ras: `udp/${addressText({ host: config.address, port: this.ras.port })}`,
      registrations: gatekeeper.registrations.size, calls: gatekeeper.admissions.size,
      neighbours: { total: states.length, reachable: states.filter(({ state }) => state === 'reachable').length },
      refusedLately: this.refusals.lately().reduce((sum, { count }) => sum + count, 0),
    };
  }

  registrations(): H323RegistrationInfo[] {
    return [...this.gatekeeper.registrations].map(registrationInfo);
  }

  neighbours(): NeighbourInfo[] {
    return this.gatekeeper.neighbours.states.map(({ neighbour: { name, address }, state, lastAnswer, lastHeard, counters }) => ({
      name, address: addressText(address), state, ...(lastAnswer !== undefined && { lastAnswer: iso(lastAnswer) }), ...(lastHeard !== undefined && { lastHeard: iso(lastHeard) }), ...counters,
    }));
  }

  /** A list by its name in the control API. */
  list(what: string): unknown {
    if (what === 'registrations') return this.registrations();
    return what === 'neighbours' ? this.neighbours() : undefined;
  }

  /** What is right and wrong with H.323 here, and what to do about it. */
  findings(): Finding[] {
    return findingsOf(this.status(), this.neighbours(), this.refusals.lately());
  }

  async close(): Promise<void> {
    for (const close of this.closers) await close();
  }
}

const callerAt = ({ name, traversal, behindNat }: Registration): ReturnType<H323Front['callerOf']> =>
  ({ source: { kind: 'registered', device: name }, firewalled: traversal || behindNat, traversal });

/** Gives the gatekeeper the registrations of the last run that the directory still allows. */
async function restore(gatekeeper: Gatekeeper, endpoints: DirectoryEndpoints, saved: SavedRegistrations): Promise<void> {
  const registrations = await saved.load(Date.now());
  const allowed = await endpoints.allowed(registrations);
  for (const [registration, { password, site }] of allowed) Object.assign(registration, { password, site });
  gatekeeper.restore(allowed.keys());
  await saved.forget(registrations.filter((registration) => !allowed.has(registration)));
}

/** Ends registrations that the directory does not allow any longer: the device is gone, out of use, or has other names or another password. */
async function expelRevoked(gatekeeper: Gatekeeper, endpoints: DirectoryEndpoints): Promise<void> {
  const registrations = [...gatekeeper.registrations];
  const allowed = await endpoints.allowed(registrations);
  for (const registration of registrations) {
    const known = allowed.get(registration);
    if (!known || known.password !== registration.password) gatekeeper.expel(registration.endpointIdentifier, { securityDenial: null });
    else registration.site = known.site;
  }
}

function registrationInfo(registration: Registration): H323RegistrationInfo {
  const { name, aliases, signalling: [signalling], source, kind, registeredAt, expires, vendor, signs, password, behindNat, traversal } = registration;
  return {
    address: name, aliases: aliases.map(aliasText).filter((text) => text !== undefined), contact: signalling ? `h323:${addressText(signalling)}` : 'h323:', flow: `ras/${addressText(source)}`, kind,
    since: iso(registeredAt), expires: iso(expires), ...(vendor !== undefined && { userAgent: vendor }),
    authentication: signs ? 'signed' : password === undefined ? 'none' : 'password', behindNat, traversal, reachable: true,
  };
}

/** Tells this machine's addresses from others. */
function ownAddresses({ address, advertisedAddress = address }: H323Settings): (host: string) => boolean {
  const own = new Set([address, advertisedAddress, ...Object.values(os.networkInterfaces()).flatMap((addresses = []) => addresses.map((each) => each.address))]);
  return (host) => own.has(host);
}

const iso = (at: number): string => new Date(at).toISOString();
const rasAddressOf = (text: string): HostPort => parseAddressText(text, RAS_PORT);

function neighbourOf({ name, address, gatekeeperIdentifier, prefixes, domains, password, passwordFile }: NeighbourSettings): Neighbour {
  const secret = passwordFile === undefined ? password : readSecret(name, passwordFile);
  return { name, address: rasAddressOf(address), prefixes, domains, ...(gatekeeperIdentifier !== undefined && { gatekeeperIdentifier }), ...(secret !== undefined && { password: secret }) };
}

function readSecret(neighbour: string, file: string): string {
  try {
    return fs.readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new H323Error('file', `The password of neighbour ${neighbour} cannot be read: ${(cause as Error).message}`, { cause, hint: 'Check h323.neighbours and the file\'s permissions.' });
  }
}

const alternateOf = ({ address, gatekeeperIdentifier, needToRegister }: H323Settings['alternateGatekeepers'][number], index: number): h225.AlternateGK =>
  ({ rasAddress: toTransportAddress(rasAddressOf(address)), needToRegister, priority: index, ...(gatekeeperIdentifier !== undefined && { gatekeeperIdentifier }) });

const assignments = ({ alternateGatekeepers }: H323Settings): Map<string, h225.AlternateGK> =>
  new Map(alternateGatekeepers.flatMap((alternate, index) => alternate.sites.map((site) => [site, alternateOf(alternate, index)] as const)));
