import { EtasiltaError } from '../../errors';

export type H235ErrorCode =
  /** A key, algorithm or packet that H.235.6 does not allow or this program does not know. */
  | 'h235-value'
  /** A peer's half key, key or synchronisation that cannot be used. */
  | 'h235-peer'
  /** No ports for a media relay. */
  | 'h235-ports';

export class H235Error extends EtasiltaError {
  constructor(code: H235ErrorCode, message: string, detail: { hint?: string; cause?: unknown } = {}) {
    // Q.850 cause 111, protocol error, unspecified; 47, resource unavailable.
    super(code, message, { q850: code === 'h235-ports' ? 47 : 111, sipStatus: code === 'h235-ports' ? 503 : 488, ...detail });
  }
}
