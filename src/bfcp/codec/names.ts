/** Numbers of RFC 8855 section 5 under the names used here. */

/** RFC 8855 table 1. */
export const PRIMITIVES = {
  FloorRequest: 1, FloorRelease: 2, FloorRequestQuery: 3, FloorRequestStatus: 4, UserQuery: 5, UserStatus: 6, FloorQuery: 7, FloorStatus: 8,
  ChairAction: 9, ChairActionAck: 10, Hello: 11, HelloAck: 12, Error: 13, FloorRequestStatusAck: 14, FloorStatusAck: 15, Goodbye: 16, GoodbyeAck: 17,
} as const;
export type Primitive = keyof typeof PRIMITIVES;

/** RFC 8855 table 2. */
export const ATTRIBUTES = {
  'BENEFICIARY-ID': 1, 'FLOOR-ID': 2, 'FLOOR-REQUEST-ID': 3, PRIORITY: 4, 'REQUEST-STATUS': 5, 'ERROR-CODE': 6, 'ERROR-INFO': 7,
  'PARTICIPANT-PROVIDED-INFO': 8, 'STATUS-INFO': 9, 'SUPPORTED-ATTRIBUTES': 10, 'SUPPORTED-PRIMITIVES': 11, 'USER-DISPLAY-NAME': 12, 'USER-URI': 13,
  'BENEFICIARY-INFORMATION': 14, 'FLOOR-REQUEST-INFORMATION': 15, 'REQUESTED-BY-INFORMATION': 16, 'FLOOR-REQUEST-STATUS': 17, 'OVERALL-REQUEST-STATUS': 18,
} as const;

/** RFC 8855 table 4: where a floor request stands. */
export const REQUEST_STATUSES = { pending: 1, accepted: 2, granted: 3, denied: 4, cancelled: 5, released: 6, revoked: 7 } as const;
export type RequestStatusName = keyof typeof REQUEST_STATUSES;

/** RFC 8855 table 3. */
export const PRIORITIES = { lowest: 0, low: 1, normal: 2, high: 3, highest: 4 } as const;

/** RFC 8855 table 5. */
export const ERROR_CODES = {
  conferenceDoesNotExist: 1, userDoesNotExist: 2, unknownPrimitive: 3, unknownMandatoryAttribute: 4, unauthorizedOperation: 5, invalidFloorId: 6,
  floorRequestIdDoesNotExist: 7, maximumFloorRequestsReached: 8, useTls: 9, unableToParseMessage: 10, useDtls: 11, unsupportedVersion: 12,
  incorrectMessageLength: 13, genericError: 14,
} as const;

const reversed = <N extends string>(numbers: Record<N, number>): ReadonlyMap<number, N> =>
  new Map(Object.entries(numbers).map(([name, number]) => [number as number, name as N]));

export const PRIMITIVE_NAMES = reversed(PRIMITIVES);
export const REQUEST_STATUS_NAMES = reversed(REQUEST_STATUSES);
export const ERROR_CODE_NAMES = reversed(ERROR_CODES);
