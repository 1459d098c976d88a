import type { Calls, CallSource, Originator } from '../../calls';
import { offersEncryption } from '../h235';
import { randomOctets } from '../random';
import type { SetupSender } from '../ras';
import type { h225 } from '../schemas';
import { AnnouncedCalls, isPeersFault, serveSignalling, type IncomingCall, type LocalEndpoint, type SignallingServer } from '../signalling';
import { MediaEncryption } from './encryption';
import { LegError } from './errors';
import type { FloorSettings } from './floor-link';
import { forwardedTo, sourceOf, type RegisteredEndpoints } from './forwarding';
import { callerIn, dialledIn } from './identity';
import { H323InboundLeg } from './inbound';
import { H323Originator, type OutboundOptions } from './outbound';
import { NamedCalls } from './named-calls';
import { collectDigits, mayGoOn } from './overlap';
import { RunningLegs, type CallRates, type H323CallInfo } from './running';
import { ExpectedTransfers, type TransferBook } from './transfer';
import { Firewall, MEDIA_SERVER } from './traversal';

/** Q.850: bearer capability not authorised; what a caller that nobody knows is told, whatever it dialled. */
const NOT_AUTHORISED = 57;
/** Q.850: the call has been passed on too often. */
const EXCHANGE_ROUTING_ERROR = 25;
const TEMPORARY_FAILURE = 41;
/** Finland (ITU-T T.35 annex A); the manufacturer's code is not assigned. */
const VENDOR: h225.VendorIdentifier['vendor'] = { t35CountryCode: 0x3c, t35Extension: 0, manufacturerCode: 0 };

/** The settings of `h323` in the configuration that call signalling goes by. */
export interface SignallingSettings {
  address: string;
  advertisedAddress?: string;
  signallingPort: number;
  h245Ports: { min: number; max: number };
  mediaPorts: { min: number; max: number };
  encryption: 'off' | 'wanted' | 'required';
  /** How often endpoints behind firewalls keep their ways open. */
  traversal: { keepAliveSeconds: number };
}

/** Who calls, and whether from behind a firewall; `traversal`: it knows H.460.18 and .19. */
interface Caller {
  source: CallSource;
  firewalled: boolean;
  traversal: boolean;
}

/** What the gatekeeper knows of calls. */
export interface CallBook {
  /** Who calls, of a Setup that arrives, and whether from behind a firewall; undefined for a stranger. */
  callerOf(callIdentifier: Buffer, sender: SetupSender): Caller | undefined;
  /** Whether more digits behind what was dialled so far would change nothing. */
  isWhole(dialled: string, source: CallSource): Promise<boolean>;
  addressOf: TransferBook['addressOf'];
  destinationOf: OutboundOptions['destinationOf'];
  announce: OutboundOptions['announce'];
  readonly gatekeeper: Pick<RegisteredEndpoints, 'registrations'>;
  readonly locator: Pick<RegisteredEndpoints, 'contactsFor'>;
  readonly bandwidth: CallRates;
}

export interface H323EdgeOptions {
  config: SignallingSettings;
  book: CallBook;
  /** Product and version, as endpoints are told. */
  product: string;
  version: string;
  log: { warn(detail: object, message: string): void; error(detail: object, message: string): void };
}

/** Call signalling of the gateway: takes the calls of registered endpoints and neighbours, and places those to them. */
export class H323Edge {
  readonly originator: Originator;
  private readonly endpoint: LocalEndpoint;
  private readonly announced = new AnnouncedCalls();
  private readonly running: RunningLegs;
  private readonly encryption: MediaEncryption | undefined;
  private readonly floor: FloorSettings;
  private readonly book: TransferBook;
  private server: SignallingServer | undefined;
  /** Calls refused because their sender is not known. */
  refused = 0;

  constructor(private readonly options: H323EdgeOptions) {
    const { config, product, version, book } = options;
    this.running = new RunningLegs(book.bandwidth);
    this.endpoint = {
      endpointType: { vendor: { vendor: VENDOR, productId: Buffer.from(product), versionId: Buffer.from(version) }, gateway: {}, mc: false, undefinedNode: false },
      h245Ports: { first: config.h245Ports.min, last: config.h245Ports.max },
      onFault: (error) => {
        if (isPeersFault(error)) options.log.warn({ error: error.message }, 'H.323 peer');
        else options.log.error({ error: error.message }, 'H.323 call signalling');
      },
    };
    this.encryption = encryptionOf(config);
    this.book = { addressOf: (dialled, source) => options.book.addressOf(dialled, source), expected: new ExpectedTransfers(), named: new NamedCalls() };
    this.floor = { host: config.address, address: config.advertisedAddress ?? config.address, ports: config.mediaPorts };
    this.originator = new H323Originator({
      encryption: this.encryption, floor: this.floor, book: this.book, sourceOf: (contact) => sourceOf(contact, options.book.gatekeeper.registrations),
      endpoint: this.endpoint, signalling: () => ({ host: config.advertisedAddress ?? config.address, port: this.port }),
      ...(config.address !== '0.0.0.0' && config.address !== '::' && { from: config.address }),
      destinationOf: (contact, callIdentifier) => options.book.destinationOf(contact, callIdentifier),
      forwardedTo: (contact, forwarding) => forwardedTo(contact, forwarding, {
        registrations: options.book.gatekeeper.registrations, contactsFor: (device) => options.book.locator.contactsFor(device),
      }),
      announce: (contact, callIdentifier) => options.book.announce(contact, callIdentifier), announced: this.announced,
      keepAliveSeconds: config.traversal.keepAliveSeconds, running: this.running, newCallId: () => randomOctets(16),
    });
  }

  /** TCP port of call signalling. */
  get port(): number {
    return this.server?.port ?? this.options.config.signallingPort;
  }

  /** The H.323 legs that run now. */
  calls(): H323CallInfo[] {
    return this.running.list();
  }

  /** Begins to take calls. Throws LegError when the port cannot be had. */
  async listen(calls: Calls): Promise<void> {
    const { config: { address, signallingPort } } = this.options;
    this.server = await serveSignalling({ ...this.endpoint, host: address, port: signallingPort, announced: this.announced }, (call) => this.incoming(call, calls)).catch((cause: Error) => {
      throw new LegError('h323-port', `Calls of H.323 cannot be taken at ${address}, TCP port ${signallingPort}: ${cause.message}`, 500, 41, {
        cause, hint: 'Another program may have the port (`ss -ltnp`); change h323.signallingPort, or run `etasilta doctor`.',
      });
    });
  }

  async close(): Promise<void> {
    await this.server?.close();
  }

  private incoming(call: IncomingCall, calls: Calls): void {
    const { host } = call.remote;
    const { callId, setup: { source: { aliases }, body: { hopCount, tokens, endpointIdentifier } } } = call;
    const caller = this.options.book.callerOf(callId, { host, aliases, ...(endpointIdentifier !== undefined && { endpointIdentifier }) });
    if (!caller) {
      this.refused++;
      call.release({ q850: NOT_AUTHORISED, reason: { securityDenied: null } });
    } else if (this.encryption?.settings.required && !offersEncryption(tokens)) {
      this.options.log.warn({ from: host }, 'H.323 call without encryption of media refused');
      call.release({ q850: NOT_AUTHORISED, reason: { securityDenied: null } });
    } else if (hopCount === 0) {
      call.release({ q850: EXCHANGE_ROUTING_ERROR, reason: { hopCountExceeded: null } });
    } else {
      const { firewalled, traversal } = caller;
      if (firewalled) call.behindFirewall(traversal ? { replacementFeatureSet: false, supportedFeatures: [MEDIA_SERVER] } : undefined);
      this.admitted(call, caller, calls);
    }
  }

  private admitted(call: IncomingCall, { source, firewalled, traversal }: Caller, calls: Calls): void {
    const from = callerIn(call.setup, call.remote.host);
    const firewall = firewalled ? new Firewall(() => call.remote.host, traversal ? this.options.config.traversal.keepAliveSeconds : undefined) : undefined;
    const begin = (dialled: string): void => calls.incoming(new H323InboundLeg(call, {
      dialled, running: this.running, book: this.book, source, from: source.kind === 'registered' ? { ...from, address: source.device } : from, ...(firewall && { firewall }), encryption: this.encryption?.taking(), floor: this.floor,
    }));
    const dialled = dialledIn(call.setup);
    if (!mayGoOn(call.setup, dialled)) return begin(dialled);
    collectDigits(call, {
      dialled, isWhole: (digits) => this.options.book.isWhole(digits, source), complete: begin,
      failed: (error) => {
        this.endpoint.onFault?.(error);
        call.release({ q850: TEMPORARY_FAILURE });
      },
    });
  }
}

function encryptionOf({ encryption, address, advertisedAddress, mediaPorts: { min, max } }: SignallingSettings): MediaEncryption | undefined {
  return encryption === 'off' ? undefined : new MediaEncryption({ required: encryption === 'required', host: address, told: advertisedAddress ?? address, ports: [min, max] });
}
