import { decode, encode } from '../../../src/h323/per';
import { Gatekeeper, toTransportAddress, type GatekeeperOptions, type HostPort, type KnownEndpoint } from '../../../src/h323/ras';
import { h225 } from '../../../src/h323/schemas';

export const EX90: HostPort = { host: '192.0.2.10', port: 1719 };
export const OTHER: HostPort = { host: '192.0.2.66', port: 1719 };
export const BASE = { protocolIdentifier: '0.0.8.2250.0.7' };
const VENDOR = { vendor: { t35CountryCode: 181, t35Extension: 0, manufacturerCode: 21_324 } };
export const NAME = (name: string): h225.AliasAddress => ({ 'h323-ID': name });
export const DIGITS = (digits: string): h225.AliasAddress => ({ dialledDigits: digits });

export const REPORT = (endpointIdentifier: string, requestSeqNum: number, more: Partial<h225.InfoRequestResponse> = {}): h225.RasMessage => ({ infoRequestResponse: {
  requestSeqNum, endpointType: { mc: false, undefinedNode: false }, endpointIdentifier, rasAddress: toTransportAddress(EX90), callSignalAddress: [], needResponse: false, unsolicited: false, ...more,
} });

/** What the directory of a zone has. */
const DIRECTORY: KnownEndpoint[] = [
  { name: 'ex90-1', aliases: [NAME('ex90-1'), DIGITS('9890101')], site: { name: 'ahtari', bandwidth: 10_000 } },
  { name: 'ex90-2', aliases: [NAME('ex90-2'), DIGITS('9890102')], site: { name: 'ahtari', bandwidth: 10_000 } },
  { name: 'room', aliases: [NAME('room')], password: 'salasana' },
];

/** A gatekeeper under a clock of its own, and what endpoints say to it. */
export class Zone {
  now = Date.UTC(2026, 0, 1);
  readonly events: string[] = [];
  /** What the gatekeeper sent of its own. */
  readonly sent: { to: HostPort; message: h225.RasMessage }[] = [];
  readonly gatekeeper: Gatekeeper;
  private sequence = 0;

  constructor(options: Partial<GatekeeperOptions> = {}) {
    this.gatekeeper = new Gatekeeper({
      gatekeeperIdentifier: 'etasilta', rasAddress: { host: '192.0.2.1', port: 1719 }, now: () => this.now,
      directory: { endpoint: (aliases) => DIRECTORY.find((known) => known.aliases.some((own) => aliases.some((alias) => JSON.stringify(own) === JSON.stringify(alias).toLowerCase().replace('h323-id', 'h323-ID').replace('dialleddigits', 'dialledDigits')))) },
      observer: {
        registered: ({ name }) => this.events.push(`registered ${name}`), unregistered: ({ name }, why) => this.events.push(`unregistered ${name} ${why}`),
        refused: ({ request, why }) => this.events.push(`refused ${request} ${why}`),
      },
      ...options,
    });
    this.gatekeeper.attach(({ octets, to }) => this.sent.push({ to, message: decode(h225.RasMessage, octets) }));
  }

  /** Lets time pass, a second a step. */
  pass(ms: number): void {
    for (const end = this.now + ms; this.now < end;) {
      this.now += Math.min(1_000, end - this.now);
      this.gatekeeper.tick();
    }
  }

  /** The last message of the gatekeeper's own, which is of that kind. */
  last<K extends string>(kind: K): Extract<h225.RasMessage, Record<K, unknown>>[K] {
    const message = this.sent.at(-1)?.message;
    if (!message || !(kind in message)) throw new Error(`no ${kind}: ${JSON.stringify(message)}`);
    return (message as Extract<h225.RasMessage, Record<K, unknown>>)[kind];
  }

  /** What was begun has been done. */
  settled(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  get nextSequence(): number {
    return ++this.sequence;
  }

  async say(message: h225.RasMessage, source = EX90): Promise<h225.RasMessage | undefined> {
    const answer = await this.gatekeeper.handle(encode(h225.RasMessage, message), source);
    return answer && decode(h225.RasMessage, answer.octets);
  }

  request(aliases: h225.AliasAddress[], more: Partial<h225.RegistrationRequest> = {}, source = EX90): h225.RasMessage {
    return { registrationRequest: {
      ...BASE, requestSeqNum: this.nextSequence, discoveryComplete: true, callSignalAddress: [toTransportAddress({ ...source, port: 1720 })], rasAddress: [toTransportAddress(source)],
      terminalType: { terminal: {}, mc: false, undefinedNode: false }, endpointVendor: VENDOR, terminalAlias: aliases, keepAlive: false, willSupplyUUIEs: false, maintainConnection: false, supportsAssignedGK: false, ...more,
    } };
  }

  async register(aliases: h225.AliasAddress[], source = EX90, more: Partial<h225.RegistrationRequest> = {}): Promise<h225.RegistrationConfirm> {
    const answer = await this.say(this.request(aliases, more, source), source);
    if (!answer || !('registrationConfirm' in answer)) throw new Error(`not registered: ${JSON.stringify(answer)}`);
    return answer.registrationConfirm;
  }

  admission(endpointIdentifier: string, to: h225.AliasAddress[], bandWidth = 3840, more: Partial<h225.AdmissionRequest> = {}): h225.RasMessage {
    return { admissionRequest: {
      requestSeqNum: this.nextSequence, callType: { pointToPoint: null }, endpointIdentifier, destinationInfo: to, srcInfo: [NAME('ex90-1')], bandWidth, callReferenceValue: 1,
      conferenceID: Buffer.alloc(16, 1), activeMC: false, answerCall: false, canMapAlias: true, callIdentifier: { guid: Buffer.alloc(16, this.sequence) }, willSupplyUUIEs: false, canMapSrcAlias: false, ...more,
    } };
  }
}
