import { reasonHeader, release, type ActiveLeg, type LegEvents, type LegMessage, type LegReply, type Release } from '../../calls';
import type { Dialog, Request, Response } from './drachtio';
import { replacedIn, type Dialogs } from './dialogs';
import { toLegMessage, toLegReply } from './headers';

/** Requests of the far end that pass to the other leg as they are. */
const PASSED_METHODS = ['info', 'message', 'refer', 'notify'] as const;

/** Statuses by which a far end says that it no longer knows the dialog, or says nothing at all (RFC 5057 section 5.1). */
const DIALOG_GONE = new Set([404, 408, 410, 416, 480, 481, 482, 483, 484, 485, 502, 604]);

/** An established SIP leg over a drachtio dialog. */
export class SipActiveLeg implements ActiveLeg {
  private dialog: Dialog | undefined;
  private events: LegEvents | undefined;
  private over = false;
  /** A BYE on the heels of the ACK: both are read in one turn, before anybody can attach. */
  private endedEarly: Release | undefined;
  remoteSdp: string | undefined;

  /** @param abandon ends a leg that was released before its dialog existed (a late offer without its answer). */
  constructor(readonly id: string, private readonly dialogs: Dialogs, private readonly abandon?: () => void) {}

  /** The dialog of the leg; once. */
  take(dialog: Dialog): this {
    if (this.over) {
      dialog.destroy().catch(() => undefined);
      return this;
    }
    this.dialog = dialog;
    this.dialogs.add(dialog.sip, this.id);
    this.remoteSdp ??= dialog.remote.sdp;
    dialog.on('destroy', (msg: Request, reason?: string) => this.ended(msg, reason));
    dialog.on('modify', (req: Request, res: Response) => void this.renegotiated(req, res));
    dialog.on('update', (req: Request, res: Response) => void this.renegotiated(req, res));
    for (const method of PASSED_METHODS) dialog.on(method, (req: Request, res: Response) => void this.message(req, res));
    return this;
  }

  attach(events: LegEvents): void {
    this.events = events;
    if (this.endedEarly) events.released(this.endedEarly);
  }

  renegotiate(message: LegMessage): Promise<LegReply> {
    return this.request(message);
  }

  send(message: LegMessage): Promise<LegReply> {
    return this.request(message);
  }

  async probe(): Promise<boolean> {
    if (this.over) return false;
    const { status } = await this.request({ method: 'OPTIONS', headers: {} });
    return !DIALOG_GONE.has(status);
  }

  release(why: Release): void {
    if (this.over) return;
    this.over = true;
    this.forget();
    if (this.dialog) this.dialog.destroy({ headers: { Reason: reasonHeader(why) } }).catch(() => undefined);
    else this.abandon?.();
  }

  private ended(msg: Request, reason?: string): void {
    if (this.over) return;
    this.over = true;
    this.forget();
    const lost = msg.source === 'application';
    const told = !lost && msg.has('Reason') ? parseReason(msg.get('Reason')) : undefined;
    const why: Release = lost
      ? release(408, reason ?? 'the dialog timed out', 'gateway', { q850: 102 })
      : { status: 200, q850: told?.q850 ?? 16, text: told?.text ?? 'normal clearing', by: 'callee' };
    if (this.events) this.events.released(why);
    else this.endedEarly = why;
  }

  private async renegotiated(req: Request, res: Response): Promise<void> {
    const message = toLegMessage(req);
    let reply: LegReply;
    if (req.method === 'UPDATE' && !message.body && !req.has('Session-Expires')) {
      reply = { status: 200, headers: {} };
    } else {
      reply = this.events ? await this.events.renegotiate(message) : { status: 491, headers: {} };
    }
    if (message.body && reply.status < 300) this.remoteSdp = message.body;
    const { ack } = reply;
    respond(res, reply, ack && req.method === 'INVITE' ? (acked) => {
      if (acked.body) this.remoteSdp = acked.body;
      ack(acked.body || undefined);
    } : undefined);
  }

  private async message(req: Request, res: Response): Promise<void> {
    const message = toLegMessage(req);
    // Tags and Call-ID mean something on this side of the gateway only.
    const named = message.method === 'REFER' ? replacedIn(message.headers['Refer-To'] ?? '') : undefined;
    const replaces = named && this.dialogs.legOf(named);
    respond(res, this.events ? await this.events.message(replaces === undefined ? message : { ...message, replaces }) : { status: 200, headers: {} });
  }

  private forget(): void {
    if (this.dialog) this.dialogs.end(this.dialog.sip);
  }

  /** Never rejects: what could not be asked is answered as RFC 3261 section 8.1.3.1 says, 408 or 503. */
  private request(message: LegMessage): Promise<LegReply> {
    return new Promise((resolve) => {
      const { dialog } = this;
      if (this.over || !dialog) {
        resolve({ status: this.over ? 481 : 491, headers: {} });
        return;
      }
      const invite = message.method === 'INVITE';
      const options = {
        method: message.method, body: message.body,
        headers: invite ? { ...message.headers, Contact: dialog.local.contact } : message.headers,
        ...(invite && !message.body ? { noAck: true } : {}),
      };
      dialog.request(options, (error, res, ack) => {
        if (error || !res) {
          resolve({ status: error?.code === 'ENODIALOG' ? 481 : 503, headers: {} });
          return;
        }
        if (res.status < 200) return;
        const reply = toLegReply(res);
        if (reply.body && res.status < 300) this.remoteSdp = reply.body;
        resolve(ack ? { ...reply, ack: (sdp) => ack({ body: sdp }) } : reply);
      });
    });
  }
}

/** Sends a reply; `onAck` for the ACK of a 2xx to an INVITE. A dialog that ended meanwhile has answered for itself. */
function respond(res: Response, reply: LegReply, onAck?: (req: Request) => void): void {
  try {
    res.send(reply.status, { headers: { ...reply.headers }, body: reply.body }, () => undefined, onAck);
  } catch {
    res.send(500, {});
  }
}

/** The cause and text of a Reason header (RFC 3326); Q.850 is preferred where several values stand. */
export function parseReason(value: string): { q850: number; text?: string } | undefined {
  const match = /Q\.850\s*;[^,]*?cause\s*=\s*(\d{1,3})/i.exec(value.slice(0, 500));
  const text = /text\s*=\s*"([^"]{0,200})"/.exec(value.slice(0, 500))?.[1];
  if (match) return { q850: Number(match[1]), text };
  return text === undefined ? undefined : { q850: 16, text };
}
