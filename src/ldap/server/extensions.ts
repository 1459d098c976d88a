/** Extended operations: RFC 4532 and RFC 4511 section 4.14. */
export const EXTENSION = { whoAmI: '1.3.6.1.4.1.4203.1.11.3', startTls: '1.3.6.1.4.1.1466.20037' } as const;
