import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { loadDialPlan } from './addressing';
import { ConferenceFloors, type FloorSettings } from './bfcp';
import { CallRecords, Calls, Occupancy, openCallStore, release, type CallSession, type CallStore, type MediaUsage } from './calls';
import type { Config } from './config';
import { DEVICE_KINDS, openDirectoryStore, type Device, type DirectoryStore, type DirectoryView } from './directory';
import { openLiveDirectory, type LiveDirectory } from './directory/live';
import { collectWhenIdle } from './embedded/idle-collection';
import type { MediaServerStats } from './embedded/media-server';
import type { SipServerStats } from './embedded/sip-server';
import { combineLocators, H323Front, openH323Store, secretsKey, type H323Status } from './h323/gateway';
import { H323Edge } from './h323/legs';
import { createLdapServer, ldapServerOptions } from './ldap';
import { createLogger, type Logger } from './log';
import { mediaAddress, startMediaEngine, type MediaEngine } from './media-engine';
import { createMoviPhonebook, createPhonebookServer, type PhonebookParts, type PhonebookServer } from './phonebook';
import { createReach, createRouter, type Router } from './routing';
import { openRegistrationStore, SipFront, type RegistrationStore } from './sip';
import { startSipEngine, type SipEngine } from './sip-engine';
import { userAgent, version } from './version';
import { ControlServer, createWebServer, type CallAction, type CallChange, type WebServer } from './web';

const DAY_MS = 86_400_000;
const NONCE_KEY_FILE = 'nonce.key';
const SEED_RECORDS = 10_000;
/** Devices that carry many calls at once by their nature. */
const SHARED_KINDS = new Set(['gateway', 'mcu', 'simulated']);

export interface GatewayStatus {
  version: string;
  pid: number;
  uptimeSeconds: number;
  memoryMiB: number;
  sip: {
    engine: string; connected: boolean; contacts: string[]; invites: { received: number; authenticated: number; rejected: number };
    /** What the embedded SIP server holds and has carried; drachtio-server does not tell. */
    server?: SipServerStats;
  };
  media: MediaUsage & { engine: string; /** What the embedded media server holds. */ embedded?: MediaServerStats };
  registrations: { devices: number; contacts: number };
  h323?: H323Status;
  calls: { running: number; talking: number; limit: number; taken: number; refusedFull: number };
  guard: { slowed: number; ignored: number };
  records: { healthy: boolean; error?: string };
}

/**
 * The composition root: builds the parts from the configuration, hands each what it needs, starts them in order and stops
 * them in the reverse order. A part that cannot start stops what was started before it.
 */
export class Gateway {
  private readonly stops: (() => Promise<void> | void)[] = [];
  private readonly startedAt = Date.now();
  private stopping: Promise<void> | undefined;
  readonly log: Logger;
  private callStore!: CallStore;
  private registrationStore!: RegistrationStore;
  private directory!: LiveDirectory;
  private directoryStore!: DirectoryStore;
  /** The view of the last routed call, for what must be known in the same turn. */
  private view: DirectoryView | undefined;
  private engine!: SipEngine;
  private media!: MediaEngine;
  private page: WebServer | undefined;
  private phonebooks: PhonebookServer | undefined;
  private records!: CallRecords;
  private calls!: Calls;
  private front!: SipFront;
  private h323: H323Front | undefined;
  private h323Calls: H323Edge | undefined;

  private constructor(private readonly config: Config) {
    this.log = createLogger(config.log.level);
  }

  static async start(config: Config): Promise<Gateway> {
    const gateway = new Gateway(config);
    try {
      await gateway.startParts();
      return gateway;
    } catch (error) {
      await gateway.stop();
      throw error;
    }
  }

  /** Where the SIP server listens: `udp/127.0.0.1:5060` and so on. */
  get contacts(): string[] {
    return this.engine.contacts;
  }

  /** The store that the running gateway uses. */
  get directoryDatabase(): DirectoryStore {
    return this.directoryStore;
  }

  /** Refuses new calls, ends the running ones, writes what is left and closes everything. */
  stop(): Promise<void> {
    this.stopping ??= (async () => {
      for (const stop of this.stops.reverse()) {
        await Promise.resolve().then(stop).catch((error: Error) => this.log.error({ error: error.message }, 'while stopping'));
      }
    })();
    return this.stopping;
  }

  private async startParts(): Promise<void> {
    const { config, log } = this;
    fs.mkdirSync(config.dataDir, { recursive: true, mode: 0o750 });
    const control = new ControlServer(path.join(config.dataDir, 'control.sock'), this.controlTarget());
    await control.claim();
    // Given back last: whoever starts next finds everything written.
    this.stops.push(() => control.close());

    await this.openStores();
    const occupancy = new Occupancy((address) => linesOfDevice(this.view?.device(address), config));
    occupancy.seed(await this.records.list({ since: Date.now() - DAY_MS, limit: SEED_RECORDS }));
    const dialPlan = await loadDialPlan(config.dialplans, { domain: config.domain, peers: [...config.sip.peers, ...config.h323.neighbours].map(({ name }) => name), deviceKinds: DEVICE_KINDS });

    const books: PhonebookParts = { directory: this.directory, reach: createReach(dialPlan), now: Date.now };

    this.engine = await startSipEngine(config, log);
    this.stops.push(() => this.engine.close());
    this.front = await SipFront.create({
      config: config.sip, domain: config.domain, realm: config.sip.realm ?? config.domain, nonceKey: nonceKey(config.dataDir),
      srf: this.engine.srf, contacts: this.engine.contacts, directory: this.directory, store: this.registrationStore, userAgent, log,
      infoServices: config.phonebook.movi.enabled ? [createMoviPhonebook(books, config.phonebook.movi)] : [],
    });
    this.stops.push(() => this.front.close());

    this.media = await startMediaEngine(config, this.engine.srf, log);
    this.stops.push(() => this.media.close());

    const router = createRouter({
      directory: { view: async () => (this.view = await this.directory.view()) }, dialPlan, clock: Date.now, targetState: occupancy, defaultMedia: config.calls.media,
      availability: {
        registered: (device) => [this.front, this.h323].some((edge) => (edge?.locator.contactsFor(device).length ?? 0) > 0),
        busy: (device) => occupancy.busy(device),
      },
    });
    await this.openH323(router);
    const h323 = (this.h323Calls = this.h323 && new H323Edge({ config: config.h323, book: this.h323, product: 'Etasilta', version, log }));
    this.calls = new Calls({
      router, records: this.records, occupancy, now: Date.now,
      locator: this.h323 ? combineLocators(this.front.locator, this.h323.locator) : this.front.locator,
      originator: { originate: (contact, ...call) => (contact.protocol === 'h323' && h323 ? h323 : this.front).originator.originate(contact, ...call) },
      media: this.media.pool, floors: new ConferenceFloors(floorSettings(config)), prompts: config.calls.prompts,
      onError: (error, call) => log.error({ call, error: error instanceof Error ? error.message : String(error) }, 'call failed'),
    }, config.calls);
    this.stops.push(() => h323?.close());
    this.stops.push(() => this.calls.close());
    this.stops.push(collectWhenIdle(() => this.calls.size > 0));
    this.engine.onLost(() => this.calls.endAll(release(503, 'the connection to the SIP server was lost', 'gateway')));
    this.front.listen(this.calls);
    if (h323) {
      await h323.listen(this.calls);
      this.h323?.signallingAt(h323.port);
    }
    if (config.web.enabled) await this.openPage();
    await this.openLdap();
    await this.openPhonebooks(books);
    control.ready();
    log.info({ version, contacts: this.engine.contacts, engine: this.engine.kind }, 'gateway started');
    // Calls are taken already; searches wait for it.
    this.directory.warm().then(() => this.phonebooks?.warm()).catch((error: Error) => {
      if (this.stopping === undefined) log.error({ error: error.message }, 'search index and phone books');
    });
  }

  private async openH323(router: Router): Promise<void> {
    const { config, log } = this;
    if (!config.h323.enabled) return;
    const store = await openH323Store(config.dataDir);
    this.stops.push(() => store.close());
    const front = await H323Front.create({ config: config.h323, store, secretsKey: secretsKey(config.dataDir), directory: this.directory, router, log });
    this.h323 = front;
    this.stops.push(() => front.close());
    log.info(front.status(), 'H.323 gatekeeper started');
  }

  private async openPage(): Promise<void> {
    const { config, log } = this;
    this.page = await createWebServer({
      ...config.web, contacts: this.engine.contacts, domain: config.domain, directory: this.directory, now: Date.now,
      onError: (error) => log.warn({ error: error.message }, 'browser page'),
    });
    this.stops.push(() => this.page?.close());
    log.info({ url: this.page.url }, 'browser page served');
  }

  private async openPhonebooks(parts: PhonebookParts): Promise<void> {
    const { config: { phonebook }, log } = this;
    if (phonebook.readers.length === 0) return;
    const server = (this.phonebooks = await createPhonebookServer({ ...parts, log }, phonebook));
    this.stops.push(() => server.close());
    log.info({ urls: server.urls }, 'phone books served');
  }

  private async openLdap(): Promise<void> {
    const { config, log } = this;
    const options = ldapServerOptions(config.ldap, config.domain, config.sip.realm ?? config.domain);
    if (options === undefined) return;
    const server = await createLdapServer({ store: this.directoryStore, log, version }, options);
    this.stops.push(() => server.close());
    log.info({ addresses: server.addresses }, 'LDAP server started');
    // Its indexes are built while calls are taken already; searches wait for them.
    server.warm().catch((error: Error) => log.error({ error: error.message }, 'LDAP cannot read the directory'));
  }

  private async openStores(): Promise<void> {
    const { config, log } = this;
    this.directoryStore = await openDirectoryStore(config.dataDir);
    this.stops.push(() => this.directoryStore.close());
    this.directory = await openLiveDirectory(this.directoryStore, { onFault: (fault) => log.warn({ error: fault.message, hint: fault.hint }, 'search index') });
    this.registrationStore = await openRegistrationStore(config.dataDir);
    this.stops.push(() => this.registrationStore.close());
    this.callStore = await openCallStore(config.dataDir);
    this.stops.push(() => this.callStore.close());
    this.records = new CallRecords(this.callStore, (error) => log.error({ error: error.message }, 'call records cannot be written'));
    this.stops.push(() => this.records.close());

    const unfinished = await this.records.closeUnfinished();
    if (unfinished > 0) log.warn({ calls: unfinished }, 'calls of an earlier run have no known end');
    const prune = (): void => {
      this.records.prune(Date.now() - config.records.keepDays * DAY_MS).catch((error: Error) => log.error({ error: error.message }, 'old records'));
    };
    prune();
    const timer = setInterval(prune, DAY_MS).unref();
    this.stops.push(() => clearInterval(timer));
  }

  private controlTarget(): ConstructorParameters<typeof ControlServer>[1] {
    return {
      status: () => this.status(),
      calls: () => this.calls.list(),
      call: (id) => this.calls.find(id)?.record,
      hangup: (id) => {
        const call = this.calls.find(id);
        call?.hangup(release(480, 'ended by an operator', 'operator', { q850: 31 }));
        return call !== undefined;
      },
      change: (id, action, argument) => {
        const call = this.calls.find(id);
        return call && changeCall(call, action, argument);
      },
      registrations: () => [...this.front.registrations(), ...(this.h323?.registrations() ?? [])],
      h323: (what) => (what === 'calls' ? this.h323Calls?.calls() : this.h323?.list(what)),
      doctor: () => this.doctor(),
    };
  }

  private async status(): Promise<GatewayStatus> {
    const server = await this.engine.stats?.().catch(() => undefined);
    const mediaServer = await this.media.stats?.().catch(() => undefined);
    const running = this.calls.list();
    return {
      version, pid: process.pid, uptimeSeconds: Math.round((Date.now() - this.startedAt) / 1_000),
      memoryMiB: Math.round(process.memoryUsage.rss() / 1_048_576),
      sip: { engine: this.engine.kind, connected: this.engine.connected(), contacts: this.engine.contacts, invites: this.front.counters(), server },
      media: { engine: this.media.kind, ...this.media.pool.usage(), ...(mediaServer && { embedded: mediaServer }) },
      registrations: this.front.registrationCount(),
      ...(this.h323 && { h323: this.h323.status() }),
      calls: { running: running.length, talking: running.filter(({ state }) => state === 'talking').length, limit: this.config.calls.maxCalls, ...this.calls.counters },
      guard: this.front.guardCounters(),
      records: { healthy: !this.records.lastError, error: this.records.lastError?.message },
    };
  }

  private async doctor(): Promise<{ level: string; what: string; hint?: string }[]> {
    const { sip, records, guard, media } = await this.status();
    return [
      sip.connected ? { level: 'ok', what: `gateway runs, listening on ${sip.contacts.join(', ')}` }
        : { level: 'error', what: 'the gateway has no connection to its SIP server', hint: 'Start drachtio-server; the gateway reconnects by itself.' },
      ...media.servers.map(({ name, state, sessions, maxSessions, problem }) => (state === 'up'
        ? { level: 'ok', what: `media server ${name}: ${sessions} of ${maxSessions} sessions` }
        : { level: 'error', what: `media server ${name} cannot be used${problem ? `: ${problem}` : ''}`, hint: 'Check that it runs and that media.servers names its event socket and password; it is tried again by itself.' })),
      records.healthy ? { level: 'ok', what: 'call records are written' }
        : { level: 'error', what: `call records cannot be written: ${records.error}`, hint: 'Calls are refused until the disk can be written again.' },
      ...(this.h323?.findings() ?? []),
      ...(guard.ignored > 0 ? [{ level: 'warning', what: `${guard.ignored} sources are ignored because they keep failing`, hint: 'Normal on an open network; if devices of yours are among them, their passwords are wrong.' }] : []),
    ];
  }
}

/** Meeting rooms control their floors where H.323 legs do it; without H.323, where media are received. */
function floorSettings(config: Config): FloorSettings {
  const { h323, media } = config;
  const { host, advertised } = h323.enabled ? { host: h323.address, advertised: h323.advertisedAddress } : { host: mediaAddress(config), advertised: media.advertisedAddress };
  return { host, address: advertised ?? host, ports: h323.mediaPorts };
}

function linesOfDevice(device: Device | undefined, config: Config): number {
  return device && SHARED_KINDS.has(device.kind) ? Infinity : config.calls.linesPerDevice;
}

/** What an operator does to a running call. */
async function changeCall(call: CallSession, action: CallAction, argument: string): Promise<CallChange> {
  if (action === 'add') {
    const added = await call.addThird(argument);
    return 'why' in added ? { refused: `${argument}: ${added.why.warning ?? added.why.text}`, status: added.why.status } : added;
  }
  const { conference } = call;
  if (!conference) return { refused: 'The call is no conference; add a third party first.', status: 409 };
  if (action === 'lock' || action === 'unlock') {
    await conference.lock(action === 'lock');
    return { party: '' };
  }
  const party = conference.find(argument);
  if (party === undefined) return { refused: `No one party of the call is ${argument}; it has ${conference.partyIds.join(', ')}.`, status: 404 };
  if (action === 'remove') conference.remove(party, release(480, 'removed by an operator', 'operator', { q850: 31 }));
  else if (!await conference.mute(party, action === 'mute')) return { refused: `${party} is still on its way into the conference; try again.`, status: 409 };
  return { party };
}

/** The key that signs digest nonces: made once for the installation, readable by its user only. */
function nonceKey(dataDir: string): Buffer {
  const file = path.join(dataDir, NONCE_KEY_FILE);
  try {
    const key = fs.readFileSync(file);
    if (key.length >= 32) return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const key = randomBytes(32);
  fs.writeFileSync(file, key, { mode: 0o600 });
  return key;
}
