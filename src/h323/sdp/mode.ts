import type { Coding } from './coding';
import type { Medium } from './media';

/**
 * What a peer asks to be sent (H.245 section B.9): each medium in one of these codings; a medium that is not there is not to be sent, as
 * H323plus and OPAL have it, too.
 */
export type Mode = ReadonlyMap<Medium, readonly Coding[]>;

/** The media that modes are about; content and camera control have procedures of their own. */
export const MODAL: readonly Medium[] = ['audio', 'video'];
