import { MediaError } from '../../contracts';
import type { AgentRequest, SipMessage, UserAgent } from '../../../sip-server';
import type { Channel, Signalling } from '../channel';
import { causeOfReason, reasonHeader, type HangupCause } from '../hangup-causes';
import { mediaErrorOf, refusalOf } from './faults';
import { answerWithFewerLines } from './fewer-lines';
import { FAST_UPDATE, receiveInfo } from './info';
import { setMediaVariables } from './media-variables';

const SDP = { 'Content-Type': 'application/sdp' };
/** RFC 3261 section 14.1: who does not own the Call-ID waits up to 2 s before it tries again. */
const GLARE_MS = 2_000;
const MAXIMUM_TRIES = 4;

export interface DialogOwner {
  /** The media of the first INVITE are agreed and connected. */
  agreed(): void;
  /** Nothing more is to come in this dialog. */
  over(): void;
}

/** One call's SIP dialog, from the answer to the BYE: what the peer wants of the channel, and the channel of the peer. */
export class CallDialog implements Signalling {
  /** An offer of ours whose answer is awaited in an ACK. */
  private offered = false;
  private acknowledged = false;
  private released: HangupCause | undefined;
  private ended = false;
  private negotiating = false;
  private agreed = false;

  constructor(private readonly agent: UserAgent, private readonly dialogId: string, readonly channel: Channel, private readonly owner: DialogOwner) {}

  /** The first INVITE has been answered; with `offered` the ACK brings the answer to our offer. */
  established(offered: boolean): void {
    this.offered = offered;
  }

  /** Our own INVITE has been answered and acknowledged. */
  confirmed(): void {
    this.acknowledged = true;
  }

  receive(request: AgentRequest): void {
    const { message, transactionId } = request;
    switch (message.method) {
      case 'BYE':
        this.agent.respond(transactionId, 200);
        this.end();
        return this.channel.hangup(causeOfReason(message.get('Reason')));
      case 'INVITE':
      case 'UPDATE':
        return void this.negotiate(request);
      case 'INFO': {
        const status = receiveInfo(this.channel, message);
        return void this.agent.respond(transactionId, status);
      }
      case 'OPTIONS':
        return void this.agent.respond(transactionId, 200);
      default:
        return void this.agent.respond(transactionId, 405);
    }
  }

  receiveAck(ack: SipMessage): void {
    this.acknowledged = true;
    if (this.released !== undefined) return this.sendBye(this.released);
    if (!this.channel.isUp) return;
    // Only now: whoever waits for our answer to his offer is not to be kept busy with the channel meanwhile.
    if (!this.offered) return this.agree();
    this.offered = false;
    void this.accept(ack.body.toString('utf8'));
  }

  /** The stack has ended the dialog itself. */
  expired(): void {
    this.end();
    this.channel.hangup('RECOVERY_ON_TIMER_EXPIRE');
  }

  release(cause: HangupCause): void {
    if (this.ended || this.released !== undefined) return;
    this.released = cause;
    // Before the ACK has come no BYE may be sent (RFC 3261 section 15); it follows, or the stack gives up.
    if (this.acknowledged) this.sendBye(cause);
  }

  async renegotiate(codecs: readonly string[] | undefined): Promise<void> {
    const { session } = this.channel;
    for (let tries = 1; this.channel.isUp; tries++) {
      if (this.negotiating) throw new MediaError('negotiating', 'another negotiation is under way', 491, 41);
      this.negotiating = true;
      try {
        const offer = await session.offer(codecs === undefined ? {} : { codecs });
        const response = await this.agent.request(this.dialogId, 'INVITE', { headers: SDP, body: offer });
        if (response.status < 300) {
          this.agent.acknowledge(this.dialogId);
          await session.accept(response.body.toString('utf8'));
          return setMediaVariables(this.channel);
        }
        if (response.status === 481 || response.status === 408) this.channel.hangup('NORMAL_TEMPORARY_FAILURE');
        if (response.status !== 491 || tries >= MAXIMUM_TRIES) throw new MediaError('offer-refused', `the party answered ${response.status}`, 488, 88);
      } finally {
        this.negotiating = false;
      }
      await new Promise((resolve) => setTimeout(resolve, Math.random() * GLARE_MS).unref());
    }
  }

  /** A new offer from the peer, or a request for one of ours; without SDP an UPDATE only refreshes. */
  private async negotiate({ message, transactionId }: AgentRequest): Promise<void> {
    const { session } = this.channel;
    const offer = message.body.toString('utf8');
    if (offer === '' && message.method === 'UPDATE') return void this.agent.respond(transactionId, 200);
    if (this.negotiating || this.offered) return void this.agent.respond(transactionId, 491);
    this.negotiating = true;
    try {
      // Who asks for an offer in a session chooses of all that there is.
      const description = offer === '' ? await session.offer({ slides: true, camera: true }) : await answerWithFewerLines(session, offer);
      if (!this.channel.isUp) return void this.agent.respond(transactionId, 481);
      if (message.method === 'INVITE') this.acknowledged = false;
      this.offered = offer === '';
      if (!this.offered) setMediaVariables(this.channel, { local: description, remote: offer });
      this.agent.respond(transactionId, 200, { headers: SDP, body: description });
    } catch (error) {
      const { status, ...content } = refusalOf(mediaErrorOf(error));
      this.agent.respond(transactionId, status, content);
    } finally {
      this.negotiating = false;
    }
  }

  private async accept(answer: string): Promise<void> {
    try {
      await this.channel.session.accept(answer);
      if (!this.channel.isUp) return;
      setMediaVariables(this.channel);
      this.agree();
    } catch {
      // What was agreed before stays as it was; without anything agreed there is no call.
      if (!this.agreed) this.channel.hangup('INCOMPATIBLE_DESTINATION');
    }
  }

  /** The first time, the channel is handed over when its media can flow: at once, or after ICE and DTLS, so that no prompt is lost. */
  agree(): void {
    if (this.agreed) return;
    this.agreed = true;
    const { session } = this.channel;
    session.on('keyFrameWanted', () => {
      if (!this.ended && this.acknowledged) this.agent.request(this.dialogId, 'INFO', FAST_UPDATE).catch(() => undefined);
    });
    const ready = (): void => {
      if (this.channel.isUp) this.owner.agreed();
    };
    if (session.connected) ready();
    else session.once('connected', ready);
  }

  private end(): void {
    this.ended = true;
    this.owner.over();
  }

  private sendBye(cause: HangupCause): void {
    if (this.ended) return;
    this.end();
    // A peer that does not answer is none the less gone for us.
    this.agent.request(this.dialogId, 'BYE', { headers: { Reason: reasonHeader(cause) } }).catch(() => undefined);
  }
}
