import type { KindName } from '../errors';

/** Something in the directory that keeps a call from its goal (`error`) or may do so (`warning`). */
export interface Finding {
  severity: 'error' | 'warning' | 'info';
  /** Stable name of the sort of finding. */
  code:
    | 'dangling-reference' | 'two-owners' | 'address-not-held' | 'nobody-answers' | 'stage-without-members' | 'group-not-rung'
    | 'number-malformed' | 'number-of-disabled' | 'number-prefix' | 'former-address-ended' | 'former-number-ended' | 'overflow-loop' | 'overflow-unknown' | 'overflow-disabled' | 'no-credentials';
  kind: KindName;
  key: string;
  what: string;
  hint: string;
}
