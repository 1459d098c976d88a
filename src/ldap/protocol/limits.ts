/** Bounds of what one message may hold; far above what clients send, far below what hurts. */
export const LIMITS = {
  /** Octets of a message of somebody who has not bound. */
  messageBeforeBind: 64 * 1024,
  message: 4 * 1024 * 1024,
  filterDepth: 24,
  filterParts: 500,
  substrings: 50,
  selectedAttributes: 200,
  controls: 16,
  attributes: 200,
  values: 5_000,
  changes: 500,
  /** Characters of a DN. */
  dn: 2_000,
  /** Characters of an attribute description. */
  attributeDescription: 200,
} as const;
