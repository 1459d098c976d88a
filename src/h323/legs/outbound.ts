import { divertedAgain, MAX_DIVERSIONS, release, timesDiverted, type CallSource, type Contact, type Diversion, type EarlierDiversions, type OutboundAttempt, type OutboundEvents, type OutboundRequest, type Originator, type Release } from '../../calls';
import type { H323Contact } from '../gateway/locator';
import { aliasText, type HostPort } from '../ras';
import { H450Error, type ServiceErrorName } from '../h450';
import type { h225, h450 } from '../schemas';
import { channelsOfFastStart, descriptionOf, fastStartOf, type DescribedChannel } from '../sdp';
import { type AnnouncedCalls, placeCall, SPEECH, videoBearer, type CallRelease, type FastStartAnswer, type LocalEndpoint, type OutgoingCall, type ReceivedAnswer } from '../signalling';
import { H323ActiveLeg } from './active';
import { releaseOf, requestOf } from './cause';
import { divertingLegInformation2, reasonOf } from './diversion';
import type { CallEncryption, MediaEncryption } from './encryption';
import { LegError } from './errors';
import type { Destination } from './forwarding';
import type { FloorSettings } from './floor-link';
import { aliasesOf, numberOf } from './identity';
import { LegMedia } from './leg-media';
import type { RunningLegs } from './running';
import type { TransferBook } from './transfer';
import { Firewall, MEDIA_SERVER } from './traversal';

/** What a video call asks for when nothing else is said, bit/s. */
const VIDEO_BIT_RATE = 1_920_000;
const MAX_HOPS = 31;
const MAX_ALIASES = 16;
const NO_WAY = release(480, 'the device sends the call where it cannot go', 'callee', { q850: 3 });
const SENT_ELSEWHERE = release(302, 'the device sends the call elsewhere', 'callee', { q850: 23 });
/** How often the call may be sent elsewhere by those who are rung. */
const MAX_FORWARDS = 3;
/** Q.850: bearer capability not authorised. */
const NOT_AUTHORISED = 57;
/** "In-band information is available" and "not end-to-end ISDN": there is something to be heard (Q.931 section 4.5.23). */
const HEARABLE = new Set([1, 8]);

export interface OutboundOptions {
  endpoint: LocalEndpoint;
  /** Where this gateway takes calls. */
  signalling: () => HostPort;
  /** The address that calls come from; default: what the system chooses. */
  from?: string;
  /** Where to connect for a call to a contact, and under which names it is called there; undefined when no neighbour has it. */
  destinationOf(contact: H323Contact, callIdentifier: Buffer): Promise<{ address: HostPort; aliases: readonly h225.AliasAddress[] } | undefined>;
  /** Where a device wants the call to go that it is rung for; undefined: nowhere that calls may be sent. */
  forwardedTo(contact: H323Contact, destination: Destination): H323Contact | undefined;
  /** Tells an endpoint behind a firewall to connect for a call (H.460.18); whether it says that it does. */
  announce(contact: H323Contact, callIdentifier: Buffer): Promise<boolean>;
  /** Calls that such endpoints connect for. */
  announced: AnnouncedCalls;
  /** How often such endpoints shall send keep-alives of media (H.460.19). */
  keepAliveSeconds: number;
  /** Where floor control of content is done. */
  floor: FloorSettings;
  /** Undefined: media stay clear. */
  encryption?: MediaEncryption;
  running: RunningLegs;
  book: TransferBook;
  /** Who is reached at a contact, where that one may dial. */
  sourceOf(contact: H323Contact): CallSource | undefined;
  newCallId(): Buffer;
}

/** Rings H.323 devices. */
export class H323Originator implements Originator {
  constructor(private readonly options: OutboundOptions) {}

  originate(contact: Contact, request: OutboundRequest, events: OutboundEvents): OutboundAttempt {
    return new Ringing(contact as H323Contact, request, events, this.options);
  }
}

/** The channels that fast start opened, and the answer to the offer that they make. */
interface OpenedFastStart {
  sdp: string;
  channels: DescribedChannel[];
}

/** One H.323 device being rung. */
class Ringing implements OutboundAttempt {
  private callId: Buffer;
  private forwards = 0;
  /** Those that led the call here. */
  private diversions: EarlierDiversions;
  private leg: H323ActiveLeg | undefined;
  private call: OutgoingCall | undefined;
  private media: LegMedia | undefined;
  private encryption: CallEncryption | undefined;
  private over = false;
  private answered = false;
  /** What the device made of the fast start that was offered; `refused` also where it accepted none of it. */
  private fastStart: OpenedFastStart | 'refused' | undefined;

  constructor(contact: H323Contact, private readonly request: OutboundRequest, private readonly events: OutboundEvents, private readonly options: OutboundOptions) {
    this.callId = options.newCallId();
    this.diversions = request.diversions ?? [];
    this.encryption = options.encryption?.placing();
    this.start(contact).catch((error: unknown) => this.fail(whyOf(error)));
  }

  cancel(why: Release): void {
    if (this.over) return;
    this.over = true;
    this.leg?.stop();
    this.call?.release(requestOf(why));
  }

  private async start(contact: H323Contact): Promise<void> {
    const { traversal, firewall } = contact;
    const destination = traversal && firewall !== undefined
      ? { address: { host: firewall, port: 0 }, aliases: contact.aliases } : await this.options.destinationOf(contact, this.callId);
    if (this.over) return;
    if (!destination) throw new LegError('h323-call-over', `${contact.label} has no address that calls can be sent to.`, 480, 20);
    const { offer, from, to, hops } = this.request;
    // A caller that makes no offer may have pictures.
    const video = offer === undefined || /^m=video [1-9]/m.test(offer);
    const { encryption } = this;
    const slow = video || firewall !== undefined || encryption?.settings.required === true;
    const aliases = destination.aliases.length > 0 ? destination.aliases : aliasesOf(to.address);
    const number = numberOf(aliases);
    const diversion = divertingLegInformation2(this.diversions);
    const call = placeCall({
      address: destination.address, callId: this.callId, from: this.options.from, bearer: video ? videoBearer(VIDEO_BIT_RATE) : SPEECH,
      source: { aliases: aliasesOf(from.address), display: from.name ?? from.address, address: this.options.signalling() },
      destination: { aliases, ...(number !== undefined && { number }) },
      // Pictures, keep-alives and encryption of media are agreed on by H.245, which begins at once; a telephone's sound goes faster without waiting for that.
      ...(slow || offer === undefined ? { controlInSetup: true } : { fastStart: fastStartOf(offer) }), behindFirewall: firewall !== undefined,
      ...(traversal && { announcement: { calls: this.options.announced, announce: () => this.options.announce(contact, this.callId) } }),
      more: { hopCount: Math.min(MAX_HOPS, hops), ...(traversal && { supportedFeatures: [MEDIA_SERVER] }), ...(encryption && { tokens: encryption.offeredTokens }) },
      ...(diversion && { services: [diversion] }),
    }, this.options.endpoint, {
      proceeding: (answer) => this.heard(answer),
      alerting: (answer) => this.ringing(answer),
      progress: (answer) => this.progress(answer),
      connected: (answer) => this.connected(offer, answer),
      released: (why) => this.released(why),
      forwarded: (forwarding) => this.forward(contact, forwarding),
      // All digits were in Setup.
      moreDigits: () => this.fail(release(484, 'the device wants more digits than were dialled', 'callee', { q850: 28 }), true),
      services: (services) => services.forEach((service) => leg.services.received(service)),
      digits: ({ digits }) => { for (const digit of digits) leg.mediaEvents.digit(digit); },
    });
    this.call = call;
    const leg = (this.leg = new H323ActiveLeg(this.callId.toString('hex'), call, { role: 'callee', party: contact.label, device: contact.device, other: from.address }, this.options.running, {
      book: this.options.book, source: this.options.sourceOf(contact), handlers: { callRerouting: (argument) => this.reroute(contact, argument) }, clear: (why) => this.failed(why),
    }));
    this.media = new LegMedia(call.control, () => call.remote.host, { ...leg.mediaEvents, failed: (why) => this.failed(why) }, this.options.floor, firewall === undefined ? undefined
      : new Firewall(() => call.remote.host, traversal ? this.options.keepAliveSeconds : undefined), encryption);
    leg.take(this.media);
    if (slow && offer !== undefined) this.media.start(offer);
  }

  /** The device wants the call diverted (H.450.3 section 7.2): that is answered, and then done. */
  private async reroute(from: H323Contact, argument: h450.CallReroutingArg | undefined): Promise<undefined> {
    const aliases = argument?.calledAddress.destinationAddress ?? [];
    if (this.over) throw diversionRefused('invalidCallState');
    if (this.forwards >= MAX_FORWARDS || timesDiverted(this.diversions) >= MAX_DIVERSIONS) throw diversionRefused('numberOfDiversionsExceeded');
    const isHere = this.options.forwardedTo(from, { aliases }) !== undefined;
    const address = isHere ? undefined : await this.addressOf(from, aliases);
    if (!isHere && address === undefined) throw diversionRefused('invalidDivertedNumber');
    const reason = argument && reasonOf(argument.reroutingReason);
    setImmediate(() => (address === undefined ? this.forward(from, { aliases }, reason) : this.sendElsewhere(address, reason)));
    return undefined;
  }

  /** Where aliases lead that no H.323 endpoint has, dialled by the device; undefined: nowhere that it may call. */
  private async addressOf(from: H323Contact, aliases: readonly h225.AliasAddress[]): Promise<string | undefined> {
    const source = this.options.sourceOf(from);
    if (source?.kind !== 'registered') return undefined;
    for (const dialled of aliases.slice(0, MAX_ALIASES).map(aliasText)) {
      const address = dialled === undefined ? undefined : await this.options.book.addressOf(dialled, source);
      if (address !== undefined) return address;
    }
    return undefined;
  }

  /** The call goes to somebody who is not reached over H.323: that is for whoever rings here. */
  private sendElsewhere(to: string, reason: Diversion['reason'] = 'unknown'): void {
    if (this.over) return;
    this.over = true;
    this.leg?.stop();
    this.call?.release({ reason: { facilityCallDeflection: null } });
    this.events.failed({ ...SENT_ELSEWHERE, diversion: { to, reason } });
  }

  /** The call goes where the device wants it, as a new one. */
  private forward(from: H323Contact, forwarding: Destination, reason: Diversion['reason'] = 'unknown'): void {
    if (this.over) return;
    const source = this.options.sourceOf(from);
    const by = source?.kind === 'registered' ? source.device : this.request.to.address;
    const diversions = this.forwards++ < MAX_FORWARDS ? divertedAgain(this.diversions, by, reason) : undefined;
    const contact = diversions && this.options.forwardedTo(from, forwarding);
    if (!contact) {
      this.addressOf(from, diversions ? forwarding.aliases : []).then(
        (address) => (address === undefined ? this.fail(NO_WAY, true) : this.sendElsewhere(address, reason)), (error: unknown) => this.fail(whyOf(error), true));
      return;
    }
    this.leg?.stop();
    this.call?.release({ reason: { facilityCallDeflection: null } });
    this.diversions = diversions;
    this.events.diverted?.({ to: contact.aliases.map(aliasText).find((text) => text !== undefined) ?? contact.label, reason });
    this.fastStart = undefined;
    this.callId = this.options.newCallId();
    this.encryption = this.options.encryption?.placing();
    this.start(contact).catch((error: unknown) => this.fail(whyOf(error)));
  }

  /** Any answer may carry what becomes of fast start, and what the device is. */
  private heard({ fastStart, endpoint, tokens }: ReceivedAnswer): void {
    this.encryption?.answered(tokens);
    if (fastStart) this.fastStart ??= this.opened(fastStart);
    if (endpoint && this.media) this.media.peer.vendor ??= endpoint.vendor;
  }

  private ringing(answer: ReceivedAnswer): void {
    this.heard(answer);
    this.events.ringing(this.early(answer));
  }

  private progress(answer: ReceivedAnswer): void {
    this.heard(answer);
    const early = this.early(answer);
    if (early !== undefined) this.events.ringing(early);
  }

  private early({ progress }: ReceivedAnswer): string | undefined {
    const { fastStart } = this;
    return progress && HEARABLE.has(progress.description) && typeof fastStart === 'object' ? fastStart.sdp : undefined;
  }

  private opened(accepted: FastStartAnswer): OpenedFastStart | 'refused' {
    const { media, request: { offer } } = this;
    if (accepted === 'refused' || accepted.length === 0 || !media || offer === undefined) return 'refused';
    const channels = channelsOfFastStart(offer, accepted);
    return { sdp: descriptionOf(channels, undefined, { ...media.identity, offer }), channels };
  }

  private connected(offer: string | undefined, answer: ReceivedAnswer): void {
    if (this.over || !this.media) return;
    this.heard(answer);
    const { media, encryption, fastStart } = this;
    encryption?.answered(answer.tokens, true);
    if (encryption?.settings.required && !encryption.agreed) return this.fail(release(403, 'the device does not encrypt media', 'callee', { q850: NOT_AUTHORISED }), true);
    const failed = (error: unknown): void => {
      if (!this.over) this.fail(whyOf(error), true);
    };
    if (offer === undefined) return void media.offer().then((sdp) => this.establish(sdp, (answered) => this.settleLate(media, answered)), failed);
    const fast = typeof fastStart === 'object' ? fastStart : undefined;
    if (fast) media.adopt(offer, fast.channels);
    media.start(offer);
    if (fast) return this.establish(fast.sdp);
    media.settle(offer).then((sdp) => this.establish(sdp), failed);
  }

  /** The caller has answered what the device can do: the channels can be opened, and the caller be told where they lead. */
  private settleLate(media: LegMedia, answer: string | undefined): void {
    if (answer === undefined) return this.failed(release(488, 'the caller answers no offer', 'caller', { q850: 88 }));
    media.settleLate(answer).catch((error: unknown) => this.failed(whyOf(error)));
  }

  private establish(sdp: string, ack?: (answer: string | undefined) => void): void {
    const { leg } = this;
    if (this.over || !leg) return;
    this.over = true;
    this.answered = true;
    leg.description = sdp;
    leg.talking = true;
    this.events.answered(leg, { sdp, headers: {}, ...(ack && { ack }) });
  }

  /** The media cannot go on. */
  private failed(why: Release): void {
    if (this.answered) this.leg?.mediaEvents.failed(why);
    else this.fail(why, true);
  }

  private released(why: CallRelease): void {
    if (this.answered) this.leg?.end(releaseOf(why, 'callee'));
    else this.fail(releaseOf(why, 'callee'));
  }

  private fail(why: Release, hangUp = false): void {
    if (this.over) return;
    this.over = true;
    this.leg?.stop();
    if (hangUp) this.call?.release(requestOf(why));
    this.events.failed(why);
  }
}

const diversionRefused = (service: ServiceErrorName): H450Error => new H450Error('h450-error', `the diversion is refused: ${service}`, service);

function whyOf(error: unknown): Release {
  const { sipStatus = 500, q850 = 41, message } = error as Partial<LegError>;
  return release(sipStatus, message ?? 'internal error', 'gateway', { q850 });
}
