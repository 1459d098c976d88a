/** Offers for calls to come that a media server which has room keeps ready. */
export const READY = 4;
