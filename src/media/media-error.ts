import { release, type Release } from '../calls';
import { EtasiltaError, warning } from '../errors';

/** Q.850: 41 temporary failure, 42 switching equipment congestion, 47 resource unavailable, 88 incompatible destination (ITU-T Q.850 section 2.2.7). */
const TEMPORARY_FAILURE = 41;
const CONGESTION = 42;
const RESOURCE_UNAVAILABLE = 47;
const INCOMPATIBLE_DESTINATION = 88;

/** Media that cannot be had: no server, no room, or a description that nothing can be done with. */
export class MediaError extends EtasiltaError {}

/** Every media server is full. The message is what the caller's `Warning` says. */
export const noCapacity = (): MediaError => new MediaError('media-full', 'no media capacity', {
  sipStatus: 503, q850: CONGESTION, hint: 'Add a media server, or raise its number of sessions; `etasilta status` shows used and total.',
});

/** A party's description has nothing that the media server knows. */
export const unusable = (how: 'offered' | 'answered', cause?: unknown): MediaError => new MediaError('media-refused', `the media server can use none of the media ${how}`, {
  sipStatus: 488, q850: INCOMPATIBLE_DESTINATION, cause,
});

export const noServer = (): MediaError => new MediaError('media-down', 'no media server is up', {
  sipStatus: 503, q850: RESOURCE_UNAVAILABLE, hint: '`etasilta status` says what is wrong with each media server.',
});

/** Something of a call's was asked of the server when it was no longer there. */
export const gone = (what: string): MediaError => new MediaError('media-gone', `${what} is gone from the media server`, { sipStatus: 503, q850: TEMPORARY_FAILURE });

export const isGone = (error: unknown): boolean => error instanceof MediaError && error.code === 'media-gone';

export const serverFault = (what: string, detail: string, cause?: unknown): MediaError =>
  new MediaError('media-server', `${what}: ${detail}`, { sipStatus: 503, q850: TEMPORARY_FAILURE, cause });

/** What a call that had its media is released with when they have failed. */
export const releaseFor = ({ sipStatus = 503, q850, message }: MediaError): Release => release(sipStatus, message, 'gateway', {
  ...(q850 !== undefined && { q850 }), warning: warning(message),
});
