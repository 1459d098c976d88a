import { randomUUID } from 'node:crypto';
import { hostname, networkInterfaces } from 'node:os';

/** The release of FreeSWITCH whose event socket and events this server speaks; applications compare it. */
export const FREESWITCH_VERSION = '1.10.12-etasilta';

/** What every event says of its server. */
export interface Identity {
  readonly coreUuid: string;
  readonly hostname: string;
  readonly ipv4: string;
  readonly ipv6: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

export function identify(): Identity {
  const external = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []).filter(({ internal }) => !internal);
  const of = (family: string): string | undefined => external.find((address) => address.family === family)?.address;
  return { coreUuid: randomUUID(), hostname: hostname(), ipv4: of('IPv4') ?? '127.0.0.1', ipv6: of('IPv6') ?? '::1', startedAt: Date.now() };
}
