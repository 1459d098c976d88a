/**
 * A loopback address of this process alone, by its last octet, which is the test's own choice: H.323's ports are fixed, and other tests
 * run at the same time.
 */
export const ownAddress = (host: number): string => `127.${64 + (process.pid >> 8) % 128}.${process.pid % 256}.${host}`;
