/** RFC 3261 table 4, in milliseconds. */
export const T1 = 500;
export const T2 = 4_000;
export const T4 = 5_000;
/** An INVITE without another answer by then is answered 100 (section 17.2.1); well within T1, after which it would come again. */
export const TRYING_AFTER = 200;
/** Timers B, D, F, H, J, and L and M of RFC 6026. */
export const GIVE_UP = 64 * T1;
/**
 * A ringing INVITE that nobody ends is ended after this. RFC 3261 sets no limit here; a lost peer or a forgetful application
 * must not hold a transaction for ever.
 */
export const RINGING_LIMIT = 3_600_000;
