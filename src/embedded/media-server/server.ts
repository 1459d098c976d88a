import { isIPv6 } from 'node:net';
import { startUserAgent, SipServerError, type UserAgent } from '../sip-server';
import { Control } from './control/control';
import { AccessList } from './control/esl/access';
import { InboundEventSocket } from './control/esl/inbound';
import { startHeartbeat } from './control/heartbeat';
import { identify } from './control/identity';
import { LoadMeter } from './control/load-meter';
import { Calls } from './control/signalling/calls';
import { MediaServerError } from './media-server-error';
import type { LocalMediaServer, MediaServerOptions } from './options';
import { createProcessing } from './processing';
import { createSessionFactory } from './session';

const DEFAULT_SESSIONS = 500;
/** Time for the BYEs of the calls that still stand when the server closes. */
const FAREWELL_MS = 100;

/** Capacity is counted in sessions; a thread that stands still for so long has none left, whatever the count. */
const LAG_MS = 2_000;

const silent = (): void => undefined;
/** Bound to all addresses: what peers are told must be one of them. */
const isWildcard = (host: string): boolean => host === '0.0.0.0' || host === '::';
const authority = (host: string, port: number): string => `${isIPv6(host) ? `[${host}]` : host}:${port}`;

/**
 * Starts a media server that drachtio-fsmrf uses as it uses FreeSWITCH with a `drachtio_mrf` profile. Throws
 * MediaServerError: `password-missing`, `allow-invalid`, `bind-failed`, `ports-invalid`.
 */
export async function startMediaServer(options: MediaServerOptions): Promise<LocalMediaServer> {
  if (options.password === '') throw new MediaServerError('password-missing', 'The password for applications is empty');
  const { log = silent, folder = process.cwd(), maxSessions = DEFAULT_SESSIONS } = options;
  const access = new AccessList(options.allow ?? []);
  const advertisedAddress = options.advertisedAddress ?? (isWildcard(options.sip.host) ? identify().ipv4 : undefined);
  const sessions = sessionFactory(options);
  const load = new LoadMeter();
  const processing = createProcessing({ soundRoots: [folder], log: (where, error) => log('warn', 'media-fault', { where, error: String(error) }) });
  const control = new Control({ processing, maxSessions, load, log, folder });
  const calls = new Calls(control, sessions, access);
  const socket = new InboundEventSocket(control, access, options.password);
  let agent: UserAgent | undefined;
  let stopHeartbeat = silent;
  const close = async (): Promise<void> => {
    stopHeartbeat();
    const standing = [...control.channels];
    for (const channel of standing) channel.hangup('SYSTEM_SHUTDOWN');
    if (standing.length > 0) await new Promise((resolve) => setTimeout(resolve, FAREWELL_MS));
    for (const connection of [...control.outbound]) connection.end();
    await socket.close();
    await agent?.close();
    processing.close();
    sessions.close();
    load.close();
  };
  try {
    const { host, port } = options.sip;
    const external = advertisedAddress === undefined ? '' : `;external-ip=${advertisedAddress}`;
    agent = await startUserAgent({ contact: `sip:${authority(host, port)};transport=udp,tcp${external}`, handler: calls, log, limits: { eventLoopLagMs: LAG_MS } });
    calls.start(agent);
    const sipPort = Number(/:(\d+)$/.exec(agent.contacts[0] ?? '')?.[1]);
    control.sipAddress = authority(advertisedAddress ?? host, sipPort);
    const eslPort = await socket.listen(options.esl.host, options.esl.port);
    stopHeartbeat = startHeartbeat(control);
    log('info', 'listening', { esl: authority(options.esl.host, eslPort), sip: control.sipAddress });
    return {
      eslPort, sipPort, close,
      stats: () => {
        const { rss, heapUsed } = process.memoryUsage();
        const { lateness } = processing;
        return {
          sessions: control.channels.size, maxSessions, sessionsSinceStart: control.channels.counts().sinceStartup, conferences: control.conferences.size,
          applications: socket.size, ports: sessions.ports, memory: { rssBytes: rss, heapBytes: heapUsed },
          tickLateness: {
            p50: lateness.percentile(0.5), p99: lateness.percentile(0.99), maximum: lateness.maximumMs, ticks: lateness.ticks, skipped: lateness.skipped,
          },
        };
      },
    };
  } catch (error) {
    await close();
    throw error instanceof SipServerError ? new MediaServerError(error.code, error.message, error.hint) : error;
  }
}

function sessionFactory({ rtp, sip, advertisedAddress: ofSip, mediaTimeoutSeconds, log }: MediaServerOptions): ReturnType<typeof createSessionFactory> {
  const address = rtp.address ?? sip.host;
  const advertisedAddress = rtp.advertisedAddress ?? ofSip ?? (isWildcard(address) ? identify().ipv4 : undefined);
  try {
    return createSessionFactory({
      address, portMin: rtp.min, portMax: rtp.max, ...(advertisedAddress === undefined ? {} : { advertisedAddress }),
      ...(mediaTimeoutSeconds === undefined ? {} : { mediaTimeoutSeconds }), ...(log === undefined ? {} : { log }),
    });
  } catch (error) {
    throw new MediaServerError('ports-invalid', error instanceof Error ? error.message : String(error));
  }
}
