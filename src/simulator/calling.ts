import { randomBytes, randomUUID } from 'node:crypto';
import type Srf from 'drachtio-srf';
import type { Dialog, SrfRequest, SrfResponse } from 'drachtio-srf';
import { SimulatedCall, type SetupTimes } from './call';
import { answerChallenge, readChallenges } from './digest';
import { SimulatorError } from './errors';
import { MediaSession, type MediaOptions } from './media';
import { readExplanation, readParty, type RemoteParty } from './party';
import { rawOf } from './stack';

export interface OutgoingCallParts {
  srf: Srf;
  /** Request-URI. */
  uri: string;
  /** URI of the server that everything goes through. */
  proxy: string;
  from: string;
  contact: string;
  username: string;
  password?: string;
  media: MediaOptions;
  /** The call is cancelled when nobody has answered by then. */
  ringSeconds: number;
  headers?: Record<string, string>;
  /** Ends the attempt with a CANCEL. */
  signal?: AbortSignal;
  onRinging?(party: RemoteParty): void;
}

/** Nobody answered: the final response, who rang until then and how long each step took. */
export class CallFailedError extends SimulatorError {
  constructor(message: string, readonly failure: { status: number; reason: string; explanation?: string; setup: SetupTimes; rang?: RemoteParty }, hint?: string) {
    super('call-failed', message, { sipStatus: failure.status, ...(hint === undefined ? {} : { hint }) });
  }
}

/** How long after our CANCEL the final response may take. */
const CANCEL_LIMIT_MS = 5_000;

/** drachtio-srf rejects with this where the far end refused. */
interface Refused extends Error {
  status?: number;
  reason?: string;
  res?: SrfResponse;
}

/**
 * Places a call and waits until it is answered; answers one digest challenge. Throws CallFailedError (refused, not answered in
 * time, nobody there), SimulatorError of the media.
 */
export async function placeCall(parts: OutgoingCallParts): Promise<SimulatedCall> {
  const media = await MediaSession.open(parts.media);
  const attempt = new Attempt(parts, media);
  try {
    return await attempt.run();
  } catch (error) {
    await media.close();
    throw error;
  }
}

class Attempt {
  private readonly started = performance.now();
  private readonly setup: SetupTimes = {};
  private readonly callId = randomUUID();
  private readonly tag = randomBytes(6).toString('hex');
  private rang: RemoteParty | undefined;
  private sent: SrfRequest | undefined;
  private gaveUp: string | undefined;

  constructor(private readonly parts: OutgoingCallParts, private readonly media: MediaSession) {}

  async run(): Promise<SimulatedCall> {
    const abort = (): void => this.giveUp('cancelled');
    const timer = setTimeout(() => this.giveUp(`not answered in ${this.parts.ringSeconds} s`), this.parts.ringSeconds * 1_000);
    this.parts.signal?.addEventListener('abort', abort, { once: true });
    if (this.parts.signal?.aborted) abort();
    try {
      const sdp = this.media.offer();
      const first = await this.invite(1, sdp);
      if (!(first instanceof Error)) return this.answered(first.dialog, first.response);
      const authorisation = this.authorisation(first);
      if (authorisation === undefined) throw this.failed(first);
      const second = await this.invite(2, sdp, authorisation);
      if (second instanceof Error) throw this.failed(second);
      return this.answered(second.dialog, second.response);
    } finally {
      clearTimeout(timer);
      this.parts.signal?.removeEventListener('abort', abort);
    }
  }

  /** One INVITE to its final response; refusals come as values, because a challenge is one. */
  private invite(sequence: number, localSdp: string, extra: Record<string, string> = {}): Promise<Refused | { dialog: Dialog; response: SrfResponse }> {
    const { parts } = this;
    if (this.gaveUp !== undefined) return Promise.resolve(new Error(this.gaveUp));
    const headers = {
      From: `<${parts.from}>;tag=${this.tag}`, Contact: `<${parts.contact}>`, 'Call-ID': this.callId, CSeq: `${sequence} INVITE`,
      'User-Agent': 'Etasilta simulated endpoint', ...parts.headers, ...extra,
    };
    return new Promise((resolve) => {
      // Our own CANCEL normally brings a 487; this is for a far end that has gone silent.
      let guard: NodeJS.Timeout | undefined;
      const settle = (result: Refused | { dialog: Dialog; response: SrfResponse }): void => {
        clearTimeout(guard);
        resolve(result);
      };
      this.onGiveUp = () => {
        guard = setTimeout(() => resolve(new Error(this.gaveUp)), CANCEL_LIMIT_MS);
        this.sent?.cancel(() => undefined);
      };
      parts.srf.createUAC(parts.uri, { localSdp, proxy: parts.proxy, headers }, {
        cbRequest: (...args: unknown[]) => {
          // The published type leaves out the error before it.
          this.sent = args[1] as SrfRequest | undefined;
          if (this.gaveUp !== undefined) this.sent?.cancel(() => undefined);
        },
        cbProvisional: (response) => this.provisional(response),
      }, (error: Refused | null, dialog) => {
        if (error) settle(error);
        else settle({ dialog, response: (dialog as Dialog & { res: SrfResponse }).res });
      });
    });
  }

  private onGiveUp: (() => void) | undefined;

  private giveUp(why: string): void {
    this.gaveUp ??= why;
    this.onGiveUp?.();
  }

  private provisional(response: SrfResponse): void {
    if (response.status < 180) return;
    this.setup.ringing ??= performance.now() - this.started;
    if (this.rang === undefined) {
      this.rang = readParty(response);
      this.parts.onRinging?.(this.rang);
    }
  }

  private authorisation(refused: Refused): Record<string, string> | undefined {
    const { username, password, uri } = this.parts;
    if (refused.res === undefined || password === undefined || (refused.status !== 401 && refused.status !== 407)) return undefined;
    const [challenge] = readChallenges(rawOf(refused.res));
    return challenge && { [challenge.answerHeader]: answerChallenge(challenge, 'INVITE', uri, username, password) };
  }

  private async answered(dialog: Dialog, response: SrfResponse): Promise<SimulatedCall> {
    this.setup.answered = performance.now() - this.started;
    const call = new SimulatedCall({ direction: 'outgoing', dialog, media: this.media, remote: readParty(response), setup: this.setup });
    try {
      this.media.accept(dialog.remote.sdp ?? '');
    } catch (error) {
      await call.hangUp();
      throw error;
    }
    // Answered at the moment in which we gave up.
    if (this.gaveUp !== undefined) {
      await call.hangUp();
      throw this.failed(new Error(this.gaveUp));
    }
    return call;
  }

  private failed(refused: Refused): CallFailedError {
    const explanation = refused.res && readExplanation(refused.res);
    const status = this.gaveUp === undefined ? refused.status ?? 503 : refused.status ?? 408;
    const reason = refused.reason ?? (refused.status === undefined ? refused.message : '');
    const why = this.gaveUp ?? (`${status} ${reason}`.trim() + (explanation === undefined ? '' : `: ${explanation}`));
    return new CallFailedError(`${this.parts.uri.replace(/^sips?:/, '')} did not answer: ${why}`, {
      status, reason: this.gaveUp ?? reason, setup: this.setup,
      ...(explanation === undefined ? {} : { explanation }), ...(this.rang === undefined ? {} : { rang: this.rang }),
    }, adviceFor(status, this.gaveUp !== undefined));
  }
}

/** What a helpdesk does next about a final response. */
export function adviceFor(status: number, gaveUp: boolean): string | undefined {
  if (gaveUp) return 'Somebody should have answered: see who is registered with `etasilta status`, and who is rung with `etasilta route ADDRESS --explain`.';
  switch (status) {
    case 401: case 407: return 'The user name or the password is wrong.';
    case 403: return 'This device may not call there, or is not registered.';
    case 404: return 'There is no such address: search with `etasilta directory search WORD`.';
    case 408: case 503: return 'The gateway does not answer: check that it runs and at which address (`etasilta status`), and over TLS that its certificate is trusted.';
    case 480: return 'Nobody answers for it now: `etasilta route ADDRESS --explain` shows who is to be rung and when, `etasilta status --registrations` who is registered.';
    case 486: case 600: return 'Everybody who answers for it is busy; try again later.';
    case 488: return 'No codec in common: the far end must offer PCMA or PCMU over plain RTP.';
    default: return undefined;
  }
}
