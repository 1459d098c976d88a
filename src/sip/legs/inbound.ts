import {
  reasonHeader, release, type ActiveLeg, type CallSource, type EarlierDiversions, type InboundLeg, type MediaTransport, type Party, type PassedHeaders, type Release,
} from '../../calls';
import { SipActiveLeg, parseReason } from './active';
import type { Dialogs } from './dialogs';
import { diversionsIn } from './diversion';
import type { Request, Response, SipStack } from './drachtio';
import { ALLOW, nameAddr, optionTags, passedRequest } from './headers';

/**
 * Remembers a CANCEL from the moment the INVITE arrives: authentication and look-ups take turns of the event loop, and the
 * caller may give up in any of them.
 */
export class CancelWatch {
  private cancelled: Release | undefined;
  private listener: ((why: Release) => void) | undefined;

  constructor(req: Request) {
    req.once('cancel', (cancel?: Request) => {
      const told = cancel?.has('Reason') ? parseReason(cancel.get('Reason')) : undefined;
      this.cancelled = release(487, told?.text ?? 'the caller hung up before an answer', 'caller', { q850: 16 });
      this.listener?.(this.cancelled);
    });
  }

  get isCancelled(): boolean {
    return this.cancelled !== undefined;
  }

  onCancelled(listener: (why: Release) => void): void {
    this.listener = listener;
    if (this.cancelled) listener(this.cancelled);
  }
}

/** What the edge found out about an INVITE before it became a leg. */
export interface InboundInvite {
  id: string;
  req: Request;
  res: Response;
  cancel: CancelWatch;
  source: CallSource;
  from: Party;
  dialled: string;
  /** The SDP, taken out of multipart where it came so. */
  offer: string | undefined;
  media: readonly MediaTransport[];
  hops: number;
  /** The leg whose dialog its Replaces names. */
  replaces?: string;
  /** Called once with the final status. */
  onFinal?: (status: number) => void;
}

/** The caller's leg over SIP. */
export class SipInboundLeg implements InboundLeg {
  readonly protocol = 'sip';
  readonly id: string;
  readonly source: CallSource;
  readonly from: Party;
  readonly dialled: string;
  readonly offer: string | undefined;
  readonly media: readonly MediaTransport[];
  readonly hops: number;
  readonly replaces?: string;
  readonly headers: PassedHeaders;
  readonly diversions: EarlierDiversions;
  private settled = false;

  constructor(private readonly stack: SipStack, private readonly invite: InboundInvite, private readonly dialogs: Dialogs) {
    ({ id: this.id, source: this.source, from: this.from, dialled: this.dialled, offer: this.offer, media: this.media, hops: this.hops, replaces: this.replaces } = invite);
    // Partners are believed that they have diverted a call (RFC 5806 section 8); devices do that here.
    const { req } = invite;
    this.diversions = this.source.kind === 'peer' ? diversionsIn(req) : [];
    this.headers = passedRequest('INVITE', req);
  }

  onCancelled(listener: (why: Release) => void): void {
    this.invite.cancel.onCancelled(listener);
  }

  ring(sdp?: string): void {
    if (this.settled || this.invite.cancel.isCancelled) return;
    // A caller that requires reliable provisional responses gets them (RFC 3262 section 3).
    const reliable = optionTags(this.invite.req, 'Require').includes('100rel');
    this.invite.res.send(sdp ? 183 : 180, { headers: { Allow: ALLOW, ...(reliable ? { Require: '100rel' } : {}) }, body: sdp });
  }

  /** Nobody learns where it goes: who answers is told in the answer. */
  diverted(): void {
    if (!this.settled && !this.invite.cancel.isCancelled) this.invite.res.send(181, { headers: { Allow: ALLOW } });
  }

  answer(sdp: string, connected: Party, headers: PassedHeaders, onAck?: (sdp: string | undefined) => void): Promise<ActiveLeg> {
    return new Promise((resolve, reject) => {
      if (this.settled || this.invite.cancel.isCancelled) {
        reject(new Error('the INVITE has ended'));
        return;
      }
      this.settled = true;
      // Every caller here was authenticated, so it may see who answered (RFC 3325 section 5).
      const asserted = nameAddr(connected.address, connected.name);
      const options = { localSdp: sdp, headers: { Allow: ALLOW, Supported: 'timer, replaces', 'P-Asserted-Identity': asserted, ...headers } };
      this.stack.createUAS(this.invite.req, this.invite.res, options, (error, dialog) => {
        if (error || !dialog) {
          reject(error instanceof Error ? error : new Error(String(error)));
          return;
        }
        this.invite.onFinal?.(200);
        if (onAck) dialog.once('ack', (ack: Request) => onAck(ack.body || undefined));
        resolve(new SipActiveLeg(this.id, this.dialogs).take(dialog));
      });
    });
  }

  refuse(why: Release): void {
    if (this.settled || this.invite.cancel.isCancelled) return;
    this.settled = true;
    const headers: Record<string, string> = { ...why.headers, Reason: reasonHeader(why) };
    if (why.warning) headers.Warning = why.warning;
    this.invite.res.send(why.status, { headers });
    this.invite.onFinal?.(why.status);
  }
}
