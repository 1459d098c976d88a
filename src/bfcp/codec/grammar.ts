import {
  any, ERROR_CODE, grouped, one, oneOrMore, optional, PRIORITY, REQUEST_STATUS, SUPPORTED_ATTRIBUTES, SUPPORTED_PRIMITIVES, text, unsigned16, type Field,
} from './attribute';
import type { Primitive } from './names';

const USER = [optional('displayName', text('USER-DISPLAY-NAME')), optional('uri', text('USER-URI'))];
const STATUS = [optional('requestStatus', REQUEST_STATUS), optional('statusInfo', text('STATUS-INFO'))];
const FLOOR_ID = unsigned16('FLOOR-ID');
const FLOOR_REQUEST_ID = unsigned16('FLOOR-REQUEST-ID');
const BENEFICIARY_INFORMATION = grouped('BENEFICIARY-INFORMATION', 'userId', USER);
const PARTICIPANT_PROVIDED_INFO = text('PARTICIPANT-PROVIDED-INFO');

/** RFC 8855 section 5.2.15. */
const FLOOR_REQUEST_INFORMATION = grouped('FLOOR-REQUEST-INFORMATION', 'floorRequestId', [
  optional('overallStatus', grouped('OVERALL-REQUEST-STATUS', 'floorRequestId', STATUS)),
  oneOrMore('floors', grouped('FLOOR-REQUEST-STATUS', 'floorId', STATUS)),
  optional('beneficiary', BENEFICIARY_INFORMATION),
  optional('requestedBy', grouped('REQUESTED-BY-INFORMATION', 'userId', USER)),
  optional('priority', PRIORITY),
  optional('participantProvidedInfo', PARTICIPANT_PROVIDED_INFO),
]);

/** The attributes of each message, in order (RFC 8855 section 5.3). */
export const GRAMMAR: Record<Primitive, readonly Field[]> = {
  FloorRequest: [oneOrMore('floorIds', FLOOR_ID), optional('beneficiaryId', unsigned16('BENEFICIARY-ID')), optional('participantProvidedInfo', PARTICIPANT_PROVIDED_INFO), optional('priority', PRIORITY)],
  FloorRelease: [one('floorRequestId', FLOOR_REQUEST_ID)],
  FloorRequestQuery: [one('floorRequestId', FLOOR_REQUEST_ID)],
  FloorRequestStatus: [one('floorRequest', FLOOR_REQUEST_INFORMATION)],
  UserQuery: [optional('beneficiaryId', unsigned16('BENEFICIARY-ID'))],
  UserStatus: [optional('beneficiary', BENEFICIARY_INFORMATION), any('floorRequests', FLOOR_REQUEST_INFORMATION)],
  FloorQuery: [any('floorIds', FLOOR_ID)],
  FloorStatus: [any('floorIds', FLOOR_ID), any('floorRequests', FLOOR_REQUEST_INFORMATION)],
  ChairAction: [one('floorRequest', FLOOR_REQUEST_INFORMATION)],
  ChairActionAck: [],
  Hello: [],
  HelloAck: [one('supportedPrimitives', SUPPORTED_PRIMITIVES), one('supportedAttributes', SUPPORTED_ATTRIBUTES)],
  Error: [one('error', ERROR_CODE), optional('info', text('ERROR-INFO'))],
  FloorRequestStatusAck: [],
  FloorStatusAck: [],
  Goodbye: [],
  GoodbyeAck: [],
};
