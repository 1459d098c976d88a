import type { EventEmitter } from 'node:events';
import Srf from 'drachtio-srf';

/** What drachtio-srf 5 offers to an application; its own declarations leave most of this out. */
export interface SipMessage {
  raw: string;
  method: string;
  status: number;
  body: string;
  source: string;
  protocol: string;
  source_address: string;
  source_port: string;
  get(name: string): string;
}

export interface SendOptions {
  headers?: Record<string, string>;
  body?: string;
  localSdp?: string;
}

export interface Response extends SipMessage {
  send(status: number, options?: SendOptions, sent?: (error: Error | null, message?: SipMessage) => void, acknowledged?: (message: SipMessage) => void): void;
}

export interface Request extends SipMessage {
  on(event: string, listener: (...args: never[]) => void): void;
  on(event: 'cancel', listener: (message: SipMessage) => void): void;
  on(event: 'response', listener: (response: Response, acknowledge: (options?: SendOptions) => void) => void): void;
  cancel(options?: SendOptions): void;
  proxy(options: Record<string, unknown>): Promise<unknown>;
}

export interface Dialog extends EventEmitter {
  destroy(options?: SendOptions): Promise<SipMessage>;
  modify(sdp: string): Promise<string>;
  request(options: SendOptions & { method: string }): Promise<Response>;
}

type Handler = (request: Request, response: Response) => void;
type Method = 'invite' | 'bye' | 'info' | 'message' | 'notify' | 'options' | 'prack' | 'publish' | 'refer' | 'register' | 'subscribe' | 'update';

export interface Application extends EventEmitter, Record<Method, (handler: Handler) => void> {
  connect(options: { host: string; port: number; secret: string }): void;
  disconnect(): void;
  request(uri: string, options: SendOptions & { method: string }): Promise<Request>;
  createUAS(request: Request, response: Response, options: SendOptions): Promise<Dialog>;
  createUAC(uri: string, options: SendOptions & Record<string, unknown>, progress?: { cbRequest?: (error: Error | null, request: Request) => void; cbProvisional?: (response: Response) => void }): Promise<Dialog>;
  createB2BUA(request: Request, response: Response, uri: string, options: Record<string, unknown>): Promise<{ uas: Dialog; uac: Dialog }>;
}

export const newApplication = (): Application => new Srf() as unknown as Application;

/** The status of a failed call, as the application gets it. */
export const statusOf = (error: unknown): string => {
  const { status, message } = error as { status?: number; message: string };
  return status ? String(status) : message;
};
