import { AnchoredBridge } from './anchored-bridge';
import { answerWithCamera, hasCamera } from './camera';
import { release, type Release } from './cause';
import { answerWithContent, hasSlides, offerWithFloor } from './content';
import type { FloorSeat } from './floor';
import type { Answer } from './hunt';
import type { ActiveLeg, Contact, InboundLeg, Originator, OutboundAttempt, OutboundEvents, OutboundRequest, PassedHeaders } from './leg';
import type { CallMedia, MediaEndpoint, MediaTransport, PromptLanguage } from './media';
import type { CallerAnswer, MediaPath } from './media-path';
import { pictureLimitsOf, withPictureLimits, type PictureLimits } from './picture-limits';
import { completeAnswer, hasVideo, sameCodecs } from './sdp';
import { EtasiltaError, warning } from '../errors';

/** An endpoint that takes none of the media offered says so with one of these; it may take another transport. */
const TRANSPORT_REFUSED = new Set([415, 488, 606]);
const DEFAULT_TRANSPORTS: readonly MediaTransport[] = ['rtp', 'srtp'];
const transportsOf = (contact: Contact): readonly MediaTransport[] => contact.media ?? DEFAULT_TRANSPORTS;

/**
 * Every party has an endpoint at a media server. Contacts that are rung together share one offer for each way of carrying
 * media, for only one of them can answer. The caller's endpoint is made while they ring; when the callee then chooses other
 * codecs it is made again with those first, so that what both have is used and nothing is transcoded without need.
 */
export class AnchoredPath implements MediaPath {
  readonly offer = undefined;
  readonly originator: Originator = { originate: (contact, request, events) => this.originate(contact, request, events) };
  private readonly offers = new Map<MediaTransport, Promise<MediaEndpoint>>();
  private readonly endpoints = new WeakMap<ActiveLeg, MediaEndpoint>();
  /** The endpoint of a lone callee that sent early media, which is bridged to the caller already. */
  private heard: { callee: MediaEndpoint; sdp: string; done: Promise<string | undefined> } | undefined;
  private earlyCallee: MediaEndpoint | undefined;
  private callerEndpoint: Promise<MediaEndpoint> | undefined;
  /** The caller knows its endpoint's description, from early media. */
  private shown = false;
  private readonly onError: (error: unknown) => void;
  private closed = false;
  /** The caller's endpoint while it is told to wait. */
  private waiting: MediaEndpoint | undefined;
  private accepted: { caller: MediaEndpoint; callee: MediaEndpoint } | undefined;
  private bridge: AnchoredBridge | undefined;
  /** The description of a caller who made no offer: the callee does not know of its slides and limits yet. */
  private late: string | undefined;
  /** The caller's at the floor of the meeting room that it visits. */
  private seat: FloorSeat | undefined;

  constructor(
    readonly media: CallMedia, private readonly caller: InboundLeg, private readonly base: Originator,
    private readonly language: PromptLanguage, onError: (error: unknown) => void,
  ) {
    // What fails because the call is over is no fault.
    this.onError = (error) => { if (!this.closed) onError(error); };
  }

  early(sdp: string, show: (sdp: string) => void): void {
    const callee = this.earlyCallee;
    if (!callee || this.caller.offer === undefined || this.heard?.sdp === sdp) return;
    const done = this.hear(callee, sdp).catch((error: unknown) => { this.onError(error); return undefined; });
    this.heard = { callee, sdp, done };
    void done.then((shown) => { if (shown !== undefined) show(shown); });
  }

  /** The caller's endpoint, for what is played before anybody answers. Undefined for a late offer: there is no way to. */
  async announceTo(): Promise<{ endpoint: MediaEndpoint; sdp: string } | undefined> {
    if (this.caller.offer === undefined) return undefined;
    const endpoint = await this.answerCaller();
    this.shown = true;
    await this.waiting?.stop();
    return { endpoint, sdp: completeAnswer(this.caller.offer, endpoint.localSdp) };
  }

  /** Lets the caller hear that it is being connected, until somebody answers; resolves with what it is shown. */
  async entertain(): Promise<string | undefined> {
    if (this.heard) return undefined;
    const to = await this.announceTo();
    if (!to || this.accepted) return undefined;
    this.waiting = to.endpoint;
    to.endpoint.play('ringing', this.language, { loop: true }).catch(this.onError);
    return to.sdp;
  }

  /** The caller alone, answered by nobody but a meeting room; its seat at the room's floor is given up with the path. */
  async admit(seat?: FloorSeat): Promise<CallerAnswer & { endpoint: MediaEndpoint }> {
    this.seat = seat;
    if (this.closed) seat?.close();
    const endpoint = await this.answerCaller();
    const { offer } = this.caller;
    const floor = hasSlides(endpoint.localSdp) ? await seat?.describe(offer) : undefined;
    if (offer !== undefined) {
      const sdp = answerWithCamera(answerWithContent(offer, endpoint.localSdp, floor), undefined);
      seat?.agree(offer, sdp, 'answerer');
      return { endpoint, sdp };
    }
    const sdp = offerWithFloor(endpoint.localSdp, floor ?? '');
    const ack = (answer: string | undefined): void => {
      if (answer === undefined) return;
      seat?.agree(sdp, answer, 'offerer');
      endpoint.accept(answer).catch(this.onError);
    };
    return { endpoint, sdp, ack };
  }

  async accept(answer: Answer): Promise<CallerAnswer> {
    delete answer.headers['Session-Expires'];
    const callee = this.endpointOf(answer.leg);
    const { heard } = this;
    await heard?.done;
    await this.waiting?.stop();
    const taken = heard?.callee === callee && heard.sdp === answer.sdp;
    const [caller] = await Promise.all([this.callerLike(answer.sdp), taken ? undefined : callee.accept(answer.sdp)]);
    this.accepted = { caller, callee };
    return this.answerOf(caller, answer.sdp);
  }

  private answerOf(caller: MediaEndpoint, callee: string): CallerAnswer {
    const { offer } = this.caller;
    const limits = pictureLimitsOf(callee);
    if (offer !== undefined) return { sdp: withPictureLimits(answerWithCamera(answerWithContent(offer, caller.localSdp, callee), callee), limits) };
    return {
      sdp: withPictureLimits(caller.localSdp, limits),
      ack: (sdp) => {
        if (sdp !== undefined) caller.accept(sdp).then(() => { this.late = sdp; this.tellOfLate(); }).catch(this.onError);
      },
    };
  }

  private tellOfLate(): void {
    const { late, bridge } = this;
    if (late === undefined || !bridge) return;
    // The offer that it is asked for has its limits, too.
    if (hasSlides(late)) bridge.solicit('caller').catch(this.onError);
    else bridge.described('caller', late);
  }

  /** What a party that is offered media is told of the others' pictures. */
  private get limits(): PictureLimits {
    return this.bridge?.limits() ?? pictureLimitsOf(this.caller.offer ?? '');
  }

  join(caller: ActiveLeg, answer: Answer, onEnded: (why: Release) => void): AnchoredBridge {
    const { accepted } = this;
    if (!accepted) throw new EtasiltaError('media-endpoint', 'The call has no media endpoints.', { sipStatus: 500, q850: 41 });
    this.dropOffers(accepted.callee);
    this.bridge = new AnchoredBridge(this.media, [
      { id: 'caller', leg: caller, endpoint: accepted.caller, principal: true, told: pictureLimitsOf(answer.sdp) },
      { id: 'callee', leg: answer.leg, endpoint: accepted.callee, principal: true, told: pictureLimitsOf(this.caller.offer ?? '') },
    ], this.language, { ended: onEnded, error: this.onError });
    this.tellOfLate();
    return this.bridge;
  }

  /** The endpoint that was offered to the leg that answered; from now on it is that leg's alone. */
  endpointOf(leg: ActiveLeg): MediaEndpoint {
    const endpoint = this.endpoints.get(leg);
    if (!endpoint) throw new EtasiltaError('media-endpoint', 'The answering leg has no media endpoint.', { sipStatus: 500, q850: 41 });
    return endpoint;
  }

  /** Ends the endpoints that nobody answered with. */
  dropOffers(kept?: MediaEndpoint): void {
    for (const offered of this.offers.values()) {
      offered.then((endpoint) => { if (endpoint !== kept) endpoint.release(); }, () => undefined);
    }
    this.offers.clear();
  }

  close(): void {
    this.closed = true;
    this.seat?.close();
    this.media.close();
  }

  private async hear(callee: MediaEndpoint, sdp: string): Promise<string> {
    const [caller] = await Promise.all([this.callerLike(sdp), callee.accept(sdp), this.waiting?.stop()]);
    this.shown = true;
    await caller.bridge(callee);
    return withPictureLimits(answerWithCamera(answerWithContent(this.caller.offer ?? '', caller.localSdp, sdp), sdp), pictureLimitsOf(sdp));
  }

  private answerCaller(like?: string): Promise<MediaEndpoint> {
    const { offer, media } = this.caller;
    const video = like === undefined || hasVideo(like);
    this.callerEndpoint ??= offer === undefined
      ? this.media.offer(media?.[0] ?? 'rtp', { like, video, slides: video, camera: like !== undefined && hasCamera(like) })
      : this.media.answer(offer, { like });
    return this.callerEndpoint;
  }

  /** Before the callee answers there is time for the caller's endpoint; accept() tells of its faults. */
  private readyCaller(): void {
    if (this.caller.offer !== undefined) this.answerCaller().catch(() => undefined);
  }

  /** The caller's endpoint for a callee that answered like this. What the caller has been told already stays. */
  private async callerLike(answer: string): Promise<MediaEndpoint> {
    const endpoint = await this.answerCaller(answer);
    if (this.shown || this.caller.offer === undefined || sameCodecs(endpoint.localSdp, answer)) return endpoint;
    endpoint.release();
    this.callerEndpoint = undefined;
    return this.answerCaller(answer);
  }

  private originate(contact: Contact, request: OutboundRequest, events: OutboundEvents): OutboundAttempt {
    const transports = transportsOf(contact);
    let current: OutboundAttempt | undefined;
    let cancelled: Release | undefined;
    const attempt = async (index: number): Promise<void> => {
      const transport = transports[index] ?? 'rtp';
      const offered = this.offerBy(transport);
      // Behind an offer that is ready: the way to the callee and back is the longer one.
      setImmediate(() => { if (!this.closed) this.readyCaller(); });
      const endpoint = await offered;
      if (cancelled) return;
      current = this.base.originate(contact, { ...request, headers: ownTimer(request.headers), offer: withPictureLimits(this.withFloor(endpoint.localSdp), this.limits) }, {
        ringing: (sdp) => {
          if (sdp !== undefined) this.earlyCallee = endpoint;
          events.ringing(sdp);
        },
        diverted: (diversion) => events.diverted?.(diversion),
        answered: (leg, answer) => {
          this.endpoints.set(leg, endpoint);
          events.answered(leg, answer);
        },
        failed: (why) => {
          // Spoilt for others by the early media that it had.
          if (this.heard?.callee === endpoint) this.forget(transport, endpoint);
          if (TRANSPORT_REFUSED.has(why.status) && index + 1 < transports.length && !cancelled) run(index + 1);
          else events.failed(why);
        },
      });
    };
    const run = (index: number): void => {
      attempt(index).catch((error: unknown) => {
        this.onError(error);
        if (!cancelled) events.failed(failure(error));
      });
    };
    run(0);
    return { cancel: (why) => { cancelled = why; current?.cancel(why); } };
  }

  /** The floor is controlled between the first two; who joins them sees what is presented. */
  private withFloor(offer: string): string {
    return this.caller.offer === undefined || this.accepted ? offer : offerWithFloor(offer, this.caller.offer);
  }

  private offerBy(transport: MediaTransport): Promise<MediaEndpoint> {
    let offered = this.offers.get(transport);
    if (!offered) {
      const { offer } = this.caller;
      offered = this.media.offer(transport, {
        like: offer, video: offer === undefined || hasVideo(offer), slides: offer !== undefined && hasSlides(offer), camera: offer === undefined || hasCamera(offer),
      });
      this.offers.set(transport, offered);
      offered.catch(() => this.offers.delete(transport));
    }
    return offered;
  }

  private forget(transport: MediaTransport, endpoint: MediaEndpoint): void {
    this.heard = undefined;
    this.earlyCallee = undefined;
    this.offers.delete(transport);
    endpoint.release();
  }
}

/**
 * Session timers end at each leg (RFC 4028): what one party agreed on would not be refreshed towards the other. Without
 * `timer` among what we support the party does not leave the refreshing to us; that it is there is found by asking.
 */
function ownTimer({ 'Session-Expires': _expires, 'Min-SE': _least, ...headers }: PassedHeaders): PassedHeaders {
  return { ...headers, Supported: 'replaces' };
}

/** What a leg is told when its media cannot be had. */
export function failure(error: unknown): Release {
  const known = error instanceof EtasiltaError ? error : undefined;
  const status = known?.sipStatus ?? 500;
  const text = known?.message ?? 'internal error';
  return release(status, text, 'gateway', {
    ...(known?.q850 !== undefined && { q850: known.q850 }),
    warning: warning(text),
    ...(status === 503 && { headers: { 'Retry-After': '10' } }),
  });
}
