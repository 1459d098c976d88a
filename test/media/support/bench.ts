import { randomBytes } from 'node:crypto';
import path from 'node:path';
import Srf from 'drachtio-srf';
import pino from 'pino';
import type { CallMedia, MediaEndpoint, MediaPool, Release } from '../../../src/calls';
import { startMediaServer, type LocalMediaServer } from '../../../src/embedded/media-server';
import { startSipServer, type SipServer } from '../../../src/embedded/sip-server';
import { createMediaPool, type MediaPoolOptions, type SipStack } from '../../../src/media';
import { TEST_LIMITS } from '../../sip-server/support/limits';
import { Phone } from './phone';

export const PROMPTS = path.resolve(__dirname, '../../../dialplans/prompts');
const LOG = pino({ level: 'silent' });

export type Pool = MediaPool & { start(): Promise<void>; close(): Promise<void> };
export type ServerOptions = MediaPoolOptions['servers'][number];

/** The address of a real FreeSWITCH that the tests shall run on (`ETASILTA_TEST_FREESWITCH`, `host:port:password`). */
export function realServer(): ServerOptions | undefined {
  const [host, port, password = 'ClueCon'] = process.env.ETASILTA_TEST_FREESWITCH?.split(':') ?? [];
  return host === undefined ? undefined : { host, port: Number(port), password };
}

export interface Placed {
  phone: Phone;
  endpoint: MediaEndpoint;
}

/**
 * A pool of media servers over a SIP server: the embedded ones, or with `ETASILTA_TEST_FREESWITCH` and
 * `ETASILTA_TEST_DRACHTIO` real ones.
 */
export class Bench {
  private readonly phones: Phone[] = [];
  private readonly calls: CallMedia[] = [];
  private readonly pools: Pool[] = [];
  private readonly ownServers: LocalMediaServer[] = [];

  private constructor(private readonly srf: Srf, private readonly sipServer: SipServer | undefined) {}

  static async start(): Promise<Bench> {
    const [host, port, secret = 'cymru'] = process.env.ETASILTA_TEST_DRACHTIO?.split(':') ?? [];
    const ownSecret = randomBytes(8).toString('hex');
    const sipServer = host === undefined ? await startSipServer({ admin: { host: '127.0.0.1', port: 0 }, secret: ownSecret, contacts: ['sip:127.0.0.1:0;transport=udp,tcp'], limits: TEST_LIMITS }) : undefined;
    const srf = new Srf();
    srf.connect(sipServer ? { host: '127.0.0.1', port: sipServer.adminPort, secret: ownSecret } : { host, port: Number(port), secret });
    await new Promise((resolve) => { srf.once('connect', resolve); });
    return new Bench(srf, sipServer);
  }

  /** A pool over these servers; by default over the real one where there is, else over an embedded one. */
  async pool(servers?: ServerOptions[], more: Partial<MediaPoolOptions> = {}): Promise<Pool> {
    const pool = createMediaPool(this.srf as unknown as SipStack, {
      servers: servers ?? [realServer() ?? await this.embedded()], promptsDir: PROMPTS, eslListen: { address: '127.0.0.1', port: 0 }, log: LOG, ...more,
    });
    this.pools.push(pool);
    await pool.start();
    return pool;
  }

  /** An embedded media server of its own. */
  async embedded(options: { maxSessions?: number; port?: number; password?: string } = {}): Promise<ServerOptions & { server: LocalMediaServer }> {
    const password = options.password ?? randomBytes(8).toString('hex');
    const server = await startMediaServer({
      esl: { host: '127.0.0.1', port: options.port ?? 0 }, password, sip: { host: '127.0.0.1', port: 0 }, rtp: { min: 0, max: 0 }, maxSessions: options.maxSessions,
    });
    this.ownServers.push(server);
    return { host: '127.0.0.1', port: server.eslPort, password, server };
  }

  async call(pool: Pool, lost: (why: Release) => void = () => undefined, options?: { room?: string }): Promise<CallMedia> {
    const call = await pool.open('call', { lost }, options);
    this.calls.push(call);
    return call;
  }

  /** Somebody who says a tone. */
  async phone(toneHz: number): Promise<Phone> {
    const phone = await Phone.open(toneHz);
    this.phones.push(phone);
    return phone;
  }

  /** A phone whose offer the server answers, and its endpoint. */
  async caller(call: CallMedia, toneHz: number): Promise<Placed> {
    const phone = await this.phone(toneHz);
    const endpoint = await call.answer(phone.sdp());
    phone.take(endpoint.localSdp);
    return { phone, endpoint };
  }

  /** A phone that answers the server's offer, and its endpoint. */
  async callee(call: CallMedia, toneHz: number): Promise<Placed> {
    const phone = await this.phone(toneHz);
    const endpoint = await call.offer('rtp', { video: false });
    await endpoint.accept(phone.answer(endpoint.localSdp));
    return { phone, endpoint };
  }

  /** Ends what the test began; servers stay. */
  async reset(): Promise<void> {
    for (const call of this.calls.splice(0)) call.close();
    await Promise.all(this.phones.splice(0).map((phone) => phone.close()));
    for (const pool of this.pools.splice(0)) await pool.close();
  }

  async stop(): Promise<void> {
    await this.reset();
    for (const server of this.ownServers) await server.close();
    this.srf.disconnect();
    await this.sipServer?.close();
  }
}
