/** What the server tells its owner when it cannot do as asked; `code` is stable and machine-readable. */
export class SipServerError extends Error {
  readonly code: string;
  readonly hint?: string;

  constructor(code: string, message: string, detail: { hint?: string; cause?: unknown } = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'SipServerError';
    this.code = code;
    if (detail.hint !== undefined) this.hint = detail.hint;
  }
}
