/** How long the peer's own channels are waited for once ours are open: peers open theirs in the same moment. */
export const PEER_CHANNELS_MS = 1_500;
/** How long a called peer's capabilities are waited for that has been told none yet. */
export const PEER_CAPABILITIES_MS = 10_000;
/** What the peer changes by itself comes in several messages; it is told as one change. */
export const GATHER_MS = 100;
/** How long the peer is waited for that is asked for another mode; the other side waits meanwhile. */
export const MODE_MS = 3_000;
/** H.245 that starts in Setup is answered when somebody answers the call (T301). */
export const FIRST_ANSWER_MS = 180_000;
/** How long the place of content is waited for; less than the peer waits for its channel (T103). */
export const CONTENT_PLACE_MS = 5_000;
