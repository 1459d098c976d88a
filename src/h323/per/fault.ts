import { EtasiltaError } from '../../errors';

export type PerErrorCode =
  /** The encoding ends before the value does. */
  | 'per-truncated'
  /** The encoding breaks a rule of X.691 or a constraint of the schema. */
  | 'per-invalid'
  /** Depth, count or size over a limit. */
  | 'per-limit'
  /** The value given to encode, or its JSON form, does not fit the schema. */
  | 'per-value';

/** Decoding, encoding or reading a JSON form failed; `path` says at which field, `''` for the whole value. */
export class PerError extends EtasiltaError {
  readonly path: string;

  constructor(code: PerErrorCode, reason: string, path: string) {
    super(code, path === '' ? reason : `${path}: ${reason}`);
    this.path = path;
  }
}

/**
 * What the inner parts throw: it grows its path while it unwinds and becomes a PerError at the door. Not an Error, because a
 * stack trace for each of a flood of malformed messages would cost more than decoding them.
 */
export class Fault {
  private path = '';

  constructor(readonly code: PerErrorCode, readonly reason: string) {}

  /** Puts a field's name or an element's index in front of the path. */
  within(step: string | number): this {
    const rest = this.path === '' || this.path.startsWith('[') ? this.path : `.${this.path}`;
    this.path = typeof step === 'number' ? `[${step}]${rest}` : `${step}${rest}`;
    return this;
  }

  toError(): PerError {
    return new PerError(this.code, this.reason, this.path);
  }
}

/** Adds a step to a fault's path; anything else that was thrown passes unchanged. */
export function within(thrown: unknown, step: string | number): unknown {
  return thrown instanceof Fault ? thrown.within(step) : thrown;
}

/** Runs `work` and turns a fault into its PerError. */
export function atTheDoor<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw thrown instanceof Fault ? thrown.toError() : thrown;
  }
}
