import { DirectBridge, type Bridge } from './bridge';
import type { Release } from './cause';
import type { Answer } from './hunt';
import type { ActiveLeg, InboundLeg, Originator } from './leg';
import { completeAnswer } from './sdp';

/** How the media of one call flow: straight between the parties, or through a media server. */
export interface MediaPath {
  /** Rings contacts with the offer that suits them. */
  readonly originator: Originator;
  /** What every contact is offered; undefined where each gets an offer of its own. */
  readonly offer: string | undefined;
  /** Media of the callee before the answer; `show` gets what the caller is told of it, once it can be heard. */
  early(sdp: string, show: (sdp: string) => void): void;
  /** Takes the callee's answer; resolves with what the caller is answered. */
  accept(answer: Answer): Promise<CallerAnswer>;
  /** Joins the two established legs; `onEnded` once, when they are no longer. */
  join(caller: ActiveLeg, answer: Answer, onEnded: (why: Release) => void): Bridge;
  /** Nothing of the call is left; safe to call twice. */
  close(): void;
}

export interface CallerAnswer {
  sdp: string;
  /** Late offer: takes the caller's SDP from the ACK. */
  ack?: (sdp: string | undefined) => void;
}

/** Offer and answer pass as they are; no media server takes part. */
export class DirectPath implements MediaPath {
  readonly offer: string | undefined;

  constructor(caller: InboundLeg, readonly originator: Originator) {
    this.offer = caller.offer;
  }

  early(sdp: string, show: (sdp: string) => void): void {
    show(this.complete(sdp));
  }

  accept(answer: Answer): Promise<CallerAnswer> {
    return Promise.resolve({ sdp: this.complete(answer.sdp), ack: answer.ack });
  }

  join(caller: ActiveLeg, answer: Answer, onEnded: (why: Release) => void): Bridge {
    return new DirectBridge(caller, answer.leg, onEnded);
  }

  close(): void {}

  /** An answer to the caller's offer has a line for each of its lines. */
  private complete(answer: string): string {
    return this.offer === undefined ? answer : completeAnswer(this.offer, answer);
  }
}
