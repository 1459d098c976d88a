import type { MediaPool } from '../calls';
import { ServerPool, type MediaPoolOptions } from './pool';
import { quickenEvents } from './quicken-events';
import type { SipStack } from './sip-stack';

export { MediaError } from './media-error';
export type { MediaPoolOptions } from './pool';
export type { SipStack } from './sip-stack';

/**
 * Media servers (FreeSWITCH, or the embedded one) as calls/ needs them. `srf` is a connected drachtio-srf. `start` resolves
 * after the first attempt to reach each server, whatever came of it; a server that is not there is tried again for ever.
 * To be made before anything else takes INVITEs from `srf`: media servers call by it what they offer.
 */
export function createMediaPool(srf: SipStack, options: MediaPoolOptions): MediaPool & { start(): Promise<void>; close(): Promise<void> } {
  quickenEvents();
  return new ServerPool(srf, options);
}
