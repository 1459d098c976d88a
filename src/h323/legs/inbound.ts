import { release, type ActiveLeg, type CallSource, type Diversion, type EarlierDiversions, type InboundLeg, type Party, type PassedHeaders, type Release } from '../../calls';
import { offersEncryption } from '../h235';
import type { h450 } from '../schemas';
import { acceptFastStart, descriptionOfFastStart, type FastStart } from '../sdp';
import { IN_BAND, type Answer, type CallRelease, type FastStartAnswer, type IncomingCall } from '../signalling';
import { H323ActiveLeg } from './active';
import { releaseOf, requestOf } from './cause';
import { divertingLegInformation1, divertingLegInformation3, diversionsOf } from './diversion';
import type { CallEncryption } from './encryption';
import { LegError } from './errors';
import type { FloorSettings } from './floor-link';
import { aliasesOf, dialledIn } from './identity';
import { LegMedia } from './leg-media';
import type { RunningLegs } from './running';
import { TransferredCall, type TransferBook } from './transfer';
import type { Firewall } from './traversal';

/** H.225.0 counts from 31; without a count the call has not been passed on yet. */
const HOPS = 31;
/** Transfer capabilities of speech and 3.1 kHz sound (Q.931 table 4-6). */
const SOUND = new Set([0, 16]);

export interface InboundIdentity {
  source: CallSource;
  from: Party;
  /** The whole number of one that came bit by bit; default: what Setup says. */
  dialled?: string;
  running: RunningLegs;
  /** The one that the caller is behind. */
  firewall?: Firewall;
  encryption?: CallEncryption;
  /** Where floor control of content is done. */
  floor: FloorSettings;
  book: TransferBook;
}

/** The caller's leg over H.323. */
export class H323InboundLeg implements InboundLeg {
  readonly protocol = 'h323';
  readonly id: string;
  readonly source: CallSource;
  readonly from: Party;
  readonly dialled: string;
  readonly offer: string | undefined;
  readonly headers: PassedHeaders = {};
  diversions: EarlierDiversions = [];
  readonly hops: number;
  private readonly leg: H323ActiveLeg;
  private readonly control: LegMedia;
  private cancelled: Release | undefined;
  private listener: ((why: Release) => void) | undefined;
  private settled = false;
  private answered = false;
  private alerted = false;
  /** What of the fast start is accepted, once the caller has been told. */
  private fastStart: FastStart | undefined;
  private readonly transferred: TransferredCall;
  private divertedTo: string | undefined;

  constructor(private readonly call: IncomingCall, private readonly identity: InboundIdentity) {
    const { setup } = call;
    this.id = call.callId.toString('hex');
    this.source = identity.source;
    this.from = identity.from;
    this.dialled = identity.dialled ?? dialledIn(setup);
    this.hops = setup.body.hopCount ?? HOPS;
    this.transferred = new TransferredCall(identity.book.expected);
    this.leg = new H323ActiveLeg(this.id, call, { role: 'caller', party: this.from.address, other: this.dialled }, identity.running, {
      book: identity.book, source: identity.source, handlers: {
        callTransferSetup: (argument) => this.transferred.setUp(argument, call.remote.host),
        divertingLegInformation2: (argument) => this.divertedBefore(argument),
      },
      clear: (why) => this.clear(why),
    });
    this.control = new LegMedia(call.control, () => call.remote.host, this.leg.mediaEvents, identity.floor, identity.firewall, identity.encryption);
    this.control.peer.vendor = setup.source.endpoint.vendor;
    this.leg.take(this.control);
    this.offer = this.offered();
    call.attach({ released: (why) => this.released(why), services: (services) => services.forEach((service) => this.leg.services.received(service)), digits: ({ digits }) => { for (const digit of digits) this.leg.mediaEvents.digit(digit); } });
    call.proceeding();
  }

  onCancelled(listener: (why: Release) => void): void {
    this.listener = listener;
    if (this.cancelled) listener(this.cancelled);
  }

  ring(sdp?: string): void {
    if (this.settled || this.cancelled) return;
    const answer: Answer = sdp === undefined || this.offer === undefined ? {} : { ...this.acceptedWith(sdp), progress: IN_BAND };
    if (!this.alerted) this.call.alerting(answer);
    else if (answer.progress) this.call.progress(answer);
    this.alerted = true;
  }

  diverted(diversion: Diversion): void {
    if (this.settled || this.cancelled) return;
    this.divertedTo = diversion.to;
    this.call.sendServices([divertingLegInformation1(diversion)]);
  }

  answer(sdp: string, connected: Party, _headers: PassedHeaders, onAck?: (sdp: string | undefined) => void): Promise<ActiveLeg> {
    if (this.settled || this.cancelled) return Promise.reject(new LegError('h323-call-over', 'The H.323 caller has gone.', 487, 16));
    const { encryption } = this.identity;
    const tokens = encryption?.answer(this.call.setup.body.tokens);
    if (encryption?.settings.required && !encryption.agreed) {
      this.refuse(release(403, 'the caller\'s keys for encrypted media are none', 'gateway', { q850: 57 }));
      return Promise.reject(new LegError('h323-not-encrypted', 'The H.323 caller gave no key that media can be encrypted with.', 403, 57));
    }
    this.settled = true;
    this.answered = true;
    this.leg.talking = true;
    this.leg.partner = connected.address;
    this.transferred.answered();
    this.call.connect({ ...this.acceptedWith(sdp), ...(tokens && { tokens }), aliases: aliasesOf(connected.address), ...(connected.name !== undefined && { display: connected.name }) });
    if (this.divertedTo !== undefined) this.call.sendServices([divertingLegInformation3(this.divertedTo)]);
    if (this.offer !== undefined) this.leg.description = this.offer;
    if (this.fastStart) {
      this.control.adopt(sdp, this.fastStart.channels);
      // Fast start has no content: it is offered when the caller turns out to have it.
      this.control.offersContent = true;
    }
    this.control.start(sdp);
    if (!this.fastStart) this.settle(sdp, onAck);
    return Promise.resolve(this.leg);
  }

  refuse(why: Release): void {
    if (this.settled || this.cancelled) return;
    this.settled = true;
    this.leg.stop();
    this.call.release(requestOf(why));
  }

  /** Ends the call before or after its answer. */
  private clear(why: Release): void {
    if (this.answered) return this.leg.mediaEvents.failed(why);
    this.call.release(requestOf(why));
    this.released({ q850: why.q850, by: 'peer' });
  }

  /** Partners are believed that they have diverted a call; devices do that here. */
  private divertedBefore(argument: h450.DivertingLegInformation2Arg | undefined): void {
    if (argument && this.source.kind === 'peer') this.diversions = diversionsOf(argument);
  }

  /**
   * Fast start is an offer. One of sound alone from an endpoint that calls with pictures would leave them out; one from behind a firewall
   * has addresses that do not hold, and no place for those of keep-alives; channels of one who encrypts are agreed on by H.245.
   */
  private offered(): string | undefined {
    const { fastStart, bearer } = this.call.setup;
    if (!fastStart || fastStart.length === 0 || this.identity.firewall || (this.identity.encryption && offersEncryption(this.call.setup.body.tokens))) return undefined;
    const sdp = descriptionOfFastStart(fastStart, this.control.identity);
    const soundOnly = sdp !== undefined && !/^m=video [1-9]/m.test(sdp);
    return soundOnly && bearer && !SOUND.has(bearer.transferCapability) ? undefined : sdp;
  }

  /** What is said of fast start with the first description; later ones change nothing of it. */
  private acceptedWith(sdp: string): { fastStart?: FastStartAnswer } {
    const { fastStart } = this.call.setup;
    if (!fastStart || this.fastStart) return {};
    if (this.offer === undefined) return { fastStart: 'refused' };
    const accepted = acceptFastStart(fastStart, sdp);
    if (accepted.accepted.length === 0) return { fastStart: 'refused' };
    this.fastStart = accepted;
    return { fastStart: accepted.accepted };
  }

  /** The channels are opened now, and what came of them is the caller's answer to our offer. */
  private settle(offer: string, onAck: ((sdp: string | undefined) => void) | undefined): void {
    this.control.settle(this.offer === undefined ? offer : undefined).then((description) => {
      this.leg.description = description;
      onAck?.(description);
    }, (error: LegError) => {
      onAck?.(undefined);
      this.leg.mediaEvents.failed(release(error.sipStatus ?? 480, error.message, 'gateway', { q850: error.q850 ?? 41 }));
    });
  }

  private released(why: CallRelease): void {
    if (this.answered) {
      this.leg.end(releaseOf(why, 'caller'));
      return;
    }
    if (this.settled) return;
    this.leg.stop();
    this.cancelled = release(487, 'the caller hung up before an answer', 'caller', { q850: why.q850 });
    this.listener?.(this.cancelled);
  }
}
