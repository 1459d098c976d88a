import type { Diversion } from './leg';

/** What one call may be diverted in all (H.450.3: 1 to 15). */
export const MAX_DIVERSIONS = 15;

/** Where a call comes from that was diverted on its way. */
export interface EarlierDiversion {
  reason: Diversion['reason'];
  /** How often it was diverted. */
  counter: number;
  /** Who did so last. */
  by: string;
}

/** A `Diversion` header (RFC 5806). */
export const diversionHeader = ({ by, reason, counter }: EarlierDiversion): string => `<sip:${by.replace(/[^\w.!~*'()%&=+$,/@:-]/g, '_')}>;reason=${reason};counter=${counter}`;

/** The last diversion that a `Diversion` header tells of. */
export function diversionIn(header: string | undefined): EarlierDiversion | undefined {
  const [, by, parameters = ''] = /^[^<]{0,200}<sips?:([^>;]{1,255})[^>]*>([^,]{0,500})/i.exec(header ?? '') ?? [];
  if (by === undefined) return undefined;
  const reason = /;\s*reason\s*=\s*"?([a-z-]+)/i.exec(parameters)?.[1]?.toLowerCase() ?? '';
  const counter = Number(/;\s*counter\s*=\s*(\d{1,3})/i.exec(parameters)?.[1] ?? 1);
  return { by, reason: REASONS.find((known) => known === reason) ?? 'unknown', counter: Math.max(1, counter) };
}

const REASONS: readonly Diversion['reason'][] = ['unconditional', 'user-busy', 'no-answer', 'unknown'];
