/** What the server tells its owner when it cannot do as asked; `code` is stable and machine-readable. */
export class MediaServerError extends Error {
  constructor(readonly code: string, message: string, readonly hint?: string) {
    super(message);
    this.name = 'MediaServerError';
  }
}
