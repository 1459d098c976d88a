import { EtasiltaError } from '../../errors';

/** What went wrong in H.245, with the Q.850 cause that a call ends with because of it. */
const CAUSES = {
  /** A procedure's timer ran out: 102, recovery on timer expiry. */
  'h245-timeout': 102,
  /** The peer does not answer at all any more: 41, temporary failure. */
  'h245-dead': 41,
  /** Neither side can be told master: 111, protocol error. */
  'h245-determination': 111,
  /** The peer answered what cannot be worked with: 111, protocol error. */
  'h245-invalid': 111,
  /** The peer refused: 88, incompatible destination. */
  'h245-refused': 88,
  /** Both sides asked for what excludes the other's wish, and the master's goes first: 88, incompatible destination. */
  'h245-conflict': 88,
  /** The peer does not know this function: 79, service or option not implemented. */
  'h245-unsupported': 79,
  /** Asked for before capabilities are exchanged and a master is determined, or while the peer has this side paused: 101. */
  'h245-not-ready': 101,
  /** No such channel, or its number is taken: 101, message not compatible with call state. */
  'h245-channel': 101,
  /** A bound of this side is reached: 47, resource unavailable. */
  'h245-limit': 47,
  /** The session ended meanwhile: 31, normal, unspecified. */
  'h245-closed': 31,
} as const;

export type H245ErrorCode = keyof typeof CAUSES;

/** A procedure of H.245 that failed. */
export class H245Error extends EtasiltaError {
  constructor(code: H245ErrorCode, message: string, cause?: unknown) {
    super(code, message, { q850: CAUSES[code], cause });
  }
}
