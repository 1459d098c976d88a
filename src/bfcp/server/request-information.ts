import type { FloorRequestInformation, UserInformation } from '../codec';
import type { FloorRequest } from './floor-table';

/** Octets of texts within FLOOR-REQUEST-INFORMATION, which has 255 for eight floors, two names and all. */
const MAX_TEXT = 56;

/** The request as it is told of. */
export function informationOf(request: FloorRequest, nameOf: (userId: number) => string | undefined): FloorRequestInformation {
  const { id, beneficiaryId, requestedById, floorIds, priority, info, status, queuePosition } = request;
  const user = (userId: number): UserInformation => {
    const name = nameOf(userId);
    return { userId, ...(name && { displayName: cut(name) }) };
  };
  return {
    floorRequestId: id,
    overallStatus: { floorRequestId: id, requestStatus: { status, queuePosition } },
    floors: floorIds.map((floorId) => ({ floorId })),
    beneficiary: user(beneficiaryId),
    ...(requestedById !== beneficiaryId && { requestedBy: user(requestedById) }),
    priority,
    ...(info && { participantProvidedInfo: cut(info) }),
  };
}

/** The start of a text that fits, no character cut in two. */
function cut(text: string): string {
  let octets = Buffer.byteLength(text);
  const characters = [...text];
  while (octets > MAX_TEXT) octets -= Buffer.byteLength(characters.pop()!);
  return characters.join('');
}
