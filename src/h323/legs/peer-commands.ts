import type { MiscellaneousCommand } from '../h245';

/** Commands that a new key frame answers; those for some of its parts, too. */
const KEY_FRAME = ['videoFastUpdatePicture', 'videoFastUpdateGOB', 'videoFastUpdateMB', 'videoBadMBs', 'lostPicture', 'lostPartialPicture', 'recoveryReferencePicture'];
/** Commands of a multipoint unit that bind its terminals to what they do anyway: modes are answered, delays are not changed. */
const KEPT = ['multipointModeCommand', 'cancelMultipointModeCommand', 'equaliseDelay', 'zeroDelay'];

/**
 * What a leg makes of a command (H.245 section B.13). Others, as a frozen picture or less often one sharper, have no counterpart in the
 * signalling of SIP (RFC 5104 has them in RTCP).
 */
export function meaningOf(type: MiscellaneousCommand['type']): 'key frame' | 'kept' | undefined {
  if (KEY_FRAME.some((name) => name in type)) return 'key frame';
  return KEPT.some((name) => name in type) ? 'kept' : undefined;
}
