/** Alert descriptions of RFC 5246 section 7.2 that are sent. */
export const ALERT = { closeNotify: 0, unexpectedMessage: 10, handshakeFailure: 40, badCertificate: 42, decodeError: 50, decryptError: 51 } as const;

/** What ends a handshake; the alert tells the other side. */
export class DtlsFault extends Error {
  constructor(readonly alert: number, message: string) {
    super(message);
  }
}
