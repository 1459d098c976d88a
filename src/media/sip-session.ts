import { FAST_UPDATE } from '../calls';
import { gone, MediaError, unusable } from './media-error';
import { canAgree } from './sdp';
import type { SipAnswer, SipDialog, SipFailure, SipRequest, SipResponse, SipStack } from './sip-stack';

/** A media server that lives answers at once; one that does not is as good as gone, long before SIP says so (RFC 3261 timer B). */
const ANSWER_MS = 5_000;

export interface SessionEvents {
  /** The dialog has ended at both ends, or never came to be. Once. `why` where the server said so. */
  over(byServer: boolean, why?: MediaError): void;
  /** The server asks by SIP for a key frame of the party (RFC 5168). */
  keyFrameWanted(): void;
}

/** While the server is busy with what it was asked before it declines to be asked more (RFC 3261 section 14.2). */
const PENDING = 491;
const PENDING_MS = 100;
const TRIES = 10;

/** Who keeps an INVITE waiting says so each minute, or those between give it up (RFC 3261 section 13.3.1.1). */
const RINGING_MS = 50_000;

/** Q.850. */
const TEMPORARY_FAILURE = 41;
const INCOMPATIBLE_DESTINATION = 88;

/** How the server's INVITE is answered or declined. */
interface Pending {
  accept(answer: string): Promise<SipDialog>;
  decline(): void;
}

interface Reply {
  response: SipResponse;
  ack?: (options: { body?: string }) => void;
}

/** The SIP side of one endpoint: our dialog with the media server, which we have invited or which invites us. */
export class SipSession {
  private dialog: Promise<SipDialog> | undefined;
  private pending: Pending | undefined;
  private ringing: NodeJS.Timeout | undefined;
  private ackReinvite: ((answer: string) => void) | undefined;
  private ended = false;
  private isOver = false;
  /** The server's side, as last said. */
  localSdp = '';

  private constructor(private readonly on: SessionEvents) {}

  /** Our INVITE. Rejects with MediaError: 488 when the server can do nothing with the offer, 503 when it is full or does not answer. */
  static invite(stack: SipStack, uri: string, headers: Record<string, string>, offer: string, on: SessionEvents): Promise<SipSession> {
    const session = new SipSession(on);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        session.over(true);
        reject(noAnswer());
      }, ANSWER_MS);
      stack.createUAC(uri, { localSdp: offer, headers }, {}, (error, dialog) => {
        clearTimeout(timer);
        if (error || !dialog) {
          session.over(true);
          reject(refusal(error));
        } else if (session.isOver) {
          dialog.destroy().catch(() => undefined);
        } else {
          session.localSdp = dialog.remote.sdp;
          session.dialog = Promise.resolve(session.listen(dialog));
          resolve(session);
        }
      });
    });
  }

  /** The server's INVITE with its offer, which waits as long as it must. */
  static invited(stack: SipStack, request: SipRequest, answer: SipAnswer, headers: Record<string, string>, on: SessionEvents): SipSession {
    const session = new SipSession(on);
    session.ringing = setInterval(() => answer.send(180), RINGING_MS).unref();
    request.on('cancel', () => session.over(true));
    session.localSdp = request.body;
    session.pending = {
      accept: (localSdp) => new Promise((resolve, reject) => stack.createUAS(request, answer, { localSdp, headers }, (error, dialog) => {
        if (dialog) resolve(session.listen(dialog));
        else reject(refusal(error));
      })),
      decline: () => answer.send(480),
    };
    return session;
  }

  /** True while the server waits for the party's answer, to the first offer or a later one. */
  get offering(): boolean {
    return this.pending !== undefined || this.ackReinvite !== undefined;
  }

  /** Takes the party's answer; resolves when it is on its way. A first one that cannot be used ends the session. */
  async accept(answer: string): Promise<void> {
    const { pending, ackReinvite } = this;
    if (this.ended) throw gone('the endpoint');
    if (ackReinvite) {
      this.ackReinvite = undefined;
      ackReinvite(answer);
    } else if (pending) {
      // The server would say so, too, but later: by then the other party may have been answered.
      if (!canAgree(this.localSdp, answer)) {
        this.end();
        throw unusable('answered');
      }
      this.pending = undefined;
      clearInterval(this.ringing);
      this.dialog = pending.accept(answer);
      this.dialog.catch(() => this.over(true));
    } else {
      // Said again, and otherwise: what counts now is the later one.
      await this.modify(answer);
    }
  }

  /** re-INVITE with a description; resolves with the server's answer. */
  async modify(offer: string): Promise<string> {
    const { response } = await this.reinvite(offer);
    const dialog = await this.dialog;
    if (dialog) dialog.local.sdp = offer;
    return (this.localSdp = response.body);
  }

  /** re-INVITE without one; resolves with the server's offer, which `accept` answers. */
  async reoffer(): Promise<string> {
    const { response, ack } = await this.reinvite(undefined);
    this.ackReinvite = (answer) => ack?.({ body: answer });
    return (this.localSdp = response.body);
  }

  /** Asks the server by SIP for a key frame of what it shows (RFC 5168); one that cannot be had is not missed. */
  async wantKeyFrame(): Promise<void> {
    const dialog = await this.dialog;
    if (!this.ended) dialog?.request({ ...FAST_UPDATE, headers: { ...FAST_UPDATE.headers } }, () => undefined);
  }

  /** Ends the session with what fits its state. Safe to call twice. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    const { pending } = this;
    this.pending = undefined;
    if (pending) {
      pending.decline();
      this.over(false);
    } else {
      this.bye();
    }
  }

  private listen(dialog: SipDialog): SipDialog {
    dialog.on('destroy', (request?: SipRequest) => this.over(true, endedFor(request?.get('Reason'))));
    dialog.on('info', (request: SipRequest, answer: SipAnswer) => {
      answer.send(200);
      if (request.body.includes('picture_fast_update')) this.on.keyFrameWanted();
    });
    return dialog;
  }

  private bye(): void {
    const done = (): void => this.over(false);
    this.dialog?.then((dialog) => dialog.destroy()).then(done, done);
  }

  private over(byServer: boolean, why?: MediaError): void {
    if (this.isOver) return;
    this.isOver = true;
    clearInterval(this.ringing);
    this.on.over(byServer && !this.ended, why);
    this.ended = true;
    this.pending = undefined;
  }

  private async reinvite(body: string | undefined): Promise<Reply> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.reinviteOnce(body);
      } catch (error) {
        if (tries === TRIES || !(error instanceof MediaError) || error.sipStatus !== PENDING) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, PENDING_MS));
    }
  }

  private async reinviteOnce(body: string | undefined): Promise<Reply> {
    const dialog = await this.dialog;
    if (this.ended || !dialog) throw gone('the endpoint');
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(noAnswer()), ANSWER_MS);
      dialog.request({ method: 'INVITE', headers: { Contact: dialog.local.contact }, body, noAck: body === undefined }, (error, response, ack) => {
        if (response && response.status < 200) return;
        clearTimeout(timer);
        if (response && response.status < 300) resolve({ response, ack });
        else reject(refusal(error ?? Object.assign(new Error('refused'), { status: response?.status, reason: response?.reason, res: response })));
      });
    });
  }
}

const noAnswer = (): MediaError => new MediaError('media-timeout', 'the media server does not answer', { sipStatus: 503, q850: 41 });

/** The Q.850 cause of a Reason header (RFC 3326); `incompatible destination` is the server's word for an answer of no use. */
const causeOf = (reason: string | undefined): number => Number(/\bQ\.850\b.*?\bcause=(\d+)/i.exec(reason ?? '')?.[1]);
const endedFor = (reason: string | undefined): MediaError | undefined => (causeOf(reason) === INCOMPATIBLE_DESTINATION ? unusable('answered') : undefined);

function refusal(error: SipFailure | null): MediaError {
  const status = error?.status;
  if (status === 488 || status === 415 || status === 606) return unusable('offered', error);
  if (status === PENDING) return new MediaError('media-pending', 'the media server is busy with what it was asked before', { sipStatus: PENDING, q850: 41, cause: error });
  const words = /"([^"]*)"/.exec(error?.res?.get('Warning') ?? '')?.[1];
  const why = status === undefined ? (error?.message ?? 'no answer') : words ?? `${status} ${error?.reason ?? ''}`.trim();
  return new MediaError('media-invite', `the media server refused: ${why}`, { sipStatus: 503, q850: causeOf(error?.res?.get('Reason')) || TEMPORARY_FAILURE, cause: error });
}
