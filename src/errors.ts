/** What every error that a user may see carries besides its message. */
export interface ErrorDetail {
  /** SIP status that the caller gets when this ends a call (RFC 3261 section 21). */
  sipStatus?: number;
  /** Q.850 cause value for records and H.323 (ITU-T Q.850 section 2.2.7). */
  q850?: number;
  /** What the reader should do next; one sentence. */
  hint?: string;
  cause?: unknown;
}

/**
 * The root of all typed errors of the program. `code` is stable and machine-readable, `message` says what was wrong and
 * where, `hint` what to do about it.
 */
export class EtasiltaError extends Error {
  readonly code: string;
  readonly sipStatus?: number;
  readonly q850?: number;
  readonly hint?: string;

  constructor(code: string, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = new.target.name;
    this.code = code;
    this.sipStatus = detail.sipStatus;
    this.q850 = detail.q850;
    this.hint = detail.hint;
  }

  toJSON(): object {
    return { error: this.code, message: this.message, hint: this.hint };
  }
}

const MAX_TEXT = 500;

/** Text as it can stand between quotes in a header: escapes of quotes and backslashes are what endpoints get wrong. */
export function headerText(text: string): string {
  const short = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 3)}...` : text;
  return short.replace(/["\\]/g, "'").replace(/[\p{Cc}\p{Cs}]/gu, ' ');
}

/**
 * Value of a `Warning` header for the caller's helpdesk (RFC 3261 section 20.43).
 * @param code warn-code; 399 is "miscellaneous warning" for people
 */
export const warning = (text: string, code = 399): string => `${code} etasilta "${headerText(text)}"`;
