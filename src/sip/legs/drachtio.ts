import type { EventEmitter } from 'node:events';
import type { Headers } from '../request';

/**
 * What the legs use of drachtio-srf, with the types that its callback forms really have: its own declarations know only the
 * promises, and those hide the ACK of a late offer and resolve a turn too late for what follows at once.
 */

export interface Message {
  get(name: string): string;
  has(name: string): boolean;
  body: string;
}

export interface Request extends Message, EventEmitter {
  method: string;
  uri: string;
  /** `network`, or `application` for what the SIP server itself sent. */
  source: string;
  cancel(options: { headers?: Headers }, callback: (error: unknown) => void): void;
}

export interface Response extends Message {
  status: number;
  reason?: string;
  /** Absent where the SIP server answered by itself. */
  source_address?: string;
  send(status: number, options: { headers?: Headers; body?: string }, callback?: (error: unknown) => void, onAck?: (ack: Request) => void): void;
}

export interface Dialog extends EventEmitter {
  res: Response;
  sip: { callId: string; localTag: string; remoteTag: string };
  local: { contact: string };
  remote: { sdp: string };
  destroy(options?: { headers?: Headers }): Promise<unknown>;
  request(
    options: { method: string; headers: Headers; body?: string; noAck?: boolean },
    callback: (error: (Error & { code?: string }) | null, res?: Response, ack?: (options: { body?: string }) => void) => void,
  ): void;
}

/** The answer to a late-offer INVITE before its ACK. */
export interface LateAnswer {
  sdp: string;
  res: Response;
  ack(sdp: string | undefined): Promise<Dialog>;
  destroy(): Promise<void>;
}

export type SipFailure = Error & { status?: number; reason?: string; res?: Response };

export interface SipStack {
  createUAS(req: Request, res: Response, options: { localSdp: string; headers?: Headers },
    callback: (error: unknown, dialog?: Dialog) => void): void;
  createUAC(uri: string, options: { localSdp?: string; proxy?: string; noAck?: boolean; headers?: Headers },
    progress: { cbRequest(error: unknown, req?: Request): void; cbProvisional(res: Response): void },
    callback: (error: SipFailure | null, answer?: Dialog | LateAnswer) => void): void;
}
