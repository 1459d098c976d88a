import type { EventEmitter } from 'node:events';

/**
 * What media/ uses of drachtio-srf, with the types that its callback forms really have: its promises resolve a turn too late
 * for a BYE on the heels of an answer.
 */

export interface SipResponse {
  status: number;
  reason?: string;
  body: string;
  get(name: string): string | undefined;
}

export interface SipRequest extends EventEmitter {
  uri: string;
  body: string;
  get(name: string): string;
}

export interface SipAnswer {
  send(status: number, options?: { headers?: Record<string, string>; body?: string }): void;
}

export interface SipDialog extends EventEmitter {
  /** What drachtio-srf answers by itself when the media server sends a re-INVITE. */
  local: { contact: string; sdp: string };
  remote: { sdp: string };
  destroy(): Promise<unknown>;
  request(
    options: { method: string; headers: Record<string, string>; body?: string; noAck?: boolean },
    callback: (error: Error | null, response?: SipResponse, ack?: (options: { body?: string }) => void) => void,
  ): void;
}

/** `res` is the response that refused, where there was one. */
export type SipFailure = Error & { status?: number; reason?: string; res?: SipResponse };

/** drachtio-srf, connected. */
export interface SipStack {
  use(method: 'invite', handler: (request: SipRequest, answer: SipAnswer, next: () => void) => void): void;
  request(
    uri: string, options: { method: string; headers?: Record<string, string> },
    callback: (error: Error | null, request?: SipRequest) => void,
  ): void;
  createUAC(
    uri: string, options: { localSdp: string; headers: Record<string, string> }, progress: object,
    callback: (error: SipFailure | null, dialog?: SipDialog) => void,
  ): void;
  createUAS(
    request: SipRequest, answer: SipAnswer, options: { localSdp: string; headers: Record<string, string> },
    callback: (error: SipFailure | null, dialog?: SipDialog) => void,
  ): void;
}
