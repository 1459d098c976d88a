import { randomUUID } from 'node:crypto';
import { MediaError, type MediaSession, type SessionFactory, type SessionOptions } from '../../contracts';
import type { AgentHandler, AgentRequest, SipMessage, UserAgent } from '../../../sip-server';
import { leaveBridge } from '../bridging';
import { Channel } from '../channel';
import type { Control } from '../control';
import type { AccessList } from '../esl/access';
import { connectOutbound } from '../esl/outbound';
import { CallDialog } from './dialog';
import { mediaErrorOf, refusalOf } from './faults';
import { callerOf, channelName, inviteVariables } from './invite-variables';
import { originate } from './originate';
import { setMediaVariables } from './media-variables';

const CAPABILITIES = {
  Allow: 'INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO, PRACK', Accept: 'application/sdp, application/dtmf-relay, application/media_control+xml',
  Supported: 'timer, 100rel',
};
const ANSWER_HEADERS = { 'Content-Type': 'application/sdp', Allow: CAPABILITIES.Allow, Supported: 'timer' };

/** What we offer when the INVITE brings no description: drachtio-fsmrf asks for SRTP, X-Media-Transport names any. */
function offeredTransport(invite: SipMessage): SessionOptions['transport'] {
  const named = invite.get('X-Media-Transport');
  if (named === 'srtp' || named === 'webrtc') return named;
  return /^(true|yes|on|1)$/i.test(invite.get('X-Secure-RTP') ?? '') ? 'srtp' : 'rtp';
}

/** Calls from the network: every INVITE from who may becomes a channel that its application controls. */
export class Calls implements AgentHandler {
  private readonly dialogs = new Map<string, CallDialog>();
  /** INVITEs whose answer is being made. */
  private readonly answering = new Map<string, MediaSession>();
  private agent!: UserAgent;

  constructor(private readonly control: Control, private readonly sessions: SessionFactory, private readonly access: AccessList) {}

  /** From here on calls go both ways. */
  start(agent: UserAgent): void {
    this.agent = agent;
    const { control, sessions, access } = this;
    control.originate = (line) => originate({
      control, sessions, access, agent, attach: (channel) => this.attachParty(channel),
      dialog: (dialogId, channel, agreed) => this.dialog(dialogId, channel, agreed),
    }, line);
  }

  get size(): number {
    return this.dialogs.size;
  }

  onRequest(request: AgentRequest): void {
    const { message, transactionId, dialogId } = request;
    if (request.inDialog) {
      const dialog = this.dialogs.get(dialogId);
      if (dialog === undefined) this.agent.respond(transactionId, message.method === 'BYE' ? 200 : 481);
      else dialog.receive(request);
      return;
    }
    if (message.method === 'INVITE') return void this.receiveInvite(request);
    if (message.method === 'OPTIONS') return void this.agent.respond(transactionId, 200, { headers: CAPABILITIES });
    this.agent.respond(transactionId, 405, { headers: { Allow: CAPABILITIES.Allow } });
  }

  onAck(dialogId: string, ack: SipMessage): void {
    this.dialogs.get(dialogId)?.receiveAck(ack);
  }

  onCancel(transactionId: string): void {
    this.answering.get(transactionId)?.close();
    this.answering.delete(transactionId);
  }

  onExpired(dialogId: string): void {
    this.dialogs.get(dialogId)?.expired();
  }

  private async receiveInvite(request: AgentRequest): Promise<void> {
    const { message, transactionId } = request;
    let session: MediaSession | undefined;
    try {
      const target = this.admit(request);
      session = this.sessions.create({ transport: offeredTransport(message), video: true });
      this.answering.set(transactionId, session);
      const offer = message.body.toString('utf8');
      const description = offer === '' ? await session.offer() : await session.answer(offer);
      if (this.answering.has(transactionId)) this.establish(request, session, description, offer === '', target);
    } catch (error) {
      session?.close();
      // A cancelled INVITE has its 487 already.
      if (session !== undefined && !this.answering.has(transactionId)) return;
      const { status, ...content } = refusalOf(mediaErrorOf(error));
      this.control.log(status >= 500 ? 'warn' : 'info', 'call-refused', { status, reason: content.headers.Warning });
      this.agent.respond(transactionId, status, content);
    } finally {
      this.answering.delete(transactionId);
    }
  }

  /** Where the application waits for this call. Throws MediaError when it is not to be taken. */
  private admit({ message, address }: AgentRequest): string {
    if (!this.access.allows(address)) throw new MediaError('not-allowed', `calls from ${address} are not allowed`, 403, 21);
    const target = message.get('X-esl-outbound');
    if (target === undefined) throw new MediaError('no-application', 'the INVITE names no application in X-esl-outbound', 404, 3);
    if (this.control.channels.size + this.answering.size >= this.control.channels.maximum) {
      throw new MediaError('full', `no media capacity: all ${this.control.channels.maximum} sessions are in use`, 503, 42);
    }
    return target;
  }

  private establish(request: AgentRequest, session: MediaSession, description: string, offered: boolean, target: string): void {
    const { control, agent } = this;
    const { dialogId, transactionId } = request;
    const channel = new Channel(randomUUID(), channelName(request), callerOf(request), session, control.events);
    channel.setVariables({ uuid: channel.uuid, session_id: String(control.channels.nextId), channel_name: channel.name, call_uuid: channel.uuid });
    channel.setVariables(inviteVariables(request, control.sipAddress));
    this.attachParty(channel);
    setMediaVariables(channel);
    const dialog = this.dialog(dialogId, channel, () => void connectOutbound(control, this.access, channel, target));
    channel.signalling = dialog;
    control.channels.add(channel);
    channel.fire('CHANNEL_CREATE');
    const response = agent.respond(transactionId, 200, { headers: ANSWER_HEADERS, body: description });
    if (response === undefined) return dialog.expired();
    channel.setVariables({ sip_to_tag: response.toTag, sip_full_to: response.get('To') });
    channel.setState('CS_EXECUTE');
    channel.answered();
    dialog.established(offered);
  }

  /** Makes and keeps the dialog of a call. */
  private dialog(dialogId: string, channel: Channel, agreed: () => void): CallDialog {
    const dialog = new CallDialog(this.agent, dialogId, channel, { agreed, over: () => this.dialogs.delete(dialogId) });
    this.dialogs.set(dialogId, dialog);
    return dialog;
  }

  private attachParty(channel: Channel): void {
    const { session } = channel;
    channel.once('hangup', () => leaveBridge(channel));
    const party = (channel.party = this.control.processing.party(session));
    party.on('dtmf', (digit: string, durationMs: number) => channel.receiveDtmf(digit, durationMs, 'RTP'));
    session.on('failed', (reason: string) => {
      this.control.log('info', 'media-failed', { channel: channel.uuid, reason });
      channel.hangup('INCOMPATIBLE_DESTINATION');
    });
    session.on('timeout', () => channel.hangup('MEDIA_TIMEOUT'));
  }
}
